-- Three regions, six groups, three quarters: a group moves in the middle of a quarter and its target follows, an amount
-- goes from one region to another, two groups become one.  Each figure of board, health, trend, balance and standings
-- worked out by hand.
--
--	CN = E (SH, HF) + M (WH, CS) + S (GZ, SZ)
--
-- On the 10th of each month from April to December, deals won and lost, and what the won ones come to:
--	SH 3, 1, 60    HF 1, 3, 40    WH 2, 2, 50    CS 1, 1, 30    GZ 1, 3, 30    SZ 3, 1, 30
-- In a quarter so: SH 180, HF 120, WH 150, CS 90, GZ 90, SZ 90; all 720.  WC, of WH and CS, from October: 3, 3, 90.
-- Health is the conversion rate alone, in per cent: SH 75, HF 25, WH 50, CS 50, GZ 25, SZ 75, WC 50.
--	E with HF 4 of 8: 50, without 3 of 4: 75.  M without HF 3 of 6: 50, with HF 4 of 10: 40.  S 4 of 8: 50; CN 11 of 22: 50.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all
SELECT apply_profile() <> '' AS applied;
DELETE FROM metrics; INSERT INTO metrics VALUES ('conversion_rate', 1, 0, 1);
DELETE FROM factors; INSERT INTO factors (signal, factor, weight) VALUES ('actual_previous', 'previous', 1);
SELECT add_year(2025), add_year(2026);
UPDATE months SET share = CASE right(month, 2)::int % 3 WHEN 0 THEN 0.4 ELSE 0.3 END;
INSERT INTO units (unit_id, code, kind, parent_id) VALUES (1, 'CN', 'company', NULL), (2, 'E', 'region', 1), (3, 'M', 'region', 1),
	(4, 'S', 'region', 1), (5, 'SH', 'group', 2), (6, 'HF', 'group', 2), (7, 'WH', 'group', 3), (8, 'CS', 'group', 3), (9, 'GZ', 'group', 4),
	(10, 'SZ', 'group', 4);
UPDATE units SET closed_on = '2025-09-30' WHERE code IN ('WH', 'CS');
INSERT INTO units (unit_id, code, kind, parent_id, opened_on) VALUES (11, 'WC', 'group', 3, '2025-10-01');
INSERT INTO deals (unit_id, closed_on, won, amount)
SELECT u.unit_id, make_date(2025, m, 10), n <= d.won, d.amount / d.won
FROM (VALUES ('SH', 3, 1, 60, 4, 12), ('HF', 1, 3, 40, 4, 12), ('WH', 2, 2, 50, 4, 9), ('CS', 1, 1, 30, 4, 9), ('GZ', 1, 3, 30, 4, 12),
	('SZ', 3, 1, 30, 4, 12), ('WC', 3, 3, 90, 10, 12)) AS d (code, won, lost, amount, from_month, to_month)
JOIN units u USING (code), generate_series(d.from_month, d.to_month) m, generate_series(1, d.won + d.lost) n;

CREATE FUNCTION public.by(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
BEGIN
	PERFORM set_config('role', 'regress_' || role, true);
	EXECUTE statement INTO said;
	PERFORM set_config('role', 'none', true);
	RETURN said;
END
$$;
CREATE FUNCTION public.typed(period text, amounts int[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	made bigint;
BEGIN
	INSERT INTO plans (period, root_unit_id, total, step) VALUES (period, 1, amounts[1], 1) RETURNING plan_id INTO made;
	INSERT INTO targets (plan_id, unit_id, suggested) SELECT made, u, amounts[u] FROM generate_subscripts(amounts, 1) u;
	PERFORM publish_plan(made);
END
$$;
INSERT INTO shared_logins VALUES (session_user);
CREATE ROLE regress_cn; CREATE ROLE regress_e; CREATE ROLE regress_m; CREATE ROLE regress_hf; CREATE ROLE regress_cs; CREATE ROLE regress_wc;
SELECT grant_duty('regress_cn', 'CN', 'planner'), grant_duty('regress_e', 'E', 'manager'), grant_duty('regress_m', 'M', 'manager'),
	grant_duty('regress_hf', 'HF', 'manager'), grant_duty('regress_cs', 'CS', 'manager'), grant_duty('regress_wc', 'WC', 'manager');
CREATE VIEW public.board AS
SELECT b.period, b.unit, p.code AS parent, b.suggested::int, b.penalty::int, b.baseline::int, b.amount::int, b.actual::int,
	round(b.attainment::numeric, 4) AS attainment, b.room_up::int, b.room_down::int
FROM target_board b JOIN targets t USING (target_id) LEFT JOIN units p ON p.unit_id = t.parent_unit_id ORDER BY b.period, b.unit_id;
CREATE VIEW public.balance AS
SELECT period, unit, amount::int, children_amount::int AS children, difference::int, from_penalty::int AS penalty, from_adjustment::int AS adjustment,
	from_rounding::int AS rounding FROM plan_balance ORDER BY period, unit_id;
CREATE FUNCTION public.pace(day date) RETURNS text LANGUAGE sql RETURN (
	SELECT string_agg(u.code || ' ' || round(s.value::numeric, 4), ', ' ORDER BY u.unit_id)
	FROM unit_signals(day) s JOIN units u USING (unit_id) WHERE s.signal = 'pace');

-- Second quarter.  CS and HF ask for a tenth less and are refused: a quarter against each.
SELECT public.typed('2025Q2', '{1200, 600, 400, 200, 360, 240, 250, 150, 120, 80}');
SELECT public.by('cs', $$SELECT regtarget.request_adjustment('CS', -0.10, 'why', '2025-04-15')$$),
	public.by('hf', $$SELECT regtarget.request_adjustment('HF', -0.10, 'why', '2025-04-15')$$);
SELECT public.by('cn', 'SELECT regtarget.countersign(1, false)'), public.by('cn', 'SELECT regtarget.countersign(2, false)');
-- SH 180 of 360; HF 120 of 240; E 300 of 600; WH 150 of 250; CS 90 of 150; M 240 of 400; GZ 90 of 120; SZ 90 of 80; S 180 of 200; CN 720 of 1200.
SELECT * FROM public.board;
SELECT * FROM public.balance;
SELECT close_period('2025Q2');
SELECT u.code, s.denied_quarters, s.penalty_rate FROM standings s JOIN units u USING (unit_id) WHERE s.period = '2025Q3' ORDER BY s.unit_id;

-- Third quarter.  HF asks for a twentieth less and gets it: 240 - 12; CS is refused again.
SELECT public.typed('2025Q3', '{1200, 600, 400, 200, 360, 240, 250, 150, 120, 80}');
SELECT public.by('hf', $$SELECT regtarget.request_adjustment('HF', -0.05, 'why', '2025-07-15')$$),
	public.by('cs', $$SELECT regtarget.request_adjustment('CS', -0.10, 'why', '2025-07-15')$$);
SELECT public.by('e', 'SELECT regtarget.countersign(3, true)'), public.by('cn', 'SELECT regtarget.countersign(3, true)'),
	public.by('cn', 'SELECT amount FROM regtarget.apply_adjustment(3)'), public.by('cn', 'SELECT regtarget.countersign(4, false)');
-- By 31 August six tenths are due, and two months are done.  SH 120 of 216; HF 80 of 136.8 (0.6 of 228, in steps 68 + 69 = 137);
-- E 200 of 360; WH 100 of 150; CS 60 of 90; M 160 of 240; GZ 60 of 72; SZ 60 of 48; S 120 of 120; CN 480 of 720.
SELECT public.pace('2025-08-31');
-- HF moves in the middle of the quarter: no figure of the plan does, pace neither.
SELECT move_unit('HF', 'M', '2025-08-15');
SELECT public.pace('2025-08-31');
SELECT * FROM public.board WHERE period = '2025Q3';
SELECT unit, month, actual::int FROM month_board WHERE period = '2025Q3' AND unit IN ('E', 'M') ORDER BY unit_id, month;
-- Nor the pace that a request is made with, for which E and M are read alone.
SELECT public.by('e', $$SELECT regtarget.request_adjustment('E', 0.01, 'why', '2025-08-31')$$), public.by('m', $$SELECT regtarget.request_adjustment('M', 0.01, 'why', '2025-08-31')$$);
SELECT u.code, round(a.pace::numeric, 4) AS pace FROM adjustments a JOIN units u USING (unit_id) WHERE a.status = 'requested' ORDER BY a.unit_id;
SELECT public.by('e', 'SELECT regtarget.withdraw_adjustment(5)'), public.by('m', 'SELECT regtarget.withdraw_adjustment(6)');
-- Its target follows: E gives up 240 of what was suggested and 228 of the amount, M takes them; three targets change.
SELECT public.by('cn', $$SELECT regtarget.move_target('HF', 'M', '2025Q3', 'led from Wuhan now')$$);
-- The stores of a chain, 50 of SH's, go to GZ: SH, E, GZ and S change, CN stays.
SELECT public.by('cn', $$SELECT regtarget.transfer_target('SH', 'GZ', '2025Q3', 50, 'a chain of stores')$$);
-- E 600 - 240 - 50 = 310, amount 600 - 228 - 50 = 322, done 180; M 400 + 240 = 640, amount 400 + 228 = 628, done 240 + 120 = 360;
-- S 250, GZ 170, SH 310.  Room up of E: 15 % of 310 is 46, less the 12 above the baseline; of M: 96 + 12.
SELECT * FROM public.board WHERE period = '2025Q3';
-- CN: 322 + 628 + 250 = 1200.  E: 310 below 322, because HF's own request had left E as it was.  M: 228 + 250 + 150 = 628.
SELECT * FROM public.balance WHERE period = '2025Q3';
-- The months too: 0.3, 0.3 and 0.4 of 322 and of 628 in whole steps; SH's 60 a month, and WH's 50, CS's 30 and HF's 40.
SELECT unit, month, amount::int, actual::int FROM month_board WHERE period = '2025Q3' AND unit IN ('E', 'M') ORDER BY unit_id, month;
-- A derivation tells what was published, then what has moved.
SELECT * FROM explain_target('M', '2025Q3');
SELECT * FROM explain_target('HF', '2025Q3');
-- SH 120 of 186; E 120 of 193 (0.6 of 322: 97 + 96); M 240 of 377 (188 + 189 of 628); GZ 60 of 102; S 120 of 150.
SELECT public.pace('2025-08-31');
SELECT close_period('2025Q3');
-- CS two running: 0.05.  HF was granted something: its run is broken.
SELECT u.code, s.denied_quarters, s.penalty_rate FROM standings s JOIN units u USING (unit_id) WHERE s.period = '2025Q4' ORDER BY s.unit_id;
-- WH and CS have become WC: it goes on with the longest run and the highest penalty, and with what both did.
INSERT INTO successions VALUES (11, 7, 1), (11, 8, 1);
SELECT close_period('2025Q3');
SELECT u.code, s.denied_quarters, s.penalty_rate FROM standings s JOIN units u USING (unit_id) WHERE s.period = '2025Q4' AND s.denied_quarters > 0 ORDER BY s.unit_id;
SELECT u.code, s.value FROM unit_signals('2025-10-01') s JOIN units u USING (unit_id) WHERE s.signal = 'actual_previous' ORDER BY u.unit_id;

-- Fourth quarter, 1440 by what the third brought, in the tree of 1 October: E 180, M 360, S 180 of 720: 360, 720, 360.
-- M 720 = HF 120 and WC 240 of 360: 240 and 480; WC's penalty is 24, and so its baseline 504.
SELECT u.code, p.code AS parent, t.suggested, t.penalty, t.baseline FROM allocate_targets('2025Q4', 1440, step => 1) t JOIN units u USING (unit_id)
LEFT JOIN units p ON p.unit_id = t.parent_unit_id ORDER BY t.unit_id;
SELECT publish_plan(max(plan_id)) FROM plans;
-- 30 of WC's go to HF, both below M, which stays; the penalty stays what it was published as.
SELECT public.by('cn', $$SELECT regtarget.transfer_target('WC', 'HF', '2025Q4', 30, 'customers along the river')$$);
SELECT public.by('wc', $$SELECT regtarget.request_adjustment('WC', -0.10, 'why', '2025-10-15')$$);
SELECT public.by('cn', 'SELECT regtarget.countersign(7, false)');
-- SH 180; HF 120 of 270; WC 270 of 474; M 390 of 720; E 180 of 360; S 180 of 360; CN 750 of 1440.
SELECT * FROM public.board WHERE period = '2025Q4';
SELECT * FROM public.balance WHERE period = '2025Q4';
SELECT * FROM explain_target('WC', '2025Q4');
SELECT public.by('cn', $$SELECT regtarget.move_target('HF', 'S', '2025Q4', 'for the rest of the year')$$);
SELECT unit, signal, round(share::numeric, 4) AS share, weight FROM target_breakdown WHERE unit = 'HF' AND period = '2025Q4';
SELECT * FROM explain_target('HF', '2025Q4');
-- Health of the regions on the first of each month, through that day's tree: the window of six months too.
SELECT month, string_agg(unit || ' ' || round(health::numeric, 4), ', ' ORDER BY unit_id) FROM health_trend
WHERE month BETWEEN '2025-05' AND '2026-01' AND unit_id < 5 GROUP BY month ORDER BY month;
SELECT month, string_agg(unit || ' ' || rank, ', ' ORDER BY unit_id) FROM health_trend
WHERE month IN ('2025-08', '2025-09', '2025-10', '2025-11') AND unit IN ('SH', 'HF', 'WH', 'CS', 'WC') GROUP BY month ORDER BY month;
SELECT unit, round(health::numeric, 4) AS health FROM unit_health('2025-11-01') ORDER BY unit_id;
-- The third quarter running that is refused.
SELECT close_period('2025Q4');
SELECT u.code, s.denied_quarters, s.penalty_rate FROM standings s JOIN units u USING (unit_id) WHERE s.period = '2026Q1' ORDER BY s.unit_id;
-- Nothing that was closed has changed, and all of it holds.
SELECT * FROM public.board WHERE period < '2025Q4';
SELECT unit, kind, why, on_day, period, from_unit, to_unit, amount, share FROM reorganisations ORDER BY happened_at, unit_id, entry;
SELECT * FROM verify() WHERE NOT ok;
ROLLBACK;
