-- Health by month
-- display: line
SELECT t.as_of, t.name, t.health
FROM regtarget.health_trend t
WHERE t.depth <= 1 AND t.health IS NOT NULL
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = t.unit_id AND a.ancestor = {{unit}})]]
ORDER BY t.as_of, t.name
