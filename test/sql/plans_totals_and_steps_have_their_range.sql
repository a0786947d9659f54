-- T7: amounts below 10^15, steps of at least 10^-4, at most 10^16 of them, totals on the step;
-- every amount is a multiple of the step and the parts add up exactly at every size.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1),
	(4, 'C', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', 1
	FROM units;

-- 120,000,020 in thirds, in steps from a ten-thousandth to ten thousand; the odd steps go to A,
-- then B.
SELECT t.total, t.step, string_agg(suggested::text, ' '
	ORDER BY unit_id) FILTER (WHERE unit_id > 1) AS parts,
	sum(suggested) FILTER (WHERE unit_id > 1) = t.total AS adds_up,
		bool_and(suggested % t.step = 0) AS on_step
FROM (VALUES (120000020::numeric, 0.0001::numeric), (120000020, 0.01), (120000020, 1),
	(120000020, 5), (120000020, 20),
	(120020000, 10000), (120000000, 0.25), (120000000, 2500)) AS t (total, step),
	LATERAL allocate_targets('P', t.total, 'sandbox', step => t.step)
GROUP BY t.total, t.step ORDER BY t.step, t.total;

-- Nothing, one step, less than one each.
SELECT t.total, t.step, string_agg(suggested::text, ' ' ORDER BY unit_id) AS amounts
FROM (VALUES (0::numeric, 0.01::numeric), (0.01, 0.01), (10000, 10000), (0.02, 0.01), (0, 10000))
	AS t (total, step),
	LATERAL allocate_targets('P', t.total, 'sandbox', step => t.step)
GROUP BY t.total, t.step ORDER BY t.total, t.step;

-- The edge: 10^16 steps, and amounts just below 10^15.
SELECT t.total, t.step, string_agg(suggested::text, ' '
	ORDER BY unit_id) FILTER (WHERE unit_id > 1) AS parts
FROM (VALUES (100000000000000::numeric, 0.01::numeric), (1000000000000, 0.0001),
	(999999999999999, 1), (999999999999990, 10),
	(999999999999999.9, 0.1)) AS t (total, step),
	LATERAL allocate_targets('P', t.total, 'sandbox', step => t.step)
GROUP BY t.total, t.step ORDER BY t.step;

-- Beyond it.
SELECT error_of($$SELECT allocate_targets('P', 100000000000000.01, 'sandbox')$$);
SELECT error_of($$SELECT allocate_targets('P', 1e15, 'sandbox', step => 1)$$);
SELECT t AS total, s AS step,
	refusal(format('SELECT allocate_targets(''P'', %s, ''sandbox'', step => %s)', t, s))
FROM (VALUES ('1e12 + 0.0001', '0.0001'), ('1e30', '1'), ('1e15', '1e15'), ('0', '1e15'),
	('0', '1e14'), ('1', '0.00001'), ('1', '1e-20'),
	('1', '0.00015'), ('1', '0.12345'), ('1', '0'), ('1', '-1'), ('-1', '1'), ('-0.01', '0.01'),
		('-1e30', '1'),
	('100.001', '0.01'), ('15', '10'), ('1', '0.3'), ('0.9', '0.3')) AS v (t, s);

-- The same of a plan typed by hand.
SELECT t AS total, s AS step,
	split_part(refusal(format('INSERT INTO plans (period, root_unit_id, total, step) VALUES (''P'', 1, %s, %s)', t, s)), ': ', 1) AS refused
FROM (VALUES ('1e12 + 0.0001', '0.0001'), ('1e14', '0.01'), ('1e15', '1'), ('1e30', '1'),
	('0', '1e15'), ('1', '0.00001'), ('1', '0.00015'), ('1', '0'),
	('1', '-1'), ('-1', '1'), ('100.001', '0.01'), ('15', '10'), ('0.9', '0.3'), ('NULL', '1'),
		('1', 'NULL')) AS v (t, s);

ROLLBACK;
