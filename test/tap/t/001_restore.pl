# A dump restores every row of every table, whatever the format, without any option.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

# What triggers make again during a restore, and a dump therefore leaves out.
my @derived = map { "regtarget.$_" } qw(activity_days activity_deltas activity_months activity_ticks
	source_days source_deltas attached_relations);

my $node = new_node('restore');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $fill = "$FindBin::Bin/../fill.sql";

sub db { return $node->connstr(shift) }

# An empty database, as CREATE DATABASE makes it.
sub empty_database
{
	my ($name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	return $name;
}

# A full database.
empty_database('source');
$node->safe_psql('source', 'CREATE EXTENSION regtarget CASCADE');
silent_ok('fill.sql runs', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/filled",
	'-d', db('source'), '-f', $fill);

my @tables = members($node, 'source', 'r');
my $source = contents($node, 'source');
my %derived = map { $_ => 1 } @derived;

cmp_ok(scalar @tables, '>', 0, 'the extension has tables');
is(join(' ', grep { $source->{$_} eq '' } @tables), '', 'every table has rows to lose');

# What pg_dump knows of: all but the derived tables.
my %registered = map { $_ => 1 } split /\n/, $node->safe_psql('source', q{
	SELECT unnest(extconfig)::regclass FROM pg_extension WHERE extname = 'regtarget'});

is(join(' ', grep { !$registered{$_} && !$derived{$_} } @tables), '',
	'every table is registered for dumps, or known to be derived');
is(join(' ', grep { $registered{$_} } @derived), '', 'no derived table is registered');
is(join(' ', grep { !$registered{$_} && !$derived{$_} } members($node, 'source', 'S')), '',
	'every sequence is registered for dumps');

# The derived tables are equal in content, not row by row: what is folded here may wait there.
my $activity = activity('source');
isnt($activity, '', 'there is activity to make again');

sub activity
{
	my ($db) = @_;
	return $node->safe_psql($db, 'SELECT * FROM regtarget.activity ORDER BY unit_id, day');
}

sub kept
{
	my ($contents) = @_;
	return { map { $_ => $contents->{$_} } grep { !$derived{$_} } keys %$contents };
}

# After a restore: the same rows, the same next ids (so that none is used twice), and nothing that verify() finds.
sub same_as_source
{
	my ($db, $how) = @_;
	my $difference = first_difference(kept($source), kept(contents($node, $db)));

	is($difference, '', "$how: every table and sequence is as it was");
	is(activity($db), $activity, "$how: so is activity");
	verifies($db, $how);
}

sub verifies
{
	my ($db, $how) = @_;

	SKIP:
	{
		skip 'there is no verify() yet', 1
		  if $node->safe_psql($db, q{SELECT to_regprocedure('regtarget.verify(text[])')}) eq '';
		is($node->safe_psql($db, 'SELECT check_name, detail FROM regtarget.verify() WHERE ok IS NOT TRUE'),
			'', "$how: verify() finds nothing");
	}
}

verifies('source', 'before any dump');

silent_ok('plain dump', 'pg_dump', '-f', "$dir/plain.sql", '-d', db('source'));
silent_ok('plain restore', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/restored",
	'-d', db(empty_database('plain')), '-f', "$dir/plain.sql");
same_as_source('plain', 'plain');

silent_ok('custom dump', 'pg_dump', '-Fc', '-f', "$dir/custom", '-d', db('source'));
silent_ok('custom restore', 'pg_restore', '-d', db(empty_database('custom')), "$dir/custom");
same_as_source('custom', 'custom');

# The order in which parallel workers load the tables differs from run to run.
silent_ok('directory dump', 'pg_dump', '-Fd', '-j', '4', '-f', "$dir/directory", '-d', db('source'));
foreach my $run (1 .. 3)
{
	silent_ok("parallel restore $run", 'pg_restore', '-j', '4',
		'-d', db(empty_database("parallel$run")), "$dir/directory");
	same_as_source("parallel$run", "parallel $run");
}

# A dump of the data only, into a database where the extension has just been created.
sub fresh_extension
{
	my ($name) = @_;
	empty_database($name);
	$node->safe_psql($name, 'CREATE EXTENSION regtarget CASCADE');
	return $name;
}

silent_ok('data-only dump', 'pg_dump', '-a', '-f', "$dir/data.sql", '-d', db('source'));
silent_ok('data-only restore', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/restored",
	'-d', db(fresh_extension('data')), '-f', "$dir/data.sql");
same_as_source('data', 'data only');

silent_ok('data-only restore of a custom dump', 'pg_restore', '-a',
	'-d', db(fresh_extension('data_custom')), "$dir/custom");
same_as_source('data_custom', 'data only, custom');

# What was restored can be dumped again, and is the same again.
silent_ok('dump of the restored', 'pg_dump', '-Fc', '-f', "$dir/again", '-d', db('plain'));
silent_ok('second restore', 'pg_restore', '-d', db(empty_database('again')), "$dir/again");
is(first_difference(kept(contents($node, 'plain')), kept(contents($node, 'again'))), '', 'again as it was');
is(activity('again'), $activity, 'and its activity');

$node->stop;
done_testing();
