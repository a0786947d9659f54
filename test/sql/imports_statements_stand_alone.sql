-- A statement's rows are its own: savepoints, statements within statements, several views in one statement.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile();
INSERT INTO units_in (code) VALUES ('A');

SAVEPOINT s;
INSERT INTO deals_in (source, source_id, unit) VALUES ('x', '1', 'A'), ('x', '2', 'B');
ROLLBACK TO s;
SELECT (SELECT count(*) FROM deals) AS deals, (SELECT count(*) FROM import_rejects) AS rejects;
-- A statement that fails on the way leaves nothing behind, and the next one starts anew.
SELECT * FROM public.error_of($$INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'x', g, 'A', 1 / (5 - g) FROM generate_series(1, 9) g$$);
INSERT INTO deals_in (source, source_id, unit) VALUES ('x', '3', 'A');
SELECT source_id FROM deals;
RELEASE s;

-- A function that loads, called by the rows of a load, one that fails and is caught among them.
CREATE FUNCTION pg_temp.visit(n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO visits_in VALUES ('x', n, 'A', NULL, NULL, '2025-01-01');
	INSERT INTO deals_in (source, source_id, unit) VALUES ('inner', n, 'A'), ('inner', 'bad' || n, 'Z');
	BEGIN
		INSERT INTO visits_in SELECT 'x', 'never', 'A', NULL, NULL, (1 / (n - n))::text;
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
	RETURN n;
END $$;
INSERT INTO deals_in (source, source_id, unit) SELECT 'outer', pg_temp.visit(g), 'A' FROM generate_series(1, 3) g;
SELECT source, source_id FROM deals ORDER BY 1, 2;
SELECT count(*) AS visits FROM visits;
SELECT line, row ->> 'source_id' AS source_id FROM import_rejects ORDER BY reject_id;

-- Two views, and one of them twice, in one statement.
WITH a AS (INSERT INTO visits_in VALUES ('cte', '1', 'A', NULL, NULL, '2025-01-01') RETURNING source_id),
	b AS (INSERT INTO deals_in (source, source_id, unit) VALUES ('cte', '1', 'A'), ('cte', '2', 'Y') RETURNING source_id),
	c AS (INSERT INTO deals_in (source, source_id, unit) SELECT 'cte', '3', 'A' FROM a RETURNING source_id)
SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT count(*) FROM c);
SELECT 'deal' AS what, source_id FROM deals WHERE source = 'cte' UNION ALL SELECT 'visit', source_id FROM visits WHERE source = 'cte' ORDER BY 1, 2;
-- Nothing at all.
INSERT INTO deals_in (source) SELECT 'x' WHERE false;

-- What nobody could foresee: the owner's own constraint and trigger. The rows at fault stand alone.
ALTER TABLE deals ADD CONSTRAINT no_seven CHECK (amount <> 7);
CREATE FUNCTION public.no_nine() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.amount = 9 THEN RAISE EXCEPTION 'nine is not taken here' USING DETAIL = 'It never was.'; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER no_nine BEFORE INSERT OR UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION public.no_nine();
INSERT INTO deals_in (source, source_id, unit, amount) SELECT 'own', g, 'A', g FROM generate_series(1, 20) g;
SELECT count(*), sum(amount) FROM deals WHERE source = 'own';
SELECT line, reason FROM import_rejects WHERE source = 'own' ORDER BY line;

ROLLBACK;
