# What the TAP tests share: servers that find the extension, its tables by the catalog, and
# commands that must say nothing.
package RegtargetTest;

use strict;
use warnings;

use Exporter 'import';
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node released_node bring_library catalog differing_lines silent_ok members contents first_difference);

# A server of its own. REGTARGET_STAGE is where test/run has installed the extension; without it,
# the extension must be installed where the server looks.
sub new_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf"))
	  if $ENV{REGTARGET_STAGE};
	$node->start;
	return $node;
}

# A server of its own with an earlier release, which test/run has made from the repository's history.
sub released_node
{
	my ($name, $version) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $conf = slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf");

	$conf =~ s/\Q$ENV{REGTARGET_STAGE}\E/$ENV{REGTARGET_RELEASED}\/$version\/stage/g;
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', $conf);
	$node->start;
	return $node;
}

# What a package does: this version's library and scripts in place of those that were there. Sessions go on with theirs.
sub bring_library
{
	my ($node) = @_;

	$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf"));
	$node->restart;
	return;
}

# What the catalog says of the extension, by lines.
sub catalog
{
	my ($node, $db) = @_;

	return $node->safe_psql($db, slurp_file("$FindBin::Bin/../catalog.sql"));
}

# Lines that are in one of two texts only, and in which: '' when they are the same but for their order. The first forty.
sub differing_lines
{
	my ($want, $got) = @_;
	my %count;

	$count{$_}++ foreach split /\n/, $want;
	$count{$_}-- foreach split /\n/, $got;

	my @lines = map { ($count{$_} > 0 ? 'expected: ' : 'got:      ') . substr($_, 0, 300) } grep { $count{$_} } sort keys %count;

	return join "\n", @lines > 40 ? (@lines[0 .. 39], '...') : @lines;
}

# Passes when the command succeeds without a word on stderr. Returns its output.
sub silent_ok
{
	my ($name, @command) = @_;
	my ($out, $err) = ('', '');
	my $status = IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err);

	ok($status && $err eq '', $name) or diag("@command\n$err");
	return $out;
}

# Names of the extension's relations of these kinds ('r' table, 'S' sequence ...), in order.
sub members
{
	my ($node, $db, @kinds) = @_;
	my $kinds = join ',', map { "'$_'" } @kinds;

	return split /\n/, $node->safe_psql($db, qq{
		SELECT c.oid::regclass
		FROM pg_depend d
			JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
			JOIN pg_class c ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
		WHERE e.extname = 'regtarget' AND d.deptype = 'e' AND c.relkind IN ($kinds)
		ORDER BY c.oid::regclass::text COLLATE "C"});
}

# Every row of every table of the extension, and where its sequences stand: name to text.
sub contents
{
	my ($node, $db) = @_;
	my %contents;

	$contents{$_} = $node->safe_psql($db,
		qq{SELECT t::text FROM ONLY $_ AS t ORDER BY t::text COLLATE "C"})
	  for members($node, $db, 'r');
	$contents{$_} = $node->safe_psql($db, "SELECT last_value, is_called FROM $_")
	  for members($node, $db, 'S');
	return \%contents;
}

# Where two such contents differ first, in words; '' when they are equal.
sub first_difference
{
	my ($want, $got) = @_;

	foreach my $table (sort { $a cmp $b } keys %{ { %$want, %$got } })
	{
		my @want = split /\n/, $want->{$table} // '(no such table)';
		my @got = split /\n/, $got->{$table} // '(no such table)';

		foreach my $i (0 .. ($#want > $#got ? $#want : $#got))
		{
			my ($w, $g) = ($want[$i] // '(nothing)', $got[$i] // '(nothing)');
			return "$table: expected $w, got $g" if $w ne $g;
		}
	}
	return '';
}

1;
