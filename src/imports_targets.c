/*
 * imports_targets.c
 *	  Targets typed elsewhere: into the one live draft of their period.
 *
 * Where a period has none, one is made: of the root above the rows' units, with the rows' total.  The
 * guard of targets computes what follows from `suggested`, and refuses units outside of the plan.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "imports.h"

enum
{
	PERIOD, UNIT, SUGGESTED
};

/* A period that the rows name, with its draft. */
typedef struct Draft
{
	Datum		period;
	int64		plan_id;		/* 0: none yet */
	RgtStep		step;
	const char *why;			/* it takes no rows */
	int32		root_unit_id;	/* of the draft, or of the one to be made */
	bool		has_own;		/* and that root has a row of its own */
	bool		made;			/* by this statement */
} Draft;

/* ---- the draft of a period ----------------------------------------------------------------------------- */

/* Nothing of the period is published while we write. */
static bool
lock_period(Datum period)
{
	static RgtQuery query = RGT_QUERY("SELECT FROM regtarget.periods WHERE period = $1 FOR SHARE", TEXTOID);

	return rgt_run(&query, RGT_FRESH, &period, NULL, NULL, NULL) > 0;
}

enum
{
	FOUND_DRAFTS, FOUND_PLAN, FOUND_STEP, FOUND_OTHERS, FOUND_IDS, FOUND_ROOT, FOUND_COLUMNS
};

static void
find_draft(Draft *draft)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT count(*) FILTER (WHERE d.is_draft), min(d.plan_id) FILTER (WHERE d.is_draft), "
		"min(d.step) FILTER (WHERE d.is_draft), min(d.plan_id) FILTER (WHERE NOT d.is_draft), "
		"string_agg(d.plan_id::pg_catalog.text, ', ' ORDER BY d.plan_id) FILTER (WHERE d.is_draft), "
		"min(d.root_unit_id) FILTER (WHERE d.is_draft) "
		"FROM (SELECT p.plan_id, p.root_unit_id, p.step, p.status IN ('draft', 'proposed') AS is_draft FROM regtarget.plans p "
		"WHERE p.period = $1 AND p.mode = 'live') d", TEXTOID);
	Datum		values[FOUND_COLUMNS];
	bool		isnull[FOUND_COLUMNS];
	int64		drafts;

	if (!lock_period(draft->period))
	{
		draft->why = psprintf("period \"%s\" does not exist", rgt_import_shown(draft->period));
		return;
	}
	rgt_one(&query, RGT_FRESH, &draft->period, NULL, values, isnull, FOUND_COLUMNS);
	drafts = DatumGetInt64(values[FOUND_DRAFTS]);
	if (drafts > 1)
		draft->why = psprintf("period \"%s\" has several live drafts, plans %s: it is not clear which one is meant",
							  TextDatumGetCString(draft->period), TextDatumGetCString(values[FOUND_IDS]));
	else if (drafts == 1)
	{
		draft->plan_id = DatumGetInt64(values[FOUND_PLAN]);
		draft->root_unit_id = DatumGetInt32(values[FOUND_ROOT]);
		rgt_step_init(&draft->step, DatumGetNumeric(values[FOUND_STEP]));
	}
	else if (!isnull[FOUND_OTHERS])
		draft->why = psprintf("the targets of period \"%s\" are published, in plan " INT64_FORMAT,
							  TextDatumGetCString(draft->period), DatumGetInt64(values[FOUND_OTHERS]));
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
	draft->period = PointerGetDatum(DatumGetTextPCopy(period));
	find_draft(draft);
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
		draft->why = psprintf("period \"%s\" has no live draft, and the units belong to more than one root",
							  TextDatumGetCString(draft->period));
}

/*
 * Whose plan is to be made: that of the root which has a row of its own or, when none has, of the root
 * above all the rows' units.
 */
static void
find_roots(RgtImport *import, const RgtTree *tree, RgtImportRow **rows, int n)
{
	for (int own = 1; own >= 0; own--)
	{
		for (int i = 0; i < n; i++)
		{
			Draft	   *draft = draft_of(import, rows[i]->value[PERIOD]);
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

/* A plan covers its root and the units below it; the guard would say so too, but stop the others. */
static void
check_inside(RgtImportRow *row, const RgtTree *tree, const Draft *draft)
{
	int			p = rgt_tree_find(tree, row->unit_id);

	while (p >= 0 && tree->unit_id[p] != draft->root_unit_id)
		p = tree->parent[p];
	if (p < 0)
		rgt_import_refuse(row, "the plan of period \"%s\" is of unit \"%s\" and those below it",
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
		rgt_import_refuse(row, "suggested %s is out of range", rgt_numeric_text(suggested));
	else if (steps < 0)
		rgt_import_refuse(row, "suggested %s is negative", rgt_numeric_text(suggested));
	else if (fit == RGT_OFF_STEP)
		rgt_import_refuse(row, "suggested %s is not a multiple of the plan's step, %s", rgt_numeric_text(suggested),
						  rgt_numeric_text(draft->step.numeric));
}

static void
resolve_targets(RgtImport *import, RgtImportRow **rows, int n)
{
	const RgtTree *tree;

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
			rgt_import_refuse(rows[i], "%s", unit->why);
		if (draft->why == NULL)
			check_step(rows[i], draft);
	}
	tree = rgt_tree_read(RGT_FRESH);
	find_roots(import, tree, rows, n);
	for (int i = 0; i < n; i++)
	{
		const Draft *draft = draft_of(import, rows[i]->value[PERIOD]);

		if (draft->why != NULL)
			rgt_import_refuse(rows[i], "%s", draft->why);
		else if (rows[i]->unit_id != 0 && draft->root_unit_id != 0)
			check_inside(rows[i], tree, draft);
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

/* What the statement leaves behind it: plans, made or written to, whose totals are looked at in the end. */
static void
touch(RgtImport *import, const Draft *draft)
{
	MemoryContext old = MemoryContextSwitchTo(import->context);
	int64	   *touched = palloc(sizeof(int64) * 2);

	touched[0] = draft->plan_id;
	touched[1] = draft->made;
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
 * A plan's total follows its root's target.  A plan that this statement made without one adds up to
 * what stands at its top.
 */
static void
finish_targets(RgtImport *import)
{
	static RgtQuery query = RGT_QUERY(
		"UPDATE regtarget.plans p SET total = s.total FROM ("
		"SELECT coalesce(sum(t.suggested) FILTER (WHERE t.unit_id = o.root_unit_id), "
		"CASE WHEN $2 THEN sum(t.suggested) FILTER (WHERE NOT EXISTS (SELECT FROM regtarget.targets above "
		"WHERE above.plan_id = t.plan_id AND above.unit_id = t.parent_unit_id)) END) AS total "
		"FROM regtarget.plans o JOIN regtarget.targets t ON t.plan_id = o.plan_id WHERE o.plan_id = $1) s "
		"WHERE p.plan_id = $1 AND p.total <> s.total", INT8OID, BOOLOID);
	ListCell   *cell;

	foreach(cell, import->touched)
	{
		const int64 *touched = lfirst(cell);
		Datum		arguments[2] = {Int64GetDatum(touched[0]), BoolGetDatum(touched[1] != 0)};

		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
	}
}

const RgtTarget rgt_targets_in = {
	.view = "targets_in",
	.ncolumns = 3,
	.shown = 3,
	.column = {{"period", RGT_CELL_TEXT, true}, {"unit", RGT_CELL_TEXT, true}, {"suggested", RGT_CELL_AMOUNT, true}},
	.source = -1,
	.nkeys = 2,
	.key = {PERIOD, UNIT},
	.whole = true,
	.alone = true,
	.resolve = resolve_targets,
	.compare = compare_targets,
	.write = write_targets,
	.finish = finish_targets
};
