-- Profiles fill metrics, factors, kinds of signals and a policy with the documented figures, in
-- place of what was there, and a fresh extension has none of these rows.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

CREATE VIEW public.filled AS
SELECT (SELECT count(*) FROM metrics) AS metrics, (SELECT count(*) FROM factors) AS factors,
	(SELECT count(*) FROM signal_kinds) AS kinds, (SELECT count(*) FROM policies) AS policies;
SELECT * FROM public.filled;

-- standard
SELECT apply_profile() LIKE 'profile standard: %' AS says_so;
SELECT * FROM metrics ORDER BY metric COLLATE "C";
SELECT * FROM factors ORDER BY signal COLLATE "C";
SELECT * FROM signal_kinds ORDER BY signal COLLATE "C";
\x on
SELECT effective_from, cap, penalty_rate, penalty_quarters, silence_counts, regret_days,
	sign_levels,
	sign_within_days, window_months, min_coverage, actuals, churn_days,
	timezone = current_setting('TimeZone') AS timezone
FROM policies;
\x off

-- The other two, over what the owner has changed: rows of his own go, figures come back.
INSERT INTO metrics (metric) VALUES ('weather');
INSERT INTO factors (signal) VALUES ('weather');
INSERT INTO signal_kinds (signal) VALUES ('weather');
UPDATE metrics SET weight = 9;
UPDATE policies SET cap = 0.9;
SELECT apply_profile('fmcg') LIKE 'profile fmcg: %' AS says_so;
SELECT * FROM metrics ORDER BY metric COLLATE "C";
SELECT effective_from, cap, churn_days FROM policies;
SELECT * FROM public.filled;
-- From another day on: a policy beside the first, metrics and factors replaced.
SELECT apply_profile('industrial', '2025-07-01') LIKE 'profile industrial: %' AS says_so;
SELECT * FROM metrics ORDER BY metric COLLATE "C";
SELECT effective_from, cap, churn_days FROM policies ORDER BY effective_from;
SELECT apply_profile('standard', '2025-07-01') LIKE 'profile standard: %' AS says_so;
SELECT effective_from, cap, churn_days FROM policies ORDER BY effective_from;
SELECT * FROM public.filled;

SELECT error_of($$SELECT apply_profile('retail')$$);
SELECT error_of($$SELECT apply_profile(NULL)$$);
SELECT error_of($$SELECT apply_profile('standard', NULL)$$);
SELECT error_of($$SELECT apply_profile('standard', 'infinity')$$);

-- Policies typed by hand: what cannot be a rule is refused.
SELECT w AS written, split_part(refusal('UPDATE policies SET ' || w), ': ', 1) AS refused
FROM unnest(ARRAY['cap = -0.01', 'cap = 1', 'cap = 0', 'cap = 0.999',
	'cap = 0.0000000000000000001', 'penalty_rate = -0.01',
	'penalty_rate = 1', 'penalty_rate = 0', 'penalty_quarters = 0', 'regret_days = -1',
		'regret_days = 0',
	'sign_levels = 0', 'sign_within_days = -1', 'window_months = 0', 'min_coverage = 1.01',
		'min_coverage = -0.01',
	'actuals = ''visits''', 'churn_days = 0', 'timezone = ''Mars/Olympus''', 'timezone = NULL',
		'cap = NULL']) AS w;

ROLLBACK;
