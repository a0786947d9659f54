-- X: what stands in somebody's search_path never runs with the owner's rights: operators and functions of the names
-- and types that our statements use, before pg_catalog's.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set valve :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :valve
\set ECHO all

SELECT setval('units_unit_id_seq', 100);
INSERT INTO factors (signal, factor) VALUES ('market', 'market');
INSERT INTO signals (unit_id, signal, as_of, value) SELECT unit_id, 'market', '2025-01-01', unit_id FROM units;
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
-- Every operator that PostgreSQL has for these types, and functions that our statements call without a schema:
-- each refuses to run as the owner, and else does what its namesake does.
DO $do$
DECLARE
	o record;
BEGIN
	FOR o IN SELECT p.oprname, p.oprleft::regtype AS l, p.oprright::regtype AS r, p.oprresult::regtype AS t, row_number() OVER () AS n
		FROM pg_operator p
		WHERE p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprkind = 'b'
			AND p.oprleft IN ('int4'::regtype, 'int8'::regtype, 'text'::regtype, 'name'::regtype, 'date'::regtype, 'numeric'::regtype,
				'float8'::regtype, 'timestamptz'::regtype, 'daterange'::regtype, 'bool'::regtype, 'jsonb'::regtype)
			AND p.oprright IN ('int4'::regtype, 'int8'::regtype, 'text'::regtype, 'name'::regtype, 'date'::regtype, 'numeric'::regtype,
				'float8'::regtype, 'timestamptz'::regtype, 'daterange'::regtype, 'bool'::regtype, 'jsonb'::regtype)
			AND p.oprname IN ('=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||', '@>', '<@', '&&', '->', '->>')
	LOOP
		EXECUTE format($f$CREATE FUNCTION evil.f%1$s(a %2$s, b %3$s) RETURNS %4$s LANGUAGE plpgsql SET search_path = pg_catalog AS $b$
			BEGIN
				IF current_user = (SELECT r.rolname FROM pg_roles r JOIN pg_namespace s ON s.nspowner OPERATOR(pg_catalog.=) r.oid
					WHERE s.nspname OPERATOR(pg_catalog.=) 'regtarget') THEN
					RAISE EXCEPTION 'operator %% of %% and %% ran as the owner', %5$L, %6$L, %7$L;
				END IF;
				RETURN a OPERATOR(pg_catalog.%5$s) b;
			END $b$$f$, o.n, o.l, o.r, o.t, o.oprname, o.l::text, o.r::text);
		EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.f%s)', o.oprname, o.l, o.r, o.n);
	END LOOP;
END
$do$;
CREATE FUNCTION evil.trap(name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
	IF current_user = (SELECT r.rolname FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_namespace s ON s.nspowner OPERATOR(pg_catalog.=) r.oid
		WHERE s.nspname OPERATOR(pg_catalog.=) 'regtarget') THEN
		RAISE EXCEPTION 'function % ran as the owner', name;
	END IF;
END
$$;
CREATE FUNCTION evil.lower(daterange) RETURNS date LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('lower'); RETURN pg_catalog.lower($1); END $$;
CREATE FUNCTION evil.upper(daterange) RETURNS date LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('upper'); RETURN pg_catalog.upper($1); END $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('now'); RETURN pg_catalog.now(); END $$;
CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('clock_timestamp'); RETURN pg_catalog.clock_timestamp(); END $$;
CREATE FUNCTION evil.abs(numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('abs'); RETURN pg_catalog.abs($1); END $$;
CREATE FUNCTION evil.array_position(int[], int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('array_position'); RETURN pg_catalog.array_position($1, $2); END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA evil TO PUBLIC;
-- The owner tries what he must find: the trap works.
SET LOCAL search_path = evil, regtarget, pg_catalog;
SAVEPOINT s;
SELECT 1 = 1;
ROLLBACK TO s;

-- Every view, every function that a duty may call (with nulls, then with the arguments of a quarter), the workflow, and
-- plain statements that triggers and row security look at.
CREATE TABLE public.tries (n serial, role text, statement text);
INSERT INTO public.tries (role, statement)
SELECT r, pg_catalog.format('SELECT pg_catalog.count(*) FROM regtarget.%I', v.relname)
FROM pg_catalog.pg_class v, pg_catalog.unnest('{cn,a,money}'::text[]) r
WHERE v.relnamespace OPERATOR(pg_catalog.=) 'regtarget'::regnamespace AND v.relkind OPERATOR(pg_catalog.=) ANY ('{v,r}'::"char"[])
ORDER BY r COLLATE "C", v.relname COLLATE "C";
INSERT INTO public.tries (role, statement) VALUES
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.unit_health(''2025-07-01'')'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.unit_signals(''2025-07-01'')'),
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.health_ranking(''2025-07-01'')'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.health_points(''2025-07-01'')'),
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.calibrate_metrics(''2025-07-01'')'),
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.period_actuals(''2025Q3'', ''2025-08-01'')'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.credit_outlook(''2025Q3'')'),
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.targets_due(''2025-08-01'')'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.explain_target(''A1'', ''2025Q3'')'),
	('cn', 'SELECT pg_catalog.count(*) FROM regtarget.ledger_digest()'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.verify()'),
	('cn', 'SELECT regtarget.health_row_of_unit(2, ''2025-07-01'')'), ('cn', 'SELECT regtarget.health_rank_of_unit(2, ''2025-07-01'')'),
	('cn', 'SELECT regtarget.health_of_unit(2, ''2025-07-01'')'), ('cn', 'SELECT regtarget.actuals_of_unit(2, ''2025Q3'', ''2025-08-01'')'),
	('cn', 'SELECT regtarget.outlook_of_unit(2, ''2025Q3'')'), ('cn', 'SELECT regtarget.place_of_unit(2)'), ('cn', 'SELECT regtarget.place_in_plan(1, 2)'), ('cn', 'SELECT regtarget.ancestors_of_unit(2)'),
	('cn', 'SELECT regtarget.months_of_target(''2025Q3'', 100, 1)'), ('cn', 'SELECT regtarget.due_of_target(''2025Q3'', 100, 1, ''2025-08-01'')'),
	('a1', 'SELECT regtarget.request_adjustment(''A1'', -0.10, ''r'', ''2025-07-15'')'),
	('a', 'SELECT regtarget.countersign(1, true, NULL, -0.05)'), ('cn', 'SELECT regtarget.countersign(1, true)'),
	('cn', 'SELECT amount FROM regtarget.apply_adjustment(1)'), ('money', 'SELECT regtarget.acknowledge_filing(1, ''x'')'),
	('a2', 'SELECT regtarget.request_adjustment(''A2'', 0.10, ''r'', ''2025-07-15'')'), ('a2', 'SELECT regtarget.withdraw_adjustment(2)'),
	('a2', 'SELECT regtarget.answer_target(5, true)'), ('cn', 'SELECT regtarget.respread(1, ''A'')'),
	('cn', 'SELECT regtarget.grant_duty(''regress_nobody'', ''A1'', ''viewer'')'), ('cn', 'SELECT regtarget.revoke_duty(''regress_nobody'', ''A1'', ''viewer'')'),
	('cn', 'INSERT INTO regtarget.units (code, parent_id) VALUES (''C'', 1)'), ('cn', 'UPDATE regtarget.units SET parent_id = 3 WHERE code OPERATOR(pg_catalog.=) ''C'''),
	('cn', 'DELETE FROM regtarget.units WHERE code OPERATOR(pg_catalog.=) ''C'''),
	('cn', 'INSERT INTO regtarget.bounds VALUES (''2025Q4'', 2, 1, 1000)'),
	('cn', 'INSERT INTO regtarget.units_in (code, parent) VALUES (''D'', ''B'')'),
	('cn', 'INSERT INTO regtarget.targets_in VALUES (''2025Q4'', ''CN'', ''100'')'),
	('money', 'INSERT INTO regtarget.revenues_in VALUES (''erp'', ''1'', ''A1'', NULL, NULL, ''2025-07-03'', ''100'')'),
	('cn', 'SELECT regtarget.close_period(''2025Q3'')'), ('cn', 'SELECT pg_catalog.count(*) FROM regtarget.allocate_targets(''2025Q4'', 1000, factors => ''{"market": 1}'')'),
	('cn', 'SELECT regtarget.propose_plan(2)'), ('cn', 'INSERT INTO regtarget.plans (period, root_unit_id, total) VALUES (''2026Q1'', 1, 100)'),
	('cn', 'INSERT INTO regtarget.targets (plan_id, unit_id, suggested) SELECT p.plan_id, 1, 100 FROM regtarget.plans p WHERE p.period OPERATOR(pg_catalog.=) ''2026Q1'''),
	('cn', 'DELETE FROM regtarget.plans WHERE period OPERATOR(pg_catalog.=) ''2026Q1'''), ('cn', 'SELECT regtarget.add_year(2027)'),
	('cn', 'SELECT regtarget.apply_profile()');
CREATE FUNCTION public.try_all() RETURNS TABLE (role text, statement text, said text) LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT x.role, x.statement FROM public.tries x ORDER BY x.n LOOP
		PERFORM pg_catalog.set_config('role', 'regress_' OPERATOR(pg_catalog.||) t.role, true);
		BEGIN
			EXECUTE t.statement;
			said := NULL;
		EXCEPTION WHEN OTHERS THEN
			said := SQLSTATE OPERATOR(pg_catalog.||) ': ' OPERATOR(pg_catalog.||) SQLERRM;
		END;
		PERFORM pg_catalog.set_config('role', 'none', true);
		role := t.role;
		statement := t.statement;
		RETURN NEXT;
	END LOOP;
END
$$;
CREATE TABLE public.said AS SELECT * FROM public.try_all();
SELECT role, statement, said FROM public.said WHERE said OPERATOR(pg_catalog.~) 'ran as the owner';
-- And they were tried indeed.
SELECT role, statement, said FROM public.said WHERE said IS NOT NULL AND said OPERATOR(pg_catalog.!~) 'permission denied' ORDER BY 1, 2;

ROLLBACK;
