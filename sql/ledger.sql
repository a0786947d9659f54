-- ledger: a chain of hashes a unit, of every step and every change of a published amount.

CREATE TABLE regtarget.ledger (
	unit_id  int NOT NULL CHECK (unit_id >= 0),
	entry    bigint NOT NULL CHECK (entry >= 1),
	at       timestamptz NOT NULL,
	actor    text NOT NULL,
	action   text NOT NULL CHECK (action <> ''),
	details  jsonb NOT NULL CHECK (jsonb_typeof(details) = 'object'),
	previous bytea NOT NULL,
	hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
	PRIMARY KEY (unit_id, entry),
	CONSTRAINT ledger_previous CHECK (octet_length(previous) = CASE entry WHEN 1 THEN 0 ELSE 32 END)
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

CREATE FUNCTION regtarget.guard_ledger() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_ledger';
COMMENT ON FUNCTION regtarget.guard_ledger() IS 'Trigger: the ledger is written by functions alone, and no entry is changed or removed (55000)';

CREATE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.ledger
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_ledger();
CREATE TRIGGER ledger_guard_truncate BEFORE TRUNCATE ON regtarget.ledger
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_ledger();

SELECT pg_catalog.pg_extension_config_dump('regtarget.ledger', '');
