-- V1: the new amount is rounded towards the old one, to the step; worked out by hand. The change is
-- measured from the baseline, and goes on top of the amount that there is.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- A1's baseline is 360, its step 0.01: 0.1234567 of it is 44.444412.
CREATE FUNCTION public.change_of(change text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	said text := public.asks('a1', 'A1', change);
	made text;
BEGIN
	IF said ~ '^\d+$' THEN
		made := public.request(said::bigint);
		PERFORM public.withdraws('a1', said::bigint);
		RETURN made;
	END IF;
	RETURN said;
END
$$;
SELECT public.change_of(c) FROM unnest('{0.1234567,-0.1234567,0.1234999,-0.1234999,0.00002778,-0.00002778,0.15,-0.15,1e-4,0.0999999999999999999999999}'::text[]) AS c;
-- A hair less than a step is nothing: 0.00002777 of 360 is 0.0099972; so is 1e-300.
SELECT c, public.change_of(c) FROM unnest('{0.00002777,-0.00002777,1e-300}'::text[]) AS c;
SELECT public.error_for('a1', $$SELECT request_adjustment('A1', 0.00002777, 'r', '2025-07-01')$$);
-- A hair more than the cap, but less than a step more, is the cap: 0.15002 of 360 is 54.0072; a step
-- more, 0.15003, is 54.0108: out.
SELECT c, public.change_of(c) FROM unnest('{0.15002,-0.15002,0.15003,-0.15003}'::text[]) AS c;

-- Applied, and asked again: the baseline is what it was. 360 + 44.44 - 36.36 (0.101 of 360).
SELECT public.asks('a1', 'A1', '0.1234567'), public.signs('a', public.last_of('A1')),
	public.signs('cn', public.last_of('A1')), public.applies('cn', public.last_of('A1'));
SELECT public.asks('a1', 'A1', '-0.101', '2025-08-01'), public.request(public.last_of('A1'));
-- A grant of less is rounded alike: 0.0999 of 360 is 35.964, so 404.44 - 35.96.
SELECT public.signs('a', public.last_of('A1'), '-0.0999'), public.signs('cn', public.last_of('A1')),
	public.applies('cn', public.last_of('A1'));
SELECT public.request(adjustment_id) FROM adjustments WHERE status = 'applied' ORDER BY 1;
SELECT amount_before, amount_after FROM filings ORDER BY filing_id;

-- Steps of 1000: of 360000, 0.0999 is 35964, so 35 steps; 0.0027 is 972, so none; the cap is 54.
SELECT close_period('2025Q3');
SELECT public.publish('2025Q4', '{1,1000000, 2,600000, 3,400000, 4,360000, 5,240000}', 1000);
SELECT c, public.asks('a1', 'A1', c, d), public.request(public.last_of('A1'))
FROM (VALUES ('0.0999', '2025-10-01'), ('-0.0999', '2025-11-01'), ('0.15', '2025-12-01')) AS v (c, d);
SELECT c, public.asks('a2', 'A2', c, '2025-10-01')
FROM unnest('{0.0041,-0.0041,0.1541,-0.1541,0.1542}'::text[]) AS c;
SELECT public.request(public.last_of('A2'));
-- Steps of 0.0001 and amounts of many digits: 0.05 of 99999999.9999 is 4999999.999995.
SELECT close_period('2025Q4');
SELECT public.publish('2026Q1', '{2,99999999.9999, 4,99999999.9999}', 0.0001);
SELECT public.asks('a1', 'A1', '0.05', '2026-01-01'), public.request(public.last_of('A1'));
SELECT public.asks('a1', 'A1', '-0.05', '2026-02-01'), public.request(public.last_of('A1'));
-- A baseline of 0 has nothing to move; one of a single step no room.
SELECT close_period('2026Q1');
SELECT public.publish('2026Q2', '{2,0.01, 4,0, 5,0.01}');
SELECT public.asks('a1', 'A1', '0.1', '2026-04-01'), public.asks('a2', 'A2', '0.1', '2026-04-01'),
	public.asks('a2', 'A2', '1', '2026-04-01');
SELECT public.broken();

ROLLBACK;
