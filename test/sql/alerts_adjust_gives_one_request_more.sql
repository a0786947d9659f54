-- A review decided adjust lets the unit's manager ask once more in the period, until that is closed; never looked at by credit.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

SELECT asks('a1', 'A1', '0.01', '2025-07-10') AS ordinary;
SELECT asks('a1', 'A1', '-0.02', '2025-07-11') AS second;
SELECT report_event('policy_change', 'law', 'A1', '2025-07-12') AS event;
SELECT asks('a1', 'A1', '-0.02', '2025-07-13') AS while_open;
SELECT as_role('a', 'SELECT close_review(1, ''adjust'', ''it hurts'')');
SELECT asks('a1', 'A1', '-0.02', '2025-07-14') AS once_more;
SELECT asks('a1', 'A1', '-0.03', '2025-07-14') AS not_twice;
-- Another month has a request of its own, and needs no review.
SELECT asks('a1', 'A1', '0.01', '2025-08-14') AS august;
SELECT adjustment_id, month, change, status, review_id FROM adjustments ORDER BY 1;
SELECT review_id, decision, adjustment_id FROM reviews;

-- keep gives none; adjust with a request neither; nor one of another period's alert.
SELECT report_event('policy_change', 'law', 'A1', '2025-08-12') AS event;
SELECT as_role('a', 'SELECT close_review(2, ''keep'', ''it does not'')');
SELECT asks('a1', 'A1', '-0.02', '2025-08-15') AS kept;
SELECT report_event('policy_change', 'law', 'A1', '2025-08-13') AS event;
SELECT as_role('a', 'SELECT close_review(3, ''adjust'', ''as asked'', 1)');
SELECT as_role('a', 'SELECT close_review(3, ''adjust'', ''as asked'', 3)');
SELECT asks('a1', 'A1', '-0.02', '2025-08-15') AS named;
SELECT report_event('policy_change', 'law', 'A1', '2025-04-13') AS event;
SELECT as_role('a', 'SELECT close_review(4, ''adjust'', ''of spring'')');
SELECT asks('a1', 'A1', '-0.02', '2025-08-15') AS other_period;

-- Refused by silence, it does not count; the ordinary one asked for more.
SELECT close_period('2025Q3');
SELECT denied_quarters FROM standings WHERE unit_id = 4;
SELECT check_name, detail FROM verify() WHERE NOT ok;

ROLLBACK;
