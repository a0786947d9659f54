-- verify() recomputes every invariant: made by hand, behind the triggers' backs, each kind of
-- damage is found by the check that is meant for it, and by no other but the ledger's, which has what
-- was published.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'A1', 2), (5, 'A2', 2);
INSERT INTO past_parents VALUES (3, '2020-01-01', 1);
INSERT INTO duties VALUES ('nobody', 2, 'viewer');
INSERT INTO past_parents VALUES (4, '2020-01-01', 3);
INSERT INTO successions VALUES (5, 4);
INSERT INTO employees (employee_id) VALUES (1);
INSERT INTO customers (customer_id, unit_id) VALUES (1, 2);
INSERT INTO assignments VALUES (1, 2, '[2025-01-01,)');
INSERT INTO visits (unit_id, employee_id, customer_id) VALUES (2, 1, 1);
INSERT INTO deals (unit_id, employee_id, customer_id) VALUES (2, 1, 1);
INSERT INTO revenues (unit_id, employee_id, customer_id) VALUES (2, 1, 1);
INSERT INTO bounds VALUES ('2025Q3', 2, NULL, NULL);
INSERT INTO standings VALUES (2, '2025Q3', 2, 0.05), (3, '2025Q3', 0, 0);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', 1
	FROM units;
SELECT count(*) FROM allocate_targets('2025Q3', 100);
SELECT count(*) FROM allocate_targets('2025Q3', 100, 'sandbox');
SELECT count(*) FROM allocate_targets('2025Q3', 100, 'shadow');
SELECT publish_plan(1);
UPDATE targets SET amount = 45 WHERE plan_id = 1 AND unit_id = 3;

-- Every check says yes, in this order, and those asked for alone.
SELECT check_name, ok, detail FROM verify() WHERE check_name IN ('sums', 'caps', 'penalties',
	'statuses', 'activity', 'references', 'tree');
SELECT check_name, ok FROM verify(ARRAY['tree', 'sums']);
SELECT count(*) FROM verify('{}');

-- The damage, and who finds it.
CREATE FUNCTION public.found_after(damage text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	found text;
BEGIN
	EXECUTE damage;
	SELECT string_agg(check_name || ': ' || detail, ' | ') INTO found FROM verify() WHERE NOT ok;
	RAISE EXCEPTION USING MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
-- (Which units are told first is nobody's promise. Set once: each change of it has all statements planned anew.)
SET LOCAL session_replication_role = replica;
SELECT damage, regexp_replace(public.found_after(statement), 'unit \d+', 'unit N', 'g') AS found
FROM (VALUES
	(1, 'none', 'SELECT 1'),
	(2, 'a child a step more',
		'UPDATE targets SET suggested = suggested + 0.01, baseline = baseline + 0.01 WHERE
			plan_id = 1 AND unit_id = 5'),
	(3, 'a child less', 'DELETE FROM targets WHERE plan_id = 1 AND unit_id = 5'),
	(4, 'a root that is not the total',
		'UPDATE targets SET suggested = 101, baseline = 101 WHERE plan_id = 1 AND unit_id = 1'),
	(5, 'a total that is not the root', 'UPDATE plans SET total = 101 WHERE plan_id = 1'),
	(6, 'an amount off the step',
		'UPDATE targets SET amount = baseline + 0.005 WHERE plan_id = 1 AND unit_id = 3'),
	(7, 'a cap that is not the plan''s',
		'UPDATE targets SET cap = 0.5 WHERE plan_id = 1 AND unit_id = 3'),
	(8, 'an amount beyond the cap',
		'ALTER TABLE targets DROP CONSTRAINT targets_cap; UPDATE targets SET amount = 60 WHERE
			plan_id = 1 AND unit_id = 3'),
	(9, 'an amount that is no number',
		'ALTER TABLE targets DROP CONSTRAINT targets_cap, DROP CONSTRAINT targets_amount_check;
			UPDATE targets SET amount = ''NaN'' WHERE plan_id = 1 AND unit_id = 3'),
	(10, 'a penalty hidden in the suggestion',
		'UPDATE targets SET suggested = baseline, penalty = 0 WHERE plan_id = 1 AND unit_id = 2;
			UPDATE targets SET suggested = 47.5, baseline = 47.5, amount = 47.5 WHERE plan_id = 1
			AND unit_id = 3; UPDATE plans SET total = 100 WHERE plan_id = 1'),
	(11, 'a standing changed afterwards',
		'UPDATE standings SET penalty_rate = 0.1 WHERE unit_id = 2'),
	(12, 'a standing gone', 'DELETE FROM standings WHERE unit_id = 2'),
	(13, 'a baseline that is not the sum',
		'ALTER TABLE targets DROP CONSTRAINT targets_baseline; UPDATE targets SET baseline = 51, amount = 51
			WHERE plan_id = 3 AND unit_id = 3'),
	(14, 'a penalty in a sandbox',
		'UPDATE targets SET penalty = 1, baseline = suggested + 1, amount = suggested + 1 WHERE
			plan_id = 2 AND unit_id = 4'),
	(141, 'an amount of a draft that is not its baseline',
		'UPDATE targets SET amount = baseline + 1 WHERE plan_id = 3 AND unit_id = 3'),
	(142, 'a suggestion off the step',
		'UPDATE targets SET suggested = 50.005, baseline = 50.005, amount = 50.005 WHERE plan_id = 3 AND unit_id = 3'),
	(143, 'a published plan without targets',
		'DELETE FROM plan_bounds; DELETE FROM targets WHERE plan_id = 1'),
	(144, 'a step that amounts are not multiples of', 'UPDATE plans SET step = 7 WHERE plan_id = 3'),
	(145, 'a step that is none',
		'ALTER TABLE plans DROP CONSTRAINT plans_step_check, DROP CONSTRAINT plans_steps; UPDATE plans SET step = ''NaN'' WHERE plan_id = 1'),
	(146, 'figures below 0',
		'ALTER TABLE targets DROP CONSTRAINT targets_suggested_check, DROP CONSTRAINT targets_cap; UPDATE targets SET
			suggested = -50, baseline = -50, amount = -50 WHERE plan_id = 3 AND unit_id = 3'),
	(147, 'a penalty of half as much again',
		'ALTER TABLE standings DROP CONSTRAINT standings_penalty_rate_check; UPDATE standings SET penalty_rate = 1.5 WHERE unit_id = 2'),
	(15, 'published without a date',
		'ALTER TABLE plans DROP CONSTRAINT plans_published; UPDATE plans SET published_at = NULL
			WHERE plan_id = 1'),
	(16, 'a draft with one',
		'ALTER TABLE plans DROP CONSTRAINT plans_published; UPDATE plans SET published_at = clock_timestamp()
			WHERE plan_id = 3'),
	(17, 'a shadow plan published',
		'UPDATE plans SET status = ''published'', published_at = clock_timestamp() WHERE plan_id = 3'),
	(18, 'a sandbox proposed', 'UPDATE plans SET status = ''proposed'' WHERE plan_id = 2'),
	(19, 'two published plans of the same units',
		'UPDATE plans SET mode = ''live'', status = ''published'', published_at = clock_timestamp(), label =
			''x'' WHERE plan_id = 3'),
	(20, 'a target of another period',
		'UPDATE targets SET period = ''2025Q4'' WHERE plan_id = 1 AND unit_id = 3'),
	(21, 'a cycle', 'UPDATE units SET parent_id = 4 WHERE unit_id = 1'),
	(22, 'a unit above itself', 'UPDATE units SET parent_id = 5 WHERE unit_id = 5'),
	(23, 'a month in another period',
		'UPDATE months SET period = ''2025Q1'' WHERE month = ''2025-07'''),
	(24, 'a period that shrank',
		'UPDATE periods SET during = ''[2025-07-02,2025-10-01)'' WHERE period = ''2025Q3'''),
	(25, 'a fact that was not counted',
		'INSERT INTO visits (unit_id, visited_on) VALUES (3, ''2025-07-01'')'),
	(26, 'a day that nobody had',
		'INSERT INTO activity_days VALUES (3, ''2025-07-01'', 1, 0, 0, 0, 0, 0); INSERT INTO activity_months
			VALUES (3, ''2025-07-01'', 1, 0, 0, 0, 0, 0)'),
	(27, 'a month that is not its days',
		'INSERT INTO activity_months VALUES (3, ''2025-07-01'', 1, 0, 0, 0, 0, 0)')
) AS d (n, damage, statement) ORDER BY n;

-- An orphan of every reference that there is.
INSERT INTO silences (unit_id, during, comment) VALUES (1, '[2025-07-01,2025-07-08)', 'why');
INSERT INTO adoptions VALUES (1, '2025-07-01');
SET LOCAL session_replication_role = origin;
CREATE TABLE public.elsewhere AS SELECT u AS unit_id, date '2025-07-01' AS visited_on FROM unnest('{1,99}'::int[]) u;
SELECT attach_facts('visits', 'public.elsewhere');
SELECT refresh_activity('2025-07-01', '2025-07-01');
SET LOCAL session_replication_role = replica;
SELECT child, child_column, public.found_after(format('UPDATE %I SET %I = %L', child, child_column,
	CASE WHEN parent = 'periods' THEN 'P99'
		ELSE '99' END)) ~ format('references: [^|]*%s.%s (99|P99) is not in %s', child,
		child_column, parent) AS found
FROM declared_references() WHERE child NOT IN ('adjustments', 'signatures', 'filings', 'answers', 'market_events', 'alerts', 'reviews', 'reminders')
	AND (child, child_column) NOT IN (('targets', 'plan_id'),
	('targets', 'unit_id'), ('signals', 'unit_id'),
	('standings', 'unit_id'), ('plan_basis', 'plan_id'), ('plan_basis', 'parent_unit_id'),
	('plan_bounds', 'plan_id'), ('plan_bounds', 'unit_id'), ('months', 'period'), ('past_parents', 'unit_id'));
SELECT t AS table, public.found_after(format('UPDATE %s', t)) ~ 'references: ' AS found
FROM unnest(ARRAY['targets SET plan_id = 99 WHERE plan_id = 2',
	'targets SET unit_id = 99 WHERE unit_id = 5', 'signals SET unit_id = 99 WHERE unit_id = 5',
	'standings SET unit_id = 99 WHERE unit_id = 3',
		'plan_basis SET plan_id = 99 WHERE plan_id = 2',
		'plan_basis SET parent_unit_id = 99 WHERE plan_id = 2 AND parent_unit_id = 1',
		'plan_bounds SET plan_id = 99 WHERE plan_id = 3',
		'plan_bounds SET unit_id = 99 WHERE plan_id = 3', 'months SET period = ''P99''',
		'past_parents SET unit_id = 99 WHERE unit_id = (SELECT min(unit_id) FROM past_parents)']) AS t;
-- Of many finds the first three are told.
SELECT public.found_after('DELETE FROM units') ~ '; and [0-9]+ more' AS counted;
-- No harm is left.
SET LOCAL session_replication_role = origin;
SELECT count(*) FROM verify() WHERE NOT ok;

ROLLBACK;
