-- V6: the unit that asked takes its request back, before it is applied.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- By a manager of the unit, whoever he is; nobody else.
SELECT public.asks('a2', 'A2', '0.10');
SELECT r AS role, public.withdraws(r, 1) FROM unnest('{a,a1,cn,b,money,eye,super,nobody}'::text[]) AS r;
SELECT public.error_for('a', 'SELECT withdraw_adjustment(1)');
SELECT grant_duty('regress_b', 'A2', 'manager');
SELECT public.withdraws('b', 1), public.request(1);
SELECT public.just_now(ended_at) AS now, decided_at, granted FROM adjustments;
SELECT unit_id, action, actor, public.told(details) AS details FROM ledger WHERE action LIKE 'adjustment%' ORDER BY entry;
-- Half signed, and approved.
SELECT public.asks('a2', 'A2', '0.10'), public.signs('a', 2), public.withdraws('a2', 2), public.request(2), public.signatures(2);
SELECT public.asks('a2', 'A2', '0.10'), public.signs('a', 3), public.signs('cn', 3, '0.05'), public.withdraws('a2', 3), public.request(3);
SELECT public.amounts(), (SELECT count(*) FROM filings) AS filings;
-- Not twice, not once it is applied, refused, or has lapsed.
SELECT public.error_for('a2', 'SELECT withdraw_adjustment(3)');
SELECT public.asks('a2', 'A2', '0.10'), public.signs('a', 4), public.signs('cn', 4), public.applies('cn', 4);
SELECT public.error_for('a2', 'SELECT withdraw_adjustment(4)');
SELECT public.asks('a1', 'A1', '0.10'), public.refuses('a', 5), public.withdraws('a1', 5);
SELECT public.asks('a1', 'A1', '0.10', '2025-09-30');
SELECT close_period('2025Q3');
SELECT public.withdraws('a1', 6), public.request(6);
-- Object, duty, argument, state.
SELECT public.as_role('a1', 'SELECT withdraw_adjustment(99)'), public.withdraws('a1', 4), public.withdraws('a', 4),
	public.as_role('a1', 'SELECT withdraw_adjustment(NULL)');
SELECT public.broken();

ROLLBACK;
