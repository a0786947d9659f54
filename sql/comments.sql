-- comments: what every object is for, in English, which a database of any encoding takes.  Each room
-- may say it beside the object (as health does); what is not said there is said here.  The same in
-- Chinese: comments_zh.sql.

COMMENT ON SCHEMA regtarget IS 'Regional sales targets: organisation, facts, health scores, the split of a total, targets under a guard';

-- ---- schema -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.check_references() IS
'Trigger, on the referencing side: every key that a statement wrote must exist (23503). Leaves the rows of a restored dump alone; verify() finds orphans.';
COMMENT ON FUNCTION regtarget.check_referenced() IS
'Trigger, on the referenced side: a key that is still referred to is neither changed nor deleted (23503).';
COMMENT ON FUNCTION regtarget.declared_references() IS
'Which column refers to which: references are checked by triggers and not declared as foreign keys, because pg_restore loads the tables of an extension in any order.';

-- ---- units ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.units IS 'The sales organisation: company, regions, groups, to any depth. Parents form a tree: a cycle is 23514.';
COMMENT ON COLUMN regtarget.units.unit_id IS 'Key, above 0; generated unless given';
COMMENT ON COLUMN regtarget.units.code IS 'Code that people say out loud; functions name units by it';
COMMENT ON COLUMN regtarget.units.name IS 'Name for reports';
COMMENT ON COLUMN regtarget.units.kind IS 'Kind of unit, any word; "region" makes it the region of itself and of all below it';
COMMENT ON COLUMN regtarget.units.parent_id IS 'The unit above; null: a root';
COMMENT ON COLUMN regtarget.units.opened_on IS 'First day that it is open; null: always was';
COMMENT ON COLUMN regtarget.units.closed_on IS 'Last day that it is open; null: still is';

COMMENT ON TABLE regtarget.periods IS 'Planning periods, usually quarters; they never overlap (23P01). add_year() adds four.';
COMMENT ON COLUMN regtarget.periods.period IS 'Key, such as 2025Q3';
COMMENT ON COLUMN regtarget.periods.during IS 'Its days; bounded on both sides';

COMMENT ON TABLE regtarget.months IS 'Months of the periods, of any shape; each inside its period (23514), never overlapping (23P01)';
COMMENT ON COLUMN regtarget.months.month IS 'Key, such as 2025-07';
COMMENT ON COLUMN regtarget.months.period IS 'The period that it belongs to';
COMMENT ON COLUMN regtarget.months.during IS 'Its days; bounded on both sides';
COMMENT ON COLUMN regtarget.months.share IS 'Share of the period''s target, 0 to 1; months without one share the rest by their days';

COMMENT ON TABLE regtarget.employees IS 'People of the sales organisation';
COMMENT ON COLUMN regtarget.employees.employee_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.employees.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.employees.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.employees.name IS 'Name';
COMMENT ON COLUMN regtarget.employees.email IS 'E-mail address';
COMMENT ON COLUMN regtarget.employees.hired_on IS 'First day of service; null: not known, then he counts in full towards capacity and not towards tenure';
COMMENT ON COLUMN regtarget.employees.left_on IS 'Last day of service; null: still employed';
COMMENT ON COLUMN regtarget.employees.leave_reason IS 'Why he left; "pressure" for leaving under pressure. Recorded only: nothing reads it yet';

COMMENT ON TABLE regtarget.assignments IS 'Who works in which unit when; one unit at a time for each employee (23P01)';
COMMENT ON COLUMN regtarget.assignments.employee_id IS 'Employee';
COMMENT ON COLUMN regtarget.assignments.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.assignments.during IS 'Days of the assignment, from a first day on; it counts no further than the employee''s left_on';

COMMENT ON TABLE regtarget.ramp IS 'What a newcomer counts for in capacity, by months of service; empty: everyone counts 1';
COMMENT ON COLUMN regtarget.ramp.months_of_service IS 'From so many whole months of service on, until the next row; the lowest row holds below it too';
COMMENT ON COLUMN regtarget.ramp.share IS 'What one person counts for, 0 or more; 1 is a full one';

COMMENT ON FUNCTION regtarget.check_tree() IS 'Trigger: no unit is above itself (23514, constraint units_tree)';
COMMENT ON FUNCTION regtarget.check_months() IS 'Trigger: every month lies inside its period (23514, constraint months_inside_period)';

COMMENT ON FUNCTION regtarget.add_year(int, date, text, int) IS
'Adds the four periods (2025Q1 ...) and twelve months (2025-01 ...) of a fiscal year. year: 1 to 9999, names them; starts_on: first day, without it where the year before ended, or 1 January; pattern: calendar, 4-4-5, 4-5-4 or 5-4-4 weeks; weeks: 52, or 53 for a pattern of weeks, the 53rd goes to the last month. Error 22023 for a null or wrong argument, 23505 or 23P01 when the year or its days are there already.';

COMMENT ON VIEW regtarget.unit_tree IS 'Every unit with its place in the tree';
COMMENT ON COLUMN regtarget.unit_tree.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.unit_tree.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.unit_tree.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.unit_tree.kind IS 'Kind of unit, as entered: company, region, group';
COMMENT ON COLUMN regtarget.unit_tree.parent_id IS 'The unit above; null for a root';
COMMENT ON COLUMN regtarget.unit_tree.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.unit_tree.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.unit_tree.path IS 'Codes from the root down to the unit, separated by /';
COMMENT ON COLUMN regtarget.unit_tree.region IS 'Code of the nearest unit of kind region at or above it, else of the one below the root; null for a root that is no region';
COMMENT ON COLUMN regtarget.unit_tree.is_leaf IS 'No unit is below it';
COMMENT ON COLUMN regtarget.unit_tree.opened_on IS 'First day that it is open; null: always was';
COMMENT ON COLUMN regtarget.unit_tree.closed_on IS 'Last day that it is open; null: still is';

COMMENT ON VIEW regtarget.unit_ancestors IS 'Every unit with every unit above it, itself included: join a dashboard''s filter here';
COMMENT ON COLUMN regtarget.unit_ancestors.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.unit_ancestors.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_id IS 'The unit itself or one above it';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor IS 'Code of the ancestor';
COMMENT ON COLUMN regtarget.unit_ancestors.ancestor_kind IS 'Kind of the ancestor';
COMMENT ON COLUMN regtarget.unit_ancestors.distance IS 'Levels from the unit up to the ancestor; 0 for itself';

COMMENT ON VIEW regtarget.calendar IS 'Every month with its period and its weight in the period''s target';
COMMENT ON COLUMN regtarget.calendar.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.calendar.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.calendar.starts_on IS 'First day of the month';
COMMENT ON COLUMN regtarget.calendar.ends_on IS 'Last day of the month';
COMMENT ON COLUMN regtarget.calendar.days IS 'Days in the month';
COMMENT ON COLUMN regtarget.calendar.share IS 'Share of the period''s target as entered, 0 to 1; null: none was';
COMMENT ON COLUMN regtarget.calendar.weight IS 'Its part of the period''s target, 0 to 1: share / sum, after months without a share got what the others leave, by days; a period''s weights add up to 1';
COMMENT ON COLUMN regtarget.calendar.period_starts_on IS 'First day of the period';
COMMENT ON COLUMN regtarget.calendar.period_ends_on IS 'Last day of the period';

-- ---- facts ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.customers IS 'Customers, each of one unit';
COMMENT ON COLUMN regtarget.customers.customer_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.customers.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.customers.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.customers.unit_id IS 'Unit that he belongs to';
COMMENT ON COLUMN regtarget.customers.name IS 'Name';
COMMENT ON COLUMN regtarget.customers.acquired_on IS 'First day that he is a customer; null: always was';
COMMENT ON COLUMN regtarget.customers.churned_on IS 'First day that he is gone; null: still a customer';

COMMENT ON TABLE regtarget.visits IS 'Visits to customers';
COMMENT ON COLUMN regtarget.visits.visit_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.visits.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.visits.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.visits.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.visits.employee_id IS 'Who went, if known';
COMMENT ON COLUMN regtarget.visits.customer_id IS 'To whom, if known';
COMMENT ON COLUMN regtarget.visits.visited_on IS 'Day of the visit';

COMMENT ON TABLE regtarget.deals IS 'Deals, open, won and lost. A deal counts once it is closed: it has closed_on and won.';
COMMENT ON COLUMN regtarget.deals.deal_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.deals.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.deals.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.deals.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.deals.employee_id IS 'Whose it is, if known';
COMMENT ON COLUMN regtarget.deals.customer_id IS 'With whom, if known';
COMMENT ON COLUMN regtarget.deals.opened_on IS 'Day that it was opened, if known';
COMMENT ON COLUMN regtarget.deals.closed_on IS 'Day that it was won or lost, on which it counts; null: open';
COMMENT ON COLUMN regtarget.deals.won IS 'Won or lost; null: open';
COMMENT ON COLUMN regtarget.deals.amount IS 'Amount in the database''s currency; counts when won, null as 0';

COMMENT ON TABLE regtarget.revenues IS 'Revenue as finance booked it';
COMMENT ON COLUMN regtarget.revenues.revenue_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.revenues.source IS 'System that the row comes from';
COMMENT ON COLUMN regtarget.revenues.source_id IS 'Key in that system; unique with source, so that a reload is idempotent';
COMMENT ON COLUMN regtarget.revenues.unit_id IS 'Unit that it counts for';
COMMENT ON COLUMN regtarget.revenues.employee_id IS 'Whose it is, if known';
COMMENT ON COLUMN regtarget.revenues.customer_id IS 'From whom, if known';
COMMENT ON COLUMN regtarget.revenues.booked_on IS 'Day of booking, on which it counts';
COMMENT ON COLUMN regtarget.revenues.amount IS 'Amount in the database''s currency; negative for a reversal';

COMMENT ON FUNCTION regtarget.is_computed_signal(text) IS
'Is the name one of the signals that are computed, and so refused in table signals?';

COMMENT ON TABLE regtarget.signals IS 'Numbers about units that somebody enters: estimates, tilts, anything. Names of computed signals are refused (23514, constraint signals_reserved).';
COMMENT ON COLUMN regtarget.signals.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.signals.signal IS 'Name of the signal, any that is not computed';
COMMENT ON COLUMN regtarget.signals.as_of IS 'Day from which the value counts, until a later entry, or as long as signal_kinds.valid_days says';
COMMENT ON COLUMN regtarget.signals.value IS 'Value, in the signal''s own unit; finite';
COMMENT ON COLUMN regtarget.signals.source IS 'Where it comes from';

COMMENT ON TABLE regtarget.signal_kinds IS 'How entered signals are rolled up and how long they count. A signal without a row is not rolled up and counts for good.';
COMMENT ON COLUMN regtarget.signal_kinds.signal IS 'Name of the signal';
COMMENT ON COLUMN regtarget.signal_kinds.rollup IS 'sum or mean: how a unit without a value of its own gets one from its open children; null: it gets none';
COMMENT ON COLUMN regtarget.signal_kinds.valid_days IS 'Days that an entry counts after its as_of; null: for good';

COMMENT ON TABLE regtarget.policies IS 'The rules by the day they take effect. The row in force on a period''s first day rules the period, the one in force on a day rules that day''s signals. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.policies.effective_from IS 'First day in force, until the day before the next row''s';
COMMENT ON COLUMN regtarget.policies.cap IS 'How far an amount may move from its baseline either way, as a fraction of the baseline; 0 to below 1';
COMMENT ON COLUMN regtarget.policies.penalty_rate IS 'Penalty that close_period() writes into a standing: fraction of the suggestion, 0 to below 1';
COMMENT ON COLUMN regtarget.policies.penalty_quarters IS 'Denied quarters running that bring a penalty; each further one brings it again';
COMMENT ON COLUMN regtarget.policies.silence_counts IS 'Does a downward request that is undecided when the period is closed count as refused?';
COMMENT ON COLUMN regtarget.policies.regret_days IS 'Days, of 24 hours from the request, within which a withdrawn one does not count, if nobody had signed it';
COMMENT ON COLUMN regtarget.policies.sign_levels IS 'How many superior units sign a request at most, the nearest; null: all';
COMMENT ON COLUMN regtarget.policies.sign_within_days IS 'Days that a request may wait before adjustment_queue calls it overdue';
COMMENT ON COLUMN regtarget.policies.window_months IS 'Whole calendar months before the month of a day that health looks at';
COMMENT ON COLUMN regtarget.policies.min_coverage IS 'Share of the metrics'' weight that must be known for a health score, 0 to 1';
COMMENT ON COLUMN regtarget.policies.actuals IS 'What counts as achieved: deals (won amount by closed_on) or revenues (amount by booked_on)';
COMMENT ON COLUMN regtarget.policies.churn_days IS 'Days without a purchase after which a customer is gone; null: only by churned_on. Nothing reads it yet';
COMMENT ON COLUMN regtarget.policies.timezone IS 'Time zone of the company''s days and clocks; by default that of the session that inserts the row';

COMMENT ON FUNCTION regtarget.apply_profile(text, date) IS
'Fills metrics, factors, signal_kinds and the policy of effective_from with a profile''s figures, replacing what is there, and says what it did. profile: standard, fmcg or industrial (42704 for another); effective_from: a finite date, else 22023. Policies of other days stay.';
COMMENT ON FUNCTION regtarget.today() IS
'The company''s day: now, in the time zone of the policy in force; in the session''s while there is none';
COMMENT ON FUNCTION regtarget.default_timezone() IS
'The database''s time zone: what ALTER DATABASE says, else what the connection began with, whatever it has set since. The default of policies.timezone.';
COMMENT ON FUNCTION regtarget.local_time(timestamptz) IS
'A moment as the company''s clock shows it: in the time zone of the policy in force, in the session''s while there is none';

-- ---- apportion --------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.apportion(numeric, float8, numeric, numeric, numeric) IS
'Window function: the row''s part of total, split over the partition in proportion to weight. Every part is a multiple of step and the parts add up to total exactly (Webster / Sainte-Lague with bounds, decided in integers; ties go to the earlier row; the frame plays no role). total: 0 or more, a multiple of step, one value per partition; weight: 0 or more, finite; step: above 0, at most 12 decimals; at_least, at_most: bounds of the row, rounded inwards to step, null for none. Error 22023 for a null, wrong or contradictory argument, bounds that cannot be met (DETAIL says by how much) and no positive weight; 22003 for a total above 10^16 steps; 0A000 without OVER.';

-- ---- plans ------------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.factors IS 'What a total is split by: signals, gathered into factors. Filled by apply_profile().';
COMMENT ON COLUMN regtarget.factors.signal IS 'Name of a signal, entered or computed; its values must not be negative';
COMMENT ON COLUMN regtarget.factors.factor IS 'Factor that it belongs to; null: one of its own, of the same name';
COMMENT ON COLUMN regtarget.factors.weight IS 'What the signal counts for, 0 or more; only the proportions matter';
COMMENT ON COLUMN regtarget.factors.scaled_by IS 'Signal that multiplies the value before shares are taken, such as capacity for a score; null: plain shares';

COMMENT ON TABLE regtarget.bounds IS 'Guardrails of live and shadow plans: what a unit is given at least and at most. They hold for suggested; equal values lock a unit.';
COMMENT ON COLUMN regtarget.bounds.period IS 'Period';
COMMENT ON COLUMN regtarget.bounds.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.bounds.at_least IS 'Lower bound, 0 or more, rounded up to the plan''s step; null: none';
COMMENT ON COLUMN regtarget.bounds.at_most IS 'Upper bound, rounded down to the plan''s step; null: none';

COMMENT ON TABLE regtarget.plans IS 'One split of one total for one period. Made by allocate_targets() or by hand (an INSERT names period, root_unit_id, total); the status moves through functions alone (55000).';
COMMENT ON COLUMN regtarget.plans.plan_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.plans.period IS 'Period';
COMMENT ON COLUMN regtarget.plans.root_unit_id IS 'Unit at the top, whose target is the total';
COMMENT ON COLUMN regtarget.plans.mode IS 'live: can be published; shadow: beside the live one; sandbox: to try things, without bounds and penalties';
COMMENT ON COLUMN regtarget.plans.label IS 'Name that tells plans of one period, mode and root apart';
COMMENT ON COLUMN regtarget.plans.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plans.total IS 'What is split; 0 to below 10^15, a multiple of step';
COMMENT ON COLUMN regtarget.plans.step IS 'Every amount of the plan is a multiple of it; 0.0001 or more, itself a multiple of 0.0001';
COMMENT ON COLUMN regtarget.plans.cap IS 'How far amounts may move from their baselines, as a fraction: that of the policy in force on the period''s first day, whatever an INSERT says';
COMMENT ON COLUMN regtarget.plans.created_by IS 'Role that made it';
COMMENT ON COLUMN regtarget.plans.created_at IS 'When it was made; allocating again leaves it. Written by the owner alone';
COMMENT ON COLUMN regtarget.plans.published_at IS 'When it was published; null while it is not';
COMMENT ON COLUMN regtarget.plans.rules IS 'The rules that its split obeyed, as they were: policy, factors, bounds; null for a plan typed by hand';

COMMENT ON TABLE regtarget.plan_basis IS 'What a split was made of: for each parent and signal, its children in arrays of the same order. Read it through target_basis.';
COMMENT ON COLUMN regtarget.plan_basis.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_basis.parent_unit_id IS 'Parent whose baseline was split';
COMMENT ON COLUMN regtarget.plan_basis.signal IS 'Signal';
COMMENT ON COLUMN regtarget.plan_basis.factor IS 'Factor that it belongs to';
COMMENT ON COLUMN regtarget.plan_basis.weight IS 'Weight in effect among these children; those of all signals add up to 1';
COMMENT ON COLUMN regtarget.plan_basis.unit_ids IS 'The children, in the order of unit_id';
COMMENT ON COLUMN regtarget.plan_basis."values" IS 'Value of each child, gaps filled';
COMMENT ON COLUMN regtarget.plan_basis.imputed IS 'Value or scale of the child was filled from its siblings';
COMMENT ON COLUMN regtarget.plan_basis.scales IS 'Scale of each child, gaps filled; null: plain shares';
COMMENT ON COLUMN regtarget.plan_basis.shares IS 'Share of each child, 0 to 1: value x scale / sum';
COMMENT ON TABLE regtarget.plan_bounds IS 'The bounds that a split obeyed: those of its period when it was made. A row a unit, so that nobody sees others''.';
COMMENT ON COLUMN regtarget.plan_bounds.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_bounds.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.plan_bounds.at_least IS 'Floor as it was entered; null: none';
COMMENT ON COLUMN regtarget.plan_bounds.at_most IS 'Ceiling as it was entered; null: none';

COMMENT ON FUNCTION regtarget.guard_plans() IS
'Trigger: a plan starts as a draft, with the cap of its policy and its maker''s name; of a draft total and label may be typed, all else is written by functions; what was published is not deleted (55000); a deleted draft takes its targets with it';

COMMENT ON FUNCTION regtarget.allocate_targets(text, numeric, text, text, numeric, jsonb, text) IS
'Splits total over the tree below root, writes the draft plan of that period, mode, root and label anew (a sandbox call: a new plan) and returns its targets, parents first. period: key; total: 0 or more, below 10^15, a multiple of step; mode: live, shadow, sandbox; root: code, null for the one unit without a parent; step: what every amount is a multiple of, 0.0001 or a multiple of it; factors: {"health": 0.6, "potential": 0.4}, those not named unused, null: as table factors has them; label: any name. Signals are read as of the period''s first day. Error 42704 for an unknown period or root, 22023 for a wrong argument, a negative value, bounds that cannot be met or nothing to split by, 55000 without a policy or over units published for the period (live), 22003 out of range.';
COMMENT ON FUNCTION regtarget.preview_targets(text, numeric, text, text, numeric, jsonb) IS
'What allocate_targets() would make of the same arguments, writing nothing; for a period that is published, too. Errors as there.';
COMMENT ON FUNCTION regtarget.propose_plan(bigint) IS
'Marks a live draft as proposed; allocating again makes it a draft again. Error 42704 for an unknown plan, 22023 for one that is not live, 55000 for one that is no draft.';
COMMENT ON FUNCTION regtarget.publish_plan(bigint) IS
'Freezes a live plan, draft or proposed, after checking that it has targets, that its tree is still that of the period''s first day with all its units open then and none missing between a sibling and those below it, that it stands alone for its units, that the period before is closed if it had a plan and requests, that its penalties are those of the standings and that children add up to their parents and the top to the total. Error 42704 for an unknown plan, 22023 for one that is not live, 55000 for what does not hold (DETAIL names the first find).';

COMMENT ON VIEW regtarget.plan_board IS 'Every plan: what was split, over how many units, by whom, when, and where it stands';
COMMENT ON COLUMN regtarget.plan_board.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_board.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.plan_board.mode IS 'live, shadow or sandbox';
COMMENT ON COLUMN regtarget.plan_board.label IS 'Name that tells it from others';
COMMENT ON COLUMN regtarget.plan_board.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plan_board.root_unit_id IS 'Unit at the top';
COMMENT ON COLUMN regtarget.plan_board.root IS 'Code of the unit at the top';
COMMENT ON COLUMN regtarget.plan_board.total IS 'What was split, in the database''s currency';
COMMENT ON COLUMN regtarget.plan_board.units IS 'Units that have a target in it';
COMMENT ON COLUMN regtarget.plan_board.penalty IS 'Sum of all penalties: what was assigned beyond the total';
COMMENT ON COLUMN regtarget.plan_board.step IS 'What every amount is a multiple of';
COMMENT ON COLUMN regtarget.plan_board.cap IS 'How far amounts may move from their baselines, as a fraction';
COMMENT ON COLUMN regtarget.plan_board.created_by IS 'Role that made it';
COMMENT ON COLUMN regtarget.plan_board.created_at IS 'When it was made, in the policy''s time zone';
COMMENT ON COLUMN regtarget.plan_board.published_at IS 'When it was published, in the policy''s time zone; null while it is not';

COMMENT ON VIEW regtarget.plan_balance IS 'Over-assignment in plain sight: for every plan and parent, what the children''s amounts add up to beyond the parent''s, and why';
COMMENT ON COLUMN regtarget.plan_balance.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.plan_balance.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.plan_balance.mode IS 'live, shadow or sandbox';
COMMENT ON COLUMN regtarget.plan_balance.status IS 'draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.plan_balance.unit_id IS 'The parent';
COMMENT ON COLUMN regtarget.plan_balance.unit IS 'Code of the parent';
COMMENT ON COLUMN regtarget.plan_balance.amount IS 'Amount of the parent';
COMMENT ON COLUMN regtarget.plan_balance.children IS 'How many children it has in the plan';
COMMENT ON COLUMN regtarget.plan_balance.children_amount IS 'Sum of the children''s amounts';
COMMENT ON COLUMN regtarget.plan_balance.difference IS 'children_amount - amount: the sum of the three parts that follow';
COMMENT ON COLUMN regtarget.plan_balance.from_penalty IS 'The children''s penalties';
COMMENT ON COLUMN regtarget.plan_balance.from_adjustment IS 'What the children''s amounts moved from their baselines, less what the parent''s moved';
COMMENT ON COLUMN regtarget.plan_balance.from_rounding IS 'The children''s suggested less the parent''s baseline: 0 in a plan that was allocated or published';
COMMENT ON COLUMN regtarget.plan_balance.penalty IS 'The parent''s own penalty: of a plan''s root, what is assigned beyond the total before anything is handed down';

-- ---- targets ----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.targets IS 'Each unit''s target in a plan. A trigger computes all but suggested while the plan is a draft; once it is published only amount moves, on the step and within the cap.';
COMMENT ON COLUMN regtarget.targets.target_id IS 'Key; generated unless given';
COMMENT ON COLUMN regtarget.targets.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.targets.unit_id IS 'Unit: the plan''s root or one below it, open in the period; once a plan';
COMMENT ON COLUMN regtarget.targets.parent_unit_id IS 'The unit above when the plan was made; null for the plan''s root';
COMMENT ON COLUMN regtarget.targets.period IS 'Period of the plan';
COMMENT ON COLUMN regtarget.targets.suggested IS 'What the split gave the unit, or what was typed; 0 to below 10^15, a multiple of the plan''s step';
COMMENT ON COLUMN regtarget.targets.penalty IS 'suggested x the standing''s penalty_rate, rounded half up to the step; 0 in a sandbox';
COMMENT ON COLUMN regtarget.targets.baseline IS 'suggested + penalty: what the cap is measured from';
COMMENT ON COLUMN regtarget.targets.amount IS 'The target: the baseline at first; |amount - baseline| <= cap x baseline (23514, constraint targets_cap)';
COMMENT ON COLUMN regtarget.targets.cap IS 'Cap of the plan, as a fraction';

COMMENT ON FUNCTION regtarget.guard_targets() IS
'Trigger: in a draft, computes what follows from suggested; in a published plan, lets only amount move, on the step (22023) and within the cap (23514); else 55000';
COMMENT ON FUNCTION regtarget.explain_target(text, text, bigint) IS
'The derivation of a target, from the total down to the amount, one step a row; the last row''s amount is targets.amount. For each unit on the way: what each signal contributed (weight x share of what the parent had to hand down, to 4 decimals), the suggestion, the penalty, the baseline. unit: code; period: key; plan_id: null for the published live plan, else the newest live draft. Error 42704 when there is no such target.';
COMMENT ON FUNCTION regtarget.targets_due(date) IS
'What the published live targets of a day''s period had called for up to and including the day: whole months, and a month in progress by its days';
COMMENT ON FUNCTION regtarget.period_actuals(text, date) IS
'What every unit and all below it achieved in a period, 0 where nothing was: deals won by closed_on, or revenues by booked_on, as the policy on the period''s first day says. Error 42704 for an unknown period, 55000 without a policy.';

COMMENT ON VIEW regtarget.target_basis IS 'Why a suggestion is what it is: a row for each target and each signal that counted. A lone child has none.';
COMMENT ON COLUMN regtarget.target_basis.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_basis.signal IS 'Signal';
COMMENT ON COLUMN regtarget.target_basis.factor IS 'Factor that it belongs to';
COMMENT ON COLUMN regtarget.target_basis.value IS 'Its value on the period''s first day, in its own unit; filled when imputed';
COMMENT ON COLUMN regtarget.target_basis.imputed IS 'Value or scale was filled from the siblings';
COMMENT ON COLUMN regtarget.target_basis.scale IS 'What the value was multiplied by; null: plain shares';
COMMENT ON COLUMN regtarget.target_basis.share IS 'value x scale over the siblings'' sum, 0 to 1';
COMMENT ON COLUMN regtarget.target_basis.weight IS 'Weight in effect among the siblings, 0 to 1; those of a target''s signals add up to 1';
COMMENT ON COLUMN regtarget.target_basis.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_basis.unit_id IS 'Unit';

COMMENT ON VIEW regtarget.target_breakdown IS 'target_basis with names and in words';
COMMENT ON COLUMN regtarget.target_breakdown.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_breakdown.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_breakdown.period IS 'Key of its period';
COMMENT ON COLUMN regtarget.target_breakdown.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_breakdown.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_breakdown.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_breakdown.factor IS 'Factor';
COMMENT ON COLUMN regtarget.target_breakdown.signal IS 'Signal';
COMMENT ON COLUMN regtarget.target_breakdown.weight IS 'Weight in effect among the siblings, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.share IS 'value x scale over the siblings'' sum, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.part IS 'weight x share: its part of what the parent had to hand down, 0 to 1';
COMMENT ON COLUMN regtarget.target_breakdown.words IS 'The same in one sentence';

COMMENT ON VIEW regtarget.target_months IS 'Every target over the months of its period, exactly: apportioned by calendar.weight in steps of the plan';
COMMENT ON COLUMN regtarget.target_months.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_months.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_months.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_months.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_months.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_months.month IS 'Key of the month';
COMMENT ON COLUMN regtarget.target_months.starts_on IS 'First day of the month';
COMMENT ON COLUMN regtarget.target_months.ends_on IS 'Last day of the month';
COMMENT ON COLUMN regtarget.target_months.days IS 'Days in the month';
COMMENT ON COLUMN regtarget.target_months.amount IS 'The month''s part of the target''s amount; the months add up to it';

COMMENT ON VIEW regtarget.target_board IS 'Live targets beside what was achieved, one row a unit and period: the published one, else that of the newest live draft';
COMMENT ON COLUMN regtarget.target_board.target_id IS 'Target';
COMMENT ON COLUMN regtarget.target_board.plan_id IS 'Plan';
COMMENT ON COLUMN regtarget.target_board.status IS 'Status of the plan: draft, proposed, published or closed';
COMMENT ON COLUMN regtarget.target_board.period IS 'Key of the period';
COMMENT ON COLUMN regtarget.target_board.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.target_board.unit IS 'Code of the unit';
COMMENT ON COLUMN regtarget.target_board.name IS 'Name of the unit';
COMMENT ON COLUMN regtarget.target_board.kind IS 'Kind of unit, as entered';
COMMENT ON COLUMN regtarget.target_board.parent IS 'Code of the unit above; null for a root';
COMMENT ON COLUMN regtarget.target_board.region IS 'Code of its region; see unit_tree';
COMMENT ON COLUMN regtarget.target_board.depth IS 'Levels below the root; 0 for a root';
COMMENT ON COLUMN regtarget.target_board.is_leaf IS 'No unit is below it: sum leaves only, parents contain their children';
COMMENT ON COLUMN regtarget.target_board.suggested IS 'What the split gave the unit';
COMMENT ON COLUMN regtarget.target_board.penalty IS 'What its standing adds';
COMMENT ON COLUMN regtarget.target_board.baseline IS 'suggested + penalty';
COMMENT ON COLUMN regtarget.target_board.amount IS 'The target now';
COMMENT ON COLUMN regtarget.target_board.actual IS 'Achieved in the period by the unit and all below it';
COMMENT ON COLUMN regtarget.target_board.attainment IS 'actual / amount, 1 is the whole target; null for a target of 0';
COMMENT ON COLUMN regtarget.target_board.pace IS 'actual / what the months called for up to and including today, a month in progress by its days; null while nothing was due';
COMMENT ON COLUMN regtarget.target_board.forecast IS 'Result at the end of the period at this pace: pace x amount; null without a pace';
COMMENT ON COLUMN regtarget.target_board.gap IS 'amount - actual; negative when the target is passed';
COMMENT ON COLUMN regtarget.target_board.room_up IS 'How much the amount can still rise within the cap, in whole steps';
COMMENT ON COLUMN regtarget.target_board.room_down IS 'How much the amount can still fall within the cap, in whole steps';

-- ---- credit -----------------------------------------------------------------------------------

COMMENT ON TABLE regtarget.standings IS 'What a unit brings into a period: denied quarters running, and the penalty that follows, often 0. Written by close_period() for the period after; or by the owner who brings history. A row once written never changes (55000), and a penalty comes before the plan it bears on is published.';
COMMENT ON COLUMN regtarget.standings.unit_id IS 'Unit';
COMMENT ON COLUMN regtarget.standings.period IS 'Period whose targets it bears on';
COMMENT ON COLUMN regtarget.standings.denied_quarters IS 'Denied quarters running that it brings, the last one being that of the period before';
COMMENT ON COLUMN regtarget.standings.penalty_rate IS 'Penalty as a fraction of the unit''s suggestion, 0 to below 1';

COMMENT ON FUNCTION regtarget.guard_standings() IS
'Trigger: standings are neither changed nor deleted, and a penalty comes before the plan that it bears on is published (55000)';

-- ---- verify -----------------------------------------------------------------------------------

COMMENT ON FUNCTION regtarget.verify(text[]) IS
'Recomputes the invariants from the tables, from one snapshot: sums, caps, penalties, statuses, ledger, references, tree. checks: names, null for all; an unknown or null name is 22023. detail: the first three finds and how many more, null when all is well.';
