-- Alerts
-- display: table
SELECT al.level, al.name, al.rule, al.on_day, al.certainty, al.value_before, al.value_after, al.status, al.review_status
FROM regtarget.alert_board al
WHERE al.covered_by IS NULL
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = al.unit_id AND a.ancestor = {{unit}})]]
ORDER BY al.certainty DESC NULLS LAST, al.alert_id
