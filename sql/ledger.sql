-- ledger: a chain of hashes a unit, of every step and every change of a published amount.

-- No CHECK: only functions write, verify() sees everything, and the server would read each one's
-- expression from the catalog again in every statement, which costs more than the row.
CREATE TABLE regtarget.ledger (
	unit_id  int NOT NULL,
	entry    bigint NOT NULL,
	at       timestamptz NOT NULL,
	actor    text NOT NULL,
	action   text NOT NULL,
	details  jsonb NOT NULL,
	previous bytea NOT NULL,
	hash     bytea NOT NULL,
	login    text,
	PRIMARY KEY (unit_id, entry)
);

COMMENT ON TABLE regtarget.ledger IS 'What happened, a chain of entries a unit: every step of the valve, every change of a published amount, publishing and closing. Written by functions alone; never changed.';
COMMENT ON COLUMN regtarget.ledger.unit_id IS 'Unit whose chain it is; 0: the company''s own';
COMMENT ON COLUMN regtarget.ledger.entry IS 'Number in the chain, from 1 without gaps';
COMMENT ON COLUMN regtarget.ledger.at IS 'When it was written';
COMMENT ON COLUMN regtarget.ledger.actor IS 'Role in force';
COMMENT ON COLUMN regtarget.ledger.action IS 'What was done: amount_changed, plan_published and so on';
COMMENT ON COLUMN regtarget.ledger.details IS 'The particulars, by action';
COMMENT ON COLUMN regtarget.ledger.previous IS 'Hash of the entry before; empty for the first';
COMMENT ON COLUMN regtarget.ledger.hash IS 'SHA-256 over the hash before and all of the entry';
COMMENT ON COLUMN regtarget.ledger.login IS 'Login of who did it, whatever role was in force; null: an entry from before it was kept';

CREATE FUNCTION regtarget.guard_ledger() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_ledger';
COMMENT ON FUNCTION regtarget.guard_ledger() IS 'Trigger: the ledger is written by functions alone, and no entry is changed or removed (55000)';

CREATE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.ledger
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_ledger();
CREATE TRIGGER ledger_guard_truncate BEFORE TRUNCATE ON regtarget.ledger
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_ledger();

-- Every change of a published amount, by whatever statement, and every standing that says something.

CREATE FUNCTION regtarget.log_amounts() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_log_amounts';
COMMENT ON FUNCTION regtarget.log_amounts() IS 'Trigger: each change of a published amount is an entry of the ledger';

CREATE TRIGGER targets_log AFTER UPDATE ON regtarget.targets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.log_amounts();

CREATE FUNCTION regtarget.log_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_log_standings';
COMMENT ON FUNCTION regtarget.log_standings() IS 'Trigger: each standing with denied quarters or a penalty is an entry of the ledger';

CREATE TRIGGER standings_log AFTER INSERT ON regtarget.standings
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION regtarget.log_standings();

CREATE FUNCTION regtarget.ledger_digest(unit text DEFAULT NULL)
RETURNS TABLE (unit_id int, unit text, entries bigint, head text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_ledger_digest';
COMMENT ON FUNCTION regtarget.ledger_digest(text) IS
'How many entries each chain of the ledger has and the hash of its last, in hexadecimal: keep them elsewhere, because a chain cannot show that its end was cut off or that all of it was written anew. unit: the chain of one unit; null: all that have entries, unit_id 0 being the company''s own. Error 42704 for an unknown unit.';

-- Every change of an amount, read from the ledger.  OFFSET makes a plain column of the target's id: row security lets
-- the planner look up a key, not what functions make of the ledger.  Requests and whose they are are looked up likewise, for it
-- takes the changes to be one or two.
CREATE VIEW regtarget.target_history WITH (security_invoker = true) AS
SELECT t.target_id, l.entry, t.plan_id, t.period, t.unit_id, u.code AS unit, u.name,
	regtarget.local_time(l.at) AS changed_at, l.actor AS changed_by,
	l.details ->> 'why' AS why, l.adjustment_id,
	(l.details ->> 'before')::numeric(19, 4) AS before, (l.details ->> 'after')::numeric(19, 4) AS after,
	((l.details ->> 'after')::numeric - (l.details ->> 'before')::numeric)::numeric(20, 4) AS change,
	a.reason, a.requested_by,
	(SELECT string_agg(s.signed_by, ', ' ORDER BY s.level) FROM regtarget.signatures s
		WHERE s.adjustment_id = l.adjustment_id AND s.approved) AS signed_by,
	(w.row).region AS region, asking.code AS requested_for
FROM regtarget.units u
CROSS JOIN LATERAL (
	SELECT l.unit_id, l.entry, l.at, l.actor, l.details,
		CASE jsonb_typeof(l.details -> 'target_id') WHEN 'number' THEN (l.details -> 'target_id')::bigint END AS target_id,
		CASE jsonb_typeof(l.details -> 'adjustment_id') WHEN 'number' THEN (l.details -> 'adjustment_id')::bigint END AS adjustment_id
	FROM regtarget.ledger l
	WHERE l.unit_id = u.unit_id AND l.details ?& '{target_id,before,after,why}'
		AND l.details -> 'before' <> l.details -> 'after' OFFSET 0
) AS l
JOIN regtarget.targets t ON t.target_id = l.target_id AND t.unit_id = l.unit_id
CROSS JOIN LATERAL (SELECT regtarget.place_in_plan(t.plan_id, t.unit_id) AS row OFFSET 0) AS w
LEFT JOIN LATERAL (
	SELECT a.unit_id, a.reason, a.requested_by FROM regtarget.adjustments a WHERE a.adjustment_id = l.adjustment_id OFFSET 0
) AS a ON true
LEFT JOIN LATERAL (SELECT q.code FROM regtarget.units q WHERE q.unit_id = a.unit_id OFFSET 0) AS asking ON true;

COMMENT ON VIEW regtarget.target_history IS 'Every change of a published amount: when, who, why, before and after; read from the ledger';
COMMENT ON COLUMN regtarget.target_history.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_history.entry IS 'Entry of the unit''s chain in the ledger: orders the changes of a target';
COMMENT ON COLUMN regtarget.target_history.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_history.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_history.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_history.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_history.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_history.changed_at IS 'When, in the time zone of the policy';
COMMENT ON COLUMN regtarget.target_history.changed_by IS 'Role that was in force';
COMMENT ON COLUMN regtarget.target_history.why IS 'adjustment: one was applied, here or above; respread: the children followed their parent again; update: a statement by hand; the reason given where targets moved or amounts were transferred';
COMMENT ON COLUMN regtarget.target_history.adjustment_id IS 'The adjustment that was applied; null: none';
COMMENT ON COLUMN regtarget.target_history.before IS 'Amount before';
COMMENT ON COLUMN regtarget.target_history.after IS 'Amount after';
COMMENT ON COLUMN regtarget.target_history.change IS 'after - before';
COMMENT ON COLUMN regtarget.target_history.reason IS 'Why the adjustment was asked for; null without one, and for one of a unit that is not visible';
COMMENT ON COLUMN regtarget.target_history.requested_by IS 'Role that asked';
COMMENT ON COLUMN regtarget.target_history.signed_by IS 'Roles that approved it, nearest superior first';
COMMENT ON COLUMN regtarget.target_history.region IS 'Code of the unit''s region in the plan; see target_board';
COMMENT ON COLUMN regtarget.target_history.requested_for IS 'Code of the unit whose adjustment moved the amount: its own, or one above it';

SELECT pg_catalog.pg_extension_config_dump('regtarget.ledger', '');

-- Row security: only the owner, superusers and roles that bypass it see what no policy shows.

-- The company's own chain, unit 0, is for those with a duty at the top.
-- What was put on record of a shadow plan is there for whoever sees the plan: its planners, and others once it is revealed.
ALTER TABLE regtarget.ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.ledger FOR SELECT
USING (regtarget.sees_unit(unit_id) AND CASE WHEN action = 'shadow_allocated'
	THEN regtarget.sees_target((details ->> 'plan_id')::bigint, unit_id) ELSE true END);
