-- X: in force is the role whose rights PostgreSQL itself would check at that point of the call, whoever stands
-- outside: inside a SECURITY DEFINER function, a trigger, or a foreign key's action the role that it runs as.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set valve :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :valve
\set ECHO all

-- Low has no duty, but what he owns is used by others: here by the planner of all.
CREATE ROLE regress_low;
GRANT USAGE ON SCHEMA regtarget TO regress_low;
GRANT SELECT ON ALL TABLES IN SCHEMA regtarget TO regress_low;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA regtarget TO regress_low, regress_cn;
CREATE SCHEMA low AUTHORIZATION regress_low;
GRANT CREATE ON SCHEMA public TO regress_low;
SELECT asks('a1', 'A1', '-0.10') AS request;

-- What low would do with the rights of whoever comes along: each step of the workflow, duties, plans, settings.
CREATE TABLE low.acts (n int PRIMARY KEY, act text);
ALTER TABLE low.acts OWNER TO regress_low;
INSERT INTO low.acts VALUES
	(1, 'SELECT regtarget.grant_duty(''regress_low'', ''CN'', ''planner'')'),
	(2, 'SELECT regtarget.countersign(1, true)'),
	(3, 'SELECT count(*) FROM regtarget.allocate_targets(''2025Q4'', 1000)'),
	(4, 'SELECT regtarget.close_period(''2025Q3'')'),
	(5, 'SELECT regtarget.respread(1, ''A'')'),
	(6, 'SELECT regtarget.add_year(2031)'),
	(7, 'SELECT regtarget.apply_profile()'),
	(8, 'SELECT regtarget.request_adjustment(''B'', 0.05, ''r'', ''2025-07-15'')'),
	(9, 'SELECT regtarget.answer_target(1, true)'),
	(10, 'SELECT regtarget.withdraw_adjustment(1)'),
	(11, 'INSERT INTO regtarget.periods VALUES (''X'', ''[2030-01-01,2030-02-01)'')'),
	(12, 'UPDATE regtarget.units SET name = ''low'' WHERE unit_id = 1'),
	(13, 'SELECT regtarget.revoke_duty(''regress_b'', ''B'', ''manager'')');
CREATE FUNCTION low.act(act text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
AS $$
DECLARE
	rows bigint;
BEGIN
	EXECUTE act;
	GET DIAGNOSTICS rows = ROW_COUNT;
	RETURN CASE WHEN act ~ '^UPDATE' AND rows = 0 THEN 'no rows' ELSE 'done' END;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
ALTER FUNCTION low.act(text) OWNER TO regress_low;
GRANT USAGE ON SCHEMA low TO PUBLIC;
GRANT ALL ON low.acts TO regress_cn;

-- A SECURITY DEFINER function.
SET LOCAL ROLE regress_cn;
SELECT n, low.act(act) FROM low.acts ORDER BY n;
RESET ROLE;
-- Not even a superuser's rights reach inside.
SELECT string_agg(DISTINCT low.act(act), ', ') FROM low.acts;

-- A foreign key's ON DELETE CASCADE: PostgreSQL deletes as the owner of the table, whose BEFORE trigger acts for him.
CREATE TABLE low.parent (n int PRIMARY KEY);
CREATE TABLE low.child (n int REFERENCES low.parent ON DELETE CASCADE, said text);
CREATE TABLE low.seen (n int, said text);
CREATE FUNCTION low.before_delete() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO low.seen SELECT a.n, low.as_invoker(a.act) FROM low.acts a;
	RETURN OLD;
END
$$;
CREATE FUNCTION low.as_invoker(act text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE act;
	RETURN 'done as ' || current_user;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' as ' || current_user;
END
$$;
ALTER TABLE low.parent OWNER TO regress_low;
ALTER TABLE low.child OWNER TO regress_low;
ALTER TABLE low.seen OWNER TO regress_low;
ALTER FUNCTION low.before_delete() OWNER TO regress_low;
CREATE TRIGGER before_delete BEFORE DELETE ON low.child FOR EACH ROW EXECUTE FUNCTION low.before_delete();
GRANT ALL ON low.parent TO regress_cn;
INSERT INTO low.parent VALUES (1);
INSERT INTO low.child VALUES (1);
SET LOCAL ROLE regress_cn;
DELETE FROM low.parent;
RESET ROLE;
SELECT said, array_agg(n ORDER BY n) FROM low.seen GROUP BY said ORDER BY said;

-- A function of ours that fires a trigger of low's own, SECURITY DEFINER: low in there, whoever called ours; and
-- afterwards the caller again.
CREATE FUNCTION low.on_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
	INSERT INTO low.seen VALUES (0, low.act('SELECT regtarget.grant_duty(''regress_low'', ''CN'', ''planner'')')
		|| ' ' || (SELECT count(*) FROM regtarget.unit_tree));
	RETURN NULL;
END
$$;
ALTER FUNCTION low.on_request() OWNER TO regress_low;
CREATE TRIGGER on_request AFTER INSERT ON adjustments FOR EACH ROW EXECUTE FUNCTION low.on_request();
DELETE FROM low.seen;
SELECT asks('b', 'B', '0.05') AS request;
SELECT * FROM low.seen;
SELECT requested_by, requested_login = session_user AS login FROM adjustments ORDER BY adjustment_id;
SELECT action, actor, login = session_user AS login FROM ledger WHERE action LIKE 'adjustment%' ORDER BY unit_id DESC, entry;
DROP TRIGGER on_request ON adjustments;

-- A trigger of the owner's in the middle of a function of ours: no plain statement of his gets past the guards, the
-- function goes on as before, and what he calls he calls as himself.
CREATE FUNCTION public.on_sign() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
	INSERT INTO low.seen VALUES (1, public.refusal('UPDATE regtarget.adjustments SET reason = ''other'''));
	INSERT INTO low.seen VALUES (2, public.refusal('INSERT INTO regtarget.ledger SELECT * FROM regtarget.ledger'));
	INSERT INTO low.seen VALUES (3, public.refusal('UPDATE regtarget.plans SET status = ''closed'''));
	INSERT INTO low.seen VALUES (4, public.refusal('SELECT regtarget.answer_target(3, true)'));
	RETURN NULL;
END
$$;
CREATE TRIGGER on_sign AFTER UPDATE ON signatures FOR EACH ROW EXECUTE FUNCTION public.on_sign();
DELETE FROM low.seen;
SELECT refuses('cn', 2);
SELECT n, replace(said, session_user, 'owner') AS said FROM low.seen ORDER BY n;
DROP TRIGGER on_sign ON signatures;
-- A trigger of the owner's on the ledger does not break a plain UPDATE of an amount, nor what follows it.
CREATE FUNCTION public.on_entry() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
	IF NEW.unit_id = 3 THEN
		UPDATE regtarget.targets SET amount = amount + 1 WHERE plan_id = 1 AND unit_id = 4;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER on_entry AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION public.on_entry();
UPDATE targets SET amount = amount - 1 WHERE plan_id = 1 AND unit_id IN (3, 5);
SELECT amounts(), broken();
DROP TRIGGER on_entry ON ledger;

-- A view of low's own: functions in it run as whoever reads it, tables in it are read as low.
CREATE VIEW low.targets AS SELECT unit_id, amount FROM regtarget.targets;
CREATE VIEW low.tree AS SELECT a.ancestor AS unit FROM generate_series(1, 5) u, LATERAL regtarget.ancestors_of_unit(u) a WHERE a.distance = 0;
ALTER VIEW low.targets OWNER TO regress_low;
ALTER VIEW low.tree OWNER TO regress_low;
GRANT SELECT ON low.targets, low.tree TO PUBLIC;
SELECT as_role('b', 'SELECT string_agg(unit, '','' ORDER BY unit) FROM low.tree') AS manager,
	as_role('low', 'SELECT count(*) FROM low.tree') AS low;

-- A plan prepared by one role and executed by another; a cursor opened by one and read by another: the role that
-- runs it.
PREPARE tree AS SELECT string_agg(unit, ',' ORDER BY unit) FROM unit_tree;
PREPARE answer (bigint) AS SELECT answer_target($1, true);
EXECUTE tree;
SET LOCAL ROLE regress_b;
EXECUTE tree;
EXECUTE answer (3);
SET LOCAL ROLE regress_low;
EXECUTE tree;
SAVEPOINT s;
EXECUTE answer (3);
ROLLBACK TO s;
RESET ROLE;
DEALLOCATE ALL;
SELECT answered_by, answered_login = session_user AS login FROM answers;
DECLARE look CURSOR FOR SELECT unit FROM low.tree ORDER BY unit;
SET LOCAL ROLE regress_b;
FETCH ALL FROM look;
CLOSE look;
DECLARE look CURSOR FOR SELECT unit FROM low.tree ORDER BY unit;
RESET ROLE;
FETCH ALL FROM look;
CLOSE look;

-- An error in between, caught or not, leaves nothing behind: the next call asks for its own caller.
CREATE FUNCTION public.nested(n int) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
	IF n = 0 THEN
		RETURN regtarget.request_adjustment('B', 0.9, 'too much', '2025-08-15');
	END IF;
	RETURN nested(n - 1);
EXCEPTION WHEN check_violation THEN
	RETURN concat_ws(' ', n, current_user, public.refusal('SELECT regtarget.respread(1, ''A'')'));
END
$$;
SELECT as_role('b', 'SELECT nested(3)');
SET LOCAL ROLE regress_b;
SAVEPOINT s;
SELECT request_adjustment('B', 0.9, 'too much', '2025-08-15');
ROLLBACK TO s;
SELECT refusal('SELECT respread(1, ''A'')'), refusal('UPDATE adjustments SET reason = ''other''');
RESET ROLE;
SELECT broken();

ROLLBACK;
