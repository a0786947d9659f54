-- A signature or a review that is overdue shows the next superior, who is told with whoever is late; once, and again in time.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set company :srcdir '/sql/valve.psql'
\set ECHO none
\i :prelude
\i :company
\set ECHO all

CREATE FUNCTION pg_temp.told(day date) RETURNS TABLE (thing text, of_unit text, told text) LANGUAGE sql AS $$
	SELECT CASE WHEN adjustment_id IS NULL THEN 'review ' || review_id ELSE 'request ' || adjustment_id END, u.code, t.code
	FROM reminders m JOIN units u USING (unit_id) JOIN units t ON t.unit_id = m.told_unit_id WHERE on_day = day ORDER BY reminder_id
$$;
-- ---- signatures: five days to sign, on 2025-07-15 ----

UPDATE policies SET sign_levels = 1;
SELECT asks('a1', 'A1', '-0.05') AS nearest_alone;
UPDATE policies SET sign_levels = NULL;
SELECT asks('a2', 'A2', '-0.05') AS both_sign;
SELECT signs('a', last_of('A2')) AS one_has;
SELECT backdate(adjustment_id, '2025-07-15 12:00') FROM adjustments;
SELECT unit, next_signer, overdue, escalated_to, reminded_on FROM adjustment_queue ORDER BY unit;
SELECT remind_overdue('2025-07-20') AS not_yet;
SELECT remind_overdue('2025-07-21') AS told, remind_overdue('2025-07-21') AS again, remind_overdue('2025-07-25') AS too_soon;
SELECT * FROM pg_temp.told('2025-07-21');
SELECT unit, reminded_on FROM adjustment_queue ORDER BY unit;
SELECT refuses('cn', last_of('A2')) AS decided;
SELECT remind_overdue('2025-07-26') AS told_again;
SELECT * FROM pg_temp.told('2025-07-26');

-- ---- reviews: due seven days after their alert ----

DELETE FROM policies; SELECT count(*) FROM apply_profile();
SELECT withdraws('a1', last_of('A1'));
SELECT report_event('policy_change', 'law', 'A1', '2025-07-01') AS below, report_event('policy_change', 'law', 'A', '2025-07-02') AS middle;
SELECT unit, waits_on, due_on, overdue, escalated_to FROM review_queue ORDER BY unit;
SELECT remind_overdue('2025-07-08') AS not_yet;
SELECT remind_overdue('2025-07-09') AS told, remind_overdue('2025-07-09') AS again;
SELECT * FROM pg_temp.told('2025-07-09');
SELECT remind_overdue('2025-07-15') AS other;
SELECT close_review(1, 'keep', 'no');
SELECT remind_overdue('2025-07-22') AS again;
SELECT * FROM pg_temp.told('2025-07-15');
SELECT * FROM pg_temp.told('2025-07-22');
SELECT unit, reminded_on FROM review_queue;
-- Who is told of what is below others does not see it.
SELECT as_role('a2', 'SELECT count(*) FROM regtarget.reminders') AS a2, as_role('a1', 'SELECT count(*) FROM regtarget.reminders') AS a1;
SELECT * FROM error_of('DELETE FROM reminders');
SELECT check_name, detail FROM verify('{references}') WHERE NOT ok;

ROLLBACK;
