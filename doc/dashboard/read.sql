-- Reads the database for `make` (psql's variables: here, work, role): page.json and, of it, body.
SET search_path = pg_catalog;
SET client_min_messages = warning;
-- A wide statement over few rows: compiling it would take longer than running it.
SET jit = off;
\if :{?role}
SET ROLE :"role";
\endif
\set dashboard :here /dashboard.sql
\set tables :here /tables.sql
\set json :work /page.json
\set body :work /body

-- A release without backtests and shadow plans has none to show; nor has a company whose past cannot be split, as psql then says.
\set no_backtest '(SELECT NULL::text AS method, NULL::int AS depth, NULL::float8 AS error WHERE false)'
\set no_shadow '(SELECT NULL::int AS unit_id, NULL::text AS unit, NULL::text AS name, NULL::text AS period, NULL::text AS month, NULL::numeric AS management, NULL::numeric AS engine, NULL::numeric AS actual, NULL::text AS closer, NULL::boolean AS is_over, NULL::date AS starts_on, NULL::date AS ends_on WHERE false)'
SELECT CASE WHEN to_regprocedure('regtarget.backtest_summary(text, text, text, jsonb)') IS NULL THEN :'no_backtest'
		ELSE 'regtarget.backtest_summary(e.period, e.period, e.unit)' END AS backtest,
	CASE WHEN to_regclass('regtarget.shadow_comparison') IS NULL THEN :'no_shadow' ELSE 'regtarget.shadow_comparison' END AS shadow \gset
\set ON_ERROR_STOP off
\o :json
\i :dashboard
\set failed :ERROR
\set ON_ERROR_STOP on
\if :failed
\set backtest :no_backtest
\o :json
\i :dashboard
\endif
\o
\set page `cat :'json'`
\o :body
\i :tables
