# regtarget
#
#   make && make install && make installcheck   with the PostgreSQL that is here (PG_CONFIG=...)
#   make test, make demo, make dashboard         from a bare machine; they install what they need
#
# Lists are explicit: their order matters, and what is not listed is not shipped.

EXTENSION = regtarget
MODULE_big = regtarget

# The control file is the one source of the version.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(EXTENSION).control)

# One script a room, joined in this order into the install script.
ROOMS = \
	schema \
	duties \
	units \
	facts \
	activity \
	attached \
	alerts \
	health \
	apportion \
	plans \
	targets \
	valve \
	credit \
	ledger \
	reorganisation \
	proof \
	shadow \
	outcomes \
	adoption \
	verify \
	imports \
	jobs \
	vitals \
	references \
	access

OBJS = \
	src/adoption/cells.o \
	src/adoption/draw.o \
	src/adoption/effect.o \
	src/adoption/panel.o \
	src/alerts/check.o \
	src/alerts/events.o \
	src/alerts/guard.o \
	src/alerts/judge.o \
	src/alerts/life.o \
	src/alerts/overdue.o \
	src/alerts/raise.o \
	src/alerts/scan.o \
	src/apportion.o \
	src/module.o \
	src/phasing.o \
	src/reorganisation.o \
	src/verify.o \
	src/vitals.o \
	src/access/access.o \
	src/access/hierarchy.o \
	src/access/plan_sight.o \
	src/access/sight.o \
	src/access/validity.o \
	src/activity/compare.o \
	src/activity/read.o \
	src/activity/recount.o \
	src/activity/sources.o \
	src/activity/store.o \
	src/activity/sums.o \
	src/activity/triggers.o \
	src/attached/attach.o \
	src/attached/attachments.o \
	src/attached/check.o \
	src/attached/count.o \
	src/attached/guard.o \
	src/attached/plan.o \
	src/attached/refresh.o \
	src/attached/relation.o \
	src/base/argument.o \
	src/base/caller.o \
	src/base/home.o \
	src/base/json.o \
	src/base/key_set.o \
	src/base/keys.o \
	src/base/languages.o \
	src/base/locks.o \
	src/base/lookup.o \
	src/base/memory.o \
	src/base/money.o \
	src/base/past.o \
	src/base/query.o \
	src/base/reference_triggers.o \
	src/base/referenced.o \
	src/base/references.o \
	src/base/refuse.o \
	src/base/release.o \
	src/base/retired.o \
	src/base/search.o \
	src/credit/close.o \
	src/credit/inherit.o \
	src/credit/records.o \
	src/credit/standings.o \
	src/credit/verdict.o \
	src/duties/duties.o \
	src/duties/privileges.o \
	src/duties/update.o \
	src/facts/policy.o \
	src/facts/profiles.o \
	src/health/achieved.o \
	src/health/calibrate.o \
	src/health/churn.o \
	src/health/customers.o \
	src/health/entered.o \
	src/health/health.o \
	src/health/inherited.o \
	src/health/measures.o \
	src/health/of_unit.o \
	src/health/past.o \
	src/health/people.o \
	src/health/score.o \
	src/health/shares.o \
	src/health/signal_set.o \
	src/health/signals.o \
	src/health/staff.o \
	src/health/trend.o \
	src/imports/advice.o \
	src/imports/assignments.o \
	src/imports/causes.o \
	src/imports/cells.o \
	src/imports/departments.o \
	src/imports/dingtalk.o \
	src/imports/drops.o \
	src/imports/events.o \
	src/imports/facts.o \
	src/imports/held.o \
	src/imports/ids.o \
	src/imports/imports.o \
	src/imports/keys.o \
	src/imports/moves.o \
	src/imports/names.o \
	src/imports/opportunities.o \
	src/imports/organisation.o \
	src/imports/people.o \
	src/imports/rejects.o \
	src/imports/reports.o \
	src/imports/retry.o \
	src/imports/rights.o \
	src/imports/rows.o \
	src/imports/said.o \
	src/imports/salesforce.o \
	src/imports/services.o \
	src/imports/signals.o \
	src/imports/statements.o \
	src/imports/stays.o \
	src/imports/targets.o \
	src/imports/units.o \
	src/ledger/chain.o \
	src/ledger/check.o \
	src/ledger/hash.o \
	src/ledger/ledger.o \
	src/ledger/log.o \
	src/outcomes/customers.o \
	src/outcomes/fairness.o \
	src/outcomes/known.o \
	src/outcomes/measure.o \
	src/outcomes/of_unit.o \
	src/outcomes/people.o \
	src/plans/allocate.o \
	src/plans/check.o \
	src/plans/check_read.o \
	src/plans/draft.o \
	src/plans/factors.o \
	src/plans/on_record.o \
	src/plans/publish.o \
	src/plans/publish_tree.o \
	src/plans/split.o \
	src/plans/status.o \
	src/plans/weights.o \
	src/plans/writes.o \
	src/proof/backtest.o \
	src/proof/check.o \
	src/proof/compare.o \
	src/proof/panel.o \
	src/proof/race.o \
	src/proof/replay.o \
	src/proof/rivals.o \
	src/proof/sensitivity.o \
	src/proof/summary.o \
	src/proof/tune_factors.o \
	src/proof/tuning.o \
	src/proof/tuning_verdict.o \
	src/shadow/cases.o \
	src/shadow/reveal.o \
	src/shadow/scale.o \
	src/shadow/verdict.o \
	src/targets/actuals.o \
	src/targets/basis.o \
	src/targets/explain.o \
	src/targets/guard.o \
	src/targets/guard_reads.o \
	src/targets/place.o \
	src/targets/reports.o \
	src/targets/spans.o \
	src/targets/written.o \
	src/units/in_sight.o \
	src/units/leaving.o \
	src/units/lost_records.o \
	src/units/move.o \
	src/units/periods.o \
	src/units/period_tree.o \
	src/units/places.o \
	src/units/successions.o \
	src/units/succession_list.o \
	src/units/tree.o \
	src/units/units.o \
	src/valve/answer.o \
	src/valve/apply.o \
	src/valve/check.o \
	src/valve/guard.o \
	src/valve/overdue.o \
	src/valve/record.o \
	src/valve/request.o \
	src/valve/respread.o \
	src/valve/sign.o \
	src/valve/spread.o \
	src/jobs/purge.o \
	src/jobs/run.o \
	src/jobs/schedule.o \
	src/kernel/apportion.o \
	src/kernel/cells.o \
	src/kernel/cells_calendar.o \
	src/kernel/cells_currency.o \
	src/kernel/cells_day.o \
	src/kernel/cells_number.o \
	src/kernel/cells_scan.o \
	src/kernel/cells_time.o \
	src/kernel/cells_words.o \
	src/kernel/effect.o \
	src/kernel/effect_assignments.o \
	src/kernel/effect_cells.o \
	src/kernel/tuning.o \
	src/kernel/tuning_line.o \
	src/kernel/tuning_optimum.o

# The release before: its install script is kept in sql/released/, and with what sql/update/ says of its tables, the
# script that updates from it is joined. Once released, that script is kept beside it, and its name goes into UPDATES.
RELEASED = 0.1.0
UPDATES =

# pg_regress tests (test/sql), isolation tests (test/specs). They share one folder of expected
# output, and pg_regress looks into sql/ first: no two alike, and none named as a room.
REGRESS = \
	adoption_effect_is_judged_by_all_other_ways \
	adoption_order_is_nobodys_choice \
	units_days_never_overlap \
	units_references_hold_on_both_sides \
	units_tree_has_no_cycles \
	units_tree_is_of_a_day \
	reorganisation_targets_move_exactly \
	reorganisation_refusals_name_the_way_out \
	reorganisation_of_a_year_by_hand \
	health_reads_the_tree_of_its_day \
	health_costs_what_is_seen \
	health_history_follows_successions \
	health_past_says_shares \
	units_successions_have_no_circles \
	access_goes_by_todays_tree \
	access_history_goes_with_the_unit \
	units_views_show_tree_and_calendar \
	units_year_is_named_by_fiscal_year \
	facts_profiles_are_as_documented \
	facts_refuse_nan_and_infinity \
	facts_nobody_is_looked_for_in_all_facts \
	facts_reload_is_idempotent \
	facts_reserved_signals_are_refused \
	imports_answers_say_no_more_than_they_say \
	imports_assignments_never_overlap \
	imports_by_duty_take_what_is_theirs \
	imports_causes_are_told \
	imports_cells_become_values \
	imports_columns_speak_one_language \
	imports_conventions_are_the_policys \
	imports_currency_beside_the_cell \
	imports_dingtalk_answers \
	imports_first_day_may_come_later \
	imports_ids_of_15_and_18_are_one \
	imports_ids_are_whole \
	imports_inserting_is_all_it_takes \
	imports_last_row_wins \
	imports_market_events_raise_alerts \
	imports_people_move_and_come_back \
	imports_rejects_are_kept_whole \
	imports_retries_undo_nothing \
	imports_rows_of_one_person_are_his_record \
	imports_salesforce_answers \
	imports_signals_have_one_source \
	imports_statements_stand_alone \
	imports_targets_go_into_the_draft \
	imports_units_come_in_any_order \
	imports_moves_and_successions \
	imports_views_find_aliases_by_index \
	imports_views_show_what_to_look_at \
	imports_who_is_who \
	activity_follows_every_statement \
	activity_folds_to_the_same \
	activity_is_rebuilt_from_the_facts \
	activity_reaches_the_ends_of_the_calendar \
	activity_reports_never_read_facts \
	activity_tables_are_the_extensions_own \
	attached_facts_count_as_facts_do \
	attached_facts_lose_nothing \
	attached_relations_come_and_go \
	attached_relations_are_read_by_their_owner \
	health_churn_is_by_date_or_by_silence \
	health_churn_takes_any_keys \
	health_reports_agree_and_refuse \
	health_score_is_the_weighted_mean_of_points \
	health_signals_are_those_worked_out_by_hand \
	proof_backtest_is_the_split_of_its_day \
	proof_candidates_count_when_named \
	proof_sandboxes_touch_nothing_live \
	proof_plans_are_compared_unit_by_unit \
	proof_weights_move_targets_no_sooner \
	proof_plan_check_asks \
	apportion_parts_are_those_worked_out_by_hand \
	apportion_refuses_what_cannot_be_split \
	plans_bounds_hold_and_round_inwards \
	plans_cover_root_and_open_units_below \
	plans_factors_of_a_call_override_the_table \
	plans_gaps_are_filled_by_rule \
	plans_redraft_keeps_plan_id \
	plans_refuse_unknown_things_and_nulls \
	plans_signals_are_read_as_of_the_first_day \
	plans_totals_and_steps_have_their_range \
	plans_publish_waits_for_the_period_before \
	plans_root_bears_its_standing \
	plans_tree_is_that_of_the_first_day \
	plans_have_no_holes \
	targets_are_frozen_once_published \
	targets_board_shows_pace_and_forecast \
	targets_cap_holds_for_everyone \
	targets_deleted_take_answers_and_bounds_along \
	targets_explanation_ends_in_the_amount \
	targets_months_add_up_exactly \
	targets_only_what_adds_up_is_published \
	targets_penalty_rounds_half_up \
	targets_plans_move_by_functions_only \
	targets_guard_survives_the_unusual \
	targets_restore_session_is_no_way_round \
	shadow_is_hidden_until_revealed \
	shadow_is_on_record_when_made \
	shadow_verdict_is_that_worked_out_by_hand \
	outcomes_are_those_worked_out_by_hand \
	outcomes_fairness_is_that_worked_out_by_hand \
	alerts_adjust_gives_one_request_more \
	alerts_are_fed_to_other_systems \
	alerts_are_of_their_day_and_its_facts \
	alerts_fire_resolve_and_are_decided \
	targets_views_are_what_they_were \
	targets_views_cost_what_they_leave \
	targets_views_show_the_tree_of_their_plan \
	valve_request_needs_manager_month_and_room \
	valve_change_rounds_towards_the_old_amount \
	valve_bad_requests_are_refused \
	valve_signers_are_the_superiors \
	valve_one_refusal_refuses_smallest_grant_stands \
	valve_applies_once_with_its_filing \
	valve_cap_is_judged_again_when_applied \
	valve_children_follow_within_their_caps \
	valve_respread_follows_the_parent \
	valve_nobody_signs_his_own_by_login \
	valve_withdraw_before_applied \
	valve_moments_are_those_of_the_steps \
	valve_statuses_have_no_other_path \
	valve_finance_acknowledges_once \
	valve_advice_is_cautious \
	valve_steps_read_their_own_unit_alone \
	valve_views_show_queue_log_filings \
	valve_answers_are_kept_and_counted \
	credit_standings_never_change \
	ledger_chain_is_what_anyone_can_recompute \
	ledger_has_every_change_of_an_amount \
	ledger_heads_and_history_are_told \
	ledger_only_grows \
	ledger_tampering_is_found \
	access_above_decides \
	access_duties_are_granted_and_revoked \
	access_groups_hold_the_privileges \
	access_functions_ask_for_the_duty \
	access_hidden_does_not_exist \
	access_in_force_is_whom_postgresql_checks \
	access_keys_and_moments_are_ours \
	access_search_path_is_no_way_in \
	access_select_alone_shows_nothing \
	access_sight_is_never_stale \
	access_tree_is_read_only_when_it_moves \
	credit_quarters_count_as_ruled \
	credit_second_denied_quarter_is_punished \
	credit_nobody_pays_twice \
	credit_follows_successions \
	credit_close_is_once_and_in_order \
	credit_penalty_shows_in_the_next_plan \
	credit_board_tells_before_asking \
	jobs_are_safe_twice \
	jobs_tell_the_next_superior \
	vitals_tell_what_waits \
	proof_tuning_agrees_with_backtest \
	proof_tuning_finds_known_weights \
	proof_tuning_guard_loses_little \
	proof_tuning_refuses_what_cannot_be_tuned \
	proof_tuning_verdict_by_hand \
	verify_finds_every_kind_of_damage \
	verify_knows_what_the_valve_may_hold \
	verify_takes_what_the_first_release_wrote

ISOLATION = \
	units_delete_leaves_no_orphan \
	units_delete_and_load_at_once_see_each_other \
	units_delete_waits_for_its_key_alone \
	units_moves_at_once_make_no_cycle \
	imports_answers_wait_for_each_other \
	imports_same_keys_at_once_wait_in_order \
	activity_equals_facts_whoever_writes \
	attached_counts_at_once_are_one \
	plans_allocated_at_once_are_one_draft \
	plans_publish_waits_for_writers \
	plans_published_at_once_share_no_unit \
	plans_unrelated_never_wait \
	shadow_revealed_at_once_is_revealed_once \
	targets_amounts_at_once_keep_the_cap \
	targets_of_a_unit_deleted_at_once_leave_no_orphan \
	ledger_appends_at_once_make_no_fork \
	ledger_many_chains_and_one_never_deadlock \
	access_renames_make_nobody_read_the_tree \
	access_revoked_while_others_read \
	credit_close_and_publish_at_once_agree \
	alerts_notify_and_raise_once \
	alerts_old_snapshots_start_again \
	reorganisation_moves_at_once_make_no_circle \
	reorganisation_targets_at_once_add_up \
	jobs_at_once_do_it_once \
	reorganisation_steps_at_once_add_up \
	valve_answer_and_delete_at_once_leave_no_orphan \
	valve_apply_and_close_at_once_end_one_way \
	valve_apply_and_respread_at_once_add_up \
	valve_apply_at_once_files_once \
	valve_countersign_and_withdraw_at_once_end_one_way \
	valve_countersigns_at_once_decide_once \
	valve_months_apply_at_once_keep_the_cap \
	valve_notifies_signers_without_amounts \
	valve_parent_and_child_apply_at_once_add_up \
	valve_request_and_close_at_once_leave_none_open \
	valve_request_and_publish_at_once_in_order \
	valve_requests_at_once_are_one_a_month \
	valve_update_and_apply_at_once_keep_the_cap \
	valve_withdraw_and_apply_at_once_end_one_way \
	valve_old_transactions_date_their_steps \
	valve_request_and_delete_at_once_leave_no_orphan

# What makes the dashboard of a database: $(DASHBOARD_DIR)/make.
DASHBOARD = doc/dashboard/dashboard.sql doc/dashboard/read.sql doc/dashboard/tables.sql \
	doc/dashboard/template.html doc/dashboard/words.tsv

# The release before can be made besides, for a dump of it to be restored into and updated: doc/releases.md.
DATA = sql/comments_zh.sql sql/released/$(EXTENSION)--$(RELEASED).sql $(UPDATES:%=sql/released/%)
INSTALL_SCRIPT_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
UPDATE_SCRIPT_SQL = sql/$(EXTENSION)--$(RELEASED)--$(EXTVERSION).sql
DATA_built = $(INSTALL_SCRIPT_SQL) $(UPDATE_SCRIPT_SQL)

EXTRA_CLEAN = po/statements.c

REGRESS_OPTS = --inputdir=test --load-extension=btree_gist --load-extension=$(EXTENSION)
ISOLATION_OPTS = --inputdir=test --outputdir=. \
	--load-extension=btree_gist --load-extension=$(EXTENSION)

# Sums that decide a split must come out alike everywhere: no fused multiply-add, in the bitcode
# for the JIT neither. PostgreSQL's headers are the system's, so that our warnings are ours.
DETERMINISM = -ffp-contract=off
PG_CPPFLAGS = -I$(srcdir)/src -isystem $(includedir_server) -DREGTARGET_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -std=gnu11 $(DETERMINISM)
SHLIB_EXPORTS = src/exports.txt

# WERROR=1: what our own tests build with. ASSERTS=1: with PostgreSQL's assertions.
ifdef WERROR
PG_CFLAGS += -Wall -Wextra -Wno-unused-parameter -Werror
ifneq (,$(findstring clang,$(CC)))
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument
endif
endif
ifdef ASSERTS
PG_CPPFLAGS += -DUSE_ASSERT_CHECKING
endif

.PHONY: all objects test test-majors soak valgrind demo demo-psql sandbox dashboard bench fuzz lint dist install-dashboard uninstall-dashboard

all:

.DELETE_ON_ERROR:

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

ifneq (,$(wildcard $(PGXS)))
include $(PGXS)

override BITCODE_CFLAGS += -std=gnu11 $(DETERMINISM)

# The kernel is plain C11 and exports nothing.
src/kernel/%.o: override CFLAGS += -fvisibility=hidden -Wno-declaration-after-statement

$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/*/*.h)
src/base/release.o src/base/release.bc: $(EXTENSION).control

objects: $(OBJS)

DASHBOARD_DIR = $(datadir)/$(EXTENSION)/dashboard

install: install-dashboard
uninstall: uninstall-dashboard

install-dashboard:
	$(MKDIR_P) '$(DESTDIR)$(DASHBOARD_DIR)'
	$(INSTALL_DATA) $(addprefix $(srcdir)/,$(DASHBOARD)) '$(DESTDIR)$(DASHBOARD_DIR)/'
	$(INSTALL_SCRIPT) $(srcdir)/doc/dashboard/make '$(DESTDIR)$(DASHBOARD_DIR)/'

uninstall-dashboard:
	rm -rf '$(DESTDIR)$(datadir)/$(EXTENSION)'

# The script sees nothing of the schemas of whoever installs it.
$(INSTALL_SCRIPT_SQL): $(ROOMS:%=sql/%.sql) $(EXTENSION).control Makefile
	@echo 'joining $@'
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit' \
	       '' 'SET LOCAL search_path = pg_catalog, pg_temp;'; \
	   for room in $(ROOMS); do echo; cat "sql/$$room.sql" || exit 1; done; } > $@

# Tables by hand, all else from the rooms: see sql/update/join.awk.
UPDATE_PARTS = sql/released/$(EXTENSION)--$(RELEASED).sql sql/update/$(RELEASED)--$(EXTVERSION).sql \
	$(INSTALL_SCRIPT_SQL) sql/update/end.sql
$(UPDATE_SCRIPT_SQL): sql/update/join.awk $(UPDATE_PARTS)
	@echo 'joining $@'
	@LC_ALL=C awk -v extension=$(EXTENSION) -f sql/update/join.awk $(UPDATE_PARTS) > $@
else
NEED_PGXS = all objects install installdirs uninstall clean distclean check installcheck
.PHONY: $(NEED_PGXS)
$(NEED_PGXS):
	@echo "No PGXS found by '$(PG_CONFIG) --pgxs'. Install postgresql-server-dev-NN (Debian, Ubuntu)," >&2
	@echo "postgresqlNN-devel (Red Hat) or name another: make PG_CONFIG=/path/to/pg_config." >&2
	@echo "'make test', 'make demo' and 'make sandbox' install what they need by themselves." >&2
	@exit 1
endif

# ONLY=regress,pgtap runs some sections only.
test:
	@test/run $(if $(ONLY),--only $(ONLY))

# The same on later majors of PostgreSQL, each in a private root; as root. MAJORS=17 tries that one only.
test-majors:
	@test/majors/run $(MAJORS)

demo:
	@test/demo/run

demo-psql:
	@test/demo/run --psql

sandbox:
	@test/demo/run --sandbox

# DATABASE=... ROLE=...: of that database, as that role sees it; without, of the worked company.
dashboard:
	@if [ -n "$$DATABASE" ]; then doc/dashboard/make; else test/demo/run --dashboard; fi

# Ten clients at mixed work; SOAK_MINUTES=5 for so many minutes.
soak:
	@test/soak/run $(SOAK_MINUTES)

# A walk through every room on a server under valgrind; TESTS='NAME ...' for some tests alone.
valgrind:
	@test/valgrind/run $(TESTS)

bench:
	@test/bench/run

fuzz:
	@test/fuzz/run $(or $(FUZZ_SECONDS),60)

lint:
	@test/run --only lint

dist:
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ \
		-o $(EXTENSION)-$(EXTVERSION).zip HEAD

# make -s print-OBJS: the value of a variable, for scripts.
print-%:
	@echo '$($*)'
