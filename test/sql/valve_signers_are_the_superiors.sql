-- V2, V3: a signature for each superior unit up to the root that has a manager or planner other than
-- who asks; signed by one of them, or, when it has nobody left, by one of a unit above.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- Everybody above, nearest first; only managers and planners count.
SELECT public.asks('a1', 'A1', '0.01'), public.signatures(public.last_of('A1'));
SELECT public.asks('a', 'A', '0.01'), public.signatures(public.last_of('A'));
-- A has finance and a viewer only: it signs nothing, and neither does it for A2.
SAVEPOINT s;
SELECT revoke_duty('regress_a', 'A', 'manager'), grant_duty('regress_money', 'A', 'finance'),
	grant_duty('regress_eye', 'A', 'viewer');
SELECT public.asks('a2', 'A2', '0.01'), public.signatures(public.last_of('A2'));
SELECT public.signs('money', public.last_of('A2')), public.signs('eye', public.last_of('A2')),
	public.signs('a', public.last_of('A2')), public.signs('nobody', public.last_of('A2'));
ROLLBACK TO s;
-- Nobody at all: an error that names the unit.
SAVEPOINT s;
SELECT revoke_duty('regress_a', 'A', 'manager'), revoke_duty('regress_cn', 'CN', 'planner');
SELECT public.error_for('a2', $$SELECT request_adjustment('A2', 0.1, 'r', '2025-07-01')$$);
ROLLBACK TO s;
-- The top has nobody above it.
SELECT grant_duty('regress_cn', 'CN', 'manager');
SELECT public.asks('cn', 'CN', '0.01');

-- At most sign_levels.
SAVEPOINT s;
UPDATE policies SET sign_levels = 1;
SELECT public.asks('a2', 'A2', '0.01'), public.signatures(public.last_of('A2'));
SELECT public.signs('cn', public.last_of('A2')), public.signs('a', public.last_of('A2'));
-- Of those that have somebody.
SELECT revoke_duty('regress_a', 'A', 'manager');
SELECT public.asks('a2', 'A2', '0.01', '2025-08-01'), public.signatures(public.last_of('A2'));
ROLLBACK TO s;

-- Each signs his own row, in any order; planners of a unit as its managers; nobody else's.
SELECT public.last_of('A1') AS id \gset
SELECT r AS role, public.signs(r, :id) FROM unnest('{a1,a2,b,money,eye,super}'::text[]) AS r;
SELECT public.error_for('b', format('SELECT countersign(%s, true)', :id));
SELECT public.error_for('eye', format('SELECT countersign(%s, true)', :id));
SELECT public.signs('cn', :id), public.signatures(:id);
SELECT public.signs('a', :id), public.signatures(:id), public.request(:id);
SELECT public.just_now(signed_at) AS now, count(*) FROM signatures WHERE adjustment_id = :id GROUP BY 1;

-- Who asks and is a superior, too: where he is the only one there is no row; where another is, there
-- is one, which is not his to give.
SAVEPOINT s;
SELECT grant_duty('regress_a2', 'A', 'planner'), revoke_duty('regress_a', 'A', 'manager');
SELECT public.asks('a2', 'A2', '0.01'), public.signatures(public.last_of('A2'));
SELECT grant_duty('regress_a', 'A', 'manager');
SELECT public.asks('a2', 'A2', '0.01', '2025-08-01'), public.signatures(public.last_of('A2'));
SELECT public.error_for('a2', format('SELECT countersign(%s, true)', public.last_of('A2')));
SELECT public.refuses('a2', public.last_of('A2')), public.signs('a', public.last_of('A2'));
ROLLBACK TO s;

-- One call signs all rows that are the caller's: a planner of both.
SAVEPOINT s;
SELECT grant_duty('regress_cn', 'A', 'planner');
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.signs('cn', public.last_of('A2')), public.signatures(public.last_of('A2'));
ROLLBACK TO s;

-- A superior who leaves in the middle: the unit above signs for it, only then.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
SELECT revoke_duty('regress_a', 'A', 'manager');
SELECT public.signs('a', :id), public.signs('b', :id);
SELECT public.signs('cn', :id), public.signatures(:id), public.request(:id);
ROLLBACK TO s;
-- He who is left at A is the one who asks: that is nobody.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
SELECT revoke_duty('regress_a', 'A', 'manager'), grant_duty('regress_a2', 'A', 'manager');
SELECT public.signs('a2', :id), public.signs('cn', :id), public.signatures(:id);
ROLLBACK TO s;
-- His role is dropped, his duty still on record.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
DROP OWNED BY regress_a;
DROP ROLE regress_a;
SELECT public.signs('cn', :id), public.signatures(:id), public.request(:id);
SELECT public.asks('a2', 'A2', '0.01', '2025-08-01'), public.signatures(public.last_of('A2'));
ROLLBACK TO s;
-- His successor signs.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
SELECT revoke_duty('regress_a', 'A', 'manager'), grant_duty('regress_b', 'A', 'manager');
SELECT public.signs('b', :id), public.signs('cn', :id), public.signatures(:id);
ROLLBACK TO s;
-- The last of the top leaves: nobody is above; the request waits, and may be withdrawn.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
SELECT revoke_duty('regress_cn', 'CN', 'planner'), revoke_duty('regress_cn', 'CN', 'manager');
SELECT public.signs('a', :id), public.signs('cn', :id), public.signatures(:id);
SELECT public.signs('super', :id), public.withdraws('a2', :id);
ROLLBACK TO s;
-- Who asked is dropped: his request is still there to sign and to apply.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
DROP OWNED BY regress_a2;
DROP ROLE regress_a2;
SELECT public.signs('a', :id), public.signs('cn', :id), public.applies('cn', :id);
SELECT requested_by, status FROM adjustments WHERE adjustment_id = :id;
ROLLBACK TO s;

-- A unit closed in the middle, its superior too: whoever has the duty signs, the target is still there.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
UPDATE units SET closed_on = '2025-07-16' WHERE unit_id IN (2, 4, 5);
SELECT public.signs('a', :id), public.signs('cn', :id), public.applies('cn', :id);
SELECT public.asks('a2', 'A2', '0.01', '2025-08-01');
ROLLBACK TO s;
-- A unit that moves in the middle: the signatures are those that were asked for.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
UPDATE units SET parent_id = 3 WHERE unit_id = 5;
SELECT public.signs('b', :id), public.signs('a', :id), public.signs('cn', :id), public.signatures(:id);
ROLLBACK TO s;

-- A duty counts for roles that inherit it; for one that does not, once it is set.
SAVEPOINT s;
CREATE ROLE regress_deputy IN ROLE regress_a;
CREATE ROLE regress_clerk NOINHERIT IN ROLE regress_a, regress_eye;
GRANT USAGE ON SCHEMA regtarget TO regress_clerk;
GRANT EXECUTE ON FUNCTION countersign TO regress_clerk;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.last_of('A2') AS id \gset
SELECT public.signs('clerk', :id), public.signs('deputy', :id), public.signatures(:id);
SELECT public.asks('a2', 'A2', '0.01', '2025-08-01');
SELECT public.last_of('A2') AS id \gset
GRANT regress_clerk TO CURRENT_USER;
SET LOCAL ROLE regress_clerk;
SET LOCAL ROLE regress_a;
SELECT countersign(:id, true);
RESET ROLE;
SELECT public.signatures(:id);
ROLLBACK TO s;
-- A superuser does not sign without a duty on record, though he is in every role; with one he does;
-- but not a request of his own.
SAVEPOINT s;
SELECT public.asks('a2', 'A2', '0.01');
SELECT public.signs('super', public.last_of('A2'));
SELECT grant_duty(current_user, 'A', 'manager'), grant_duty(current_user, 'B', 'manager'),
	grant_duty(current_user, 'CN', 'manager');
SELECT public.signs('super', public.last_of('A2')) AS both;
SELECT public.asks('super', 'B', '0.01'), public.signatures(public.last_of('B'));
SELECT public.signs('super', public.last_of('B')), public.refuses('super', public.last_of('B'));
ROLLBACK TO s;
-- Even where he is the only one: then there is nobody to sign.
SAVEPOINT s;
SELECT revoke_duty('regress_cn', 'CN', 'planner'), revoke_duty('regress_cn', 'CN', 'manager'),
	grant_duty(current_user, 'CN', 'planner'), grant_duty(current_user, 'B', 'manager');
SELECT split_part(public.asks('super', 'B', '0.01'), ':', 1);
ROLLBACK TO s;
SELECT public.broken();

ROLLBACK;
