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
	health \
	apportion \
	plans \
	targets \
	credit \
	references \
	verify \
	access

OBJS = \
	src/module.o \
	src/actuals.o \
	src/argument.o \
	src/apportion.o \
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
REGRESS =

ISOLATION =

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

$(INSTALL_SCRIPT_SQL): $(ROOMS:%=sql/%.sql) $(EXTENSION).control Makefile
	@echo 'joining $@'
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit'; \
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
