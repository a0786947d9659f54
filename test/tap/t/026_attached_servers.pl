# Facts on two other servers, partitions by unit, through postgres_fdw: the sums are made there, at the same time, and are
# what the same facts come to at home; a server that is away, or goes in the middle, changes nothing.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $home = new_node('attached_home');

if ($home->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'}) eq '0')
{
	$home->stop;
	plan skip_all => 'postgres_fdw is not installed';
}

# ---- two servers with facts, of units 1 to 5 and 6 to 10 -------------------------------------------------------

my @servers;
foreach my $i (0, 1)
{
	my $server = PostgreSQL::Test::Cluster->new("attached_server$i");
	$server->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$server->append_conf('postgresql.conf', "log_statement = 'all'");
	$server->start;
	$server->safe_psql('postgres', qq{
		CREATE TABLE deals (unit_id int, closed_on date, won boolean, amount numeric(12, 2), amount_or_not numeric);
		INSERT INTO deals
		SELECT $i * 5 + 1 + n % 5, date '2025-01-01' + n % 181, CASE WHEN n % 50 > 0 THEN n % 3 > 0 END,
			CASE WHEN n % 7 > 0 THEN n + 0.25 END, n
		FROM generate_series(1, 20000) n;
		INSERT INTO deals VALUES ($i * 5 + 2, NULL, NULL, 99);
		CREATE TABLE visits (unit_id int, visited_on date);
		INSERT INTO visits SELECT $i * 5 + 1 + n % 5, date '2025-01-01' + n % 181 FROM generate_series(1, 30000) n;
		ANALYZE});
	push @servers, $server;
}

sub sql { return $home->safe_psql('postgres', shift) }

# The company, and the facts of the servers as partitions.
sql(q{
	CREATE EXTENSION regtarget CASCADE;
	CREATE EXTENSION postgres_fdw;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (11, 'CN', NULL);
	INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT n, 'U' || n, 11 FROM generate_series(1, 10) n;
	INSERT INTO regtarget.employees (employee_id, hired_on) SELECT n, '2020-01-01' FROM generate_series(1, 30) n;
	INSERT INTO regtarget.assignments SELECT n, n % 10 + 1, '[2020-01-01,)' FROM generate_series(1, 30) n;
	CREATE SCHEMA crm;
	CREATE TABLE crm.deals (unit_id int, closed_on date, won boolean, amount numeric(12, 2), amount_or_not numeric)
		PARTITION BY RANGE (unit_id);
	CREATE TABLE crm.visits (unit_id int, visited_on date) PARTITION BY RANGE (unit_id);});
foreach my $i (0, 1)
{
	my ($host, $port, $first, $past) = ($servers[$i]->host, $servers[$i]->port, $i * 5 + 1, $i * 5 + 6);

	sql(qq{
		CREATE SERVER server$i FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres');
		CREATE USER MAPPING FOR CURRENT_USER SERVER server$i;
		CREATE FOREIGN TABLE crm.deals$i PARTITION OF crm.deals FOR VALUES FROM ($first) TO ($past) SERVER server$i
			OPTIONS (schema_name 'public', table_name 'deals');
		CREATE FOREIGN TABLE crm.visits$i PARTITION OF crm.visits FOR VALUES FROM ($first) TO ($past) SERVER server$i
			OPTIONS (schema_name 'public', table_name 'visits');});
}

# What a call says besides its result.
sub said
{
	my ($call) = @_;
	my ($status, $out, $err) = $home->psql('postgres', $call);

	return ($status, $err);
}

# ---- where the sums are made -------------------------------------------------------------------------------------

my ($status, $err) = said(q{SELECT regtarget.attach_facts('deals', 'crm.deals')});
is($status, 0, 'deals are attached');
like($err, qr/2 parts of relation crm.deals that are elsewhere would be asked one after the other.*async_capable/s,
	'servers that would wait for each other are told of, and what to set');
sql(q{ALTER SERVER server0 OPTIONS (ADD async_capable 'true'); ALTER SERVER server1 OPTIONS (ADD async_capable 'true')});
($status, $err) = said(q{SELECT regtarget.attach_facts('deals', 'crm.deals'), regtarget.attach_facts('visits', 'crm.visits')});
is("$status$err", '0', 'with async_capable there is nothing to say');
is(sql(q{SELECT string_agg(made_there::text, ' ') FROM regtarget.attached_facts}), 'true true', 'the sums are made there');

my $statement = 'SELECT unit_id, closed_on, won, count(*), sum(amount) FROM crm.deals WHERE closed_on BETWEEN $1 AND $2 GROUP BY 1, 2, 3';

sub explained
{
	my ($partitionwise, $mode) = @_;
	return sql(qq{SET enable_partitionwise_aggregate = $partitionwise;
		SET plan_cache_mode = $mode;
		PREPARE s (date, date) AS $statement;
		EXPLAIN (VERBOSE, COSTS OFF) EXECUTE s ('2025-01-01', '2025-03-31')});
}

foreach my $mode ('force_custom_plan', 'force_generic_plan')
{
	my $plan = explained('on', $mode);
	my @remote = $plan =~ /Remote SQL: (SELECT .*GROUP BY.*)/g;

	is(scalar @remote, 2, "$mode: each server sums up its part") or diag($plan);
	is(scalar(() = $plan =~ /Async Foreign Scan/g), 2, "$mode: at the same time");
	unlike($plan, qr/Aggregate\n/, "$mode: nothing is left to sum up here");
	unlike(explained('off', $mode), qr/Remote SQL: .*GROUP BY/, "$mode: without partitionwise aggregates the rows come over");
}

# ---- what is counted is what there is -----------------------------------------------------------------------------

is(sql(q{SELECT regtarget.refresh_activity('2025-01-01', '2025-03-31')}),
	sql(q{SELECT (SELECT count(*) FROM crm.visits WHERE visited_on < '2025-04-01')
		+ (SELECT count(*) FROM crm.deals WHERE closed_on < '2025-04-01' AND won IS NOT NULL)}),
	'it tells how many facts count');
is(sql('SHOW enable_partitionwise_aggregate'), 'off', 'and leaves settings as they are');
foreach my $i (0, 1)
{
	my $log = slurp_file($servers[$i]->logfile);

	like($log, qr/SELECT unit_id, closed_on, won, count\(\*\), sum\(amount\) FROM public.deals WHERE .* GROUP BY 1, 2, 3/,
		"server $i was asked for sums");
	unlike($log, qr/DECLARE c\d+ CURSOR FOR\s+SELECT unit_id, closed_on, won, amount FROM public.deals WHERE \(\(closed_on >= '2025-01-01'/,
		"server $i was never asked for rows by us");
}
is(sql(q{SELECT detail FROM regtarget.verify('{activity}') WHERE NOT ok}), '', 'verify() finds nothing');

# The same facts at home, in another database, have the same activity and health.
sub loaded_at_home
{
	my ($db) = @_;
	my ($units, $people) = map { sql("COPY ($_) TO STDOUT") }
	  'SELECT unit_id, code, parent_id FROM regtarget.units ORDER BY unit_id DESC', 'SELECT employee_id, hired_on FROM regtarget.employees';
	my $dir = PostgreSQL::Test::Utils::tempdir();

	sql(qq{COPY (SELECT unit_id, closed_on, won, amount FROM crm.deals) TO '$dir/deals';
		COPY (SELECT unit_id, visited_on FROM crm.visits) TO '$dir/visits'});
	$home->safe_psql('postgres', "CREATE DATABASE $db");
	$home->safe_psql($db, qq{
		CREATE EXTENSION regtarget CASCADE;
		SELECT regtarget.apply_profile();
		INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (11, 'CN', NULL);
		INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT n, 'U' || n, 11 FROM generate_series(1, 10) n;
		INSERT INTO regtarget.employees (employee_id, hired_on) SELECT n, '2020-01-01' FROM generate_series(1, 30) n;
		INSERT INTO regtarget.assignments SELECT n, n % 10 + 1, '[2020-01-01,)' FROM generate_series(1, 30) n;
		COPY regtarget.deals (unit_id, closed_on, won, amount) FROM '$dir/deals';
		COPY regtarget.visits (unit_id, visited_on) FROM '$dir/visits'});
}

sql(q{SELECT regtarget.refresh_activity('2025-04-01', '2025-12-31')});
loaded_at_home('at_home');
foreach my $what ('unit_id, day, visits, won, lost, won_amount FROM regtarget.activity',
	q{unit_id, signal, value FROM regtarget.unit_signals('2025-07-15')},
	q{* FROM regtarget.unit_health('2025-06-20')})
{
	my $text = "SELECT t::text FROM (SELECT $what) t ORDER BY 1";
	my $there = sql($text);

	cmp_ok(length $there, '>', 100, "there is something: $what");
	is($there, $home->safe_psql('at_home', $text), "as with facts at home: $what");
}
# Folding and rebuilding know of them; no server is asked.
$_->stop('fast') foreach @servers;
sql('SELECT regtarget.rebuild_activity(), regtarget.fold_activity()');
is(sql(q{SELECT md5(string_agg(a::text, '' ORDER BY unit_id, day)) FROM regtarget.activity a}),
	$home->safe_psql('at_home', q{SELECT md5(string_agg(a::text, '' ORDER BY unit_id, day)) FROM regtarget.activity a}),
	'the same after a rebuild, with both servers away');
$servers[0]->start;

# ---- a server that is away, and one that goes in the middle ---------------------------------------------------------

sub state_of_all
{
	return sql(q{SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM (SELECT a::text FROM regtarget.activity a
		UNION ALL SELECT a::text FROM regtarget.attachments a UNION ALL SELECT a::text FROM regtarget.attached_days a) t});
}

my $before = state_of_all();
$servers[0]->safe_psql('postgres', q{INSERT INTO visits VALUES (1, '2025-02-01'); INSERT INTO deals VALUES (1, '2025-02-01', true, 1)});
($status, $err) = said(q{SELECT regtarget.refresh_activity('2025-01-01', '2025-03-31')});
like($err, qr/could not connect to server "server1".*counting deals of relation crm.deals/s, 'a server that is away is an error, which names it');
is(state_of_all(), $before, 'and changes nothing');
($status, $err) = said(q{SELECT * FROM regtarget.verify('{activity}')});
like($err, qr/could not connect to server "server1"/, 'verify() says so too');

$servers[1]->start;
$servers[1]->safe_psql('postgres', q{
	ALTER TABLE visits RENAME TO all_visits;
	CREATE FUNCTION dawdle() RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT pg_sleep(60) IS NOT NULL';
	CREATE VIEW visits AS SELECT * FROM all_visits WHERE unit_id < 100 AND (SELECT dawdle())});
my ($out, $told) = ('', '');
my $psql = IPC::Run::start([ 'psql', '-X', '-d', $home->connstr('postgres'), '-c',
	q{SELECT regtarget.refresh_activity('2025-01-01', '2025-03-31')} ], '<', \undef, '>', \$out, '2>', \$told);
ok($servers[1]->poll_query_until('postgres',
	q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}),
	'the server is at its visits');
$servers[1]->stop('immediate');
$psql->finish;
like($told, qr/1 of 2: \d+ deals of relation crm.deals counted/, 'after deals were counted');
like($told, qr/ERROR: .*counting visits of relation crm.visits/s, 'a server that stops in the middle is an error');
is(state_of_all(), $before, 'and changes nothing, of what was counted before neither');

$servers[1]->start;
$servers[1]->safe_psql('postgres', 'DROP VIEW visits; ALTER TABLE all_visits RENAME TO visits');
is(sql(q{SELECT detail ~ '^deals of relation crm.deals: of unit 1 on 2025-02-01 counted are .*visits of relation crm.visits: of unit 1 on 2025-02-01 '
	FROM regtarget.verify('{activity}') WHERE NOT ok}), 't', 'verify() finds what has come since');
sql(q{SELECT regtarget.refresh_activity('2025-02-01', '2025-02-01')});
is(sql(q{SELECT count(*) FROM regtarget.verify('{activity}') WHERE ok}), '1', 'until that day is counted again');

# ---- where the rows would be fetched -----------------------------------------------------------------------------------

sql(q{CREATE VIEW crm.mapped AS SELECT unit_id, closed_on AS booked_on, amount FROM crm.deals;
	CREATE VIEW crm.cast_away AS SELECT unit_id, closed_on AS booked_on, coalesce(amount, 0) AS amount FROM crm.deals});
($status, $err) = said(q{SELECT regtarget.attach_facts('revenues', 'crm.mapped')});
is("$status$err", '0', 'a view that renames columns leaves the sums where they are');
sql(q{SELECT regtarget.detach_facts('revenues', 'crm.mapped')});
($status, $err) = said(q{SELECT regtarget.attach_facts('revenues', 'crm.cast_away')});
like($err, qr/NOTICE:  all rows of relation crm.cast_away would be fetched.*plain columns/s, 'a function in a view is told of');
is(sql(q{SELECT made_there FROM regtarget.attached_facts WHERE relation = 'crm.cast_away'}), 'f', 'and noted');
is(sql(q{SELECT regtarget.refresh_activity('2025-01-01', '2025-12-31') > 0}), 't', 'it is counted all the same');
is(sql(q{SELECT count(*) FROM regtarget.verify('{activity}') WHERE ok}), '1', 'rightly');

# The relation's owner asks the server, with his user mapping: nobody else's.
sql(q{CREATE ROLE keeper; GRANT USAGE, CREATE ON SCHEMA crm TO keeper; ALTER FOREIGN TABLE crm.visits0 OWNER TO keeper;
	SELECT regtarget.detach_facts('visits', 'crm.visits')});
($status, $err) = said(q{SELECT regtarget.attach_facts('visits', 'crm.visits0'); SELECT regtarget.refresh_activity('2025-01-01', '2025-01-02')});
like($err, qr/user mapping not found for (user )?"keeper"/, 'a relation is read by its owner');

$_->stop foreach @servers, $home;
done_testing();
