-- credit: each unit's standing, which the guard of targets obeys.

CREATE TABLE regtarget.standings (
	unit_id         int NOT NULL,
	period          text NOT NULL,
	denied_quarters int NOT NULL DEFAULT 0 CHECK (denied_quarters >= 0),
	penalty_rate    numeric NOT NULL DEFAULT 0
		CHECK (penalty_rate >= 0 AND penalty_rate < 1 AND scale(penalty_rate) <= 18),
	PRIMARY KEY (unit_id, period)
);
CREATE INDEX standings_punished_idx ON regtarget.standings (period) WHERE penalty_rate > 0;

CREATE FUNCTION regtarget.guard_standings() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_guard_standings';

CREATE TRIGGER standings_guard BEFORE INSERT OR UPDATE OR DELETE ON regtarget.standings
FOR EACH ROW EXECUTE FUNCTION regtarget.guard_standings();
CREATE TRIGGER standings_guard_truncate BEFORE TRUNCATE ON regtarget.standings
FOR EACH STATEMENT EXECUTE FUNCTION regtarget.guard_standings();

SELECT pg_catalog.pg_extension_config_dump('regtarget.standings', '');
