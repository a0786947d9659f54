-- proof: the engine on the company's own history, and what plans are made of.

-- ---- backtest ------------------------------------------------------------------------------------

CREATE FUNCTION regtarget.backtest(from_period text, to_period text, root text DEFAULT NULL, factors jsonb DEFAULT NULL)
RETURNS TABLE (period text, unit_id int, unit text, actual numeric, suggested numeric, naive numeric, previous numeric, official numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_backtest';
COMMENT ON FUNCTION regtarget.backtest(text, text, text, jsonb) IS
'For each period that is over, every unit of the tree of its first day below the root (null: the one unit without a parent): actual is what it and all below it brought; suggested is the engine''s split of the root''s actual, in steps of 0.0001, by the signals of that day and the factors given (null: as the table has them), without bounds and penalties. Rivals are scaled to the same total, level by level: naive by the fourth period before, previous by the one before, official by the baselines of the published live plan; null where there is none. A period that brought nothing, and a parent with nothing to split by, have nulls. Periods that are not over are left out (NOTICE). For planners of the root. Error 42704 for an unknown period or unit, 42501 for others, 22023 for a first period after the last, an unnamed root among several and unknown factors, 55000 without a policy.';

CREATE FUNCTION regtarget.backtest_summary(from_period text, to_period text, root text DEFAULT NULL, factors jsonb DEFAULT NULL)
RETURNS TABLE (method text, depth int, periods int, error float8, wins int, worst_period text, worst_error float8)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_backtest_summary';
COMMENT ON FUNCTION regtarget.backtest_summary(text, text, text, jsonb) IS
'backtest() in a row a method (suggested, naive, previous, official) and level of the tree (0: the root, where all are right but for rounding, as the total is given; 1: its children): periods with figures; error, the sum of |split - actual| / the sum of actual over all of them together (0 and up; null when nothing came); wins, the periods in which it was closer than previous; the period of the greatest error, the earliest where several are, and that error. Units and periods without a suggestion, and periods that brought nothing, are in no error of anybody. Errors as backtest().';

CREATE FUNCTION regtarget.backtest_totals(from_period text, to_period text, root text DEFAULT NULL)
RETURNS TABLE (period text, actual numeric, naive numeric, previous numeric, official numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_backtest_totals';
COMMENT ON FUNCTION regtarget.backtest_totals(text, text, text) IS
'The error of the total apart, which a split knows nothing of: what the root brought in each period that is over, beside what the fourth period before and the one before brought and the baseline of its published live plan, none of them scaled; null where there is none. Errors as backtest().';

-- ---- plans beside each other ------------------------------------------------------------------------

CREATE FUNCTION regtarget.compare_plans(plan_a bigint, plan_b bigint)
RETURNS TABLE (unit_id int, unit text, factor text, amount_a numeric, amount_b numeric, difference numeric, share_a float8, share_b float8)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_compare_plans';
COMMENT ON FUNCTION regtarget.compare_plans(bigint, bigint) IS
'Two plans of any periods and modes, unit by unit: a row of each unit that is in either (factor null) with its amounts, null where it is not in that plan, the second less the first, and their shares of the plans'' totals (0 and up; null for a total of 0). Where both plans were split by factors, a row more of each unit and factor: what that factor gave the unit (weight x share of what its parent had to hand down, to 4 decimals; 0 where it did not count), which adds up to suggested but for rounding and bounds. Of units whose targets the caller sees. Error 42704 for a plan that is not there or not visible, 22023 for a null.';

CREATE FUNCTION regtarget.sensitivity(plan_id bigint)
RETURNS TABLE (unit_id int, unit text, factor text, weight float8, share float8, target numeric,
	down_step float8, up_step float8, down_percent float8, up_percent float8, covered boolean)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_sensitivity';
COMMENT ON FUNCTION regtarget.sensitivity(bigint) IS
'How much of each target hangs on each factor''s weight, for a plan that was split by factors (no rows for one that was typed): weight, as a fraction of the sum of all; share, the unit''s among its siblings by that factor (null where it does not count there); target, the baseline; and how far the weight may go down or up, all others staying as they are, before the target has moved by a step of the plan (down_step, up_step) or by 1 % (down_percent, up_percent): distances within 0 to 1, null where it never does. The parent''s target moves along, through all levels, and penalties with it; rounding is not followed. covered is false, and the distances null, where a bound binds, or what the plan holds was typed over the split, moved or transferred, beside the unit or anywhere above it. Of units whose targets the caller sees. Error 42704 for a plan that is not there or not visible, 22023 for a null.';

CREATE FUNCTION regtarget.plan_check(plan_id bigint)
RETURNS TABLE (severity text, topic text, unit_id int, unit text, what text, figure float8, beside float8)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_plan_check';
COMMENT ON FUNCTION regtarget.plan_check(bigint) IS
'What a careful planner would ask before publishing, a row each: severity stop (publishing will refuse it), ask or note; topic missing_unit (a parent of its units that is not in the plan), record_not_inherited (refused quarters that a new unit''s code would wash away), reject (a row of targets_in for the period that waits, as far as the caller may see it), bound (one that binds), stopped_logging (visits or won deals once, and none in the window), imputed (signals filled from siblings), jump (more than half again as much, or two thirds or less, as last year''s actual calls for at the growth of the whole plan; the root by itself); what in words; the figure, and what it is compared with, null where there is none. An empty answer: nothing found. For planners of its root. Error 42704 for a plan that is not there or not visible, 42501 for others, 22023 for a null, 55000 without a policy.';

-- ---- tuning --------------------------------------------------------------------------------------

CREATE FUNCTION regtarget.tune_factors(from_period text, to_period text, root text DEFAULT NULL, grid numeric DEFAULT NULL)
RETURNS TABLE (rank int, factors jsonb, error float8, error_held_out float8)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_tune_factors';
COMMENT ON FUNCTION regtarget.tune_factors(text, text, text, numeric) IS
'The best 100 weightings of all factors of table factors, those of weight 0 too, by the error of the split at the root''s children (as backtest_summary(), depth 1), over the periods from first to last that are over but for the last quarter of them (rounded up), which is held out: error_held_out is the error there, null where nothing can be judged. factors is what allocate_targets() and backtest() take. The periods that judge are those that the previous period''s shares can split, the same for all weightings (NOTICE where they are fewer). Of a factor that has nothing to split by in one of them the weight goes to the others; a weighting that has nothing in one of them is not told. grid: the step of the weights, which must divide 1 and give at most 10^7 weightings (22023); null: the finest of 0.01, 0.02, 0.05, 0.1, 0.2 with at most 10^6, and from its best ten on to the optimum, in multiples of 0.000001, with each factor alone and the weights in force. Equal errors: the nearer to the weights in force first (sum of the differences), then the one that gives more to the first factor by name, and so on. For planners of the root. Errors as backtest(), and 55000 when no weighting can be judged.';

CREATE FUNCTION regtarget.tuning_verdict(from_period text, to_period text, root text DEFAULT NULL)
RETURNS TABLE (factors jsonb, periods int, error float8, error_previous float8, error_rolling float8, error_rolling_previous float8, wins int, chance float8, adopt boolean, verdict text, said text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_tuning_verdict';
COMMENT ON FUNCTION regtarget.tuning_verdict(text, text, text) IS
'One row: what to do with the weighting that is best over all periods from first to last that are over and can be judged (as tune_factors() has it), and how sure one can be. factors; periods: how many judge; error and error_previous: of it and of the previous period''s shares over them, in hindsight; error_rolling and error_rolling_previous: over the fourth and later of them, each judged by the weighting tuned on those before it alone; wins: in how many of these it was closer than the previous period''s shares; chance: how often a fair coin would win as many or more of them, ties left out; adopt: whether error is at least 20 % below error_previous (10 % with eight periods or more; false with fewer than three); verdict: closer (chance at most 0.05), not closer, or too few to say (no number of wins could reach that); said: the same in words. Null where there is nothing to judge. Errors as backtest().';
