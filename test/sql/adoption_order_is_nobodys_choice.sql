-- An order of adoption: the figures are those of the generator's own description, worked out in Python.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

SELECT apply_profile() <> '' AS applied \gset
INSERT INTO units (code) VALUES ('CN');
INSERT INTO units (code, parent_id) SELECT c, 1 FROM unnest('{EAST,SOUTH,NORTH,CENTRAL,SOUTHWEST,MINGAN,NORTHEAST,NORTHWEST}'::text[]) c;

SELECT * FROM draw_adoption_order('{EAST,SOUTH,NORTH,CENTRAL,SOUTHWEST,MINGAN,NORTHEAST,NORTHWEST}', 20260101);
-- Nobody moves ahead by being named first.
SELECT string_agg(unit, ' ' ORDER BY place) FROM draw_adoption_order('{NORTHWEST,SOUTHWEST,SOUTH,NORTHEAST,NORTH,MINGAN,EAST,CENTRAL}', 20260101);
SELECT seed, string_agg(unit, ' ' ORDER BY place) FROM unnest('{0,1,-1,2147483647,-2147483648}'::int[]) seed,
	draw_adoption_order('{CENTRAL,EAST,MINGAN,NORTH}', seed) GROUP BY seed ORDER BY seed;
SELECT * FROM draw_adoption_order('{EAST}', 1);
SELECT * FROM draw_adoption_order('{}', 1);
-- Each has each place about as often: 2,000 draws, 250 a place expected, 15 its deviation.
SELECT unit, min(n) > 190 AND max(n) < 310 AS fair FROM (
	SELECT unit, place, count(*) AS n FROM generate_series(1, 2000) seed,
		draw_adoption_order('{EAST,SOUTH,NORTH,CENTRAL,SOUTHWEST,MINGAN,NORTHEAST,NORTHWEST}', seed) GROUP BY 1, 2) AS p
GROUP BY unit ORDER BY unit;

SELECT refusal(s) FROM unnest(ARRAY['SELECT draw_adoption_order(''{EAST,nowhere,EAST}'', 1)', 'SELECT draw_adoption_order(''{EAST,SOUTH,EAST}'', 1)',
	'SELECT draw_adoption_order(''{EAST,NULL}'', 1)', 'SELECT draw_adoption_order(''{{EAST},{SOUTH}}'', 1)', 'SELECT draw_adoption_order(NULL, 1)',
	'SELECT draw_adoption_order(''{EAST}'', NULL)']) s;
CREATE ROLE regress_east;
SELECT grant_duty('regress_east', 'EAST', 'manager');
SET LOCAL ROLE regress_east;
SELECT * FROM draw_adoption_order('{EAST}', 1);
SELECT public.refusal('SELECT regtarget.draw_adoption_order(''{EAST,SOUTH}'', 1)');
ROLLBACK;
