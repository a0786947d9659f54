# SIGKILL of the server and all that it started, in the middle of many clients that load facts, fold activity, ask, sign,
# apply, withdraw, type amounts, publish, close and scan for alerts: what they had been told is there, and nothing is half
# done.  REGTARGET_CRASHES: how many rounds (5).
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use NothingHalfDone;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $rounds = $ENV{REGTARGET_CRASHES} // 5;
my $clients = 8;
my $node = new_node('crash');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub sql { return $node->safe_psql('postgres', $_[0]) }

# Every process of the server, the postmaster first: it must not notice the death of a child.
sub processes
{
	my ($postmaster) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');
	my @children;

	foreach my $stat (glob '/proc/[0-9]*/stat')
	{
		open(my $file, '<', $stat) or next;
		my $line = <$file> // '';
		push @children, $1 if $line =~ /^(\d+) \(.*\) \S (\d+) / && $2 == $postmaster;
	}
	return ($postmaster, @children);
}

sub kill_server
{
	my @processes = processes();

	$node->kill9;
	kill 'KILL', @processes;
	foreach (1 .. 500)
	{
		last unless kill 0, @processes;
		usleep(10_000);
	}
}

# pgbench, each client noting what it was told; the server is killed beneath it.
sub crash
{
	my ($round, $told) = @_;
	my ($out, $err) = ('', '');
	my $script = "$dir/steps.$round";

	append_to_file($told, '');
	append_to_file($script, q[
		SELECT kind, id, mark, (outcome = 'ok')::int AS done
		FROM act('{request,request,request,sign,sign,sign,apply,apply,withdraw,acknowledge,amount,load,load,fold,allocate,publish,close,scan}') \gset
		\if :done
		\shell echo :kind :id :mark >> ] . "$told\n\\endif\n");
	my $pgbench = IPC::Run::start(['pgbench', '-n', '-c', $clients, '-j', $clients, '-T', 60, '-f', $script,
			$node->connstr('postgres')], '<', \undef, '>', \$out, '2>', \$err);
	my $enough = 150 + int rand 150;
	foreach (1 .. 400)
	{
		last if (-s $told) / 12 > $enough;
		usleep(20_000);
	}
	kill_server();
	ok(!$pgbench->finish, "round $round: the clients lose their server") or diag($out);
}

# What is told of an outcome must be so: a query that is true of it.
my %so = (
	request => 'EXISTS (SELECT FROM regtarget.adjustments WHERE adjustment_id = $id)',
	sign => 'EXISTS (SELECT FROM regtarget.signatures WHERE adjustment_id = $id AND approved IS NOT NULL)',
	withdraw => q{EXISTS (SELECT FROM regtarget.adjustments WHERE adjustment_id = $id AND status = 'withdrawn')},
	apply => q{EXISTS (SELECT FROM regtarget.adjustments a JOIN regtarget.filings f USING (adjustment_id)
		WHERE adjustment_id = $id AND status = 'applied')},
	load => q{(SELECT count(*) FROM (SELECT source, source_id FROM regtarget.visits
		UNION ALL SELECT source, source_id FROM regtarget.deals) AS f WHERE source = 'load' AND source_id LIKE '$id-%') = 20},
	fold => 'true',
	scan => 'true',
	allocate => q{EXISTS (SELECT FROM regtarget.plans JOIN regtarget.targets USING (plan_id) WHERE plan_id = $id)},
	publish => q{EXISTS (SELECT FROM regtarget.plans WHERE plan_id = $id AND status IN ('published', 'closed'))},
	close => q{EXISTS (SELECT FROM regtarget.plans JOIN regtarget.periods p USING (period)
		WHERE p.during @> to_date('$id', 'YYYYMMDD') AND status = 'closed')},
	acknowledge => 'EXISTS (SELECT FROM regtarget.filings WHERE filing_id = $id AND acknowledged_at IS NOT NULL)',
	amount => q{$mark = 0 OR EXISTS (SELECT FROM regtarget.ledger WHERE unit_id = $id AND entry = $mark
		AND action = 'amount_changed')});

# How often, by kind.
my %told_of;

sub told_is_there
{
	my ($round, $told) = @_;
	my @checks;

	foreach my $line (split /\n/, slurp_file($told))
	{
		my ($kind, $id, $mark) = $line =~ /^(\w+) (\d+) (\d+)$/ or next;
		$told_of{$kind}++;
		(my $check = $so{$kind}) =~ s/\$(id|mark)/{ id => $id, mark => $mark }->{$1}/ge;
		push @checks, "SELECT '$kind $id' WHERE NOT ($check)";
	}
	# Statements of a bearable size.
	my @lost;
	while (my @some = splice @checks, 0, 200)
	{
		push @lost, split /\n/, sql(join "\nUNION ALL\n", @some);
	}
	is("@lost", '', "round $round: everything that clients were told is there");
}

$node->append_conf('postgresql.conf', "fsync = on\nfull_page_writes = on\nrestart_after_crash = off");
$node->restart;
$node->safe_psql('postgres', 'CREATE EXTENSION regtarget CASCADE');
silent_ok('crash_load.sql runs', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/loaded",
	'-d', $node->connstr('postgres'), '-f', "$FindBin::Bin/../crash_load.sql");

foreach my $round (1 .. $rounds)
{
	my $told = "$dir/told.$round";

	crash($round, $told);
	$node->start;
	told_is_there($round, $told);
	nothing_half_done($node, "round $round");
}

note(join ', ', map { "$_ $told_of{$_}" } sort keys %told_of);
is(join(' ', grep { !$told_of{$_} } sort keys %so), '', 'clients were told of every kind of step');

# It goes on as if nothing had been.
foreach my $period (split /\n/, sql(q{SELECT period FROM regtarget.plans JOIN regtarget.periods p USING (period)
	WHERE status = 'published' AND period LIKE 'D%' ORDER BY p.during}))
{
	sql("SELECT regtarget.close_period('$period')");
}
sql(q{SELECT regtarget.close_period('2025Q1')});
is(sql(q{SELECT count(*) FROM regtarget.adjustments WHERE status IN ('requested', 'approved')}), '0', 'closing ends what is open');
nothing_half_done($node, 'at last');

$node->stop;
done_testing();
