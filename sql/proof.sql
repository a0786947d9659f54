-- proof: the engine on the company's own history, and what plans are made of.

-- ---- backtest ------------------------------------------------------------------------------------

CREATE FUNCTION regtarget.backtest(from_period text, to_period text, root text DEFAULT NULL, factors jsonb DEFAULT NULL)
RETURNS TABLE (period text, unit_id int, unit text, actual numeric, suggested numeric, naive numeric, previous numeric, official numeric)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_backtest';
COMMENT ON FUNCTION regtarget.backtest(text, text, text, jsonb) IS
'For each period that is over, every unit of the tree of its first day below the root (null: the one unit without a parent): actual is what it and all below it brought; suggested is the engine''s split of the root''s actual, in steps of 0.0001, by the signals of that day and the factors given (null: as the table has them), without bounds and penalties. Rivals are scaled to the same total, level by level: naive by the fourth period before, previous by the one before, official by the baselines of the published live plan; null where there is none. A parent with nothing to split by has null below it. Periods that are not over are left out (NOTICE). For planners of the root. Error 42704 for an unknown period or unit, 42501 for others, 22023 for a first period after the last, an unnamed root among several and unknown factors, 55000 without a policy.';

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
