-- V3, X: nobody signs a request of his own, not with the role that asked and not with the login that asked, under
-- whatever role, unless the login is one that many people share.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set valve :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :valve
\set ECHO all

-- One login that is a member of three group roles.
CREATE ROLE regress_anna LOGIN IN ROLE regress_a1, regress_a, regress_cn;
CREATE ROLE regress_web LOGIN IN ROLE regress_a1, regress_a, regress_cn;
CREATE ROLE regress_carl LOGIN IN ROLE regress_cn;
INSERT INTO shared_logins VALUES ('regress_web');
SELECT refusal('INSERT INTO shared_logins VALUES ('''')') AS empty;
GRANT EXECUTE ON FUNCTION refusal(text), error_of(text) TO PUBLIC;

SET LOCAL SESSION AUTHORIZATION regress_anna;
SET LOCAL ROLE regress_a1;
SELECT request_adjustment('A1', -0.10, 'r', '2025-07-15');
SELECT public.error_of('SELECT countersign(1, true)');
SET LOCAL ROLE regress_a;
SELECT public.error_of('SELECT countersign(1, true)');
SET LOCAL ROLE regress_cn;
SELECT public.refusal('SELECT countersign(1, false)');
SET LOCAL ROLE NONE;
SELECT public.refusal('SELECT countersign(1, true)');
-- Whoever may fill the list is its owner, not she.
SELECT public.refusal('INSERT INTO shared_logins VALUES (''regress_anna'')');
-- Somebody else does, with his own login.
SET LOCAL SESSION AUTHORIZATION regress_carl;
SET LOCAL ROLE regress_cn;
SELECT countersign(1, true);
RESET SESSION AUTHORIZATION;
SELECT requested_by, requested_login FROM adjustments;
SELECT unit_id, signed_by, signed_login FROM signatures ORDER BY level;

-- A shared login: the role in force tells who acts.
SET LOCAL SESSION AUTHORIZATION regress_web;
SET LOCAL ROLE regress_a1;
SELECT request_adjustment('A1', -0.05, 'r', '2025-08-15');
SELECT public.refusal('SELECT countersign(2, true)');
SET LOCAL ROLE regress_a;
SELECT countersign(2, true);
SET LOCAL ROLE regress_cn;
SELECT countersign(2, true);
SELECT amount FROM apply_adjustment(2);
RESET SESSION AUTHORIZATION;
SELECT DISTINCT action, actor, login FROM ledger WHERE login <> session_user AND unit_id = 4 ORDER BY 1, 2;

-- A request from before logins were kept is signed by the role alone.
SET LOCAL session_replication_role = replica;
UPDATE adjustments SET requested_login = NULL WHERE adjustment_id = 1;
SET LOCAL session_replication_role = origin;
SET LOCAL SESSION AUTHORIZATION regress_anna;
SET LOCAL ROLE regress_a;
SELECT countersign(1, true);
RESET SESSION AUTHORIZATION;
SELECT ok, detail FROM verify('{ledger}');

ROLLBACK;
