-- adoption: which units work by the method since when, in an order that nobody chose, and what it did to them.

CREATE TABLE regtarget.adoptions (
	unit_id    int PRIMARY KEY,
	adopted_on date NOT NULL CHECK (isfinite(adopted_on))
);

COMMENT ON TABLE regtarget.adoptions IS 'Which units work by the method, and since when; adoption_effect() compares them with those that do not yet';
COMMENT ON COLUMN regtarget.adoptions.unit_id IS 'Unit: it and all below it have adopted';
COMMENT ON COLUMN regtarget.adoptions.adopted_on IS 'First day; it may lie ahead';

SELECT pg_catalog.pg_extension_config_dump('regtarget.adoptions', '');

CREATE FUNCTION regtarget.draw_adoption_order(units text[], seed int)
RETURNS TABLE (place int, unit text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_draw_adoption_order';
COMMENT ON FUNCTION regtarget.draw_adoption_order(text[], int) IS
'An order of units, named by their codes, that nobody chose: the codes are sorted by the bytes of their UTF-8, then shuffled (Fisher and Yates, without bias) by splitmix64 from the seed. So it depends on the units and the seed alone, not on the order they are named in, and anybody can draw it again. place: 1 and up. Draw once, with a seed that is settled in public before. It writes nothing. Errors: 42704 unknown unit; 42501 one that is not visible; 22023 a null, a unit named twice, an array of several dimensions.';

CREATE FUNCTION regtarget.adoption_effect(from_period text, to_period text)
RETURNS TABLE (outcome text, effect float8, p_value float8, smallest_p float8, low float8, high float8,
	standard_error float8, before float8, before_p float8, breaks_at float8, "least" float8, most float8, verdict text,
	said text, adopters int, others int, assignments int)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_adoption_effect';
COMMENT ON FUNCTION regtarget.adoption_effect(text, text) IS
'What adoption did to each of the outcomes, over the periods from the one to the other that are over. Compared are the units at the depth of today''s tree at which most adopters stand, open all the time; not those above or below another that adopted, nor those that adopted before the second period. effect: for every group that adopted in period g and every period t from g on, the mean change from g - 1 to t of its units less that of the units not adopted by t; the mean of these, each counted as often as it has adopters; in the outcome''s own measure. p_value: the share of all distinct re-assignments of the adoption dates to the units that give an effect as large, either way (of more than 20,000: 9,999 drawn by a fixed generator, and the true one). smallest_p: the same of the one that gives the largest. low, high: the constant effects that this test does not refuse at 10 per cent lie between them; null: no end. standard_error: standard deviation of the effect over the re-assignments. before, before_p: the same of the changes of the periods t before g - 1 to g - 1, against units that adopt after g. breaks_at: a drift of so many times the largest step seen before, each period, makes the effect; null: none was seen. least, most: the effect with one adopter left out. verdict: better, worse (p_value at most 0.05), no difference shown, cannot be shown (one adopter, or smallest_p above 0.05); said: the same in words. adopters, others: units compared; assignments: judged. A cell not known takes its unit out of the changes that need it; a unit with fewer than two, out of that outcome. For whoever has a duty over a unit without a parent. Errors: 42704 unknown period; 42501 no such duty; 22023 a null, a first period after the last.';

ALTER TABLE regtarget.adoptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_sight ON regtarget.adoptions FOR SELECT
USING (regtarget.sees_unit(unit_id));
CREATE POLICY add_by_top_planners ON regtarget.adoptions FOR INSERT
WITH CHECK (regtarget.edits_unit(unit_id));
CREATE POLICY edit_by_top_planners ON regtarget.adoptions FOR UPDATE
USING (regtarget.edits_unit(unit_id));
CREATE POLICY drop_by_top_planners ON regtarget.adoptions FOR DELETE
USING (regtarget.edits_unit(unit_id));
