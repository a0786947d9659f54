-- The factors of a call: weights by factor, spread over its signals as the table has them; a factor
-- that is not named is unused; what is no weight is refused.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
DELETE FROM factors;
INSERT INTO factors (signal, factor, weight)
VALUES ('tender', 'potential', 0.3), ('report', 'potential', 0.1), ('tilt', 'strategy', 0.6),
	('market', NULL, 0);
-- A's shares: 0.9 of tender, 0.5 of report, 0.2 of tilt, 0.4 of market.
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'tender', '2025-01-01', 9),
	(3, 'tender', '2025-01-01', 1),
	(2, 'report', '2025-01-01', 5), (3, 'report', '2025-01-01', 5), (2, 'tilt', '2025-01-01', 2),
		(3, 'tilt', '2025-01-01', 8),
	(2, 'market', '2025-01-01', 4), (3, 'market', '2025-01-01', 6);
CREATE FUNCTION public.a_of(factors jsonb) RETURNS numeric LANGUAGE sql
BEGIN ATOMIC
	SELECT t.suggested FROM allocate_targets('P', 1000, 'sandbox', NULL, 1, a_of.factors) t
		WHERE t.unit_id = 2;
END;
CREATE VIEW public.weights AS
SELECT signal, factor, round(weight::numeric, 6) AS weight FROM target_basis
WHERE plan_id = (SELECT max(plan_id) FROM plans) AND unit_id = 2 ORDER BY signal COLLATE "C";

-- The table's own: 0.3 x 0.9 + 0.1 x 0.5 + 0.6 x 0.2 = 0.44; null says the same.
SELECT public.a_of(NULL);
SELECT * FROM public.weights;
-- Potential alone: (3 x 0.9 + 0.5) / 4 = 0.8.  Its size does not matter.
SELECT public.a_of('{"potential": 1}'), public.a_of('{"potential": 0.001}'),
	public.a_of('{"potential": 12}');
SELECT * FROM public.weights;
-- Half and half: 0.4 + 0.1 = 0.5.  Three to one: 0.6 + 0.05 = 0.65.
SELECT public.a_of('{"potential": 0.5, "strategy": 0.5}'),
	public.a_of('{"strategy": 1, "potential": 3}');
SELECT * FROM public.weights;
-- A factor without a name bears its signal's; one whose weights are all 0 is shared evenly.
SELECT public.a_of('{"market": 1}'), public.a_of('{"market": 1, "strategy": 1}');
UPDATE factors SET weight = 0 WHERE factor = 'potential';
SELECT public.a_of('{"potential": 1}');
SELECT * FROM public.weights;
-- A weight of 0 is no weight; the last of a key given twice counts, as in any jsonb.
SELECT public.a_of('{"potential": 0, "strategy": 1}'),
	public.a_of('{"market": 5, "strategy": 1, "market": 0}');
SELECT * FROM public.weights;
-- The rules of the call are kept with the plan, those that count; the table is as it was.
SELECT r.* FROM plans p, jsonb_to_recordset(p.rules -> 'factors')
	AS r (factor text, signal text, weight float8)
WHERE plan_id = (SELECT max(plan_id) FROM plans);
SELECT signal, weight FROM factors ORDER BY signal COLLATE "C";

-- Refused.
SELECT error_of($$SELECT public.a_of('{"health": 1}')$$);
SELECT error_of($$SELECT public.a_of('{"tender": 1}')$$);
SELECT error_of($$SELECT public.a_of('{"strategy": -0.1}')$$);
SELECT error_of($$SELECT public.a_of('{"strategy": "NaN"}')$$);
SELECT f AS factors, refusal(format('SELECT public.a_of(%L)', f))
FROM unnest(ARRAY['{"strategy": null}', '{"strategy": true}', '{"strategy": [1]}',
	'{"strategy": {}}', '{"strategy": "1"}',
	'[]', '[{"strategy": 1}]', '1', '"strategy"', 'null', '{}', '{"strategy": 0}',
		'{"strategy": 1, "x": 0}',
	'{"Strategy": 1}']) AS f;
-- Weights are numbers of any size.
SELECT public.a_of('{"market": 1e307, "strategy": 1e307}'),
	public.a_of('{"market": 1e-320, "strategy": 1e-320}');

ROLLBACK;
