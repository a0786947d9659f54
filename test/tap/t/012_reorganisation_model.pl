# Random reorganisations: units that move, back and forth, ahead of time and by files, are opened, closed and followed by
# others; published targets that move, amounts that are transferred and adjusted between, quarters that close. The
# server and a model in another language (reorganisation_model.py) must say the same of each step, and come to the same
# trees on every day, targets, standings and figures of the past; verify() finds nothing after any of them.
# REGTARGET_SEED takes another walk.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use POSIX qw(strftime);
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

my @seeds = defined $ENV{REGTARGET_SEED} ? ($ENV{REGTARGET_SEED}) : (4, 5, 6);
my $steps = defined $ENV{REGTARGET_SEED} ? 1000 : 250;
my $model = "$FindBin::Bin/../reorganisation_model.py";
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('reorganisation_model');
my %tally;

# The step that printed a line, as the script has it.
sub step_of
{
	my ($script, $expected, $at) = @_;

	foreach my $line (@$expected[$at .. $#$expected])
	{
		return $1 if $line =~ /^(\d+) \S{5}$/ && $script =~ /^(-- step $1\n.*?)^\\echo/ms;
	}
	return "(after the last step)\n";
}

# What psql printed beside what the model says it must print.
sub same_output
{
	my ($seed, $script, $want, $got) = @_;
	my @want = split /\n/, $want;
	my @got = split /\n/, $got;
	my $at = 0;

	$at++ while $at < @want && $at < @got && $want[$at] eq $got[$at];
	ok($at == @want && $at == @got, "seed $seed: server and model agree") and return;
	diag("first difference at line @{[$at + 1]}: the model says ", $want[$at] // '(nothing)',
		', the server ', $got[$at] // '(nothing)', "\n", step_of($script, \@want, $at));
}

foreach my $seed (@seeds)
{
	my ($script, $expected, $output, $errors) = map { "$dir/$_.$seed" } qw(script expected output errors);
	my $counts = silent_ok("seed $seed: the model walks $steps steps", 'python3', $model, $seed, $steps, strftime('%Y-%m-%d', gmtime),
		$script, $expected);

	foreach (split /\n/, $counts)
	{
		my ($act, $outcome, $n) = split / /;
		$tally{"$act $outcome"} += $n;
	}
	$node->safe_psql('postgres', "CREATE DATABASE seed_$seed");
	$node->safe_psql("seed_$seed", 'CREATE EXTENSION regtarget CASCADE');
	IPC::Run::run(['psql', '-X', '-q', '-A', '-t', '-d', $node->connstr("seed_$seed"), '-f', $script],
		'<', \undef, '>', $output, '2>', $errors);
	same_output($seed, map { slurp_file($_) } $script, $expected, $output);
}

note("$_: $tally{$_}") foreach sort keys %tally;

# The walks that are always taken come by everything that matters.
SKIP:
{
	skip 'another walk may miss some', 1 if defined $ENV{REGTARGET_SEED};
	my @wanted = (
		map({ "move_unit $_" } qw(00000 23514 55000)), map({ "correct $_" } qw(00000 23514)),
		map({ "load $_" } qw(loaded overtaken same_parent not_open closed_period cycle)),
		map({ "move_target $_" } qw(00000 22023 23514 55000)), map({ "transfer $_" } qw(00000 22023 23514 55000)),
		map({ "follow $_" } qw(00000 23514 23505)), map({ "bring_standing $_" } qw(00000 55000)),
		map({ "type_amount $_" } qw(00000 23514)),
		map({ "$_ 00000" } qw(publish close respread deny open_unit close_unit forget)));
	is(join(', ', grep { !$tally{$_} } @wanted), '', 'every outcome came up');
}

is((grep { /(PANIC|TRAP|XX000)/ } split /\n/, slurp_file($node->logfile)) + 0, 0, 'no internal error');

$node->stop;
done_testing();
