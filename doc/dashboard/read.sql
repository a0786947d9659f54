-- Reads the database for `make` (psql's variables: here, work, role): page.json and, of it, body.
SET search_path = pg_catalog;
\if :{?role}
SET ROLE :"role";
\endif
\set past 'SELECT NULL::text AS period, NULL::float8 AS error_engine, NULL::float8 AS error_previous, NULL::float8 AS error_official WHERE false'
\set dashboard :here /dashboard.sql
\set tables :here /tables.sql
\set json :work /page.json
\set body :work /body
\o :json
\i :dashboard
\o
\set page `cat :'json'`
\o :body
\i :tables
