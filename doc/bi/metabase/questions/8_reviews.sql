-- Reviews by due day
-- display: table
SELECT r.due_on, r.name, r.rule, r.level, r.waits_on, r.days_waiting, r.overdue
FROM regtarget.review_queue r
WHERE true
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = r.unit_id AND a.ancestor = {{unit}})]]
ORDER BY r.due_on
