-- apportion: splitting a total over the rows of a partition, exactly (see src/apportion.c).

CREATE FUNCTION regtarget.apportion(total numeric, weight float8, step numeric DEFAULT 0.01,
	at_least numeric DEFAULT NULL, at_most numeric DEFAULT NULL)
RETURNS numeric
LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_apportion';
COMMENT ON FUNCTION regtarget.apportion(numeric, float8, numeric, numeric, numeric) IS
'Window function: the row''s part of total, split over the partition in proportion to weight. Every part is a multiple of step and the parts add up to total exactly (Webster / Sainte-Lague with bounds, decided in integers; ties go to the earlier row; the frame plays no role). total: 0 or more, a multiple of step, one value per partition; weight: 0 or more, finite; step: above 0, at most 12 decimals; at_least, at_most: bounds of the row, rounded inwards to step, null for none. Error 22023 for a null, wrong or contradictory argument, bounds that cannot be met (DETAIL says by how much) and no positive weight; 22003 for a total above 10^16 steps; 0A000 without OVER.';
