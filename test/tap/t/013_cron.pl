# Jobs by the real pg_cron: registered, one seen to run, unregistered again. Skipped where pg_cron is not installed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $sharedir = `$config --sharedir`);
plan skip_all => 'pg_cron is not installed' unless -e "$sharedir/extension/pg_cron.control";

my $node = new_node('cron');

# Beside a server without it, its extension is not to be made; ours says what to do.
$node->safe_psql('postgres', 'CREATE EXTENSION regtarget CASCADE');
my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT regtarget.schedule_jobs()");
like($err, qr/0A000.*pg_cron.*\n.*HINT:.*cron\.database_name = 'postgres'/s, 'without pg_cron: 0A000, and what to do');

$node->append_conf('postgresql.conf', <<'END');
shared_preload_libraries = 'pg_cron'
cron.database_name = 'postgres'
cron.use_background_workers = on
END
$node->restart;
$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
$node->safe_psql('postgres', "SELECT regtarget.apply_profile(); UPDATE regtarget.policies SET timezone = 'Asia/Shanghai'");

# ---- registered ------------------------------------------------------------------------------------

is($node->safe_psql('postgres', 'SELECT regtarget.schedule_jobs()'), '6', 'six jobs are registered');
is($node->safe_psql('postgres', 'SELECT regtarget.schedule_jobs()'), '6', 'and again');
is($node->safe_psql('postgres', 'SELECT jobname, schedule, command, database, username = current_user FROM cron.job ORDER BY jobid'),
	join("\n", 'regtarget weekly_scan|0 19 * * 0|SELECT regtarget.run_job(\'weekly_scan\')|postgres|t',
		'regtarget monthly_scan|30 12 1 * *|SELECT regtarget.run_job(\'monthly_scan\')|postgres|t',
		'regtarget overdue|20 19 * * *|SELECT regtarget.run_job(\'overdue\')|postgres|t',
		'regtarget close_periods|30 19 * * *|SELECT regtarget.run_job(\'close_periods\')|postgres|t',
		'regtarget fold|40 19 * * *|SELECT regtarget.run_job(\'fold\')|postgres|t',
		'regtarget purge|50 19 * * 0|SELECT regtarget.run_job(\'purge\')|postgres|t'),
	'each once, at three in the morning in Shanghai, weekly ones on Mondays there, which is Sunday evening in UTC');

# ---- from another database, as doc/monitoring.md has it -----------------------------------------------

# Its blocks ```sql cron, of pg_cron's database; the targets are in database sales, where a row waits and nobody has verified.
my @printed = slurp_file("$FindBin::Bin/../../../doc/monitoring.md") =~ /^```sql cron\n(.*?)^```$/gms;
is(scalar @printed, 3, 'the page on monitoring has statements for pg_cron');
$node->safe_psql('postgres', 'CREATE DATABASE sales');
$node->safe_psql('sales', q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (code) VALUES ('CN');
	INSERT INTO regtarget.deals_in (source, source_id, unit, amount) VALUES ('crm', '1', 'nowhere', '1')});
$node->safe_psql('postgres', $_) foreach @printed;
is($node->safe_psql('postgres', q{SELECT count(*) FROM cron.job WHERE database = 'sales' AND jobname LIKE 'sales %'}), '8',
	'they register the jobs, verify and the check');
$node->safe_psql('postgres', q{SELECT cron.alter_job(jobid, schedule := '* * * * *') FROM cron.job WHERE database = 'sales' AND jobname ~ 'check|verify|overdue'});

# ---- one is seen to run ------------------------------------------------------------------------------

# Churn in the week before: the scan raises an alert, and tells.
$node->safe_psql('postgres', q{
	INSERT INTO regtarget.units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'A', 'region', 1);
	INSERT INTO regtarget.customers (unit_id, churned_on)
	SELECT 2, CASE WHEN i < 7 THEN date_trunc('week', regtarget.today())::date - 1 END FROM generate_series(1, 50) i});
$node->safe_psql('postgres', q{SELECT cron.alter_job(jobid, schedule := '* * * * *') FROM cron.job WHERE jobname IN ('regtarget weekly_scan', 'regtarget fold')});
ok($node->poll_query_until('postgres', q{SELECT count(DISTINCT job) = 2 FROM regtarget.job_log}), 'pg_cron runs them');
is($node->safe_psql('postgres', q{SELECT job, succeeded, CASE job WHEN 'weekly_scan' THEN done END FROM regtarget.job_log WHERE run_id IN
	(SELECT min(run_id) FROM regtarget.job_log GROUP BY job) ORDER BY job}), "fold|t|\nweekly_scan|t|2", 'and job_log tells what they did');
is($node->safe_psql('postgres', 'SELECT unit, rule, status FROM regtarget.alert_board ORDER BY alert_id'),
	"CN|churn|firing\nA|churn|firing", 'the alerts are there');
is($node->safe_psql('postgres', q{SELECT DISTINCT status FROM cron.job_run_details WHERE database = 'postgres' AND status NOT IN ('starting', 'running')}),
	'succeeded', 'pg_cron agrees');

ok($node->poll_query_until('postgres', q{SELECT count(DISTINCT jobid) = 3 FROM cron.job_run_details
	WHERE database = 'sales' AND status IN ('succeeded', 'failed')}), 'it runs those of the other database');
like($node->safe_psql('postgres', q{SELECT d.return_message FROM cron.job_run_details d JOIN cron.job j USING (jobid)
		WHERE j.jobname = 'sales check' AND d.status = 'failed' ORDER BY runid LIMIT 1}),
	qr/ERROR: +regtarget: rejects_waiting is 1, verify_age is unknown/, 'the check fails while a row waits, and says so');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT j.jobname || ' ' || d.status, ', ') FROM cron.job_run_details d JOIN cron.job j USING (jobid)
		WHERE j.jobname IN ('sales verify', 'sales overdue') AND d.status NOT IN ('starting', 'running')}), 'sales overdue succeeded, sales verify succeeded', 'the others succeed');
is($node->safe_psql('sales', 'SELECT count(*) > 0 FROM regtarget.verify_runs'), 't', 'and have verified');
my ($check) = $printed[1] =~ /\$job\$(.*)\$job\$/s;
$node->safe_psql('sales', 'DELETE FROM regtarget.import_rejects; SELECT FROM regtarget.record_verify()');
is($node->psql('sales', $check), 0, 'the check is content when nothing is amiss');
$node->safe_psql('postgres', q{SELECT cron.unschedule(jobid) FROM cron.job WHERE database = 'sales' OR jobname = 'forget runs'});

# ---- unregistered -------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT cron.schedule('mine', '0 0 1 1 *', 'SELECT 1')});
is($node->safe_psql('postgres', 'SELECT regtarget.unschedule_jobs()'), '6', 'six jobs are unregistered');
is($node->safe_psql('postgres', 'SELECT jobname FROM cron.job'), 'mine', 'and nobody else\'s');
is($node->safe_psql('postgres', 'SELECT regtarget.unschedule_jobs()'), '0', 'twice is once');
$node->safe_psql('postgres', 'DROP EXTENSION regtarget');
$node->stop;
done_testing();
