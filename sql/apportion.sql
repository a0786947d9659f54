-- apportion: splitting a total over the rows of a partition, exactly (see src/apportion.c).

CREATE FUNCTION regtarget.apportion(total numeric, weight float8, step numeric DEFAULT 0.01,
	at_least numeric DEFAULT NULL, at_most numeric DEFAULT NULL)
RETURNS numeric
LANGUAGE c WINDOW IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rgt_apportion';
