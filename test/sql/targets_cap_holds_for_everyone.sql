-- T1: |amount - baseline| <= cap x baseline, the edge included, on every insert and update by
-- whomever, measured from the published baseline; on the step.
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
	(3, 'market', '2025-01-01', 2);

-- In a draft the amount is the baseline, whatever is typed.
SELECT unit_id, baseline, amount, cap FROM allocate_targets('P', 1000);
UPDATE targets SET amount = 9999 WHERE unit_id = 1;
SELECT amount FROM targets WHERE unit_id = 1;
SELECT publish_plan(1);

-- 0.15 x 1000 = 150: 1150 and 850 are inside, a step more is not.
SELECT refusal($$UPDATE targets SET amount = 1150 WHERE unit_id = 1$$) AS upper_edge,
	refusal($$UPDATE targets SET amount = 850 WHERE unit_id = 1$$) AS lower_edge;
SELECT error_of($$UPDATE targets SET amount = 1150.01 WHERE unit_id = 1$$);
SELECT error_of($$UPDATE targets SET amount = 849.99 WHERE unit_id = 1$$);
-- 0.15 x 333.33 = 49.9995: 383.32 is inside, 383.33 is not; nor is 283.33.
SELECT refusal($$UPDATE targets SET amount = 383.32 WHERE unit_id = 2$$) AS upper_edge,
	refusal($$UPDATE targets SET amount = 283.34 WHERE unit_id = 2$$) AS lower_edge;
SELECT error_of($$UPDATE targets SET amount = 383.33 WHERE unit_id = 2$$);
SELECT error_of($$UPDATE targets SET amount = 283.33 WHERE unit_id = 2$$);
-- From the baseline, not from the last amount: it does not compound.
SELECT refusal($$UPDATE targets SET amount = amount * 1.1 WHERE unit_id = 1$$) AS from_850,
	refusal($$UPDATE targets SET amount = amount * 1.1 WHERE unit_id = 1$$) AS from_935,
	refusal($$UPDATE targets SET amount = 1150 WHERE unit_id = 1$$) AS to_the_edge,
	refusal($$UPDATE targets SET amount = amount * 1.1 WHERE unit_id = 1$$) AS from_the_edge;

-- Not a number, none, nothing, below nothing, between two steps.
SELECT error_of($$UPDATE targets SET amount = 'NaN' WHERE unit_id = 1$$);
SELECT error_of($$UPDATE targets SET amount = 'Infinity' WHERE unit_id = 1$$);
SELECT refusal($$UPDATE targets SET amount = '-Infinity' WHERE unit_id = 1$$) AS minus_infinity,
	refusal($$UPDATE targets SET amount = NULL WHERE unit_id = 1$$) AS nothing,
	refusal($$UPDATE targets SET amount = 0 WHERE unit_id = 1$$) AS zero,
	refusal($$UPDATE targets SET amount = -1000 WHERE unit_id = 1$$) AS negative;
SELECT error_of($$UPDATE targets SET amount = 1000.005 WHERE unit_id = 1$$);

-- Every way to write: of several rows one that breaks is enough; upsert; merge; a data-modifying
-- CTE.
SELECT refusal($$UPDATE targets SET amount = 700 WHERE unit_id IN (1, 3)$$) AS several,
	refusal($$INSERT INTO targets (plan_id, unit_id) VALUES (1, 1)
		ON CONFLICT (plan_id, unit_id) DO UPDATE SET amount = 2000$$) AS upsert,
	refusal($$MERGE INTO targets t USING (VALUES (1, 2000)) v(u, a) ON t.unit_id = v.u
		WHEN MATCHED THEN UPDATE SET amount = v.a$$) AS merge,
	refusal($$WITH w AS (UPDATE targets SET amount = 2000
		WHERE unit_id = 1 RETURNING 1) SELECT count(*) FROM w$$) AS cte;
SELECT unit_id, baseline, amount FROM targets ORDER BY unit_id;

-- A clerk who sees the unit and whom the DBA lets update the table.
CREATE ROLE regress_regtarget_clerk;
SELECT grant_duty('regress_regtarget_clerk', 'CN', 'viewer');
GRANT USAGE ON SCHEMA regtarget TO regress_regtarget_clerk;
GRANT SELECT, UPDATE ON targets TO regress_regtarget_clerk;
SET LOCAL ROLE regress_regtarget_clerk;
SELECT refusal($$UPDATE regtarget.targets SET amount = 900 WHERE unit_id = 1$$) AS inside,
	refusal($$UPDATE regtarget.targets SET amount = 1150.01 WHERE unit_id = 1$$) AS outside,
	refusal($$UPDATE regtarget.targets SET amount = 'NaN' WHERE unit_id = 1$$) AS nan;
RESET ROLE;

-- Without the triggers the table's own constraint still says no.
ALTER TABLE targets DISABLE TRIGGER USER;
SELECT refusal($$UPDATE targets SET amount = 1150 WHERE unit_id = 1$$) AS edge,
	refusal($$UPDATE targets SET amount = 1150.01 WHERE unit_id = 1$$) AS outside,
	split_part(refusal($$UPDATE targets SET amount = 'NaN' WHERE unit_id = 1$$), ' ', 1) AS nan,
	refusal($$UPDATE targets SET amount = '-Infinity' WHERE unit_id = 1$$) AS infinity,
	refusal($$INSERT INTO targets (plan_id, unit_id, period, suggested, baseline, amount, cap)
		VALUES (1, 9, 'P', 10, 10, 11.51, 0.15)$$) AS inserted;
ALTER TABLE targets ENABLE TRIGGER USER;

-- A step that is coarser than the cap leaves no room: 0.15 x 60000 is less than 10000.
SELECT plan_id AS coarse FROM allocate_targets('Q', 60000, step => 10000, label => 'coarse')
	WHERE parent_unit_id IS NULL \gset
SELECT publish_plan(:coarse);
SELECT room_up, room_down FROM target_board WHERE plan_id = :coarse AND unit = 'CN';
SELECT error_of(format($$UPDATE targets SET amount = 70000 WHERE plan_id = %s AND unit_id = 1$$,
	:coarse));

-- A cap of 0 fixes everything; one of 0.999 lets 0.01 of 10 remain.
INSERT INTO policies (effective_from, cap) VALUES ('2026-01-01', 0), ('2026-04-01', 0.999);
INSERT INTO periods VALUES ('R', '[2026-01-01,2026-04-01)'), ('S', '[2026-04-01,2026-07-01)');
SELECT plan_id AS fixed FROM allocate_targets('R', 10) WHERE parent_unit_id IS NULL \gset
SELECT plan_id AS free FROM allocate_targets('S', 10) WHERE parent_unit_id IS NULL \gset
SELECT publish_plan(:fixed), publish_plan(:free);
SELECT refusal(format($$UPDATE targets SET amount = amount WHERE plan_id = %s$$, :fixed)) AS same,
	refusal(format($$UPDATE targets SET amount = 10.01 WHERE plan_id = %s AND unit_id = 1$$,
		:fixed)) AS a_step,
	refusal(format($$UPDATE targets SET amount = 0.01 WHERE plan_id = %s AND unit_id = 1$$,
		:free)) AS least,
	refusal(format($$UPDATE targets SET amount = 19.99 WHERE plan_id = %s AND unit_id = 1$$,
		:free)) AS most,
	refusal(format($$UPDATE targets SET amount = 20 WHERE plan_id = %s AND unit_id = 1$$,
		:free)) AS outside;
-- What moved while the triggers were off is found, for the ledger does not have it.
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
