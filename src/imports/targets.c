/*
 * imports/targets.c
 *	  Targets typed elsewhere: into the one live draft of their period.
 *
 * Where a period has none, one is made: of the root above the rows' units, with the rows' total.  The
 * guard of targets computes what follows from `suggested`, and refuses units outside of the plan.
 * To a planner by duty, the plans of a period are those whose root he plans.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "access/access.h"
#include "imports/imports.h"
#include "regtarget.h"
#include "units/units.h"

enum
{
	PERIOD, UNIT, SUGGESTED
};

/* A period that the rows name, with its draft. */
typedef struct Draft
{
	Datum		period;
	const RgtTree *tree;		/* of its first day */
	int64		plan_id;		/* 0: none yet */
	RgtStep		step;
	RgtCause	cause;			/* it takes no rows: of what kind the fault is, */
	const char *why;			/* and in words */
	int32		root_unit_id;	/* of the draft, or of the one to be made */
	bool		has_own;		/* and that root has a row of its own */
	bool		made;			/* by this statement */
} Draft;

/* ---- the draft of a period ----------------------------------------------------------------------------- */

/* Nothing of the period is published while we write. */
static bool
lock_period(Datum period, DateADT *first)
{
	static RgtQuery query = RGT_QUERY("SELECT lower(during) FROM regtarget.periods WHERE period = $1 FOR SHARE", TEXTOID);
	Datum		day;
	bool		isnull;
	bool		found = rgt_one(&query, RGT_FRESH, &period, NULL, &day, &isnull, 1);

	*first = found ? DatumGetDateADT(day) : DATEVAL_NOEND;
	return found;
}

/* A live plan of the period. */
typedef struct Found
{
	int64		plan_id;
	int32		root_unit_id;
	Numeric		step;
	bool		draft;			/* or proposed */
} Found;

typedef struct Plans
{
	MemoryContext context;
	List	   *found;
} Plans;

static void
note_plan(TupleTableSlot *slot, void *arg)
{
	Plans	   *plans = arg;
	MemoryContext old = MemoryContextSwitchTo(plans->context);
	Found	   *found = palloc(sizeof(Found));

	found->plan_id = DatumGetInt64(slot->tts_values[0]);
	found->root_unit_id = DatumGetInt32(slot->tts_values[1]);
	found->step = DatumGetNumericCopy(slot->tts_values[2]);
	found->draft = DatumGetBool(slot->tts_values[3]);
	plans->found = lappend(plans->found, found);
	MemoryContextSwitchTo(old);
}

/* The live plans of the period that rows may go into: of a load by duty only those of its role. */
static List *
find_plans(const RgtImport *import, Datum period)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.plan_id, p.root_unit_id, p.step, p.status IN ('draft', 'proposed') FROM regtarget.plans p "
		"WHERE p.period = $1 AND p.mode = 'live' ORDER BY p.plan_id", TEXTOID);
	Plans		plans = {CurrentMemoryContext, NIL};
	List	   *writable = NIL;
	ListCell   *cell;

	rgt_run(&query, RGT_FRESH, &period, NULL, note_plan, &plans);
	foreach(cell, plans.found)
	{
		Found	   *found = lfirst(cell);

		if (rgt_import_may(import, found->root_unit_id))
			writable = lappend(writable, found);
	}
	return writable;
}

static void
several_drafts(Draft *draft, List *plans)
{
	StringInfoData ids;
	ListCell   *cell;

	initStringInfo(&ids);
	foreach(cell, plans)
	{
		const Found *found = lfirst(cell);

		if (found->draft)
			appendStringInfo(&ids, "%s" INT64_FORMAT, ids.len == 0 ? "" : ", ", found->plan_id);
	}
	draft->why = psprintf(rgt_text("period \"%s\" has several live drafts, plans %s: it is not clear which one is meant"),
						  TextDatumGetCString(draft->period), ids.data);
}

static void
find_draft(const RgtImport *import, Draft *draft)
{
	const Found *only = NULL;
	List	   *plans;
	ListCell   *cell;
	DateADT		first;

	if (!lock_period(draft->period, &first))
	{
		draft->cause = RGT_CAUSE_UNKNOWN_PERIOD;
		draft->why = psprintf(rgt_text("period \"%s\" does not exist"), rgt_import_shown(draft->period));
		return;
	}
	draft->tree = rgt_tree_read(RGT_FRESH, first);
	plans = find_plans(import, draft->period);
	foreach(cell, plans)
	{
		const Found *found = lfirst(cell);

		if (found->draft && only != NULL)
		{
			several_drafts(draft, plans);
			return;
		}
		if (found->draft)
			only = found;
	}
	if (only != NULL)
	{
		draft->plan_id = only->plan_id;
		draft->root_unit_id = only->root_unit_id;
		rgt_step_init(&draft->step, only->step);
	}
	else if (plans != NIL)
		draft->why = psprintf(rgt_text("the targets of period \"%s\" are published, in plan %" PRId64),
							  TextDatumGetCString(draft->period), ((const Found *) linitial(plans))->plan_id);
	else
		rgt_step_init(&draft->step, int64_div_fast_to_numeric(1, 2));
}

static Draft *
draft_of(RgtImport *import, Datum period)
{
	List	   *drafts = import->state;
	ListCell   *cell;
	Draft	   *draft;
	MemoryContext old;

	foreach(cell, drafts)
	{
		draft = lfirst(cell);
		if (rgt_import_compare_text(draft->period, period) == 0)
			return draft;
	}
	old = MemoryContextSwitchTo(import->lookup);
	draft = palloc0(sizeof(Draft));
	draft->cause = RGT_CAUSE_NO_DRAFT;
	draft->period = PointerGetDatum(DatumGetTextPCopy(period));
	find_draft(import, draft);
	import->state = lappend(drafts, draft);
	MemoryContextSwitchTo(old);
	return draft;
}

/* ---- the root of a draft that is to be made ------------------------------------------------------------ */

static int
root_of(const RgtTree *tree, int32 unit_id)
{
	int			p = rgt_tree_find(tree, unit_id);

	while (p >= 0 && tree->parent[p] >= 0)
		p = tree->parent[p];
	return p;
}

/* A root that the rows speak of: the only one, or it is not clear what the plan is of. */
static void
meet_root(Draft *draft, int32 root)
{
	if (draft->root_unit_id == 0)
		draft->root_unit_id = root;
	else if (draft->root_unit_id != root)
		draft->why = psprintf(rgt_text("period \"%s\" has no live draft, and the units belong to more than one root"),
							  TextDatumGetCString(draft->period));
}

/*
 * Whose plan is to be made: that of the root which has a row of its own or, when none has, of the root
 * above all the rows' units.
 */
static void
find_roots(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int own = 1; own >= 0; own--)
	{
		for (int i = 0; i < n; i++)
		{
			Draft	   *draft = draft_of(import, rows[i]->value[PERIOD]);
			const RgtTree *tree = draft->tree;
			int			root;

			if (rows[i]->reason != NULL || draft->plan_id != 0 || draft->why != NULL || (!own && draft->has_own))
				continue;
			root = root_of(tree, rows[i]->unit_id);
			if (root >= 0 && (!own || tree->unit_id[root] == rows[i]->unit_id))
				meet_root(draft, tree->unit_id[root]);
			draft->has_own |= own && root >= 0 && tree->unit_id[root] == rows[i]->unit_id;
		}
	}
}

/* The draft is there, or to be made by whoever plans its root; then it takes rows. */
static void
check_maker(const RgtImport *import, Draft *draft)
{
	if (draft->why != NULL || draft->plan_id != 0 || draft->root_unit_id == 0 || rgt_import_may(import, draft->root_unit_id))
		return;
	draft->cause = RGT_CAUSE_NO_DUTY;
	draft->why = psprintf(rgt_text("role \"%s\" has no live draft of period \"%s\", and is not a planner of unit \"%s\" to "
								   "make one"),
							  import->by_duty_of, TextDatumGetCString(draft->period), rgt_unit_name(draft->root_unit_id));
}

/* A plan covers its root and the units below it; the guard would say so too, but stop the others. */
static void
check_inside(RgtImportRow *row, const Draft *draft)
{
	const RgtTree *tree = draft->tree;
	int			p = rgt_tree_find(tree, row->unit_id);

	while (p >= 0 && tree->unit_id[p] != draft->root_unit_id)
		p = tree->parent[p];
	if (p < 0)
		rgt_import_refuse(row, RGT_CAUSE_OUTSIDE_PLAN, UNIT,
						  rgt_text("the plan of period \"%s\" is of unit \"%s\" and those below it"),
						  TextDatumGetCString(draft->period), rgt_unit_name(draft->root_unit_id));
}

/* ---- resolving -------------------------------------------------------------------------------------------- */

static void
check_step(RgtImportRow *row, const Draft *draft)
{
	Numeric		suggested = DatumGetNumeric(row->value[SUGGESTED]);
	int64		steps = 0;
	RgtFit		fit = rgt_to_steps(&draft->step, suggested, &steps);

	if (fit == RGT_TOO_LARGE)
		rgt_import_refuse(row, RGT_CAUSE_OUT_OF_RANGE, SUGGESTED, rgt_text("suggested %s is out of range"),
						  rgt_numeric_text(suggested));
	else if (steps < 0)
		rgt_import_refuse(row, RGT_CAUSE_NEGATIVE, SUGGESTED, rgt_text("suggested %s is negative"), rgt_numeric_text(suggested));
	else if (fit == RGT_OFF_STEP)
		rgt_import_refuse(row, RGT_CAUSE_OFF_STEP, SUGGESTED, rgt_text("suggested %s is not a multiple of the plan's step, %s"),
						  rgt_numeric_text(suggested),
						  rgt_numeric_text(draft->step.numeric));
}

/* A row that may be older than the target that its unit has does not take its place. */
static void
check_met_anew(const RgtImport *import, RgtImportRow *row, const Draft *draft)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT true FROM regtarget.targets WHERE plan_id = $1 AND unit_id = $2 AND suggested <> $3",
		INT8OID, INT4OID, NUMERICOID);
	Datum		arguments[3] = {Int64GetDatum(draft->plan_id), Int32GetDatum(row->unit_id), row->value[SUGGESTED]};
	Datum		found;
	bool		isnull;

	if (draft->plan_id != 0 && rgt_is_met_anew(import, row) &&
		rgt_one(&query, RGT_FRESH, arguments, NULL, &found, &isnull, 1))
		rgt_import_refuse(row, RGT_CAUSE_ON_RECORD, UNIT,
						  rgt_text("the unit has another target in the draft already, and \"%s\" was not known by this name "
								   "when the row was refused"), rgt_import_shown(row->value[UNIT]));
}

static void
resolve_targets(RgtImport *import, RgtImportRow **rows, int n)
{
	for (int i = 0; i < n; i++)
		rows[i]->name[RGT_NAME_UNIT] = rgt_name(import, RGT_NAME_UNIT, (Datum) 0, rows[i]->value[UNIT]);
	rgt_names_look_up(import);
	import->state = NIL;
	for (int i = 0; i < n; i++)
	{
		const RgtName *unit = rows[i]->name[RGT_NAME_UNIT];
		Draft	   *draft = draft_of(import, rows[i]->value[PERIOD]);

		rows[i]->unit_id = unit->id;
		if (unit->id == 0)
			rgt_import_refuse_name(rows[i], unit, UNIT);
		if (draft->why == NULL)
			check_step(rows[i], draft);
	}
	find_roots(import, rows, n);
	for (int i = 0; i < n; i++)
	{
		Draft	   *draft = draft_of(import, rows[i]->value[PERIOD]);

		check_maker(import, draft);
		if (draft->why != NULL)
			rgt_import_refuse(rows[i], draft->cause, PERIOD, "%s", draft->why);
		else if (rows[i]->unit_id != 0 && draft->root_unit_id != 0)
			check_inside(rows[i], draft);
		if (rows[i]->reason == NULL)
			check_met_anew(import, rows[i], draft);
	}
}

static int
compare_targets(const RgtImportRow *a, const RgtImportRow *b)
{
	int			result = rgt_import_compare_text(a->value[PERIOD], b->value[PERIOD]);

	return result != 0 ? result : (a->unit_id > b->unit_id) - (a->unit_id < b->unit_id);
}

/* ---- writing ------------------------------------------------------------------------------------------------ */

static void
make_draft(Draft *draft)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.plans (period, root_unit_id, total) VALUES ($1, $2, 0) RETURNING plan_id", TEXTOID, INT4OID);
	Datum		arguments[2] = {draft->period, Int32GetDatum(draft->root_unit_id)};
	Datum		plan_id;
	bool		isnull;

	rgt_one(&query, RGT_FRESH, arguments, NULL, &plan_id, &isnull, 1);
	draft->plan_id = DatumGetInt64(plan_id);
	draft->made = true;
}

static void
make_target(const RgtImport *import, const RgtImportRow *row, Datum *values, bool *nulls)
{
	values[0] = Int64GetDatum(row->other);
	values[1] = Int32GetDatum(row->unit_id);
	values[2] = row->value[SUGGESTED];
}

/* A plan's targets, and what stands at the top of them: what has none above it, its parent's or farther up. */
typedef struct Tops
{
	const RgtTree *tree;
	MemoryContext context;
	Numeric    *suggested;		/* by position in the tree; NULL: none */
	Numeric		sum;			/* of units at the top */
} Tops;

static void
note_target(TupleTableSlot *slot, void *arg)
{
	Tops	   *tops = arg;
	int			p = rgt_tree_find(tops->tree, DatumGetInt32(slot->tts_values[0]));
	MemoryContext old = MemoryContextSwitchTo(tops->context);

	if (p >= 0)
		tops->suggested[p] = DatumGetNumericCopy(slot->tts_values[1]);
	MemoryContextSwitchTo(old);
}

/* The sum of what stands at the top of a plan; parents come before their children in a tree. */
static Numeric
sum_at_top(int64 plan_id, const RgtTree *tree)
{
	static RgtQuery query = RGT_QUERY("SELECT unit_id, suggested FROM regtarget.targets WHERE plan_id = $1", INT8OID);
	Datum		argument = Int64GetDatum(plan_id);
	Size		n = Max(tree->n, 1);
	Tops		tops = {tree, CurrentMemoryContext, NULL, int64_to_numeric(0)};
	bool	   *below = palloc_extended(sizeof(bool) * n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	tops.suggested = palloc_extended(sizeof(Numeric) * n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_run(&query, RGT_FRESH, &argument, NULL, note_target, &tops);
	for (int p = 0; p < tree->n; p++)
	{
		int			parent = tree->parent[p];

		below[p] = parent >= 0 && (below[parent] || tops.suggested[parent] != NULL);
		if (tops.suggested[p] != NULL && !below[p])
			tops.sum = numeric_add_opt_error(tops.sum, tops.suggested[p], NULL);
	}
	return tops.sum;
}

/* Was the plan's total the sum of what stands at its top, its root having no target? */
static bool
added_up(const Draft *draft)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT p.total = $2 FROM regtarget.plans p "
		"WHERE p.plan_id = $1 AND EXISTS (SELECT FROM regtarget.targets t WHERE t.plan_id = $1) "
		"AND NOT EXISTS (SELECT FROM regtarget.targets root "
		"WHERE root.plan_id = $1 AND root.unit_id = p.root_unit_id)", INT8OID, NUMERICOID);
	Datum		arguments[2] = {Int64GetDatum(draft->plan_id), NumericGetDatum(sum_at_top(draft->plan_id, draft->tree))};
	Datum		result;
	bool		isnull;

	return rgt_one(&query, RGT_FRESH, arguments, NULL, &result, &isnull, 1) && !isnull && DatumGetBool(result);
}

/* What the statement leaves behind it: plans, made or written to, whose totals are looked at in the end. */
static void
touch(RgtImport *import, const Draft *draft)
{
	MemoryContext old = MemoryContextSwitchTo(import->context);
	int64	   *touched = palloc(sizeof(int64) * 2);

	touched[0] = draft->plan_id;
	touched[1] = draft->made || added_up(draft);
	import->touched = lappend(import->touched, touched);
	MemoryContextSwitchTo(old);
}

static void
write_targets(RgtImport *import, RgtImportRow **rows, int n)
{
	static const RgtMadeColumn columns[] = {{"plan_id", INT8OID}, {"unit_id", INT4OID}, {"suggested", NUMERICOID}};

	for (int i = 0, first = 0; i < n; i++)
	{
		Draft	   *draft = draft_of(import, rows[i]->value[PERIOD]);

		if (i + 1 < n && rgt_import_compare_text(rows[i]->value[PERIOD], rows[i + 1]->value[PERIOD]) == 0)
			continue;
		if (draft->plan_id == 0)
			make_draft(draft);
		touch(import, draft);
		for (; first <= i; first++)
			rows[first]->other = draft->plan_id;
	}
	rgt_import_write(
		import, "INSERT INTO regtarget.targets AS t (plan_id, unit_id, period, suggested) "
		"SELECT r.plan_id, r.unit_id, '', r.suggested FROM made_rows r "
		"ON CONFLICT (plan_id, unit_id) DO UPDATE SET suggested = excluded.suggested "
		"WHERE t.suggested <> excluded.suggested",
		columns, lengthof(columns), make_target, rows, n);
}

/*
 * A plan's total follows its root's target.  Without one it is the sum of what stands at the top, and
 * stays so while rows come in one by one; a total typed by hand that is another stays as it is.
 */
static void
finish_targets(RgtImport *import)
{
	static RgtQuery first_day = RGT_QUERY(
		"SELECT lower(q.during) FROM regtarget.plans p JOIN regtarget.periods q ON q.period = p.period WHERE p.plan_id = $1",
		INT8OID);
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans p SET total = s.total FROM ("
		"SELECT coalesce((SELECT t.suggested FROM regtarget.targets t WHERE t.plan_id = $1 AND t.unit_id = o.root_unit_id), "
		"CASE WHEN $2 THEN $3 END) AS total FROM regtarget.plans o WHERE o.plan_id = $1) s "
		"WHERE p.plan_id = $1 AND p.total <> s.total", INT8OID, BOOLOID, NUMERICOID);
	ListCell   *cell;

	foreach(cell, import->touched)
	{
		const int64 *touched = lfirst(cell);
		Datum		arguments[3] = {Int64GetDatum(touched[0]), BoolGetDatum(touched[1] != 0)};
		Datum		day;
		bool		isnull;

		rgt_one(&first_day, RGT_FRESH, arguments, NULL, &day, &isnull, 1);
		arguments[2] = NumericGetDatum(sum_at_top(touched[0], rgt_tree_read(RGT_FRESH, DatumGetDateADT(day))));
		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
	}
}

static const RgtKeyName target_unit = {UNIT, RGT_NAME_UNIT, true};

const RgtTarget rgt_targets_in = {
	.view = "targets_in",
	.ncolumns = 3,
	.shown = 3,
	.column = {{"period", RGT_CELL_TEXT, true}, {"unit", RGT_CELL_ID, true}, {"suggested", RGT_CELL_AMOUNT, true}},
	.source = -1,
	.nkeys = 2,
	.key = {PERIOD, UNIT},
	.named = &target_unit,
	.duty = RGT_PLANNER,
	.whole = true,
	.alone = true,
	.resolve = resolve_targets,
	.compare = compare_targets,
	.write = write_targets,
	.finish = finish_targets
};
