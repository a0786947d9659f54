-- What deals_in takes and what a bare COPY takes of the same file, and of one whose rows are all refused, half of them
-- for a unit and half for an amount: psql -v rows=N -v file=PATH -v refused=PATH.

CREATE SCHEMA bench;

SELECT regtarget.apply_profile();
INSERT INTO regtarget.units_in (code) SELECT 'U' || g FROM generate_series(0, 999) g;
INSERT INTO regtarget.employees_in (source, source_id, unit, hired_on)
SELECT 'crm', 'e' || g, 'U' || g, '2020-01-01' FROM generate_series(0, 999) g;
INSERT INTO regtarget.customers_in (source, source_id, unit)
SELECT 'crm', 'c' || g, 'U' || g % 1000 FROM generate_series(0, 9999) g;

-- The columns of deals_in, typed, under the same key.
CREATE TABLE bench.deals (
	source    text,
	source_id text,
	unit      text,
	employee  text,
	customer  text,
	opened_on date,
	closed_on date,
	won       text,
	amount    numeric,
	PRIMARY KEY (source, source_id)
);

COPY (
	SELECT 'crm' AS source, 'D' || g AS source_id, 'U' || g % 1000 AS unit, 'e' || g % 1000 AS employee, 'c' || g % 10000 AS customer,
		date '2024-01-01' + g % 500 AS opened_on, date '2024-02-01' + g % 500 AS closed_on,
		CASE WHEN g % 3 = 0 THEN 'Lost' ELSE 'Won' END AS won, g % 100000 + 0.25 AS amount
	FROM generate_series(1, :rows) g
) TO :'file' (FORMAT csv, HEADER);
COPY (
	SELECT 'crm' AS source, 'D' || g AS source_id, CASE g % 2 WHEN 0 THEN 'X' ELSE 'U' END || g % 1000 AS unit, 'e' || g % 1000 AS employee,
		'c' || g % 10000 AS customer, date '2024-01-01' + g % 500 AS opened_on, date '2024-02-01' + g % 500 AS closed_on,
		CASE WHEN g % 3 = 0 THEN 'Lost' ELSE 'Won' END AS won, g % 100000 || ',25' AS amount
	FROM generate_series(1, :rows) g
) TO :'refused' (FORMAT csv, HEADER);
VACUUM ANALYZE;
