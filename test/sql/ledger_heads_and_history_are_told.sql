-- L: ledger_digest() gives the heads of chains to keep elsewhere; target_history every change of an
-- amount, when, by whom, why, before and after.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT * FROM ledger_digest();
SELECT apply_profile() <> '' AS applied;
INSERT INTO periods VALUES ('P', '[2025-07-01,2025-10-01)');
INSERT INTO units (unit_id, code, name, parent_id) VALUES (1, 'CN', 'China', NULL), (2, 'A', NULL, 1), (3, 'B', 'Bee', 1);
DELETE FROM factors;
INSERT INTO factors (signal) VALUES ('market');
INSERT INTO signals (unit_id, signal, as_of, value) VALUES (2, 'market', '2025-01-01', 1),
	(3, 'market', '2025-01-01', 1);
SELECT count(*) FROM allocate_targets('P', 100, step => 0.0001);
SELECT publish_plan(1);
UPDATE targets SET amount = amount + 1.5 WHERE unit_id = 2;
UPDATE targets SET amount = amount - 0.0001 WHERE unit_id > 1;

SELECT d.unit_id, d.unit, d.entries, d.head = encode(l.hash, 'hex') AS head
FROM ledger_digest() AS d JOIN ledger l ON l.unit_id = d.unit_id AND l.entry = d.entries ORDER BY d.unit_id;
SELECT unit_id, unit, entries, length(head) FROM ledger_digest('A');
SELECT unit_id, unit, entries, head FROM ledger_digest('CN');
SELECT ledger_digest('B') = (SELECT d FROM ledger_digest() AS d WHERE d.unit = 'B') AS same;
SELECT error_of($$SELECT ledger_digest('X')$$);
SELECT refusal($$SELECT ledger_digest('')$$) AS empty, refusal($$SELECT ledger_digest('cn')$$) AS case;

SELECT target_id, entry, plan_id, period, unit_id, unit, name, changed_by = session_user AS mine, why, adjustment_id,
	before, after, change FROM target_history ORDER BY target_id, entry;
-- The moment is that of the entry, in the company's time zone, whatever the session's.
UPDATE policies SET timezone = 'Asia/Shanghai';
SET LOCAL TimeZone = 'America/New_York';
SELECT count(*) FROM target_history h JOIN ledger l ON l.unit_id = h.unit_id AND l.entry = h.entry
WHERE h.changed_at = l.at AT TIME ZONE 'Asia/Shanghai';

ROLLBACK;
