-- The board tells a manager what a refusal would cost before he asks.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE VIEW public.board AS
SELECT unit, period, next_period, penalty_rate::real, denied_quarters AS brought, counts, denied_now AS now, rate_now::real,
	denied_if_refused AS refused, rate_if_refused::real, penalty_at_risk FROM credit_board ORDER BY period, unit_id;
-- Nothing behind, one refusal costs nothing yet.
SELECT * FROM public.board;
SELECT public.denied('b', 'B', '2025-07-01'), close_period('2025Q3'), public.plan('2025Q4');
-- B has one behind: the next refusal costs 5 % of a target like this one's.
SELECT * FROM public.board;
-- He asks: silence counts; it is as good as refused until somebody decides.
SELECT public.asks('b', 'B', '-0.10', '2025-10-01');
SELECT * FROM public.board WHERE unit = 'B';
-- Granted: it does not, and nothing that follows does.
SAVEPOINT s;
SELECT public.signs('cn', public.last_of('B'), '-0.01');
SELECT * FROM public.board WHERE unit = 'B';
SELECT public.denied('b', 'B', '2025-11-01');
SELECT * FROM public.board WHERE unit = 'B';
ROLLBACK TO s;
-- Refused: it is so.
SELECT public.refuses('cn', public.last_of('B'));
SELECT * FROM public.board WHERE unit = 'B';
SELECT close_period('2025Q4'), public.plan('2026Q1');
-- Now he pays, and is at risk of paying again: 5 % of 420.
SELECT * FROM public.board WHERE unit = 'B';
-- Upward requests and reviews put nothing at risk.
SELECT public.asks('b', 'B', '0.10', '2026-01-01'), public.refuses('cn', public.last_of('B'));
SELECT * FROM public.board WHERE unit = 'B';
-- Each sees his own and what is below; the figures are the same, whoever asks.
CREATE FUNCTION public.seen_by(role text) RETURNS text LANGUAGE sql
RETURN public.as_role(role, $$SELECT string_agg(concat_ws(' ', unit, counts, denied_quarters, denied_if_refused), ', ' ORDER BY unit_id) FROM regtarget.credit_board$$);
SELECT r AS role, public.seen_by(r) FROM unnest('{b,a,a1,cn,money,eye,nobody}'::text[]) AS r;
-- No next period: the board is there all the same.
SELECT close_period('2026Q1'), public.plan('2026Q2') <> '', close_period('2026Q2'), public.plan('2026Q3') <> '', close_period('2026Q3'), public.plan('2026Q4') <> '';
SELECT public.denied('a', 'A', '2026-10-01');
SELECT * FROM public.board;
SELECT public.error_for('cn', $$SELECT * FROM credit_outlook('2031Q1')$$);
SELECT public.as_role('cn', 'SELECT count(*) FROM credit_outlook(NULL)');
-- Two plans in one period: each unit once.
INSERT INTO units (unit_id, code) VALUES (50, 'HK');
SELECT public.publish('2026Q4', '{50,10}');
SELECT unit, count(*) FROM credit_board GROUP BY 1 ORDER BY 1;

ROLLBACK;
