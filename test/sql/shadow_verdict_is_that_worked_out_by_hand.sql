-- shadow_comparison and shadow_verdict against figures worked out by hand; what was late, typed or changed counts nowhere.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
-- Five quarters of thirty days that are over, in two months each, one that runs; the engine is made to have been there.
INSERT INTO periods SELECT 'P' || n, daterange(today() - 150 + 30 * n - 30, today() - 150 + 30 * n) FROM generate_series(1, 6) n;
INSERT INTO months (month, period, during) SELECT 'P' || n || '-' || m, 'P' || n,
	daterange(today() - 180 + 30 * n + 15 * m - 15, today() - 180 + 30 * n + 15 * m) FROM generate_series(1, 6) n, generate_series(1, 2) m;
INSERT INTO units (unit_id, code, name, kind, parent_id) VALUES (1, 'CN', 'Company', 'company', NULL), (2, 'A', 'North', 'region', 1),
	(3, 'B', 'South', 'region', 1), (4, 'A1', NULL, 'group', 2);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('gut'), ('market');
UPDATE factors SET weight = 1;
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'gut', '2020-01-01', 2), (3, 'gut', '2020-01-01', 1),
	(2, 'market', '2020-01-01', 1), (3, 'market', '2020-01-01', 1);
-- Management: A 200, B 100 of 300. The engine: A 300, B 300 of 600, which is A 150, B 150 of 300.
SELECT count(*) FROM generate_series(1, 6) n, LATERAL allocate_targets('P' || n, 300, factors => '{"gut": 1}');
SELECT count(publish_plan(plan_id)) FROM plans;
SELECT count(*) FROM generate_series(1, 6) n, LATERAL allocate_targets('P' || n, 600, 'shadow', factors => '{"market": 1}');
SELECT plan_id, period, late FROM plans WHERE mode = 'shadow' ORDER BY period;

-- A shadow plan made after the first day is never counted.
SELECT wins, cases, money_engine, money_management, lost, lost_by, chance, verdict, total_missed, late, said FROM shadow_verdict(9);

-- As if they had been allocated on the first day.
SET LOCAL session_replication_role = replica;
UPDATE plans SET late = false WHERE mode = 'shadow';
UPDATE ledger l SET details = details || jsonb_build_object('late', false, 'allocated_on', lower(p.during))
FROM periods p WHERE p.period = l.details ->> 'period' AND l.action = 'shadow_allocated';
SET LOCAL session_replication_role = origin;
-- P1: A 140, B 160. Engine 10 and 10 off, management 60 and 60: 10 to 60.
-- P2: A 150, B 150: 0 to 50. P3: A 200, B 100: 50 to 0, lost by 50. P4: A 175, B 125: 25 to 25, equal.
-- P5: A 200, B 220: the total is off by 120; the engine 50 and 70, management 0 and 120: 60 to 60, equal.
INSERT INTO deals (unit_id, closed_on, won, amount)
SELECT u, lower(p.during), true, a FROM (VALUES ('P1', 4, 100), ('P1', 2, 40), ('P1', 3, 160), ('P2', 4, 150), ('P2', 3, 150), ('P3', 2, 200),
	('P3', 3, 100), ('P4', 4, 175), ('P4', 3, 125), ('P5', 4, 200), ('P5', 3, 220), ('P6', 3, 1000)) AS v (p, u, a) JOIN periods p ON p.period = v.p;
SELECT n, wins, cases, money_engine, money_management, lost, lost_by, round(chance::numeric, 4) AS chance, verdict, total_missed, late
FROM generate_series(1, 6) n, LATERAL shadow_verdict(n);
SELECT said FROM generate_series(1, 5) n, LATERAL shadow_verdict(n);
SELECT error_of('SELECT shadow_verdict(0)');
SELECT error_of('SELECT shadow_verdict(NULL)');
-- By unit, period and month; of what is not over no errors yet. Half of 150 falls into each month.
SELECT period, unit, region, depth, is_leaf, management, engine, actual, error_management, error_engine, closer, is_over
FROM shadow_comparison WHERE month IS NULL ORDER BY period, unit_id;
SELECT month, unit, management, engine, actual, error_management, error_engine, closer, is_over
FROM shadow_comparison WHERE month IS NOT NULL AND period IN ('P1', 'P6') ORDER BY starts_on, unit_id;
-- The sum of the errors of the root's children, halved, is the money of the verdict.
SELECT sum(error_engine) / 2 AS engine, sum(error_management) / 2 AS management FROM shadow_comparison WHERE month IS NULL AND depth = 1 AND is_over;

-- Five decided are enough to say: of five wins chance gives 1/32.
UPDATE deals SET amount = CASE unit_id WHEN 3 THEN 160 ELSE 140 END WHERE unit_id <> 2 AND closed_on < today() - 1;
DELETE FROM deals WHERE unit_id = 2;
INSERT INTO deals (unit_id, closed_on, won, amount) SELECT 4, lower(during), true, 140 FROM periods WHERE period = 'P3';
SELECT wins, cases, money_engine, money_management, lost, chance, verdict, said FROM shadow_verdict(9);
-- Two regions' plans stand for the company's where there is none for it; one below another that counts does not count twice.
SELECT count(*) FROM allocate_targets('P5', 70, 'shadow', 'A');
SET LOCAL session_replication_role = replica;
UPDATE plans SET late = false WHERE mode = 'shadow';
UPDATE ledger l SET details = details || jsonb_build_object('late', false, 'allocated_on', lower(p.during))
FROM periods p WHERE p.period = l.details ->> 'period' AND l.action = 'shadow_allocated';
SET LOCAL session_replication_role = origin;
SELECT wins, cases, money_engine, money_management FROM shadow_verdict(1);

-- What differs from the record counts nowhere, nor does what was made by the first day that the period had for a while.
CREATE FUNCTION public.after(statement text, OUT wins int, OUT cases int, OUT late int) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		SET LOCAL session_replication_role = replica;
		EXECUTE statement;
		SET LOCAL session_replication_role = origin;
		SELECT v.wins, v.cases, v.late INTO wins, cases, late FROM regtarget.shadow_verdict(9) v;
		RAISE SQLSTATE 'RT000';
	EXCEPTION WHEN SQLSTATE 'RT000' THEN
		RETURN;
	END;
END
$$;
SELECT s, (public.after(s)).* FROM unnest(ARRAY[
	'SELECT',
	'UPDATE targets SET suggested = 301, baseline = 301, amount = 301 WHERE unit_id = 2 AND plan_id = 7',
	'UPDATE plan_basis SET weight = 0.5 WHERE plan_id = 8',
	'UPDATE plans SET rules = ''{}'' WHERE plan_id = 9',
	'UPDATE plans SET late = true WHERE plan_id = 7', 'UPDATE plans SET late = NULL WHERE plan_id = 7',
	'UPDATE ledger SET details = jsonb_set(details, ''{late}'', ''true'') WHERE details ->> ''plan_id'' = ''7''',
	'UPDATE ledger SET details = jsonb_set(details, ''{allocated_on}'', ''"soon"'') WHERE details ->> ''plan_id'' = ''7''',
	'UPDATE periods SET during = daterange(lower(during) - 1, upper(during)) WHERE period = ''P1''',
	'UPDATE plans SET status = ''draft'', published_at = NULL WHERE plan_id = 1']) s;
ROLLBACK;
