-- verify: every invariant recomputed.

CREATE FUNCTION regtarget.verify(checks text[] DEFAULT NULL)
RETURNS TABLE (check_name text, ok boolean, detail text)
LANGUAGE c STABLE PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp SET row_security = on
AS 'MODULE_PATHNAME', 'rgt_verify';
COMMENT ON FUNCTION regtarget.verify(text[]) IS
'Recomputes the invariants from the tables, from one snapshot: sums, caps, penalties, statuses, ledger, activity, references, tree, valve. checks: names, null for all; an unknown or null name is 22023. detail: the first three finds and how many more, to whoever does not see all units only how many; null when all is well.';
