# regtarget
#
#   make && make install && make installcheck   with the PostgreSQL that is here (PG_CONFIG=...)
#   make test, make demo                         from a bare machine; they install what they need
#
# Lists are explicit: their order matters, and what is not listed is not shipped.

EXTENSION = regtarget
MODULE_big = regtarget

# The control file is the one source of the version.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" $(EXTENSION).control)

# One script a room, joined in this order into the install script.
ROOMS = \
	schema \
	units \
	facts \
	activity \
	health \
	apportion \
	plans \
	targets \
	credit \
	references \
	verify \
	comments \
	access

OBJS = \
	src/module.o \
	src/activity.o \
	src/activity_recount.o \
	src/activity_sums.o \
	src/actuals.o \
	src/apportion.o \
	src/argument.o \
	src/calibrate.o \
	src/credit.o \
	src/draft.o \
	src/explain.o \
	src/factors.o \
	src/facts.o \
	src/guard.o \
	src/health.o \
	src/measures.o \
	src/money.o \
	src/people.o \
	src/plan_status.o \
	src/plans.o \
	src/policy.o \
	src/query.o \
	src/references.o \
	src/score.o \
	src/signals.o \
	src/split.o \
	src/sums.o \
	src/targets.o \
	src/tree.o \
	src/units.o \
	src/verify.o \
	src/weights.o \
	src/kernel/apportion.o

# Update scripts, regtarget--FROM--TO.sql: frozen once released.
UPDATES =

# pg_regress tests (test/sql), isolation tests (test/specs). They share one folder of expected
# output, and pg_regress looks into sql/ first: no two alike, and none named as a room.
REGRESS = \
	units_days_never_overlap \
	units_references_hold_on_both_sides \
	units_tree_has_no_cycles \
	units_views_show_tree_and_calendar \
	units_year_is_named_by_fiscal_year \
	facts_profiles_are_as_documented \
	facts_refuse_nan_and_infinity \
	facts_reload_is_idempotent \
	facts_reserved_signals_are_refused \
	activity_follows_every_statement \
	activity_folds_to_the_same \
	activity_is_rebuilt_from_the_facts \
	activity_reports_never_read_facts \
	health_reports_agree_and_refuse \
	health_score_is_the_weighted_mean_of_points \
	health_signals_are_those_worked_out_by_hand \
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
	targets_are_frozen_once_published \
	targets_board_shows_pace_and_forecast \
	targets_cap_holds_for_everyone \
	targets_explanation_ends_in_the_amount \
	targets_months_add_up_exactly \
	targets_only_what_adds_up_is_published \
	targets_penalty_rounds_half_up \
	targets_plans_move_by_functions_only \
	targets_guard_survives_the_unusual \
	targets_restore_session_is_no_way_round \
	credit_standings_never_change \
	verify_finds_every_kind_of_damage

ISOLATION = \
	units_delete_leaves_no_orphan \
	units_moves_at_once_make_no_cycle \
	activity_equals_facts_whoever_writes \
	plans_allocated_at_once_are_one_draft \
	plans_publish_waits_for_writers \
	plans_published_at_once_share_no_unit \
	targets_amounts_at_once_keep_the_cap

DATA = sql/comments_zh.sql $(UPDATES:%=sql/%)
INSTALL_SCRIPT_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(INSTALL_SCRIPT_SQL)

REGRESS_OPTS = --inputdir=test --load-extension=btree_gist --load-extension=$(EXTENSION)
ISOLATION_OPTS = --inputdir=test --outputdir=. \
	--load-extension=btree_gist --load-extension=$(EXTENSION)

# Sums that decide a split must come out alike everywhere: no fused multiply-add, in the bitcode
# for the JIT neither. PostgreSQL's headers are the system's, so that our warnings are ours.
DETERMINISM = -ffp-contract=off
PG_CPPFLAGS = -isystem $(includedir_server)
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

.PHONY: all objects test demo demo-psql bench fuzz lint format dist

all:

.DELETE_ON_ERROR:

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

ifneq (,$(wildcard $(PGXS)))
include $(PGXS)

override BITCODE_CFLAGS += -std=gnu11 $(DETERMINISM)

# The kernel is plain C11 and exports nothing.
src/kernel/%.o: override CFLAGS += -fvisibility=hidden -Wno-declaration-after-statement

$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h src/kernel/*.h)

objects: $(OBJS)

# The script sees nothing of the schemas of whoever installs it.
$(INSTALL_SCRIPT_SQL): $(ROOMS:%=sql/%.sql) $(EXTENSION).control Makefile
	@echo 'joining $@'
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit' \
	       '' 'SET LOCAL search_path = pg_catalog, pg_temp;'; \
	   for room in $(ROOMS); do echo; cat "sql/$$room.sql" || exit 1; done; } > $@
else
NEED_PGXS = all objects install installdirs uninstall clean distclean check installcheck
.PHONY: $(NEED_PGXS)
$(NEED_PGXS):
	@echo "No PGXS found by '$(PG_CONFIG) --pgxs'. Install postgresql-server-dev-NN (Debian, Ubuntu)," >&2
	@echo "postgresqlNN-devel (Red Hat) or name another: make PG_CONFIG=/path/to/pg_config." >&2
	@echo "'make test' and 'make demo' install what they need by themselves." >&2
	@exit 1
endif

# ONLY=regress,pgtap runs some sections only.
test:
	@test/run $(if $(ONLY),--only $(ONLY))

demo:
	@test/demo/run

demo-psql:
	@test/demo/run --psql

bench:
	@test/bench/run

fuzz:
	@test/fuzz/run $(or $(FUZZ_SECONDS),60)

lint:
	@test/run --only lint

format:
	clang-format -i $(wildcard src/*.[ch] src/kernel/*.[ch])

dist:
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ \
		-o $(EXTENSION)-$(EXTVERSION).zip HEAD

# make -s print-OBJS: the value of a variable, for scripts.
print-%:
	@echo '$($*)'
