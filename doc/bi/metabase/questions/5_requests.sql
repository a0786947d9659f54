-- Requests that wait
-- display: table
SELECT q.name, q.change, q.amount_before, q.amount_after, q.status, q.waiting_for, q.days_waiting, q.overdue, q.reason
FROM regtarget.adjustment_queue q
WHERE true
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = q.unit_id AND a.ancestor = {{unit}})]]
ORDER BY q.overdue DESC, q.days_waiting DESC
