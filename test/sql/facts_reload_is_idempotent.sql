-- F1: (source, source_id) is unique in facts, customers and employees, so that a reload changes
-- nothing; a fact's unit is required, and what a fact need not say it need not say.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (code) VALUES ('A'), ('B');
CREATE VIEW public.loads AS
SELECT target,
	format('INSERT INTO %I (source, source_id%s) VALUES (''crm'', ''1''%s), (''crm'', ''2''%s)',
	target, u.col, u.val, u.val) AS load
FROM (VALUES ('employees', '', ''), ('customers', ', unit_id', ', 1'),
	('visits', ', unit_id', ', 1'),
	('deals', ', unit_id', ', 1'), ('revenues', ', unit_id', ', 1')) AS u (target, col, val);

-- Loaded, loaded again as it is: refused by name; loaded again as an upsert: the same rows.
SELECT target, refusal(load) AS first, split_part(refusal(load), ': ', 1) AS again,
	refusal(load || ' ON CONFLICT (source, source_id) DO UPDATE SET source = excluded.source') AS upsert
FROM public.loads;
SELECT (SELECT count(*) FROM employees) AS employees, (SELECT count(*) FROM customers) AS customers,
	(SELECT count(*) FROM visits) AS visits, (SELECT count(*) FROM deals) AS deals,
	(SELECT count(*) FROM revenues) AS revenues;

-- The same number from another source is another row; so is every row without a number.
SELECT refusal($$INSERT INTO visits (source, source_id, unit_id) VALUES ('dingtalk', '1', 1)$$);
SELECT refusal($$INSERT INTO visits (unit_id) VALUES (1), (1)$$);
SELECT source, source_id, count(*) FROM visits GROUP BY 1, 2 ORDER BY 1, 2;

-- A unit is required.
SELECT t, refusal(format('INSERT INTO %I (unit_id) VALUES (NULL)', t))
FROM unnest(ARRAY['customers', 'visits', 'deals', 'revenues']) AS t;
SELECT refusal($$INSERT INTO visits (source_id) VALUES ('9')$$);

-- An INSERT names keys and references only: the rest has defaults, or none.
INSERT INTO units (code) VALUES ('C');
INSERT INTO employees DEFAULT VALUES;
INSERT INTO customers (unit_id) VALUES (1);
INSERT INTO visits (unit_id) VALUES (1);
INSERT INTO deals (unit_id) VALUES (1);
INSERT INTO revenues (unit_id) VALUES (1);
INSERT INTO signals (unit_id, signal, value) VALUES (1, 'x', 1);
INSERT INTO metrics (metric) VALUES ('x');
INSERT INTO factors (signal) VALUES ('x');
INSERT INTO signal_kinds (signal) VALUES ('x');
INSERT INTO policies (effective_from) VALUES ('2025-01-01');
INSERT INTO periods VALUES ('P', '[2025-01-01,2025-04-01)');
INSERT INTO months (month, period, during) VALUES ('M', 'P', '[2025-01-01,2025-02-01)');
INSERT INTO bounds (period, unit_id) VALUES ('P', 1);
INSERT INTO standings (period, unit_id) VALUES ('P', 1);
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (1, 'P', 1, 10);
INSERT INTO targets (plan_id, unit_id) VALUES (1, 1);
SELECT visited_on = current_date AS today FROM visits WHERE source_id IS NULL;
SELECT booked_on = current_date AS today, amount FROM revenues WHERE source_id IS NULL;
SELECT as_of = current_date AS today, source FROM signals;
SELECT mode, label, status, step, cap, created_by = current_user AS mine, published_at FROM plans;
SELECT parent_unit_id, period, suggested, penalty, baseline, amount, cap FROM targets;
SELECT weight, worst, best FROM metrics;
SELECT factor, weight, scaled_by FROM factors;
SELECT rollup, valid_days FROM signal_kinds;
SELECT denied_quarters, penalty_rate FROM standings;

ROLLBACK;
