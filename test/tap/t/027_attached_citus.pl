# Facts in a table that Citus distributes by unit, where Citus is installed: the statement that counts them is pushed down
# whole, and what is counted is what there is. Elsewhere it is skipped, and says so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('attached_citus');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf"))
  if $ENV{REGTARGET_STAGE};
$node->start;

if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'}) eq '0')
{
	$node->stop;
	plan skip_all => 'the extension citus is not installed';
}

# One node is coordinator and worker; it connects to itself by its socket.
my $host = $node->host;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus'\ncitus.local_hostname = '$host'\ncitus.node_conninfo = 'sslmode=prefer'");
$node->restart;

sub sql { return $node->safe_psql('postgres', shift) }

my ($status, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION citus');
if ($status != 0)
{
	$node->stop;
	plan skip_all => "CREATE EXTENSION citus is not possible: $err";
}

sql(qq{SELECT citus_set_coordinator_host('$host', @{[ $node->port ]})});
sql(q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (unit_id, code) SELECT n, 'U' || n FROM generate_series(1, 10) n;
	CREATE SCHEMA crm;
	CREATE TABLE crm.deals (unit_id int, closed_on date, won boolean, amount numeric);
	SELECT create_distributed_table('crm.deals', 'unit_id');
	INSERT INTO crm.deals SELECT 1 + n % 10, date '2025-01-01' + n % 90, n % 3 > 0, n FROM generate_series(1, 5000) n;});
($status, $out, $err) = $node->psql('postgres', q{SELECT regtarget.attach_facts('deals', 'crm.deals')});
is("$status$err", '0', 'a distributed table is attached, and there is nothing to say');
is(sql(q{SELECT made_there FROM regtarget.attached_facts}), 't', 'the sums are made there');
is(sql(q{SELECT regtarget.refresh_activity('2025-01-01', '2025-12-31')}), '5000', 'all facts count');
is(sql(q{SELECT count(*) FROM (
	(SELECT unit_id, day, won, lost, won_amount FROM regtarget.activity EXCEPT
		SELECT unit_id, closed_on, count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won), coalesce(sum(amount) FILTER (WHERE won), 0)
		FROM crm.deals GROUP BY 1, 2)) AS d}), '0', 'as they are');
is(sql(q{SELECT count(*) FROM regtarget.verify() WHERE NOT ok}), '0', 'verify() finds nothing');
($status, $out, $err) = $node->psql('postgres', q{SELECT create_distributed_table('regtarget.visits', 'unit_id')});
like($err, qr/trigger/, 'tables of the extension cannot be distributed: they have triggers');

$node->stop;
done_testing();
