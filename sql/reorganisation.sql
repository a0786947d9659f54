-- reorganisation: published targets that move in their plan, amounts that go from one to another, and what was
-- reorganised, read from the ledger.  Units move in units.sql.

CREATE FUNCTION regtarget.move_target(unit text, parent text, period text, reason text) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_move_target';
COMMENT ON FUNCTION regtarget.move_target(text, text, text, text) IS
'A published target goes, with all below it, under another one of its plan: the targets above it give up its figures on the old way and take them on the new, up to the first common one, which stays as it is. Penalties stay. By a planner of the common one. Returns how many targets changed. Errors: 42704 unknown unit or period; 42501 a unit not visible, or not a planner of the common one; 22023 a null, an empty reason, the plan''s root, no target in the same plan, a baseline that would fall below 0; 55000 nothing published, closed, below that parent already, an open request of a target that changes; 23514 below itself (targets_tree), or a cap that would not hold (targets_cap).';

CREATE FUNCTION regtarget.transfer_target(from_unit text, to_unit text, period text, amount numeric, reason text) RETURNS int
LANGUAGE c VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_transfer_target';
COMMENT ON FUNCTION regtarget.transfer_target(text, text, text, numeric, text) IS
'A part of one published target becomes another''s, as customers change hands: the targets on the way up from the one give the amount, those on the way from the other take it, up to the first above both, which stays as it is. By a planner of that one. Returns how many targets changed. Errors: 42704 unknown unit or period; 42501 a unit not visible, or not a planner of the common one; 22023 a null, an empty reason, an amount that is not above 0 and on the step, no target in the same plan, a baseline that would fall below 0; 55000 nothing published, closed, an open request of a target that changes; 23514 a cap that would not hold (targets_cap).';

CREATE VIEW regtarget.reorganisations WITH (security_invoker = true) AS
SELECT l.unit_id, l.entry, u.code AS unit, u.name,
	CASE l.action WHEN 'unit_moved' THEN 'unit moved' WHEN 'target_moved' THEN 'target moved'
		WHEN 'amount_transferred' THEN 'amount transferred' WHEN 'succession_recorded' THEN 'succession recorded'
		ELSE 'succession removed' END AS kind,
	regtarget.local_time(l.at) AS happened_at, l.actor AS done_by,
	CASE WHEN l.action IN ('target_moved', 'amount_transferred') THEN l.details ->> 'why' END AS why,
	CASE WHEN l.action = 'unit_moved' THEN (l.details ->> 'on')::date END AS on_day,
	l.details ->> 'period' AS period,
	CASE WHEN l.action = 'unit_moved' THEN l.details ->> 'from' ELSE f.code END AS from_unit,
	CASE WHEN l.action = 'unit_moved' THEN l.details ->> 'to' ELSE t.code END AS to_unit,
	(l.details ->> 'moved')::numeric(19, 4) AS amount,
	(l.details ->> 'share')::numeric(19, 18) AS share
FROM regtarget.ledger l
JOIN regtarget.units u ON u.unit_id = l.unit_id
LEFT JOIN regtarget.units f ON to_jsonb(f.unit_id) = l.details -> 'from'
LEFT JOIN regtarget.units t ON to_jsonb(t.unit_id) = l.details -> 'to'
WHERE l.action IN ('unit_moved', 'succession_recorded', 'succession_removed')
	OR l.action IN ('target_moved', 'amount_transferred') AND l.details -> 'of' = to_jsonb(l.unit_id);

COMMENT ON VIEW regtarget.reorganisations IS 'Units and targets that moved, amounts that were transferred, successions: when, who, why, figures; read from the ledger';
COMMENT ON COLUMN regtarget.reorganisations.unit_id IS 'The unit that moved, whose target moved, that gave the amount (the one that took it where the giver stands above), or that goes on from another';
COMMENT ON COLUMN regtarget.reorganisations.entry IS 'Entry of its chain in the ledger';
COMMENT ON COLUMN regtarget.reorganisations.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.reorganisations.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.reorganisations.kind IS 'unit moved, target moved, amount transferred, succession recorded or succession removed';
COMMENT ON COLUMN regtarget.reorganisations.happened_at IS 'When it was done, in the time zone of the policy';
COMMENT ON COLUMN regtarget.reorganisations.done_by IS 'Role that was in force';
COMMENT ON COLUMN regtarget.reorganisations.why IS 'The reason that was given; null for a unit that moved and for successions';
COMMENT ON COLUMN regtarget.reorganisations.on_day IS 'The day from which a unit is below its new parent; else null';
COMMENT ON COLUMN regtarget.reorganisations.period IS 'Key of the period; null for a unit that moved and for successions';
COMMENT ON COLUMN regtarget.reorganisations.from_unit IS 'Code of the old parent, of the unit that gave the amount, or of the predecessor; null: the top or, but for a unit that moved, one not visible';
COMMENT ON COLUMN regtarget.reorganisations.to_unit IS 'Code of the new parent, of the unit that took the amount, or that goes on; null: the top or, but for a unit that moved, one not visible';
COMMENT ON COLUMN regtarget.reorganisations.amount IS 'What went from one way to the other; null for a unit that moved and for successions';
COMMENT ON COLUMN regtarget.reorganisations.share IS 'What part of the predecessor''s history goes on in the unit; null for all but a succession recorded';
