-- The tables of activity are the extension's own.  Whoever writes facts, folds or rebuilds is told what somebody has
-- added to one of them, instead of it being passed over or served; only indexes may be added.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) SELECT g, 'U' || g FROM generate_series(1, 50) g;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
SELECT fold_activity();

-- What each way of writing is refused with while a change is in force.
CREATE TABLE public.writes (no int, statement text);
INSERT INTO public.writes VALUES
	(1, 'INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (2, ''2025-07-01'')'),
	(2, 'INSERT INTO regtarget.visits (unit_id, visited_on) SELECT g, ''2025-07-01'' FROM generate_series(1, 3) g'),
	(3, 'INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u, date ''2025-01-01'' + d '
		'FROM generate_series(1, 50) u, generate_series(1, 90) d'),
	(4, 'DELETE FROM regtarget.visits'),
	(5, 'SELECT regtarget.fold_activity()'),
	(6, 'SELECT regtarget.rebuild_activity()');
GRANT SELECT ON public.writes TO public;
CREATE FUNCTION public.while_changed(change text) RETURNS TABLE (writes text, told text)
LANGUAGE plpgsql
AS $$
DECLARE
	w record;
BEGIN
	BEGIN
		EXECUTE change;
		FOR w IN SELECT * FROM public.writes ORDER BY no LOOP
			writes := concat_ws(' ', writes, w.no);
			told := concat_ws(e'\n', told, (SELECT string_agg(line, e'\n') FROM public.error_of(w.statement) AS line));
		END LOOP;
		RAISE EXCEPTION USING errcode = 'RGT01';
	EXCEPTION WHEN SQLSTATE 'RGT01' THEN
		NULL;
	END;
	RETURN QUERY SELECT writes, string_agg(DISTINCT line, e'\n' ORDER BY line) FROM regexp_split_to_table(told, e'\n') AS line;
END
$$;

-- Columns: with and without a default, generated, of an identity; on a table that this statement does not write, too.
SELECT * FROM while_changed('ALTER TABLE activity_deltas ADD note text');
SELECT * FROM while_changed('ALTER TABLE activity_days ADD number int NOT NULL DEFAULT 42');
SELECT * FROM while_changed('ALTER TABLE activity_days ADD weekday int GENERATED ALWAYS AS (extract(isodow FROM day)) STORED');
SELECT * FROM while_changed('ALTER TABLE activity_months ADD serial int GENERATED ALWAYS AS IDENTITY');
SELECT * FROM while_changed('ALTER TABLE source_deltas ADD note text');

-- A column of its own that was altered, or is gone.
SELECT * FROM while_changed('ALTER TABLE activity_months ALTER visits TYPE text');
SELECT * FROM while_changed('ALTER TABLE activity_months DROP lost');

-- Constraints, triggers of every kind, rules.
SELECT * FROM while_changed('ALTER TABLE activity_days ADD CONSTRAINT few CHECK (visits < 300)');
SELECT * FROM while_changed('ALTER TABLE activity_days ADD CONSTRAINT of_unit FOREIGN KEY (unit_id) REFERENCES units');
SELECT * FROM while_changed('CREATE TABLE public.beside (day date, unit_id int, '
	'CONSTRAINT beside_day FOREIGN KEY (day, unit_id) REFERENCES activity_days)');
CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
SELECT * FROM while_changed('CREATE TRIGGER see AFTER INSERT ON activity_deltas FOR EACH ROW EXECUTE FUNCTION public.see()');
SELECT * FROM while_changed('CREATE TRIGGER see BEFORE UPDATE ON activity_months FOR EACH STATEMENT EXECUTE FUNCTION public.see()');
SELECT * FROM while_changed('CREATE RULE also AS ON INSERT TO activity_days DO ALSO NOTHING');

-- The error names the table.
CREATE TRIGGER see AFTER INSERT ON activity_days FOR EACH ROW EXECUTE FUNCTION public.see();
DO $$
DECLARE
	named text;
	at text;
BEGIN
	INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	GET STACKED DIAGNOSTICS named = SCHEMA_NAME, at = TABLE_NAME;
	RAISE WARNING '%.%', named, at;
END
$$;
DROP TRIGGER see ON activity_days;

-- What is dropped again leaves nothing behind, and facts that add nothing are not refused at all.
ALTER TABLE activity_deltas ADD note text;
SELECT * FROM error_of('INSERT INTO deals (unit_id, opened_on, amount) VALUES (1, ''2025-07-01'', 5)');
ALTER TABLE activity_deltas DROP note;
ALTER TABLE activity_days ADD note text;
ALTER TABLE activity_days DROP note;
ALTER TABLE activity_months ADD note text NOT NULL DEFAULT 'x';
ALTER TABLE activity_months DROP note;
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
INSERT INTO visits (unit_id, visited_on) SELECT g, '2025-07-02' FROM generate_series(1, 3) g;
SELECT fold_activity();
INSERT INTO visits (unit_id, visited_on) VALUES (1, '2025-07-01');
SELECT fold_activity();
SELECT unit_id, day, visits FROM activity_days ORDER BY day, unit_id;
SELECT unit_id, month, visits FROM activity_months ORDER BY unit_id;

-- Indexes may be added, of any kind, and find what is written; the writer of facts needs no rights for that.
CREATE INDEX deltas_by_unit ON activity_deltas (unit_id);
CREATE INDEX days_by_month ON activity_days ((extract(year FROM day)), unit_id) WHERE visits > 0;
CREATE UNIQUE INDEX months_by_unit ON activity_months (unit_id, month);
CREATE ROLE writer_of_visits;
GRANT USAGE ON SCHEMA regtarget TO writer_of_visits;
GRANT INSERT ON visits TO writer_of_visits;
CREATE POLICY all_of_them ON visits TO writer_of_visits USING (true);
SET LOCAL ROLE writer_of_visits;
INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (4, '2025-07-05');
INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u, '2025-07-05' FROM generate_series(4, 6) u;
RESET ROLE;
SET LOCAL enable_seqscan = off;
SELECT unit_id, visits FROM activity_deltas WHERE unit_id > 3 ORDER BY unit_id, visits;
SELECT setval('activity_ticks', 20000);
SET LOCAL ROLE writer_of_visits;
INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (4, '2025-07-06');
RESET ROLE;
SELECT unit_id, day, visits FROM activity_days WHERE extract(year FROM day) = 2025 AND unit_id > 3 AND visits > 0 ORDER BY day, unit_id;
SELECT unit_id, month, visits FROM activity_months WHERE unit_id > 3 ORDER BY unit_id;
RESET enable_seqscan;
SELECT * FROM verify('{activity}');

-- On a table that holds no facts its function says what is wrong.
CREATE TRIGGER mine AFTER INSERT ON units FOR EACH STATEMENT EXECUTE FUNCTION keep_activity();
SELECT public.refusal('INSERT INTO units SELECT * FROM units WHERE false');

ROLLBACK;
