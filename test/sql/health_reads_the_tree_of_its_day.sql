-- Health, signals and splits of a day read that day's tree; a move changes no figure of the days before it.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
SELECT add_year(2025);
INSERT INTO regtarget.units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL),
	(2, 'EAST', 'region', 1), (3, 'MID', 'region', 1), (4, 'SH', 'group', 2), (5, 'HF', 'group', 2), (6, 'WH', 'group', 3);
INSERT INTO regtarget.employees (employee_id, hired_on) SELECT n, '2024-01-01' FROM generate_series(1, 30) n;
INSERT INTO regtarget.assignments SELECT n, 4 + n % 3, '[2024-01-01,)' FROM generate_series(1, 30) n;
INSERT INTO regtarget.deals (source, source_id, unit_id, closed_on, won, amount)
SELECT 'crm', n, 4 + n % 3, date '2024-10-01' + n, n % 4 > 0, 1000 * n FROM generate_series(1, 300) n;
CREATE VIEW figures AS
SELECT m.day, s.unit_id, s.signal, s.value FROM generate_series(date '2025-01-01', '2025-09-01', '1 month') m (day),
	regtarget.unit_signals(m.day::date) s;
CREATE TABLE before AS SELECT * FROM figures;
CREATE TABLE split_before AS SELECT p, t.* FROM unnest('{2025Q2,2025Q3}'::text[]) p, regtarget.preview_targets(p, 1000000, root => 'CN') t;
SELECT regtarget.move_unit('HF', 'MID', '2025-05-15');
-- No figure of a day before the move has changed; of the regions' after it some have, of nobody else.
SELECT count(*) FROM (TABLE before EXCEPT TABLE figures) x WHERE day < '2025-05-15';
SELECT DISTINCT unit_id FROM (TABLE before EXCEPT TABLE figures) x ORDER BY 1;
-- Through the tree of the day, the window too: as if the unit had always been there.
CREATE TABLE moved AS SELECT * FROM figures;
SAVEPOINT always;
DELETE FROM regtarget.past_parents;
SELECT count(*) FROM (SELECT * FROM moved WHERE day > '2025-05-15' EXCEPT TABLE figures) x;
ROLLBACK TO always;
SELECT p, count(*) FROM (SELECT * FROM split_before EXCEPT SELECT p, t.* FROM unnest('{2025Q2,2025Q3}'::text[]) p,
	regtarget.preview_targets(p, 1000000, root => 'CN') t) x GROUP BY p;
SELECT parent_unit_id FROM regtarget.allocate_targets('2025Q2', 1000000, root => 'CN') WHERE unit_id = 5;
SELECT parent_unit_id FROM regtarget.allocate_targets('2025Q3', 1000000, root => 'CN') WHERE unit_id = 5;
-- Typed by hand, by one row and by many: the guard knows the tree of the period's first day.
DELETE FROM regtarget.targets WHERE unit_id = 5;
INSERT INTO regtarget.targets (plan_id, unit_id, suggested) SELECT plan_id, 5, 100 FROM regtarget.plans RETURNING period, parent_unit_id;
INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT 100 + n, 'T' || n, 5 FROM generate_series(1, 60) n;
INSERT INTO regtarget.targets (plan_id, unit_id, suggested)
SELECT plan_id, 100 + n, 0 FROM regtarget.plans, generate_series(1, 60) n;
DELETE FROM regtarget.targets WHERE unit_id = 5;
INSERT INTO regtarget.targets (plan_id, unit_id, suggested)
SELECT plan_id, 100 + n, 0 FROM regtarget.plans, generate_series(1, 0) n UNION ALL SELECT plan_id, 5, 100 FROM regtarget.plans;
SELECT p.period, t.parent_unit_id, count(*) FROM regtarget.targets t JOIN regtarget.plans p USING (plan_id) WHERE t.unit_id >= 5 GROUP BY 1, 2 ORDER BY 1, 2;
-- What a period brought is read through its first day's tree.
SELECT p, a.unit_id, a.actual FROM unnest('{2025Q1,2025Q2,2025Q3}'::text[]) p, regtarget.period_actuals(p) a WHERE a.unit_id IN (2, 3) ORDER BY 1, 2;
SELECT p, u, a.actual FROM unnest('{2025Q1,2025Q2,2025Q3}'::text[]) p, unnest('{2,3}'::int[]) u, regtarget.actuals_of_unit(u, p) a ORDER BY 1, 2;
-- Of a unit that is asked for alone, too, whose part of that tree alone is read: statement by statement, on every day
-- between many moves there and back.
SELECT regtarget.move_unit('WH', 'HF', '2025-06-15'), regtarget.move_unit('HF', 'EAST', '2025-07-15'), regtarget.move_unit('WH', NULL, '2025-08-15'),
	regtarget.move_unit('SH', 'WH', '2025-08-20');
CREATE FUNCTION alone(day date, period text) RETURNS TABLE (unit_id int, health float8, actual numeric) LANGUAGE plpgsql AS $$
BEGIN
	FOR unit_id IN SELECT u.unit_id FROM regtarget.units u LOOP
		EXECUTE format('SELECT regtarget.health_of_unit(%s, %L)', unit_id, day) INTO health;
		EXECUTE format('SELECT a.actual FROM regtarget.actuals_of_unit(%s, %L) a', unit_id, period) INTO actual;
		RETURN NEXT;
	END LOOP;
END
$$;
SELECT count(*) AS asked, count(DISTINCT x.health) > 5 AS they_differ, count(*) FILTER (WHERE x.health IS DISTINCT FROM h.health) AS wrong_health,
	count(*) FILTER (WHERE x.actual IS DISTINCT FROM a.actual) AS wrong_actual
FROM generate_series(date '2025-01-10', '2025-09-10', '1 month') m (day) JOIN regtarget.periods p ON p.during @> m.day::date,
	alone(m.day::date, p.period) x JOIN regtarget.unit_health(m.day::date) h ON h.unit_id = x.unit_id
	JOIN regtarget.period_actuals(p.period) a ON a.unit_id = x.unit_id;
ROLLBACK;
