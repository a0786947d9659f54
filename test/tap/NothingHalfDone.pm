# What must hold of the company of crash_load.sql after whatever broke off its steps: each is there whole, or not at all.
package NothingHalfDone;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(nothing_half_done);

# The server's own check of everything, and what it could be wrong about, by other means.
sub nothing_half_done
{
	my ($node, $when) = @_;
	my $sql = sub { return $node->safe_psql('postgres', $_[0]) };

	is($sql->('SELECT check_name, detail FROM regtarget.verify() WHERE ok IS NOT TRUE'), '', "$when: verify() finds nothing");
	is($sql->(q{SELECT load, count(*) FROM (SELECT split_part(source_id, '-', 1) AS load FROM regtarget.visits WHERE source = 'load'
			UNION ALL SELECT split_part(source_id, '-', 1) FROM regtarget.deals WHERE source = 'load') AS f
			GROUP BY load HAVING count(*) <> 20}), '', "$when: a load is there whole, or not at all");
	is($sql->(q{SELECT plan_id FROM regtarget.plans p WHERE status IN ('published', 'closed') AND (SELECT sum(t.amount) FROM regtarget.targets t
			WHERE t.plan_id = p.plan_id AND p.root_unit_id = 2000 AND t.parent_unit_id = 2000) <> p.total}), '', "$when: what is published adds up");
	is($sql->(q{SELECT a.adjustment_id FROM regtarget.adjustments a FULL JOIN regtarget.filings f USING (adjustment_id)
			WHERE (a.status IS NOT DISTINCT FROM 'applied') <> (f.filing_id IS NOT NULL)}), '', "$when: applied is filed, and filed is applied");
	is($sql->(q{SELECT a.adjustment_id FROM regtarget.adjustments a
			LEFT JOIN regtarget.ledger l ON l.unit_id = a.unit_id AND l.action = 'adjustment_applied'
				AND (l.details ->> 'adjustment_id')::bigint = a.adjustment_id
			WHERE a.status = 'applied' AND ((l.details ->> 'before')::numeric IS DISTINCT FROM a.amount_before
				OR (l.details ->> 'after')::numeric IS DISTINCT FROM a.amount_after)}), '', "$when: and in the ledger");
	is($sql->(q{SELECT a.adjustment_id FROM regtarget.adjustments a JOIN regtarget.targets t USING (target_id)
			WHERE a.status = 'applied' AND a.amount_after - a.amount_before <> div(a.granted * t.baseline, 0.01) * 0.01}),
		'', "$when: each moved by what was granted");
	is($sql->(q{SELECT t.target_id FROM regtarget.targets t LEFT JOIN LATERAL (SELECT h.after FROM regtarget.target_history h
				WHERE h.target_id = t.target_id ORDER BY h.entry DESC LIMIT 1) AS last ON true
			WHERE t.amount <> coalesce(last.after, t.baseline) OR abs(t.amount - t.baseline) > t.cap * t.baseline}),
		'', "$when: amounts are the ledger's last, within the cap");
	is($sql->(q{SELECT target_id FROM (SELECT h.target_id, h.before, t.baseline,
				lag(h.after) OVER (PARTITION BY h.target_id ORDER BY h.entry) AS last
				FROM regtarget.target_history h JOIN regtarget.targets t USING (target_id)) AS h
			WHERE before <> coalesce(last, baseline)}), '', "$when: each change goes on from the one before");
	is($sql->(q{SELECT a.adjustment_id FROM regtarget.adjustments a CROSS JOIN LATERAL (
				SELECT bool_or(NOT s.approved) AS refused, bool_and(s.approved IS TRUE) AS complete, count(*) AS n
				FROM regtarget.signatures s WHERE s.adjustment_id = a.adjustment_id) AS s
			WHERE s.n = 0 OR CASE a.status WHEN 'requested' THEN coalesce(s.refused, false) OR s.complete
				WHEN 'rejected' THEN s.refused IS NOT TRUE WHEN 'approved' THEN NOT s.complete
				WHEN 'applied' THEN NOT s.complete ELSE coalesce(s.refused, false) END}),
		'', "$when: statuses are what the signatures say");
}

1;
