-- F1: the names of computed signals are reserved: nobody enters what the extension computes.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'A');
SELECT s AS signal, is_computed_signal(s) AS reserved,
	split_part(refusal(format('INSERT INTO signals (unit_id, signal, value) VALUES (1, %L, 1)',
		s)), ': ', 1) AS refused
FROM unnest(ARRAY['visits_per_head', 'conversion_rate', 'output_per_head', 'attrition_rate',
	'health', 'headcount',
	'capacity', 'tenure', 'customers_active', 'customers_per_head', 'churn_rate',
		'weekly_churn_rate', 'weekly_churn_count', 'weekly_churn_certainty', 'actual',
	'actual_previous', 'actual_last_year', 'actual_trailing', 'actual_seasonal', 'pace', 'Health', 'health ', 'customer_density',
		'weather']) AS s;
SELECT error_of($$UPDATE signals SET signal = 'health' WHERE signal = 'weather'$$);
SELECT refusal($$INSERT INTO signals (unit_id, signal, value) VALUES (1, '', 1)$$);
SELECT refusal($$INSERT INTO signals (unit_id, signal, value) VALUES (1, 'x', NULL)$$);
SELECT refusal($$INSERT INTO signals (unit_id, signal, value) VALUES (1, 'weather', 2)$$);
-- What is computed may be a metric, but for health itself.
SELECT refusal($$INSERT INTO metrics (metric) VALUES ('tenure'), ('pace')$$);
SELECT error_of($$INSERT INTO metrics (metric) VALUES ('health')$$);

ROLLBACK;
