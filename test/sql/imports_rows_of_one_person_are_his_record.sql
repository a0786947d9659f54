-- I4: rows of one person in one statement of assignments_in are his record for the span that they cover: what is on record
-- there otherwise goes, what is outside stays.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units_in (code) VALUES ('N'), ('S'), ('W');
INSERT INTO employees_in (source, source_id, email) VALUES ('hr', '1', '1@x.com'), ('hr', '2', NULL);
CREATE FUNCTION public.stays() RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(format('%s %s %s', e.source_id, u.code, a.during), ', ' ORDER BY e.source_id, a.during)
	FROM regtarget.assignments a JOIN regtarget.employees e USING (employee_id) JOIN regtarget.units u USING (unit_id));

-- HR corrects the day of a transfer, forwards and backwards, in either order of the rows; the same again changes nothing.
INSERT INTO assignments_in VALUES ('hr', '1', 'N', '2024-01-01', '2025-08-14'), ('hr', '1', 'S', '2025-08-15', NULL);
SELECT public.stays();
INSERT INTO assignments_in VALUES ('hr', '1', 'N', '2024-01-01', '2025-08-31'), ('hr', '1', 'S', '2025-09-01', NULL);
SELECT public.stays();
CREATE TEMP TABLE before AS SELECT ctid AS at FROM assignments;
SAVEPOINT s;
INSERT INTO assignments_in VALUES ('hr', '1', 'S', '2025-09-01', NULL), ('hr', '1', 'N', '2024-01-01', '2025-08-31');
SELECT count(*) FROM assignments a JOIN before b ON a.ctid = b.at;
ROLLBACK TO s;
INSERT INTO assignments_in VALUES ('hr', '1', 'S', '2025-07-01', NULL), ('hr', '1', 'N', '2024-01-01', '2025-06-30');
SELECT public.stays();
SELECT count(*) FROM import_rejects;

-- A first day that was wrong, a stay that never was, a unit in between; days before the span stay, days after it too.
CREATE FUNCTION public.after(VARIADIC rows text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	INSERT INTO regtarget.assignments_in SELECT 'hr', split_part(r, ' ', 1), split_part(r, ' ', 2), split_part(r, ' ', 3), split_part(r, ' ', 4) FROM unnest(rows) WITH ORDINALITY AS k(r, i) ORDER BY k.i;
	told := concat_ws(' | ', public.stays(), (SELECT string_agg('refused: ' || reason, '; ') FROM regtarget.import_rejects));
	RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = told;
EXCEPTION
	WHEN SQLSTATE 'ZZ999' THEN RETURN told;
END
$$;
DELETE FROM assignments;
INSERT INTO assignments_in VALUES ('hr', '1', 'N', '2024-01-01', '2024-06-30'), ('hr', '1', 'W', '2024-07-01', '2024-08-31'), ('hr', '1', 'S', '2024-09-01', NULL), ('hr', '2', 'W', '2024-01-01', NULL);
SELECT r.rows, public.after(VARIADIC string_to_array(r.rows, ', ')) AS stays FROM unnest(ARRAY[
	'1 N 2024-02-01 2024-06-30', '1 W 2024-09-15', '1 W 2024-03-01 2024-03-31', '1 N 2023-06-01', '1 N 2023-06-01 2023-12-31', '1 N 2024-01-01 2024-05-31', '1 N 2024-01-01 2024-07-31', '1 N 2024-01-01',
	'1 N 2024-01-01 2024-06-30, 1 S 2024-09-01 ', '1 N 2024-01-01 2024-06-30, 1 S 2024-10-01 ', '1 S 2024-07-01 2024-07-31, 1 N 2024-09-01 2024-09-30', '1 N 2025-01-01 2025-01-31, 1 W 2025-03-01 2025-03-31',
	'1 S 2024-01-01 ', '1 N 2024-07-01 2024-08-31', '1 W 2024-08-31 2024-09-01', '1 N 2024-06-30 2024-06-30', '2 S 2024-06-01 , 1 S 2024-06-01 2024-06-30']) WITH ORDINALITY AS r(rows, i) ORDER BY r.i;

-- A row that is refused may have been about the days in between: they stay as they are.
SELECT r.rows, public.after(VARIADIC string_to_array(r.rows, ', ')) AS stays FROM unnest(ARRAY[
	'1 N 2024-01-01 2024-06-30, 1 Z 2024-07-01 2024-08-31, 1 S 2024-10-01 ', '1 N 2024-01-01 2024-06-30, 1 N soon 2024-08-31, 1 S 2024-10-01 ', '1 N 2024-01-01 2024-06-30, 1@x.com N 2024-07-02 2024-07-01, 1 S 2024-10-01 ',
	'1 N 2024-01-01 2024-06-30, 2 Z 2024-07-01 2024-08-31, 1 S 2024-10-01 ', '1 N 2024-01-01 2024-06-30, 9 Z 2024-07-01 2024-08-31, 1 S 2024-10-01 ']) WITH ORDINALITY AS r(rows, i) ORDER BY r.i;

-- Rows of one statement that overlap: the later is refused; the last for a first day wins.
SELECT r.rows, public.after(VARIADIC string_to_array(r.rows, ', ')) AS stays FROM unnest(ARRAY[
	'1 N 2025-01-01 2025-06-30, 1 S 2025-06-30 2025-12-31', '1 S 2025-06-30 2025-12-31, 1 N 2025-01-01 2025-06-30', '1 N 2025-01-01 2025-06-30, 1 S 2025-01-01 2025-05-31, 1 W 2025-06-01 ',
	'1 N 2025-01-01 , 1 S 2025-03-01 ']) WITH ORDINALITY AS r(rows, i) ORDER BY r.i;

-- What is tried again came before what is on record: that stays, and the row is refused.
INSERT INTO assignments_in VALUES ('hr', '2', 'Z', '2024-03-01', '2024-03-31'), ('hr', '2', 'Z', '2023-01-01', '2023-12-31');
INSERT INTO units_in (code) VALUES ('Z');
SELECT retry_rejects();
SELECT public.stays();
SELECT line, reason FROM import_rejects ORDER BY reject_id;

-- A trigger of somebody's that refuses one row takes nothing else with it.
DELETE FROM import_rejects;
CREATE FUNCTION public.no_zone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.unit_id = (SELECT unit_id FROM regtarget.units WHERE code = 'Z') THEN RAISE 'not to Z'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no_zone BEFORE INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION public.no_zone();
INSERT INTO assignments_in VALUES ('hr', '1', 'N', '2024-01-01', '2024-07-31'), ('hr', '1', 'Z', '2024-08-01', '2024-08-31'), ('hr', '1', 'S', '2024-10-01', NULL);
SELECT public.stays();
SELECT line, reason FROM import_rejects ORDER BY reject_id;

ROLLBACK;
