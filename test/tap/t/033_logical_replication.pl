# Logical replication of all tables: a subscriber has every row, of what is derived too, reads by duty as the publisher does, and
# its sessions learn at once of duties and moves. It reads only: what is written there collides.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 'logical', extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf")) if $ENV{REGTARGET_STAGE};
	$node->append_conf('postgresql.conf', "max_sync_workers_per_subscription = 4\nmax_logical_replication_workers = 8");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION regtarget CASCADE');
	return $node;
}
my $publisher = node('publisher');
my $subscriber = node('subscriber');

sub caught_up
{
	$publisher->wait_for_catchup('all_of_it');
	return;
}

is($publisher->safe_psql('postgres', q{SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind = 'r'
		AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)}),
	'', 'every table has a primary key or tells whole rows');

# Half of the rows are there before the subscription and are copied, the rest follows by statements.
my ($first, $second) = split /^(?=-- Standings)/m, slurp_file("$FindBin::Bin/../fill.sql"), 2;
ok(defined $second, 'the rows come in two parts');
$publisher->safe_psql('postgres', $first);
$publisher->safe_psql('postgres', 'CREATE PUBLICATION all_of_it FOR TABLES IN SCHEMA regtarget');
my $connstr = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION all_of_it CONNECTION '$connstr' PUBLICATION all_of_it");
$subscriber->wait_for_subscription_sync($publisher, 'all_of_it');
$publisher->safe_psql('postgres', $second);
$publisher->safe_psql('postgres', q{
	UPDATE regtarget.deals SET amount = amount + 1 WHERE deal_id % 7 = 0; DELETE FROM regtarget.visits WHERE visit_id % 5 = 0;
	SELECT regtarget.fold_activity(); SELECT regtarget.move_unit('R2-4', 'R1', current_date)});
caught_up();

sub rows
{
	my ($node) = @_;
	my $contents = contents($node, 'postgres');

	return { map { $_ => $contents->{$_} } grep { !/_seq$|_ticks$/ } keys %$contents };
}
is(first_difference(rows($publisher), rows($subscriber)), '', 'every row of every table is there');
is($subscriber->safe_psql('postgres', 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'verify() finds nothing there');
is($subscriber->safe_psql('postgres', 'SELECT * FROM regtarget.ledger_digest()'),
	$publisher->safe_psql('postgres', 'SELECT * FROM regtarget.ledger_digest()'), 'every chain of the ledger ends alike');

# Roles and privileges are the subscriber's own; duties are rows and have come along.
my $role = 'regtarget_fill_manager';
$subscriber->safe_psql('postgres', "CREATE ROLE $role; GRANT SELECT ON ALL TABLES IN SCHEMA regtarget TO $role");
my @views = members($publisher, 'postgres', 'v');
my $look = join '', map { qq{SELECT '$_', count(*), md5(string_agg(v::text, '|' ORDER BY v::text)) FROM $_ v;\n} } @views;
is($subscriber->safe_psql('postgres', "SET ROLE $role; $look"), $publisher->safe_psql('postgres', "SET ROLE $role; $look"),
	'a manager with SELECT sees in every view what he sees at the publisher');

# What a session knew of duties and of the tree is forgotten there, too.
my $session = $subscriber->background_psql('postgres');
my $sees = 'SELECT count(*) FROM regtarget.units';
my $seen = $session->query_safe("SET ROLE $role; $sees");
cmp_ok($seen, '>', 0, 'a session of his sees his units');
$publisher->safe_psql('postgres', q{SELECT regtarget.move_unit('R3-4', 'HK', current_date)});
caught_up();
is($session->query_safe($sees), $seen - 1, 'one that is moved away is out of his sight');
$publisher->safe_psql('postgres', "SELECT regtarget.revoke_duty('$role', d.unit, 'manager') FROM unnest('{R1,R2,R3,R1-1}'::text[]) AS d (unit)");
caught_up();
is($session->query_safe($sees), 0, 'without a duty he sees none');
$session->quit;

# Nothing is counted twice: the triggers there leave what is replicated alone.
$publisher->safe_psql('postgres', q{INSERT INTO regtarget.visits (unit_id, visited_on)
	SELECT u.unit_id, date '2025-07-01' + g FROM regtarget.units u, generate_series(1, 50) g WHERE u.kind = 'group'; TRUNCATE regtarget.revenues});
caught_up();
is($subscriber->safe_psql('postgres', 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'after more facts and a TRUNCATE verify() finds nothing');
is(first_difference(rows($publisher), rows($subscriber)), '', 'and every row is there');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION all_of_it');
$subscriber->stop;
$publisher->stop;
done_testing();
