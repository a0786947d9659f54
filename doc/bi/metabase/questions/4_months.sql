-- Months of the quarter
-- display: bar
SELECT m.starts_on, m.month, m.name, m.amount, m.actual, m.pace
FROM regtarget.month_board m JOIN regtarget.target_board b USING (target_id)
WHERE b.is_current AND m.is_leaf
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = m.unit_id AND a.ancestor = {{unit}})]]
ORDER BY m.starts_on, m.name
