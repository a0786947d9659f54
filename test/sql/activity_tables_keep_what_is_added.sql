-- What somebody adds to the tables of activity is respected as by any statement: columns with and
-- without a default, generated ones, constraints, indexes, triggers; and with the owner's rights,
-- whoever writes the facts.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');

-- Constraints, for a single row as for many.
ALTER TABLE activity_deltas ADD CONSTRAINT few CHECK (visits < 3);
SELECT * FROM error_of('INSERT INTO visits (unit_id, visited_on) SELECT 1, ''2025-07-01'' FROM generate_series(1, 3)');
SELECT * FROM error_of('INSERT INTO visits (unit_id, visited_on) SELECT g % 2 + 1, ''2025-07-01'' FROM generate_series(1, 6) g');
ALTER TABLE activity_deltas DROP CONSTRAINT few;

-- Columns, one of them gone again.
ALTER TABLE activity_deltas ADD gone text, ADD note text, ADD number int NOT NULL DEFAULT 6 * 7;
ALTER TABLE activity_deltas DROP gone;
ALTER TABLE activity_days ADD gone text, ADD note text, ADD number int NOT NULL DEFAULT 6 * 7,
	ADD weekday int GENERATED ALWAYS AS (extract(isodow FROM day)) STORED;
ALTER TABLE activity_days DROP gone;
ALTER TABLE activity_months ADD serial int GENERATED ALWAYS AS IDENTITY;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
INSERT INTO visits (unit_id, visited_on) SELECT 2, date '2025-07-01' + g FROM generate_series(1, 2) g;
TABLE activity_deltas ORDER BY day;
SELECT fold_activity();
UPDATE activity_days SET note = 'kept' WHERE unit_id = 1;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
SELECT fold_activity();
SELECT unit_id, day, visits, note, number, weekday FROM activity_days ORDER BY day;
SELECT unit_id, visits, serial FROM activity_months ORDER BY unit_id;
SELECT * FROM verify('{activity}');

-- Triggers, when a writer of facts makes them fire as when somebody folds.
CREATE TABLE public.seen (tab text, op text, by name, visits int);
CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.seen VALUES (TG_TABLE_NAME, TG_OP, current_user, coalesce(NEW.visits, OLD.visits));
	RETURN NULL;
END
$$;
CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON activity_deltas FOR EACH ROW EXECUTE FUNCTION public.see();
CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON activity_days FOR EACH ROW EXECUTE FUNCTION public.see();
CREATE ROLE writer_of_visits;
GRANT USAGE ON SCHEMA regtarget TO writer_of_visits;
GRANT INSERT ON visits TO writer_of_visits;
CREATE POLICY all_of_them ON visits TO writer_of_visits USING (true);
SET LOCAL ROLE writer_of_visits;
INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (2, '2025-07-05');
RESET ROLE;
SELECT setval('activity_ticks', 20000);
SET LOCAL ROLE writer_of_visits;
INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (1, '2025-07-01');
RESET ROLE;
INSERT INTO visits (unit_id, visited_on) VALUES (2, '2025-07-05');
SELECT fold_activity();
SELECT tab, op, by = current_user AS by_owner, visits, count(*) FROM public.seen GROUP BY tab, op, by, visits ORDER BY 1, 2, 3, 4;
SELECT * FROM verify('{activity}');

-- On a table that holds no facts its function says what is wrong.
CREATE TRIGGER mine AFTER INSERT ON units FOR EACH STATEMENT EXECUTE FUNCTION keep_activity();
SELECT public.refusal('INSERT INTO units SELECT * FROM units WHERE false');

ROLLBACK;
