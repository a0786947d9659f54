-- Targets beside actuals
-- display: table
SELECT b.name, b.amount, b.actual, b.attainment, b.pace, b.forecast, b.room_down, b.room_up
FROM regtarget.target_board b
WHERE b.is_current AND b.kind = 'region'
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = b.unit_id AND a.ancestor = {{unit}})]]
ORDER BY b.amount DESC
