-- verify() sees where activity is not what the facts are, and rebuild_activity() makes it so: after
-- writes behind the triggers' backs, as a subscriber or a replica-role session has them.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A'), (2, 'B');
SELECT rebuild_activity();
INSERT INTO visits (unit_id, visited_on) SELECT 1 + g % 2, date '2025-06-28' + g FROM generate_series(1, 4) g;
INSERT INTO deals (unit_id, closed_on, won, amount) VALUES (1, '2025-07-01', true, 12.5);
SELECT fold_activity();
INSERT INTO revenues (unit_id, booked_on, amount) VALUES (2, '2025-07-01', 3);
SELECT * FROM verify('{activity}');

CREATE FUNCTION public.found_after(damage text) RETURNS TABLE (finds text, rebuilt text) LANGUAGE plpgsql
AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	EXECUTE damage;
	SET LOCAL session_replication_role = origin;
	SELECT detail INTO finds FROM verify('{activity}');
	SELECT rebuild_activity() || ' unit-days' INTO rebuilt;
	SELECT rebuilt || ', ' || CASE WHEN ok THEN 'right' ELSE detail END INTO rebuilt FROM verify('{activity}');
	RAISE EXCEPTION USING MESSAGE = coalesce(finds, 'nothing') || '|' || rebuilt;
EXCEPTION WHEN raise_exception THEN
	RETURN QUERY SELECT split_part(SQLERRM, '|', 1), split_part(SQLERRM, '|', 2);
END
$$;
SELECT damage, finds, rebuilt FROM (VALUES
	(1, 'SELECT 1'),
	(2, 'INSERT INTO visits (unit_id, visited_on) VALUES (2, ''2025-07-09'')'),
	(3, 'UPDATE deals SET amount = 12.500000000001'),
	(4, 'UPDATE deals SET won = false'),
	(5, 'DELETE FROM visits WHERE visit_id = 1'),
	(6, 'TRUNCATE revenues'),
	(7, 'DELETE FROM activity_days WHERE day = ''2025-06-30'''),
	(8, 'UPDATE activity_months SET visits = visits + 1 WHERE month = ''2025-06-01'' AND unit_id = 2'),
	(9, 'DELETE FROM activity_months WHERE month = ''2025-07-01'' AND unit_id = 1'),
	(10, 'DELETE FROM activity_deltas'),
	(11, 'INSERT INTO activity_deltas TABLE activity_deltas'),
	(12, 'UPDATE activity_deltas SET revenue_amount = 4'),
	(13, 'UPDATE source_days SET rows = rows + 1 WHERE fact = ''visits'' AND day = ''2025-06-30'''),
	(14, 'DELETE FROM source_deltas'),
	(15, 'INSERT INTO signals (unit_id, signal, as_of, value) VALUES (1, ''tilt'', ''2025-07-02'', 1)')
) AS d (n, damage), LATERAL public.found_after(damage) ORDER BY n;
SELECT * FROM verify('{activity}');

ROLLBACK;
