-- Splits the quarter that starts on 2013-02-28 again, after everything dated later than that day, and
-- all that was sold in it, is gone; then puts it all back. Prints how many of the splits' rows differ.

SET client_min_messages = warning;
\o /dev/null
BEGIN;
CREATE TEMP TABLE before ON COMMIT DROP AS
SELECT p.label, p.total, t.unit_id, t.suggested
FROM regtarget.plans p JOIN regtarget.targets t USING (plan_id) WHERE p.period = 'Q8';

DELETE FROM regtarget.deals WHERE closed_on >= '2013-02-28';
DELETE FROM regtarget.signals WHERE as_of > '2013-02-28';
CREATE TEMP TABLE after ON COMMIT DROP AS
SELECT b.label, t.unit_id, t.suggested
FROM (SELECT DISTINCT label, total FROM before) AS b
JOIN (VALUES ('profile', '{"health": 0.5, "potential": 0.3, "strategy": 0.2}'::jsonb),
	('profile + history', '{"health": 0.5, "potential": 0.3, "strategy": 0.2, "history": 0.5}'),
	('history alone', '{"history": 1}'), ('history 0.9, potential 0.1', '{"history": 0.9, "potential": 0.1}'),
	('entered', '{"entered": 1}')) AS f (label, factors) USING (label)
CROSS JOIN LATERAL regtarget.allocate_targets('Q8', b.total, 'sandbox', step => 0.0001, factors => f.factors) AS t;
\o
SELECT count(*), count(*) FILTER (WHERE b.suggested IS DISTINCT FROM a.suggested)
FROM before b FULL JOIN after a USING (label, unit_id);
ROLLBACK;
