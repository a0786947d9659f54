# Microsoft's sample company, whose resellers' quarters begin on odd days and which knows no visits, no
# lost deals and no leavers: its sales are split by what was dated up to each quarter's first day, and
# the errors stand beside those of the two usual guesses. They are reported as they come out.
use strict;
use warnings;

use File::Basename;
use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

# Beside the repository; test/run hands on where the vectors lie, and the data lie beside them.
my $beside = dirname(dirname($ENV{REGTARGET_VECTORS} // "$FindBin::Bin/../../../../shared/vectors/apportion.csv"));
my $data = $ENV{REGTARGET_DATA} // "$beside/data";

plan skip_all => 'no AdventureWorks here: set REGTARGET_DATA'
  unless -r "$data/adventureworks/sales_order_header.csv" && -r "$data/potential/territory_gdp.csv";

my $node = new_node('adventureworks');
my $dir = "$FindBin::Bin/../../adventureworks";

sub sql
{
	return $node->safe_psql('postgres', $_[0]);
}

sub script
{
	my ($file, @more) = @_;
	return silent_ok("$file runs", 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', @more,
		'-d', $node->connstr('postgres'), '-f', "$dir/$file");
}

sql('CREATE EXTENSION regtarget CASCADE');
script('load.sql', '-v', "data=$data");

# What was loaded is what was there.
is(sql(q{SELECT kind, count(*) FROM regtarget.units GROUP BY 1 ORDER BY 1}),
	"company|1\nregion|3\nterritory|10", 'ten territories in three groups');
is(sql(q{SELECT string_agg(lower(during)::text, ' ' ORDER BY during) FROM regtarget.periods}),
	'2011-05-31 2011-08-31 2011-12-01 2012-02-29 2012-05-30 2012-08-30 2012-11-30 2013-02-28',
	'quarters begin on the days of the quotas');
is(sql(q{SELECT count(*) FROM regtarget.deals}), '1994', 'reseller orders are deals');
is(sql(q{SELECT sum(actual) - (SELECT sum(sub_total) FROM aw.orders WHERE sales_person_id IS NOT NULL)
		FROM regtarget.periods p CROSS JOIN LATERAL regtarget.period_actuals(p.period) a
		JOIN regtarget.units u USING (unit_id) WHERE u.kind = 'company'})
	+ 0, 0, 'and none of their money is lost');
is(sql(q{SELECT count(*) FROM aw.orders o JOIN aw.territory t USING (territory_id)
		JOIN regtarget.deals d ON d.source_id = o.sales_order_id::text JOIN regtarget.units u USING (unit_id)
		WHERE u.code <> t.name}), '0', 'nor its territory');

# The usual guesses, as others have computed them: 18.5 and 6.8 % in the wrong place on the average of
# four quarters, and each misplaced amount counts twice.
is(sql(q{SELECT string_agg(format('%s: %s', method, 2 * round(error / 2, 1)), ', ' ORDER BY method)
		FROM (SELECT method, avg(error) AS error FROM aw.errors GROUP BY method) AS e}),
	'last year x growth: 37.0, previous quarter: 13.6', 'the usual guesses are as wrong as known');

# Nothing makes a health out of won deals alone.
is(sql(q{SELECT count(*), count(h.health), count(h.visits_per_head), count(h.conversion_rate),
			count(h.attrition_rate), max(h.coverage)
		FROM regtarget.periods p CROSS JOIN LATERAL regtarget.unit_health(lower(p.during)) AS h}),
	'112|0|0|0|0|0.25', 'health is unknown everywhere, and so are three of its metrics');

# ---- the engine on its own history --------------------------------------------------------------

# Pooled over quarters 5 to 8, by the product's own backtest: the last quarter's shares, and last year's.
is(sql(q{SELECT string_agg(format('%s %s', method, round((100 * error)::numeric, 1)), ', ' ORDER BY method)
		FROM regtarget.backtest_summary('Q5', 'Q8') WHERE depth = 2 AND method IN ('previous', 'naive')}),
	'naive 37.3, previous 16.0', 'the errors of the usual guesses, pooled');
is(sql(q{SELECT period, round((100 * sum(abs(previous - actual)) / sum(sum(abs(previous - actual))) OVER ())::numeric)
		FROM regtarget.backtest('Q5', 'Q8', factors => '{"previous": 1}') JOIN regtarget.units USING (unit_id)
		WHERE kind = 'territory' GROUP BY period ORDER BY period}),
	"Q5|79\nQ6|10\nQ7|4\nQ8|8", 'one quarter holds four fifths of the error');
is(sql(q{SELECT string_agg(u.code, ', ' ORDER BY u.code) FROM regtarget.assignments a JOIN regtarget.units u USING (unit_id)
		JOIN regtarget.units g ON g.unit_id = u.parent_id
		WHERE lower(a.during) = '2012-05-30' AND g.code = 'Europe'
		AND NOT EXISTS (SELECT FROM regtarget.assignments b WHERE b.unit_id = a.unit_id AND lower(b.during) < lower(a.during))}),
	'France, United Kingdom', 'on its first day people were sent to two new countries');
is(sql(q{SELECT string_agg(format('%s %s', f, coalesce(round(b.suggested)::text, 'nothing')), ', ' ORDER BY f)
		FROM unnest('{previous,last_year,trailing,expected_output}'::text[]) f
		CROSS JOIN LATERAL regtarget.backtest('Q5', 'Q5', factors => jsonb_build_object(f, 1)) b WHERE b.unit = 'Europe'}),
	'expected_output 1614589, last_year 0, previous 0, trailing 0', "of the company's own books only expected_output sees them");
is(sql(q{SELECT round(suggested) FROM regtarget.backtest('Q4', 'Q4', factors => '{"expected_output": 1}') WHERE unit = 'Europe'}),
	'0', 'and not before they were there');
is(sql(q{SELECT verdict FROM regtarget.tuning_verdict('Q5', 'Q8') UNION ALL
		SELECT verdict FROM regtarget.tuning_verdict('Q1', 'Q8')}), "too few to say\ntoo few to say", 'so few quarters prove nothing');
is(sql(q{SELECT count(*) FROM regtarget.tune_factors('Q5', 'Q8') t, unnest('{previous,last_year,trailing,expected_output}'::text[]) f,
		LATERAL regtarget.backtest_summary('Q5', 'Q7', factors => jsonb_build_object(f, 1)) b
		WHERE t.rank = 1 AND b.method = 'suggested' AND b.depth = 1 AND t.error > b.error}), '0',
	'in sample no rival is closer than the tuned weighting');

note('Sum of |split - actual| / sum of actual, quarters 5 to 8 together, in %:');
note(sprintf('%-10s %8s %12s %6s', '', 'groups', 'territories', 'wins'));
note(sprintf('%-10s %8s %12s %6s', split /\|/, $_, -1)) foreach split /\n/, sql(q{
	SELECT method, round((100 * max(error) FILTER (WHERE depth = 1))::numeric, 1),
		round((100 * max(error) FILTER (WHERE depth = 2))::numeric, 1), max(wins) FILTER (WHERE depth = 2)
	FROM regtarget.backtest_summary('Q5', 'Q8') WHERE method <> 'official' GROUP BY method ORDER BY 2});
note("Tuned over quarters $_") foreach split /\n/, sql(q{
	SELECT format('%s to Q8: %s, %s %% off in hindsight, %s %% by what was known before; the last quarter''s shares %s %% and %s %%. %s',
		f, factors, round((100 * error)::numeric, 1), round((100 * error_rolling)::numeric, 1), round((100 * error_previous)::numeric, 1),
		round((100 * error_rolling_previous)::numeric, 1), said)
	FROM unnest('{Q5,Q1}'::text[]) f CROSS JOIN LATERAL regtarget.tuning_verdict(f, 'Q8')});

# ---- splits of the very totals, as plans -------------------------------------------------------------

script('split.sql');
is(sql(q{SELECT count(*), count(*) FILTER (WHERE p.total = t.total) FROM regtarget.plans p
		JOIN (SELECT plan_id, sum(suggested) AS total FROM regtarget.targets
			JOIN regtarget.units USING (unit_id) WHERE kind = 'territory' GROUP BY plan_id) AS t USING (plan_id)}),
	'20|20', 'every split adds up over the territories');
is(sql(q{SELECT string_agg(DISTINCT b.signal, ' ') FROM regtarget.target_basis b
		JOIN regtarget.plans p USING (plan_id) WHERE p.label = 'profile' AND b.weight > 0}),
	'report_estimate', "the profile has the markets' potential to go by, and nothing else");
is(sql(q{SELECT count(*) FROM regtarget.plans p JOIN regtarget.periods q USING (period)
		JOIN regtarget.target_basis b USING (plan_id) JOIN regtarget.units u USING (unit_id)
		WHERE p.label = 'profile' AND u.kind = 'territory'
			AND b.value <> (SELECT g.million_usd FROM aw.gdp g JOIN aw.territory t USING (territory_id)
				WHERE t.name = u.code AND make_date(g.year + 1, 7, 1) <= lower(q.during)
				ORDER BY g.year DESC LIMIT 1)}),
	'0', 'each is that of the last year then published');
is(sql(q{SELECT count(*), count(*) FILTER (WHERE abs(e.split - n.split) > 0.001)
		FROM aw.engine e JOIN aw.naive n USING (n, unit_id)
		WHERE e.method = 'entered' AND n.method = 'previous quarter'}),
	'40|0', "a split by the last quarter's sales is the last quarter's share");
is(script('hindsight.sql'), "70|0\n", 'a quarter knows nothing of itself');
is(sql(q{SELECT check_name, detail FROM regtarget.verify() WHERE NOT ok}), '', 'verify() finds nothing');

note("Sum of |split - actual| / sum of actual over ten territories, in %:");
note(sprintf('%-28s %6s %6s %6s %6s %8s', '', 'Q5', 'Q6', 'Q7', 'Q8', 'average'));
note(sprintf('%-28s %6.2f %6.2f %6.2f %6.2f %8.2f', split /\|/)) foreach split /\n/, sql(q{
	SELECT method, max(error) FILTER (WHERE n = 5), max(error) FILTER (WHERE n = 6),
		max(error) FILTER (WHERE n = 7), max(error) FILTER (WHERE n = 8), avg(error)
	FROM aw.errors GROUP BY method ORDER BY avg(error), method});

$node->stop;
done_testing();
