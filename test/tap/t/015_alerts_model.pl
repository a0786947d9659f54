# Two years of generated weeks: every alert, its values, its certainty to the last bit, its resolution, what covers it and when its
# review is due are what a model in another language works out from the rules' words (alerts_model.py), whether one scans on
# Mondays, on any day of each week, every day, or twice. The weeks hold a week 53 and changes of daylight saving. REGTARGET_SEED
# takes another company.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use IPC::Run;
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{REGTARGET_SEED} // 4;
my $model = "$FindBin::Bin/../alerts_model.py";
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('alerts_model');

silent_ok('the model makes a company and its alerts', 'python3', $model, $seed, $dir);
$node->safe_psql('postgres', 'CREATE DATABASE company');
$node->safe_psql('company', 'CREATE EXTENSION regtarget CASCADE');
silent_ok('the company comes in', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/out", '-d', $node->connstr('company'), '-f', "$dir/load.sql");
my $expected = slurp_file("$dir/expected");
cmp_ok(($expected =~ tr/\n//), '>', 300, 'many alerts are expected');
like($expected, qr/\|2021-01-04\|/, 'some after week 53');

# Days to scan, of the weeks from the second on.
my %days = (
	'on Mondays' => q{SELECT date '2020-01-06' + 7 * w AS day FROM generate_series(0, 104) w},
	'on any day of each week' => q{SELECT date '2020-01-06' + 7 * w + (w * 5 + w / 7) % 7 FROM generate_series(0, 104) w},
	'every day' => q{SELECT date '2020-01-06' + d FROM generate_series(0, 734) d},
	'twice, on Mondays and late on Sundays' => q{SELECT date '2020-01-06' + 7 * w + d FROM generate_series(0, 104) w, unnest('{0,0,6}'::int[]) d},
);
foreach my $when (sort keys %days)
{
	$node->safe_psql('postgres', 'CREATE DATABASE scanned TEMPLATE company');
	$node->safe_psql('scanned', qq{SET timezone = 'America/New_York';
		SELECT format('SELECT count(*) FROM regtarget.scan_alerts(%L)', day) FROM ($days{$when}) AS d (day) ORDER BY day \\gexec});
	my $found = $node->safe_psql('scanned', q{
		SELECT a.rule, a.level, a.unit_id, a.on_day, a.value_before, a.value_after, a.certainty, a.resolved_on, a.no_data_since,
			(SELECT c.unit_id || ' ' || c.on_day FROM regtarget.alerts c WHERE c.alert_id = a.covered_by), 'due ' || r.due_on
		FROM regtarget.alerts a LEFT JOIN regtarget.reviews r USING (alert_id) ORDER BY a.rule COLLATE "C", a.unit_id, a.on_day});
	IPC::Run::run([ 'python3', $model, 'found', "$dir/found" ], '<', \"$found\n") or die;
	my $same = slurp_file("$dir/found") eq $expected;
	ok($same, "scanned $when: all as the model says") or diag(`diff $dir/expected $dir/found | head -n 20`);
	is($node->safe_psql('scanned', q{SELECT string_agg(check_name || ': ' || detail, '; ') FROM regtarget.verify('{alerts,references,ledger}') WHERE NOT ok}), '',
		"scanned $when: verify() finds nothing");
	$node->safe_psql('postgres', 'DROP DATABASE scanned');
}
$node->stop;
done_testing();
