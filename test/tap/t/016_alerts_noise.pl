# What certainty is for: with the rules of profile fmcg, three hundred units whose customers leave at a constant rate of seven to twelve a
# week have at most three reviews a unit and year, where the rule alone would open sixteen; and when the rate doubles, nine of
# ten units are reviewed within twelve weeks. Reviews are decided before the next scan, which is when most can be opened.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('alerts_noise');
my ($constant, $doubled) = (52, 13);

$node->safe_psql('postgres', qq{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile('fmcg');
	INSERT INTO regtarget.units (unit_id, code, kind, parent_id)
	SELECT n, 'U' || n, CASE n WHEN 1 THEN 'company' ELSE 'region' END, CASE WHEN n > 1 THEN 1 END FROM generate_series(1, 301) n;
	-- A sum of many chances, each of which is small, is a count as chance gives it.  Who goes came a few weeks before, so that there
	-- are as many customers all the time.
	SELECT setseed(0.15);
	INSERT INTO regtarget.customers (unit_id, acquired_on, churned_on)
	SELECT u, date '2023-01-02' + 7 * w - 20 - i % 20, date '2023-01-02' + 7 * w + i % 7
	FROM generate_series(2, 301) u, generate_series(1, @{[$constant + $doubled]}) w, generate_series(1, 400) i
	WHERE random() + 0 * i < (7 + u % 6) / 400.0 * CASE WHEN w > $constant THEN 2 ELSE 1 END;
	INSERT INTO regtarget.customers (unit_id) SELECT u FROM generate_series(2, 301) u, generate_series(1, 2000) i;
	-- Purchases by somebody who stays, so that there is something on record each week.
	INSERT INTO regtarget.customers (customer_id, unit_id) VALUES (10000000, 2);
	INSERT INTO regtarget.deals (customer_id, unit_id, closed_on, won, amount)
	SELECT 10000000, 2, date '2023-01-02' + 7 * w, true, 1 FROM generate_series(0, 70) w});
my $script = join '', map { qq{SELECT count(*) FROM regtarget.scan_alerts(date '2023-01-09' + 7 * $_);
	BEGIN;
	SET LOCAL session_replication_role = replica;
	UPDATE regtarget.alerts a SET status = 'resolved', resolved_on = date '2023-01-09' + 7 * $_ FROM regtarget.reviews r
	WHERE r.alert_id = a.alert_id AND r.status = 'open';
	UPDATE regtarget.reviews SET status = 'closed', decision = 'keep', comment = '', closed_by = 'chief', closed_at = now() WHERE status = 'open';
	COMMIT;\n} } 13 .. $constant + $doubled;
$node->safe_psql('postgres', $script);

my $reviews = q{SELECT r.unit_id, (r.due_on - 7 - date '2023-01-09') / 7 AS week FROM regtarget.reviews r};
my $years = 300 * ($constant - 12) / 52;
my ($alerts, $opened, $worst) = split /\|/, $node->safe_psql('postgres', qq{
	SELECT (SELECT count(*) FROM regtarget.alerts WHERE unit_id > 1 AND (on_day - date '2023-01-09') / 7 <= $constant) / $years,
		count(*) / $years, (SELECT max(n) FROM (SELECT count(*) AS n FROM ($reviews) r WHERE week <= $constant GROUP BY unit_id) x)
	FROM ($reviews) AS r WHERE week <= $constant});
note("a unit and year: $alerts alerts, $opened reviews; $worst of one unit at most");
cmp_ok($opened, '<=', 3, 'constant churn: three reviews a unit and year at most');
cmp_ok($opened, '>', 0, 'but some');
cmp_ok($worst, '<=', 4, 'of no unit many more');
cmp_ok($alerts, '>', 10, 'where the rule alone would open many');
my $seen = $node->safe_psql('postgres', qq{SELECT count(DISTINCT unit_id) / 300.0 FROM ($reviews) r WHERE week BETWEEN $constant + 1 AND $constant + 12});
note("reviewed within twelve weeks: $seen");
cmp_ok($seen, '>=', 0.9, 'a doubling is reviewed within twelve weeks in nine cases of ten');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM regtarget.reviews r JOIN regtarget.alerts a USING (alert_id) WHERE r.due_on > a.on_day + 7}), '>', 0,
	'some of them by alerts that became certain later');
$node->stop;
done_testing();
