-- Splits what resellers bought in quarters 5 to 8, by what was dated up to each quarter's first day:
-- psql -f split.sql after load.sql. First by the profile as it is, of which only the market's
-- potential is known here; then with the unit's own past among the factors, as heavy as health; then
-- by parts of that. Last, the quarter before is entered as a signal, with the zeros of those who have
-- never sold: a split by it alone is the previous quarter's share, and so proves the arithmetic.

SET client_min_messages = warning;

CREATE FUNCTION aw.split(label text, factors jsonb DEFAULT NULL) RETURNS bigint
LANGUAGE sql
RETURN (
	SELECT count(*) FROM (
		SELECT a.period, a.amount FROM (
			SELECT p.period, (SELECT actual FROM regtarget.period_actuals(p.period) AS a WHERE a.unit_id = u.unit_id)
			FROM regtarget.periods p, regtarget.units u
			WHERE p.period IN ('Q5', 'Q6', 'Q7', 'Q8') AND u.kind = 'company'
		) AS a (period, amount)
	) AS q
	CROSS JOIN LATERAL regtarget.allocate_targets(q.period, q.amount, 'sandbox', step => 0.0001,
		factors => split.factors, label => split.label) AS t
);

SELECT aw.split('profile');

UPDATE regtarget.factors SET factor = 'history', weight = 0.25 WHERE signal IN ('actual_previous', 'actual_last_year');
SELECT aw.split('profile + history');
SELECT aw.split('history alone', '{"history": 1}');
SELECT aw.split('history 0.9, potential 0.1', '{"history": 0.9, "potential": 0.1}');

INSERT INTO regtarget.signal_kinds (signal, rollup) VALUES ('sales_before', 'sum');
INSERT INTO regtarget.signals (unit_id, signal, as_of, value, source)
SELECT u.unit_id, 'sales_before', lower(p.during), a.actual, 'entered'
FROM regtarget.periods p
JOIN regtarget.periods b ON upper(b.during) = lower(p.during)
CROSS JOIN LATERAL regtarget.period_actuals(b.period) AS a
JOIN regtarget.units u ON u.unit_id = a.unit_id
WHERE u.kind = 'territory';
INSERT INTO regtarget.factors (signal, factor, weight) VALUES ('sales_before', 'entered', 1);
SELECT aw.split('entered', '{"entered": 1}');
