-- C1: which quarters count against a unit, every case of the rule; as things stand, and once closed.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

-- A unit for each case, all of them b's; a and cn sign. In its name: what is to come out.
CREATE TABLE public.cases (unit_id int GENERATED ALWAYS AS IDENTITY (START 100), code text, counts boolean);
INSERT INTO public.cases (code, counts) VALUES ('applied', false), ('approved, withdrawn', false),
	('approved, lapsed', false), ('partly granted', false), ('rejected', true), ('rejected twice', true),
	('rejected, then approved', false), ('approved, then rejected', false), ('undecided', true), ('half signed', true),
	('withdrawn at once', false), ('withdrawn on the edge', false), ('withdrawn a moment later', true),
	('withdrawn at once, signed', true), ('withdrawn at once, then rejected', true),
	('rejected, then withdrawn at once', true), ('withdrawn at once, then undecided', true),
	('up, rejected', false), ('up, undecided', false), ('none', false), ('up applied, down rejected', true),
	('review, rejected', false), ('review, undecided', false), ('review approved, rejected', true),
	('review rejected, approved', false);
INSERT INTO units (unit_id, code, parent_id) SELECT unit_id, code, 2 FROM public.cases;
DO $$ BEGIN PERFORM grant_duty('regress_b', code, 'manager') FROM public.cases; END $$;
INSERT INTO plans (plan_id, period, root_unit_id, total) VALUES (10, '2025Q4', 1, 2500);
INSERT INTO targets (plan_id, unit_id, suggested) VALUES (10, 1, 2500), (10, 2, 2500);
INSERT INTO targets (plan_id, unit_id, suggested) SELECT 10, unit_id, 100 FROM public.cases;
SELECT publish_plan(10);

-- Steps in one letter each: - and + ask for a tenth less or more (the next month each), a and c sign, p
-- signs for a part, r refuses, x applies, w withdraws; 2 and 3: it was made 48 hours before that, or a moment
-- longer; v: a review bore it.
CREATE FUNCTION public.steps(unit text, letters text) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
	letter text;
	id bigint;
	month int := 9;
	said text;
BEGIN
	FOREACH letter IN ARRAY string_to_array(letters, NULL) LOOP
		IF letter IN ('-', '+') THEN
			month := month + 1;
		END IF;
		said := CASE letter
			WHEN '-' THEN public.asks('b', unit, '-0.10', format('2025-%s-15', month))
			WHEN '+' THEN public.asks('b', unit, '0.10', format('2025-%s-15', month))
			WHEN 'a' THEN public.signs('a', id) WHEN 'c' THEN public.signs('cn', id)
			WHEN 'p' THEN public.signs('a', id, '-0.001') WHEN 'r' THEN public.refuses('cn', id)
			WHEN 'x' THEN public.applies('cn', id) WHEN 'w' THEN public.withdraws('b', id)
			WHEN '2' THEN public.backdate(id, (SELECT ended_at FROM adjustments WHERE adjustment_id = id) - interval '48 hours')::text
			WHEN '3' THEN public.backdate(id, (SELECT ended_at FROM adjustments WHERE adjustment_id = id) - interval '48 hours 0.000001 seconds')::text
			WHEN 'v' THEN public.backdate(id, now(), 1)::text END;
		IF letter IN ('-', '+') THEN
			id := said;
		END IF;
		IF said LIKE '_____: %' THEN
			RETURN said;
		END IF;
	END LOOP;
	RETURN said;
END
$$;
SELECT code, public.steps(code, letters) FROM (VALUES ('applied', '-acx'), ('approved, withdrawn', '-acw'),
	('approved, lapsed', '-ac'), ('partly granted', '-pcx'), ('rejected', '-r'), ('rejected twice', '-r-r'),
	('rejected, then approved', '-r-ac'), ('approved, then rejected', '-ac-r'), ('undecided', '-'),
	('half signed', '-a'), ('withdrawn at once', '-w'), ('withdrawn on the edge', '-w2'),
	('withdrawn a moment later', '-w3'), ('withdrawn at once, signed', '-aw'),
	('withdrawn at once, then rejected', '-w-r'), ('rejected, then withdrawn at once', '-r-w'),
	('withdrawn at once, then undecided', '-w-'), ('up, rejected', '+r'), ('up, undecided', '+'),
	('up applied, down rejected', '+acx-r'), ('review, rejected', '-rv'), ('review, undecided', '-v'),
	('review approved, rejected', '-acv-r'), ('review rejected, approved', '-rv-ac')) AS v (code, letters);

-- As things stand: what the board tells, and what it should.
CREATE VIEW public.told_wrong AS
SELECT c.code, c.counts, b.counts AS told FROM public.cases c LEFT JOIN credit_board b ON b.unit = c.code
WHERE b.counts IS DISTINCT FROM c.counts;
SELECT * FROM public.told_wrong;
-- Silence that does not count; days of regret: none, three.
SAVEPOINT s;
UPDATE policies SET silence_counts = false;
SELECT * FROM public.told_wrong;
ROLLBACK TO s;
SAVEPOINT s;
UPDATE policies SET regret_days = 0;
SELECT * FROM public.told_wrong;
UPDATE policies SET regret_days = 3;
SELECT * FROM public.told_wrong;
-- A policy that comes into force within the quarter does not judge it.
UPDATE policies SET regret_days = 2;
INSERT INTO policies (effective_from, silence_counts) VALUES ('2025-10-02', false);
SELECT * FROM public.told_wrong;
ROLLBACK TO s;

-- Closed: the standings of the next quarter say the same, of everybody.
SELECT close_period('2025Q4');
SELECT c.code, s.denied_quarters, s.penalty_rate FROM public.cases c LEFT JOIN standings s ON s.unit_id = c.unit_id AND s.period = '2026Q1'
WHERE (s.denied_quarters, s.penalty_rate) IS DISTINCT FROM (c.counts::int, 0::numeric);
SELECT count(*), sum(denied_quarters) FROM standings WHERE period = '2026Q1';
SELECT status, count(*) FROM adjustments GROUP BY 1 ORDER BY 1;
-- (The moments that were moved above are not those of the ledger: check valve finds them, and no other anything.)
SELECT string_agg(check_name, ', ') AS broken FROM verify() WHERE NOT ok;

ROLLBACK;
