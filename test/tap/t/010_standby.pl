# A hot standby: every view, report and verify() answers as on the primary, for every duty, and every function that
# writes says 25006, as it does in a transaction that is read only.
use strict;
use warnings;

use FindBin;
use IPC::Run;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('standby_primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$primary->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf"))
  if $ENV{REGTARGET_STAGE};
$primary->append_conf('postgresql.conf', 'max_prepared_transactions = 10');
$primary->start;
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby_standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

$primary->safe_psql('postgres', 'CREATE EXTENSION regtarget CASCADE');
$primary->safe_psql('postgres', slurp_file("$FindBin::Bin/../fill.sql"));
$primary->wait_for_catchup($standby);

# ---- what only reads ---------------------------------------------------------------------------------

my @views = members($primary, 'postgres', 'v');
my @roles = split /\n/, $primary->safe_psql('postgres', 'SELECT DISTINCT role FROM regtarget.duties ORDER BY 1');
cmp_ok(scalar @views, '>', 20, 'there are views');
cmp_ok(scalar @roles, '>', 2, 'and roles with duties');
foreach my $role (@roles)
{
	my $look = join '', map { qq{SELECT '$_', count(*), md5(string_agg(v::text, '|' ORDER BY v::text)) FROM $_ v;\n} } @views;
	my $script = qq{SET ROLE "} . ($role =~ s/"/""/gr) . qq{";\n$look};

	is($standby->safe_psql('postgres', $script), $primary->safe_psql('postgres', $script), "$role: every view as on the primary");
}
is($standby->safe_psql('postgres', 'SELECT bool_and(ok) FROM regtarget.verify()'), 't', 'verify() answers there');
is($standby->safe_psql('postgres', q{SELECT count(*) > 0 FROM regtarget.unit_signals('2025-07-01')}), 't', 'and so do signals');

# Each function of the extension that is not volatile: what its parameters are called says what to ask with. Errors are
# answers, too, but for one that only a standby has.
my %asked = (unit => 'R1', unit_id => 2, parent_unit_id => 1, period => '2025Q3', plan_id => 1, as_of => '2025-07-15', day => '2025-07-15',
	since => '2025-01-01', from_day => '2025-01-01', to_day => '2025-07-15', total => 1000000, amount => 1000, target_id => 2, employee_id => 1);
my $values = join ', ', map { "('$_', '$asked{$_}')" } sort keys %asked;
my $reports = $primary->safe_psql('postgres', qq{
	WITH asked (name, value) AS (VALUES $values)
	SELECT format('SELECT %L, count(*), md5(string_agg(r::text, ''|'' ORDER BY r::text)) FROM regtarget.%I(%s) AS r;', p.oid::regprocedure, p.proname,
		(SELECT string_agg(format('%L::%s', a.value, t.type::regtype), ', ' ORDER BY t.place)
			FROM unnest(p.proargtypes) WITH ORDINALITY AS t (type, place) LEFT JOIN asked a ON a.name = p.proargnames[t.place]
			WHERE t.place <= p.pronargs - p.pronargdefaults OR a.name IS NOT NULL AND p.proname <> 'preview_targets'))
	FROM pg_proc p WHERE p.pronamespace = 'regtarget'::regnamespace AND p.provolatile <> 'v' AND p.prokind = 'f' ORDER BY 1});
my %answers;
foreach my $role (@roles)
{
	my $script = qq{\\set ON_ERROR_STOP off\n\\set VERBOSITY sqlstate\nSET ROLE "} . ($role =~ s/"/""/gr) . qq{";\n$reports};
	my @said;

	foreach my $node ($primary, $standby)
	{
		my ($status, $out, $err) = $node->psql('postgres', $script);

		push @said, $out . "\n" . ($err =~ s/^psql:<stdin>://gmr);
	}
	is(differing_lines($said[0], $said[1]), '', "$role: every report as on the primary");
	unlike($said[1], qr/25006|XX000|22P02|42883/, "$role: and each of them answers");
	$answers{$said[0]} = 1;
}
cmp_ok(scalar(split /\n/, $reports), '>', 40, 'there are reports');
cmp_ok(scalar keys %answers, '>', 2, 'which do not say the same to everybody');

# ---- what writes ---------------------------------------------------------------------------------------

# Each function of the extension that is volatile, but for triggers: called with nulls.
my $calls = $primary->safe_psql('postgres', q{
	SELECT format('SELECT regtarget.%I(%s)', p.proname,
		array_to_string(ARRAY(SELECT 'NULL::' || t::regtype FROM unnest(p.proargtypes) t), ', '))
	FROM pg_proc p WHERE p.pronamespace = 'regtarget'::regnamespace AND p.provolatile = 'v'
		AND p.prorettype <> 'trigger'::regtype ORDER BY 1});
foreach my $call (split /\n/, $calls)
{
	my ($status, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\n$call");

	# A null where a value is required may be told first.
	like($err, qr/ERROR:  (25006|22023)/, "on a standby: $call");
	($status, $out, $err) = $primary->psql('postgres', "\\set VERBOSITY sqlstate\nBEGIN READ ONLY;\n$call");
	like($err, qr/ERROR:  (25006|22023)/, "read only: $call");
}
foreach my $call (
	q{SELECT regtarget.add_year(2031)}, q{SELECT regtarget.request_adjustment('R1', 0.01, 'r', '2025-07-10')},
	q{SELECT regtarget.countersign(1, true)}, q{SELECT regtarget.apply_adjustment(1)}, q{SELECT regtarget.close_period('2025Q3')},
	q{SELECT regtarget.allocate_targets('2025Q4', 1000)}, q{SELECT regtarget.publish_plan(1)}, q{SELECT regtarget.fold_activity()},
	q{SELECT regtarget.rebuild_activity()}, q{SELECT regtarget.retry_rejects()}, q{SELECT regtarget.apply_profile()},
	q{SELECT regtarget.import_salesforce('{}')}, q{INSERT INTO regtarget.units_in (code) VALUES ('X')})
{
	my ($status, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\n$call");

	like($err, qr/ERROR:  25006/, "25006 on a standby: $call");
}

# ---- what is remembered --------------------------------------------------------------------------------

# What a function remembers holds for a snapshot. On a standby two of them may differ by nothing but who is still at work between
# the same bounds: here between a transaction that stays open and one that has ended. They are prepared ones, so that no session
# waits; each statement of a loop has a snapshot of its own.
my $revenue = q{INSERT INTO regtarget.revenues (source, source_id, unit_id, booked_on, amount)
	SELECT 'test', g, 1, '2025-07-02', 1000 FROM generate_series(%d, %d) g};
$primary->safe_psql('postgres', "BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'open'");
$primary->safe_psql('postgres', 'BEGIN; ' . sprintf($revenue, 1, 50) . "; PREPARE TRANSACTION 'ending'");
$primary->safe_psql('postgres', 'SELECT pg_current_xact_id(); CREATE TABLE public.ended ()');
$primary->wait_for_catchup($standby);
my $said = '';
my $looking = IPC::Run::start([ 'psql', '-X', '-q', '-d', $standby->connstr('postgres'), '-c', q{
	DO $$
	DECLARE
		attainment float8;
		remembered float8;
		facts bigint;
		snapshots text[];
	BEGIN
		SELECT count(*) INTO facts FROM regtarget.revenues;
		FOR look IN 1 .. 2 LOOP
			snapshots := snapshots || pg_current_snapshot()::text;
			remembered := (regtarget.outcomes_of_unit(1, '2025Q3')).attainment_amount;
			FOR wait IN 1 .. 1200 LOOP
				EXIT WHEN look = 2 OR facts < (SELECT count(*) FROM regtarget.revenues);
				PERFORM pg_sleep(0.1);
			END LOOP;
		END LOOP;
		EXECUTE 'SELECT (regtarget.outcomes_of_unit(1, ''2025Q3'')).attainment_amount' INTO attainment;
		RAISE NOTICE 'remembered is %, % to %', CASE WHEN remembered = attainment THEN 'right' ELSE 'stale' END,
			split_part(snapshots[1], ':', 1) = split_part(snapshots[2], ':', 1), split_part(snapshots[1], ':', 2) = split_part(snapshots[2], ':', 2);
	END $$} ], '<', \undef, '>&', \$said);
$standby->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
$primary->safe_psql('postgres', "COMMIT PREPARED 'ending'");
$looking->finish;
like($said, qr/remembered is right, t to t/, 'what a function remembers is not that of another snapshot with the same bounds');
$primary->safe_psql('postgres', "ROLLBACK PREPARED 'open'");

$standby->stop;
$primary->stop;
done_testing();
