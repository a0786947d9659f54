-- vitals: the figures that a monitor looks at.

CREATE FUNCTION regtarget.vital_signs()
RETURNS TABLE (name text, about text, value float8, measure text, since timestamp, advice text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_vital_signs';
COMMENT ON FUNCTION regtarget.vital_signs() IS 'The rows of vitals, over all units, for whoever has a duty over a unit without a parent';

CREATE VIEW regtarget.vitals WITH (security_invoker = true) AS
SELECT s.name, s.about, s.value, s.measure, s.since, s.advice
FROM regtarget.vital_signs() AS s;

COMMENT ON VIEW regtarget.vitals IS 'What a monitor looks at, a row a figure, with what to do about it; for whoever has a duty over a unit without a parent';
COMMENT ON COLUMN regtarget.vitals.name IS 'Figure: rejects_waiting, source_lag, unfolded_deltas, periods_to_close, requests_overdue, reviews_overdue, filings_waiting, verify_failed, verify_age';
COMMENT ON COLUMN regtarget.vitals.about IS 'Of source_lag the fact and its source; of verify_failed the checks that found something wrong, each with how much; else empty';
COMMENT ON COLUMN regtarget.vitals.value IS 'How much; null: not known';
COMMENT ON COLUMN regtarget.vitals.measure IS 'What it counts: rows, days, periods, requests, reviews, filings, runs';
COMMENT ON COLUMN regtarget.vitals.since IS 'Since when, in the policy''s time zone: the oldest of what waits, the last day of a source, the last run; null: not known, or nothing waits';
COMMENT ON COLUMN regtarget.vitals.advice IS 'What to do about it';
