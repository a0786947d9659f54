-- Credit board
-- display: table
SELECT c.name, c.denied_quarters, c.counts, c.denied_now, c.rate_if_refused, c.penalty_at_risk
FROM regtarget.credit_board c
WHERE c.is_current
	[[AND EXISTS (SELECT FROM regtarget.unit_ancestors a WHERE a.unit_id = c.unit_id AND a.ancestor = {{unit}})]]
ORDER BY c.penalty_at_risk DESC, c.denied_now DESC, c.name
