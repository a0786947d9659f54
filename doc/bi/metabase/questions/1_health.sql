-- Health of regions
-- display: row
SELECT h.name, h.rank, h.health, h.change, h.coverage, h.alert_level
FROM regtarget.region_health h
WHERE h.kind = 'region'
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = h.unit_id AND a.ancestor = {{unit}})]]
ORDER BY h.health DESC NULLS LAST
