-- C: a standing once written never changes, and comes before the plan that it bears on is
-- published.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
INSERT INTO units (unit_id, code, parent_id) VALUES (1, 'CN', NULL), (2, 'A', 1), (3, 'B', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);

-- Brought by the owner; then never again.
INSERT INTO standings VALUES (2, 'P', 2, 0.05), (3, 'P', 1, 0);
SELECT error_of($$UPDATE standings SET penalty_rate = 0 WHERE unit_id = 2$$);
SELECT error_of($$DELETE FROM standings WHERE unit_id = 2$$);
SELECT error_of($$TRUNCATE standings$$);
SELECT refusal($$UPDATE standings SET penalty_rate = penalty_rate$$) AS same,
	refusal($$INSERT INTO standings VALUES (2, 'P', 0, 0)$$) AS again,
	refusal($$INSERT INTO standings VALUES (2, 'P', 0, 0) ON CONFLICT DO NOTHING$$) AS nothing,
	refusal($$INSERT INTO standings VALUES (2, 'P', 0, 0) ON CONFLICT (unit_id, period) DO UPDATE
		SET penalty_rate = 0$$) AS upsert,
	refusal($$MERGE INTO standings s USING (VALUES (2, 'P')) v(u, p) ON s.unit_id = v.u
		AND s.period = v.p WHEN MATCHED THEN DELETE$$) AS merge;

-- What is no standing.
SELECT v,
	split_part(refusal(format('INSERT INTO standings (unit_id, period, denied_quarters, penalty_rate) VALUES (1, ''P'', %s)', v)), ': ', 1) AS refused
FROM unnest(ARRAY['-1, 0', '0, -0.01', '0, 1', '0, 0.0000000000000000001', 'NULL, 0', '0, NULL',
	'0, 0.999999999999999999']) AS v;

-- After publishing: one that would have changed a penalty is too late; one of 0, one of the plan's
-- root, one that rounds to nothing, of another period or of a unit without a target is history.
SELECT count(*) FROM allocate_targets('P', 100);
SELECT count(*) FROM allocate_targets('Q', 100);
SELECT publish_plan(1), publish_plan(2);
SELECT error_of($$INSERT INTO standings VALUES (2, 'Q', 2, 0.05)$$);
INSERT INTO units (unit_id, code) VALUES (4, 'HK');
SELECT refusal($$INSERT INTO standings VALUES (2, 'Q', 0, 0)$$) AS zero,
	refusal($$INSERT INTO standings VALUES (1, 'Q', 2, 0.05)$$) AS root,
	refusal($$INSERT INTO standings VALUES (3, 'Q', 2, 0.00009)$$) AS less_than_half_a_step,
		refusal($$INSERT INTO standings VALUES (4, 'Q', 2, 0.05)$$) AS elsewhere;
SELECT count(*) FROM verify() WHERE NOT ok;

-- Shadow plans and drafts wait for no standing.
INSERT INTO periods VALUES ('R', '[2026-01-01,2026-04-01)');
SELECT count(*) FROM allocate_targets('R', 100, root => 'CN');
SELECT count(*) FROM allocate_targets('R', 100, 'shadow', 'CN');
SELECT refusal($$INSERT INTO standings VALUES (2, 'R', 2, 0.05)$$);

ROLLBACK;
