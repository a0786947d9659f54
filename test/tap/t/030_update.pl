# A database of each release before is updated by ALTER EXTENSION UPDATE: its catalog is then that of a fresh installation,
# every row is there, what users built on the extension still stands, and nothing works on the old catalog meanwhile.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'the history with the releases is not here' unless $ENV{REGTARGET_RELEASED};

my ($version) = slurp_file("$FindBin::Bin/../../../regtarget.control") =~ /^default_version = '(.*)'/m;
my $released = '0.1.0';
my $its = "$ENV{REGTARGET_RELEASED}/$released";
my $node = released_node('update', $released);
my $dir = PostgreSQL::Test::Utils::tempdir();

sub sql { return $node->safe_psql(@_) }

# What a statement says on stderr, with its SQLSTATE.
sub complaint
{
	my ($db, $sql) = @_;
	my ($status, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\n$sql");

	return $err;
}

sub empty_database
{
	my ($name) = @_;
	sql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	return $name;
}

# Every row of a table as an object, of the columns that it had, its keys in order.
my $json = JSON::PP->new->canonical->allow_bignum;

sub rows
{
	my ($db, $table, @but) = @_;
	my @rows = map { $json->decode($_) } split /\n/, sql($db, "SELECT to_jsonb(t) FROM ONLY $table AS t");

	delete @{$_}{@but} foreach @rows;
	return join "\n", sort map { $json->encode($_) } @rows;
}

sub columns
{
	my ($db, $table) = @_;
	return split /\n/, sql($db, qq{SELECT attname FROM pg_attribute
		WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum});
}

# ---- the release before --------------------------------------------------------------------------------

is(slurp_file("$its/src/sql/regtarget--$released.sql"), slurp_file("$FindBin::Bin/../../../sql/released/regtarget--$released.sql"),
	"the script of $released is kept as it was");

empty_database($_) foreach qw(empty company reserved);
sql('postgres', 'CREATE ROLE dba SUPERUSER');
sql('empty', 'SET ROLE dba; CREATE EXTENSION regtarget CASCADE');
sql($_, 'CREATE EXTENSION regtarget CASCADE') foreach qw(company reserved);
sql('reserved', q{INSERT INTO regtarget.units (code) VALUES ('CN');
	INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES (1, 'actual_trailing', '2025-01-01', 1)});
silent_ok("the rows of $released", 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/filled",
	'-d', $node->connstr('company'), '-f', "$its/src/test/tap/fill.sql");
sql('company', q{
	CREATE ROLE reader; CREATE ROLE "odd ""planner"; CREATE ROLE "odd ""reader"; CREATE ROLE gone;
	SELECT regtarget.grant_duty('odd "planner', 'R2', 'planner'), regtarget.grant_duty('gone', 'R2', 'planner');
	DROP OWNED BY gone; DROP ROLE gone;
	-- What users have built, and granted.
	CREATE VIEW mine AS SELECT unit, amount FROM regtarget.target_board;
	CREATE VIEW balance AS SELECT unit, difference FROM regtarget.plan_balance;
	GRANT USAGE ON SCHEMA regtarget TO reader;
	GRANT SELECT ON regtarget.credit_board, regtarget.target_board TO reader;
	GRANT SELECT (unit, penalty_rate) ON regtarget.credit_board TO "odd ""reader" WITH GRANT OPTION;
	GRANT EXECUTE ON FUNCTION regtarget.verify(text[]) TO reader;
	-- Rows that nothing refers to, rejects that were overtaken, and one from Salesforce.
	INSERT INTO regtarget.plan_bounds SELECT p.plan_id, u.unit_id, 1, 2 FROM regtarget.plans p, regtarget.units u
	WHERE p.mode = 'sandbox' AND u.code = 'HK';
	SELECT count(*) FROM regtarget.import_salesforce('{"totalSize": 1, "done": true, "records": [
		{"attributes": {"type": "Opportunity"}, "Id": "006xx000001AAAAAAA", "CloseDate": "2025-07-01", "IsClosed": true, "IsWon": true, "Amount": 5}]}');
	UPDATE regtarget.import_rejects SET outdated = true WHERE row ->> 'source_id' = 'x3'});
my $orphans = sql('company', q{SELECT count(*) FROM regtarget.plan_bounds b
	WHERE NOT EXISTS (SELECT FROM regtarget.targets t WHERE (t.plan_id, t.unit_id) = (b.plan_id, b.unit_id))});
cmp_ok($orphans, '>', 0, 'there are bounds of units that their plan has not');
my @tables = members($node, 'company', 'r');
my %columns = map { $_ => [ columns('company', $_) ] } @tables;
my %before = map { $_ => rows('company', $_, 'outdated') } @tables;
my %sequences = map { $_ => sql('company', "SELECT last_value, is_called FROM $_") } members($node, 'company', 'S');
my $activity = sql('company', 'SELECT * FROM regtarget.activity ORDER BY unit_id, day');
my $mine = sql('company', 'SELECT * FROM mine ORDER BY 1, 2');
my $salesforce = sql('company', q{SELECT count(*) FROM regtarget.import_rejects WHERE target = 'deals_in' AND NOT row ? 'unit'});
is($salesforce, '1', 'a deal of Salesforce was refused');
command_ok([ 'pg_dump', '-Fc', '-f', "$dir/of_released", $node->connstr('company') ], "there is a dump of $released");

# ---- a session that has the old library ------------------------------------------------------------------------

# The new one is brought beside it, by a copy that is younger than the session, and nobody restarts.
my $old_session = $node->background_psql('company');
is($old_session->query_safe('SELECT count(*) > 0 FROM regtarget.verify()'), 't', "a session works with the library of $released");
system_or_bail('cp', '-r', $ENV{REGTARGET_STAGE}, "$dir/stage");
my $brought = slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf") =~ s/\Q$ENV{REGTARGET_STAGE}\E/$dir\/stage/gr;
my ($setting) = $brought =~ /^(\w+)/;
$node->append_conf('postgresql.conf', $brought);
$node->reload;
$node->poll_query_until('postgres', "SELECT current_setting('$setting') LIKE '%$dir/stage%'") or die 'the setting is not read';
like(complaint('company', 'ALTER EXTENSION regtarget UPDATE'),
	qr/ERROR:  55006: sessions of this database may have an older library(.|\n)*Processes that began before(.|\n)*HINT:  End them/,
	'an update does not pull the catalog from under it');
is($old_session->query_safe('SELECT count(*) > 0 FROM regtarget.verify()'), 't', 'and it goes on');
$old_session->quit;

# ---- the new library, the old catalog ----------------------------------------------------------------------

bring_library($node);
my $behind = qr/ERROR:  55000: extension "regtarget" is of version \Q$released\E in this database, and its library is of version \Q$version\E\n(.|\n)*HINT:  Run ALTER EXTENSION regtarget UPDATE/;
foreach my $call (
	'SELECT * FROM regtarget.region_health', 'SELECT * FROM regtarget.verify()', q{SELECT regtarget.close_period('2025Q3')},
	q{INSERT INTO regtarget.visits (visit_id, unit_id, visited_on) VALUES (999, 1, '2025-01-01')},
	q{SET ROLE "odd ""planner"; SELECT count(*) FROM regtarget.units},
	'SELECT regtarget.health_score(1, 0, 1, 1)', 'SELECT regtarget.caller_has_duty()',
	q{SELECT regtarget.apportion(1, 1) OVER ()})
{
	like(complaint('company', $call), $behind, "says what to do: $call");
}
{
	# Debian's setting is for names below $libdir, PostgreSQL 18's for bare ones.
	my $folder = slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf") =~ /extension_destdir/ ? '$libdir/' : '';
	local $ENV{PGOPTIONS} = "-c session_preload_libraries=${folder}regtarget";

	is(sql('company', 'SELECT 1'), '1', 'who loads the library at the beginning of a session can log in');
	like(complaint('company', 'SELECT * FROM regtarget.verify()'), $behind, 'and is told the same');
}
command_ok([ 'pg_dump', '-f', "$dir/behind", $node->connstr('company') ], 'it can be dumped');
is(rows('company', $_, 'outdated'), $before{$_}, "$_ is as it was") foreach 'regtarget.visits', 'regtarget.ledger';

# ---- the update ------------------------------------------------------------------------------------------------

# A row that this release refuses ends it, and nothing is changed; what is in the way is removed without triggers.
like(complaint('reserved', 'ALTER EXTENSION regtarget UPDATE'), qr/ERROR:  23514: .*"signals_reserved".*violated by some row/,
	'a signal whose name is reserved now stops the update');
like(complaint('reserved', 'SELECT * FROM regtarget.verify()'), $behind, 'which has changed nothing');
sql('reserved', q{SET session_replication_role = replica; ALTER TABLE regtarget.signals DROP CONSTRAINT signals_reserved; UPDATE regtarget.signals SET signal = 'my_trailing'});
unlike(complaint('reserved', 'ALTER EXTENSION regtarget UPDATE'), qr/ERROR/, 'under another name it does not');
is(sql('reserved', 'SELECT signal FROM regtarget.signals'), 'my_trailing', 'and is there');
is(sql('reserved', q{SELECT check_name FROM regtarget.verify() WHERE NOT ok}), '', 'verify() finds nothing there');

# An owner who is no superuser any more.
sql('postgres', 'ALTER ROLE dba NOSUPERUSER');
like(complaint('empty', 'ALTER EXTENSION regtarget UPDATE'),
	qr/ERROR:  55000: role "dba", which owns extension "regtarget", is not a superuser\n(.|\n)*HINT:  Run ALTER ROLE dba SUPERUSER/,
	'who owns the extension must be a superuser during the update, and it says so');
sql('postgres', 'ALTER ROLE dba SUPERUSER');

# A session that is there all the while.
my $session = $node->background_psql('company', on_error_stop => 0);
$session->query('SELECT * FROM regtarget.verify()');
foreach my $db (qw(empty company))
{
	my $err = complaint($db, 'ALTER EXTENSION regtarget UPDATE');

	unlike($err, qr/ERROR|WARNING/, "$db is updated");
	is(sql($db, q{SELECT extversion FROM pg_extension WHERE extname = 'regtarget'}), $version, "$db is of version $version");
}
is($session->query('SELECT bool_and(ok) FROM regtarget.verify()'), 't', 'a session that was told to wait goes on');
$session->quit;

# A dump of the release before, as doc/releases.md has it restored: into its own catalog, without triggers, and updated then.
sql(empty_database('brought'), "CREATE EXTENSION regtarget VERSION '$released' CASCADE");
{
	local $ENV{PGOPTIONS} = '-c session_replication_role=replica';

	silent_ok("a dump of $released is restored", 'pg_restore', '-j', '2', '-d', $node->connstr('brought'), "$dir/of_released");
}
like(complaint('brought', 'SELECT * FROM regtarget.verify()'), $behind, 'which is to be updated');
like(complaint('brought', 'SET session_replication_role = replica; SELECT * FROM regtarget.verify()'), $behind, 'also for whom no triggers fire');
unlike(complaint('brought', 'ALTER EXTENSION regtarget UPDATE'), qr/ERROR|WARNING/, 'and is');

sql(empty_database('fresh'), 'CREATE EXTENSION regtarget CASCADE');
my $fresh = catalog($node, 'fresh');
cmp_ok(scalar(split /\n/, $fresh), '>', 5000, 'the catalog has much to say');
is(differing_lines($fresh, catalog($node, $_)), '', "database $_ has the catalog of a fresh one") foreach qw(company brought);
is(differing_lines($fresh =~ s/\bpostgres\b/dba/gr, catalog($node, 'empty')), '',
	'whichever superuser has updated it: what is new belongs to the owner of the rest');

# ---- the rows ------------------------------------------------------------------------------------------------------

my %derived = map { ("regtarget.$_" => 1) } qw(activity_days activity_deltas activity_months);
my %changed = map { ("regtarget.$_" => 1) } qw(import_rejects plan_bounds);
foreach my $table (grep { !$derived{$_} && !$changed{$_} } @tables)
{
	my %had = map { $_ => 1 } @{ $columns{$table} };

	is(rows('company', $table, grep { !$had{$_} } columns('company', $table)), $before{$table}, "$table has its rows");
	is(rows('brought', $table, grep { !$had{$_} } columns('brought', $table)), $before{$table}, "$table has those of the dump");
}
foreach my $sequence (grep { !/activity_ticks/ } keys %sequences)
{
	is(sql('company', "SELECT last_value, is_called FROM $sequence"), $sequences{$sequence}, "$sequence stands where it stood");
}
is(sql('company', 'SELECT * FROM regtarget.activity ORDER BY unit_id, day'), $activity, 'activity says the same');
is(sql('brought', 'SELECT * FROM regtarget.activity ORDER BY unit_id, day'), $activity, 'and where a dump was restored');
is(sql($_, q{SELECT check_name FROM regtarget.verify() WHERE NOT ok}), '', "verify() finds nothing in $_") foreach qw(company brought);
is(sql('company', q{SELECT count(*) FROM regtarget.verify()}), sql('fresh', q{SELECT count(*) FROM regtarget.verify()}),
	'and looks at everything');
is(sql('company', 'SELECT sum(rows) FROM regtarget.source_days'), sql('company', 'SELECT ' . join ' + ',
		map { "(SELECT count(*) FROM regtarget.$_)" } qw(customers employees visits deals revenues signals)),
	'what the sources have brought is counted');
is(sql('company', q{SELECT count(*) FROM regtarget.plan_bounds}),
	(scalar split /\n/, $before{'regtarget.plan_bounds'}) - $orphans, 'bounds of units that the plan has not are gone, no others');
is(sql('company', q{SELECT row ->> 'source_id', cause, row ->> 'is_closed' FROM regtarget.import_rejects ORDER BY reject_id}),
	"x4|database|\n006xx000001AAAAAAA|database|true", 'of rejects those that count are there, and say what is asked for now');
sql('company', q{INSERT INTO regtarget.units_in (code, parent) VALUES ('R9', 'CN'); SELECT regtarget.retry_rejects()});

# ---- what users have ---------------------------------------------------------------------------------------------------

is(sql('company', 'SELECT * FROM mine ORDER BY 1, 2'), $mine, q{a user's view on target_board shows what it did});
is(sql('company', 'SELECT count(*) > 0 FROM balance'), 't', 'one on plan_balance is there');
is(sql('company', q{SELECT has_table_privilege('reader', 'regtarget.credit_board', 'SELECT'),
	has_table_privilege('reader', 'regtarget.target_board', 'SELECT'), has_function_privilege('reader', 'regtarget.verify(text[])', 'EXECUTE'),
	has_table_privilege('reader', 'regtarget.alerts', 'SELECT')}), 't|t|t|f', 'what was granted to a reader is his still, and no more');
is(sql('company', q{SELECT string_agg(a.attname || ' ' || x.privilege_type || ' ' || x.is_grantable, ', ' ORDER BY a.attnum)
	FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = 'regtarget.credit_board'::regclass AND x.grantee = to_regrole('"odd ""reader"')}),
	'unit SELECT true, penalty_rate SELECT true', 'columns that were granted as well');
is(sql('company', q{
	SELECT has_table_privilege(r, 'regtarget.plans', 'INSERT'), has_column_privilege(r, 'regtarget.plans', 'plan_id', 'INSERT'),
		has_column_privilege(r, 'regtarget.plans', 'total', 'INSERT'), has_table_privilege(r, 'regtarget.alerts', 'SELECT'),
		has_table_privilege(r, 'regtarget.alert_rules', 'INSERT')
	FROM unnest('{"odd \"planner",regtarget_fill_boss}'::text[]) AS r}), "f|f|t|t|f\nf|f|t|t|t",
	'planners have what this release gives them, and not what it does not');
is(sql('company', q{SELECT count(*) FROM regtarget.kept_privileges}), '0', 'none of it counts as somebody else\'s');
sql('company', q{SET ROLE regtarget_fill_boss; SELECT regtarget.countersign(4, true, 'late'); SELECT regtarget.close_period('2025Q3');
	RESET ROLE; SELECT regtarget.move_unit('R2-2', 'R1', '2025-10-01')});
is(sql('company', q{SELECT check_name FROM regtarget.verify() WHERE NOT ok}), '', 'after work has gone on, verify() finds nothing');

# A dump leaves out no grant of a user's.
my $grants = q{SELECT c.relname, x.item::text FROM pg_class c, unnest(c.relacl) AS x (item) WHERE c.relnamespace = 'regtarget'::regnamespace
	UNION ALL SELECT p.oid::regprocedure::text, x.item::text FROM pg_proc p, unnest(p.proacl) AS x (item) WHERE p.pronamespace = 'regtarget'::regnamespace
	UNION ALL SELECT a.attrelid::regclass || '.' || a.attname, x.item::text FROM pg_attribute a, unnest(a.attacl) AS x (item)
	WHERE a.attrelid IN (SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'regtarget'::regnamespace) ORDER BY 1, 2};
empty_database('restored');
command_ok([ 'pg_dump', '-Fc', '-f', "$dir/dump", $node->connstr('company') ], 'the updated database is dumped');
silent_ok('and restored', 'pg_restore', '-d', $node->connstr('restored'), "$dir/dump");
is(differing_lines(sql('company', $grants), sql('restored', $grants)), '', 'with every privilege');
is(differing_lines($fresh, catalog($node, 'restored')), '', 'and the catalog of a fresh one');
is(sql('restored', q{SELECT check_name FROM regtarget.verify() WHERE NOT ok}), '', 'in which verify() finds nothing');

# ---- a catalog that is ahead of the library, and what is removed ------------------------------------------------------------

my ($status, $out, $err) = $node->psql('fresh', q{
	SELECT count(*) FROM regtarget.verify();
	UPDATE pg_extension SET extversion = '99.10.0' WHERE extname = 'regtarget';
	CREATE FUNCTION public.any() RETURNS int LANGUAGE sql RETURN 1;
	SELECT count(*) FROM regtarget.verify();});
like($err, qr/is of version 99\.10\.0 in this database.*\n.*HINT:  Connect again/, 'a session of an older library is told to connect again');

sql('company', 'DROP VIEW mine, balance; DROP EXTENSION regtarget');
is(sql('company', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'regtarget'}), '0', 'dropping it leaves nothing');

$node->stop;
done_testing();
