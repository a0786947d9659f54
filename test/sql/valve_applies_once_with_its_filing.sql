-- V4: only an approved request applies, once, on top of the amount of that moment; target, those below
-- it, filing and ledger at once or not at all.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT public.asks('a', 'A', '0.10');
-- Not before all have signed; not after a refusal, a withdrawal.
SELECT public.error_for('cn', 'SELECT apply_adjustment(1)');
SELECT public.signs('cn', 1);
-- By a planner of the unit or of one above; the manager who asked is none, nor his superior.
SELECT grant_duty('regress_b', 'B', 'planner'), grant_duty('regress_a2', 'A2', 'planner');
SELECT r AS role, public.applies(r, 1) FROM unnest('{a,a1,a2,b,money,eye,nobody}'::text[]) AS r;
SELECT public.error_for('a', 'SELECT apply_adjustment(1)');
-- Somebody moved the amount since: what is granted goes on top of it. 600 - 5 + 60; the two below get
-- 60 on top of what they have, 360 and 240: 396 and 264.
UPDATE targets SET amount = 595 WHERE unit_id = 2;
SAVEPOINT s;
SET LOCAL ROLE regress_cn;
SELECT * FROM apply_adjustment(1);
RESET ROLE;
SELECT public.request(1), public.amounts();
SELECT public.just_now(ended_at) AS now, decided_at IS NOT NULL AS decided FROM adjustments;
SELECT filing_id, adjustment_id, unit_id, amount_before, amount_after, public.just_now(filed_at) AS now,
	acknowledged_by, acknowledged_at, reference
FROM filings;
SELECT unit_id, entry, action, actor, public.told(details) AS details FROM ledger
WHERE action NOT IN ('plan_published', 'duty_granted') ORDER BY unit_id, entry;
SELECT unit, amount, children_amount, difference, from_adjustment FROM plan_balance ORDER BY unit_id;
SELECT public.broken();
-- Once.
SELECT public.error_for('cn', 'SELECT apply_adjustment(1)');
SELECT public.applies('super', 1);
ROLLBACK TO s;
-- All or nothing: the filing fails, or the ledger, or a child.
CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no %', TG_TABLE_NAME; END $$;
CREATE FUNCTION public.fails_with(relation text, condition text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	said text;
BEGIN
	EXECUTE format('CREATE TRIGGER no BEFORE INSERT OR UPDATE ON regtarget.%I FOR EACH ROW WHEN (%s) EXECUTE FUNCTION public.no()', relation, condition);
	said := public.applies('cn', 1);
	EXECUTE format('DROP TRIGGER no ON regtarget.%I', relation);
	RETURN concat_ws(' | ', said, public.request(1), public.amounts(), (SELECT count(*) FROM regtarget.filings));
END
$$;
SELECT public.fails_with('filings', 'true');
SELECT public.fails_with('ledger', 'NEW.unit_id = 5');
SELECT public.fails_with('targets', 'NEW.unit_id = 4');
SELECT public.fails_with('adjustments', 'true');
SELECT public.broken();
-- Nor is it half applied where somebody's own trigger keeps an amount as it was, the unit's or one below.
CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep BEFORE UPDATE ON targets FOR EACH ROW WHEN (NEW.unit_id = 2) EXECUTE FUNCTION public.keep();
SELECT public.error_for('cn', 'SELECT apply_adjustment(1)');
DROP TRIGGER keep ON targets;
CREATE TRIGGER keep BEFORE UPDATE ON targets FOR EACH ROW WHEN (NEW.unit_id = 4) EXECUTE FUNCTION public.keep();
SELECT public.applies('cn', 1), public.request(1), public.amounts();
DROP TRIGGER keep ON targets;
-- The superuser applies without any duty, and so does a planner of the unit itself.
SELECT public.applies('super', 1), public.request(1);
SELECT public.asks('a2', 'A2', '0.01'), public.signs('a', 2), public.signs('cn', 2), public.applies('a2', 2);
-- Not what was refused, withdrawn or has lapsed; nothing, nobody's, null.
SELECT public.asks('a1', 'A1', '0.01'), public.refuses('a', 3), public.applies('cn', 3);
SELECT public.asks('a1', 'A1', '0.01'), public.withdraws('a1', 4), public.applies('cn', 4);
SELECT public.asks('a1', 'A1', '0.01'), public.signs('a', 5), public.signs('cn', 5);
SELECT public.asks('b', 'B', '0.01'), public.signs('cn', 6), public.withdraws('b', 6), public.applies('cn', 6);
SELECT close_period('2025Q3');
SELECT public.applies('cn', 5), public.applies('cn', 99),
	public.as_role('cn', 'SELECT apply_adjustment(NULL)');
SELECT public.request(adjustment_id) FROM adjustments ORDER BY adjustment_id;
SELECT adjustment_id, amount_before, amount_after FROM filings ORDER BY filing_id;
SELECT public.broken();

ROLLBACK;
