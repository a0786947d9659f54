-- Tables shaped as targets, and what is written into them: the draft of the whole organisation.

CREATE TABLE bench.source AS
SELECT plan_id, unit_id, parent_unit_id, period, suggested, penalty, baseline, amount, cap FROM regtarget.targets
WITH NO DATA;

CREATE PROCEDURE bench.take_draft() LANGUAGE sql AS $$
TRUNCATE bench.source;
INSERT INTO bench.source
SELECT plan_id, unit_id, parent_unit_id, period, suggested, penalty, baseline, amount, cap FROM regtarget.targets;
$$;
SELECT count(*) FROM regtarget.allocate_targets('2025Q3', 123456789.01);
CALL bench.take_draft();
ANALYZE bench.source;

CREATE TABLE bench.bare (LIKE regtarget.targets INCLUDING ALL);
CREATE TABLE bench.noop (LIKE regtarget.targets INCLUDING ALL);
CREATE TABLE bench.heard (LIKE regtarget.targets INCLUDING ALL);
CREATE TABLE bench.lookup (LIKE regtarget.targets INCLUDING ALL);

CREATE TRIGGER noop BEFORE INSERT OR UPDATE OR DELETE ON bench.noop
FOR EACH ROW EXECUTE FUNCTION bench.noop();

-- The same, and somebody who hears of the rows, as the ledger does of what an UPDATE changes.
CREATE TRIGGER noop BEFORE INSERT OR UPDATE OR DELETE ON bench.heard
FOR EACH ROW EXECUTE FUNCTION bench.noop();
CREATE TRIGGER noop_after AFTER UPDATE ON bench.heard REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION bench.noop_after();

-- The rival that is quickest to write: the same rules, looked up for each row.
CREATE FUNCTION bench.guard_by_lookup() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	plan record;
	rate numeric;
BEGIN
	SELECT p.status, p.period, p.root_unit_id, p.step, p.cap INTO plan
	FROM regtarget.plans p WHERE p.plan_id = NEW.plan_id;
	IF plan.status NOT IN ('draft', 'proposed') THEN
		RAISE EXCEPTION 'a published plan takes no new targets';
	END IF;
	IF NEW.suggested < 0 OR NEW.suggested % plan.step <> 0 THEN
		RAISE EXCEPTION 'suggested is not a multiple of the step';
	END IF;
	SELECT u.parent_id INTO NEW.parent_unit_id FROM regtarget.units u WHERE u.unit_id = NEW.unit_id;
	SELECT s.penalty_rate INTO rate
	FROM regtarget.standings s WHERE s.unit_id = NEW.unit_id AND s.period = plan.period;
	NEW.penalty := round(NEW.suggested * coalesce(rate, 0) / plan.step) * plan.step;
	NEW.baseline := NEW.suggested + NEW.penalty;
	NEW.amount := NEW.baseline;
	NEW.cap := plan.cap;
	NEW.period := plan.period;
	RETURN NEW;
END
$$;
CREATE TRIGGER lookup BEFORE INSERT OR UPDATE ON bench.lookup
FOR EACH ROW EXECUTE FUNCTION bench.guard_by_lookup();

-- Empties a table and, if so wanted, fills it with the draft; no trigger in the way.
CREATE PROCEDURE bench.reset(target regclass, fill boolean) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE format('TRUNCATE %s', target);
	IF fill THEN
		EXECUTE format('INSERT INTO %s (plan_id, unit_id, parent_unit_id, period, suggested, penalty, baseline, amount, cap) '
			'SELECT * FROM bench.source', target);
	END IF;
END
$$;
