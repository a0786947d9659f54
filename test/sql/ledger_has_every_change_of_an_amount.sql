-- L: every change of a published amount is an entry of its unit's chain, whatever statement made it;
-- publishing is one, whatever the plan's size; a draft makes none, nor does what changes nothing.
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
CREATE VIEW public.entries AS
SELECT unit_id, entry, actor = session_user AS mine, action, public.told(details - 'digest') AS details FROM regtarget.ledger;

-- Drafts and sandboxes: nothing. A shadow plan: what it was when it was allocated, for all changes by hand.
SELECT count(*) FROM allocate_targets('P', 100);
SELECT count(*) FROM allocate_targets('P', 100, 'shadow');
SELECT count(*) FROM allocate_targets('P', 100, 'sandbox');
UPDATE targets SET suggested = suggested + 1 WHERE unit_id = 2;
UPDATE targets SET suggested = suggested - 1 WHERE unit_id = 2;
SELECT propose_plan(1);
SELECT count(*) FROM ledger;

-- Publishing: one, on the company's chain.
SELECT publish_plan(1);
SELECT * FROM public.entries;

-- A statement of each kind. Numbers that are the same are no change, however they are written.
UPDATE targets SET amount = 51 WHERE plan_id = 1 AND unit_id = 2;
UPDATE targets SET amount = amount WHERE plan_id = 1;
UPDATE targets SET amount = amount * 1.000 WHERE plan_id = 1;
UPDATE targets SET amount = 55 WHERE false;
UPDATE targets SET amount = 52, suggested = suggested WHERE unit_id = 2 AND plan_id = 1;
MERGE INTO targets t USING (VALUES (2, 53), (3, 49), (1, 100)) AS v (u, a) ON t.plan_id = 1 AND t.unit_id = v.u
WHEN MATCHED THEN UPDATE SET amount = v.a;
WITH first AS (UPDATE targets SET amount = 54 WHERE plan_id = 1 AND unit_id = 2 RETURNING amount)
UPDATE targets SET amount = 48.5 WHERE plan_id = 1 AND unit_id = 3 AND (SELECT amount FROM first) = 54;
PREPARE move(numeric) AS UPDATE targets SET amount = $1 WHERE plan_id = 1 AND unit_id = 1;
EXECUTE move(101);
EXECUTE move(101);
EXECUTE move(102.5);
DO $$ BEGIN FOR i IN 1..3 LOOP UPDATE targets SET amount = amount - i WHERE plan_id = 1 AND unit_id = 1; END LOOP; END $$;
CREATE FUNCTION public.on_view() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
	UPDATE regtarget.targets SET amount = NEW.amount WHERE target_id = OLD.target_id;
	RETURN NEW;
END
$$;
CREATE VIEW public.simple AS SELECT * FROM targets;
CREATE VIEW public.instead AS SELECT target_id, plan_id, unit_id, amount FROM targets;
CREATE TRIGGER instead INSTEAD OF UPDATE ON public.instead FOR EACH ROW EXECUTE FUNCTION public.on_view();
UPDATE public.simple SET amount = 50 WHERE plan_id = 1 AND unit_id = 3;
UPDATE public.instead SET amount = 50.25 WHERE plan_id = 1 AND unit_id = 3;
-- An upsert never gets there: published plans take no inserts.
SELECT refusal($$INSERT INTO targets (plan_id, unit_id, suggested) VALUES (1, 2, 50)
	ON CONFLICT (plan_id, unit_id) DO UPDATE SET amount = 55$$) AS upsert;
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (2, 2, 50)
	ON CONFLICT (plan_id, unit_id) DO UPDATE SET suggested = 60;
-- What is refused leaves nothing.
SELECT refusal($$UPDATE targets SET amount = 77 WHERE plan_id = 1 AND unit_id = 2$$) AS cap,
	refusal($$UPDATE targets SET amount = CASE unit_id WHEN 3 THEN 77 ELSE amount + 0.01 END WHERE plan_id = 1$$) AS one_of_many;
SELECT * FROM public.entries ORDER BY unit_id, entry;

-- Another role acts: the one in force, not the session's.
CREATE ROLE regtarget_test_boss;
GRANT USAGE ON SCHEMA regtarget TO regtarget_test_boss;
SELECT grant_duty('regtarget_test_boss', 'CN', 'viewer');
GRANT UPDATE (amount) ON targets TO regtarget_test_boss;
SET LOCAL ROLE regtarget_test_boss;
UPDATE targets SET amount = 49.75 WHERE plan_id = 1 AND unit_id = 3;
RESET ROLE;
SELECT actor, action FROM ledger WHERE unit_id = 3 ORDER BY entry DESC LIMIT 1;

-- What is rolled back leaves no gap, and no entry.
SAVEPOINT one;
UPDATE targets SET amount = amount + 0.01 WHERE plan_id = 1;
ROLLBACK TO SAVEPOINT one;
UPDATE targets SET amount = amount + 0.02 WHERE plan_id = 1;
SAVEPOINT two;
UPDATE targets SET amount = amount + 0.01 WHERE plan_id = 1;
RELEASE SAVEPOINT two;
SELECT unit_id, count(*), max(entry) FROM ledger GROUP BY unit_id ORDER BY unit_id;
SELECT check_name, ok, detail FROM verify('{ledger}');

-- Standings: those that are not 0.
INSERT INTO standings VALUES (1, 'Q', 0, 0), (2, 'Q', 2, 0.05), (3, 'Q', 1, 0);
INSERT INTO standings VALUES (2, 'P', 1, 0), (3, 'P', 5, 0);
INSERT INTO standings VALUES (2, 'Q', 2, 0.1) ON CONFLICT DO NOTHING;
SELECT unit_id, action, details FROM ledger WHERE action = 'standing_written' ORDER BY details ->> 'period' DESC, unit_id;

-- More units than there are locks, in an order of their own: old and new amounts belong together.
INSERT INTO units (unit_id, code, parent_id) SELECT g, 'U' || g, 1 FROM generate_series(101, 3100) g;
INSERT INTO signals (unit_id, signal, as_of, value) SELECT g, 'market', '2025-01-01', 1 + g % 7
FROM generate_series(101, 3100) g;
SELECT count(*) FROM allocate_targets('Q', 10000000, root => 'CN');
SELECT publish_plan(max(plan_id)) FROM plans;
CREATE TABLE public.before AS SELECT t.* FROM targets t JOIN plans p USING (plan_id) WHERE p.period = 'Q'
	AND p.status = 'published';
UPDATE targets t SET amount = t.amount - t.unit_id % 5
FROM (SELECT target_id FROM public.before ORDER BY md5(target_id::text)) AS b WHERE b.target_id = t.target_id;
SELECT count(*) AS changed, count(DISTINCT l.unit_id) AS units,
	count(*) FILTER (WHERE (l.details ->> 'before')::numeric = b.amount
		AND (l.details ->> 'after')::numeric = b.amount - b.unit_id % 5
		AND (l.details ->> 'target_id')::bigint = b.target_id) AS right
FROM ledger l JOIN public.before b ON b.unit_id = l.unit_id WHERE l.action = 'amount_changed'
	AND l.details ->> 'period' = 'Q';
SELECT count(*) FILTER (WHERE unit_id % 5 > 0) AS should_change FROM public.before;
SELECT count(*) <= 1024 AS few_locks FROM pg_locks WHERE classid = 'ledger'::regclass AND pid = pg_backend_pid();
SELECT check_name, detail FROM verify() WHERE NOT ok;

-- A change in a closed plan is refused; its chain stands.
SELECT close_period('P');
SELECT refusal('UPDATE targets SET amount = 55 WHERE plan_id = 1') AS closed;
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
