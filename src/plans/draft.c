/*
 * plans/draft.c
 *	  The tables behind allocate_targets(): the plan's row, what its split was made of, its targets.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "plans/draft.h"
#include "plans/plans.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- the plan's row ------------------------------------------------------------------------------ */

static char **
factor_column(const RgtFactors *factors, size_t offset)
{
	char	  **column = palloc(sizeof(char *) * Max(factors->n, 1));

	for (int f = 0; f < factors->n; f++)
		column[f] = *(char **) ((char *) &factors->factor[f] + offset);
	return column;
}

static Datum
text_array(char **strings, int n)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(n, 1));
	bool	   *nulls = palloc0(sizeof(bool) * Max(n, 1));
	int			lower = 1;

	for (int i = 0; i < n; i++)
	{
		nulls[i] = strings[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(strings[i]);
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, &n, &lower, TEXTOID, -1, false, TYPALIGN_INT));
}

/* A snapshot of the rules that this split obeys: policy, and the factors that count with their weights. */
static Datum
rules_snapshot(const RgtAllocation *allocation)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.jsonb_build_object("
		"'policy', (SELECT pg_catalog.to_jsonb(p) FROM regtarget.policies p "
		"WHERE p.effective_from OPERATOR(pg_catalog.<=) $1 ORDER BY p.effective_from DESC LIMIT 1), "
		"'factors', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object("
		"'signal', f.signal, 'factor', f.factor, 'weight', f.weight, 'scaled_by', f.scaled_by)), '[]') "
		"FROM unnest($2, $3, $4, $5) AS f(signal, factor, weight, scaled_by) WHERE f.weight OPERATOR(pg_catalog.>) 0))",
		DATEOID, TEXTARRAYOID, TEXTARRAYOID, FLOAT8ARRAYOID, TEXTARRAYOID);
	const RgtFactors *factors = &allocation->job.factors;
	Datum	   *weights = palloc(sizeof(Datum) * Max(factors->n, 1));
	Datum		arguments[5];
	Datum		rules;
	bool		isnull;

	for (int f = 0; f < factors->n; f++)
		weights[f] = Float8GetDatum(factors->factor[f].weight);
	arguments[0] = DateADTGetDatum(allocation->job.day);
	arguments[1] = text_array(factor_column(factors, offsetof(RgtFactor, signal)), factors->n);
	arguments[2] = text_array(factor_column(factors, offsetof(RgtFactor, factor)), factors->n);
	arguments[3] = PointerGetDatum(construct_array(weights, factors->n, FLOAT8OID, sizeof(float8),
												   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	arguments[4] = text_array(factor_column(factors, offsetof(RgtFactor, scaled_by)), factors->n);
	rgt_one(&query, RGT_LATEST, arguments, NULL, &rules, &isnull, 1);
	return rules;
}

/* Only one session at a time makes or remakes the draft of a period, mode, root and label. */
static void
lock_draft(const RgtAllocation *allocation)
{
	text	   *period = allocation->period.period;
	text	   *label = allocation->label;
	uint32		hash = DatumGetUInt32(hash_any((unsigned char *) VARDATA_ANY(period), VARSIZE_ANY_EXHDR(period)));

	hash = hash_combine(hash, murmurhash32(allocation->root));
	hash = hash_combine(hash, DatumGetUInt32(hash_any((unsigned char *) VARDATA_ANY(allocation->mode),
													  VARSIZE_ANY_EXHDR(allocation->mode))));
	if (label != NULL)
		hash = hash_combine(hash, DatumGetUInt32(hash_any((unsigned char *) VARDATA_ANY(label),
														  VARSIZE_ANY_EXHDR(label))));
	rgt_lock_thing(rgt_relation("plans_plan_id_seq"), hash, ExclusiveLock);
}

/* The draft that this call writes anew; 0 when there is none yet.  What was revealed stays as it was shown. */
static int64
existing_draft(const RgtAllocation *allocation)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT plan_id FROM regtarget.plans WHERE period OPERATOR(pg_catalog.=) $1 "
		"AND mode OPERATOR(pg_catalog.=) $2 AND root_unit_id OPERATOR(pg_catalog.=) $3 "
		"AND coalesce(label OPERATOR(pg_catalog.=) $4, label IS NULL AND $4 IS NULL) "
		"AND status OPERATOR(pg_catalog.=) ANY ('{draft,proposed}'::pg_catalog.text[]) AND revealed_at IS NULL "
		"ORDER BY plan_id DESC LIMIT 1", TEXTOID, TEXTOID, INT4OID, TEXTOID);
	Datum		arguments[4] = {PointerGetDatum(allocation->period.period), PointerGetDatum(allocation->mode),
	Int32GetDatum(allocation->root), PointerGetDatum(allocation->label)};
	Datum		plan_id;
	bool		isnull;

	if (allocation->sandbox ||
		!rgt_one(&query, RGT_LATEST, arguments, allocation->label == NULL ? "   n" : NULL, &plan_id, &isnull, 1))
		return 0;
	return DatumGetInt64(plan_id);
}

static int64
new_plan(const RgtAllocation *allocation, Datum rules)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.plans (period, mode, root_unit_id, label, total, step, rules) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING plan_id",
		TEXTOID, TEXTOID, INT4OID, TEXTOID, NUMERICOID, NUMERICOID, JSONBOID);
	Datum		arguments[7] = {PointerGetDatum(allocation->period.period), PointerGetDatum(allocation->mode),
		Int32GetDatum(allocation->root), PointerGetDatum(allocation->label),
		NumericGetDatum(allocation->total), NumericGetDatum(allocation->job.step.numeric), rules
	};
	Datum		plan_id;
	bool		isnull;

	rgt_one(&query, RGT_FRESH, arguments, allocation->label == NULL ? "   n   " : NULL, &plan_id, &isnull, 1);
	return DatumGetInt64(plan_id);
}

/* Write a draft's row anew and take its old targets away. */
static void
clear_draft(const RgtAllocation *allocation, int64 plan_id, Datum rules)
{
	static RgtQuery update = RGT_QUERY(
		"UPDATE regtarget.plans SET status = 'draft', total = $2, step = $3, rules = $4, "
		"cap = (SELECT p.cap FROM regtarget.policies p WHERE p.effective_from OPERATOR(pg_catalog.<=) $5 "
		"ORDER BY p.effective_from DESC LIMIT 1) WHERE plan_id OPERATOR(pg_catalog.=) $1",
		INT8OID, NUMERICOID, NUMERICOID, JSONBOID, DATEOID);
	static RgtQuery clear_targets = RGT_QUERY(
		"DELETE FROM regtarget.targets WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery clear_basis = RGT_QUERY(
		"DELETE FROM regtarget.plan_basis WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery clear_answers = RGT_QUERY(
		"DELETE FROM regtarget.answers WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	static RgtQuery clear_bounds = RGT_QUERY(
		"DELETE FROM regtarget.plan_bounds WHERE plan_id OPERATOR(pg_catalog.=) $1", INT8OID);
	Datum		arguments[5] = {Int64GetDatum(plan_id), NumericGetDatum(allocation->total),
		NumericGetDatum(allocation->job.step.numeric), rules, DateADTGetDatum(allocation->job.day)
	};

	rgt_write_plan(&update, arguments, NULL, plan_id);
	rgt_run(&clear_basis, RGT_FRESH, arguments, NULL, NULL, NULL);
	rgt_run(&clear_answers, RGT_FRESH, arguments, NULL, NULL, NULL);
	rgt_run(&clear_bounds, RGT_FRESH, arguments, NULL, NULL, NULL);
	/* Last: nothing is left that would go with each of them. */
	rgt_run(&clear_targets, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* Keep the bounds that the split obeyed: those of the plan's period and units, whose targets are written. */
void
rgt_bounds_write(const RgtAllocation *allocation, int64 plan_id)
{
	static RgtQuery query = RGT_KEY_QUERY(
		"INSERT INTO regtarget.plan_bounds (plan_id, unit_id, at_least, at_most) "
		"SELECT t.plan_id, b.unit_id, b.at_least, b.at_most FROM regtarget.bounds b "
		"JOIN regtarget.targets t ON t.plan_id OPERATOR(pg_catalog.=) $1 AND t.unit_id OPERATOR(pg_catalog.=) b.unit_id "
		"WHERE b.period OPERATOR(pg_catalog.=) $2",
		INT8OID, TEXTOID);
	Datum		arguments[2] = {Int64GetDatum(plan_id), PointerGetDatum(allocation->period.period)};

	if (allocation->job.at_least != NULL)
		rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}

/* A draft to write into, empty and locked against whoever would publish it meanwhile. */
int64
rgt_draft_make(const RgtAllocation *allocation)
{
	Datum		rules = rules_snapshot(allocation);
	int64		plan_id;

	lock_draft(allocation);
	plan_id = existing_draft(allocation);
	if (plan_id == 0)
		return new_plan(allocation, rules);
	rgt_lock_plan(plan_id, ExclusiveLock);
	if (existing_draft(allocation) != plan_id)
		return rgt_draft_make(allocation);	/* published while we waited */
	clear_draft(allocation, plan_id, rules);
	return plan_id;
}

/* ---- a live plan beside what is published ------------------------------------------------------- */

typedef struct Published
{
	const RgtTree *tree;
	const bool *member;
	int32		unit_id;		/* one that is in both; 0: none */
	int64		plan_id;
} Published;

static void
note_published(TupleTableSlot *slot, void *arg)
{
	Published  *published = arg;
	int32		unit_id = DatumGetInt32(slot->tts_values[0]);
	int			p = rgt_tree_find(published->tree, unit_id);

	if (p < 0 || !published->member[p] || (published->unit_id != 0 && published->unit_id < unit_id))
		return;
	published->unit_id = unit_id;
	published->plan_id = DatumGetInt64(slot->tts_values[1]);
}

/* A live draft over a unit that is published for the period would never be published: 55000. */
void
rgt_refuse_published(const RgtAllocation *allocation, const RgtSplit *split)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT t.unit_id, t.plan_id FROM regtarget.plans p "
		"JOIN regtarget.targets t ON t.plan_id OPERATOR(pg_catalog.=) p.plan_id "
		"WHERE p.period OPERATOR(pg_catalog.=) $1 AND p.mode OPERATOR(pg_catalog.=) 'live' "
		"AND p.status OPERATOR(pg_catalog.=) ANY ('{published,closed}'::pg_catalog.text[])", TEXTOID);
	Datum		argument = PointerGetDatum(allocation->period.period);
	bool	   *member = palloc_extended(Max(allocation->job.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	Published	published = {allocation->job.tree, member, 0, 0};

	for (int m = 0; m < split->n; m++)
		member[split->position[m]] = true;
	rgt_run(&query, RGT_LATEST, &argument, NULL, note_published, &published);
	pfree(member);
	if (published.unit_id == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("unit \"%s\" already has a published target for period \"%s\"",
					rgt_unit_name(published.unit_id), text_to_cstring(allocation->period.period)),
			 errdetail("It stands in plan %" PRId64 ".", published.plan_id),
			 errhint("Its amount may move within the cap; shadow and sandbox plans stay possible.")));
}

/* ---- writing the parts ---------------------------------------------------------------------------- */

enum
{
	BASIS_PARENT, BASIS_SIGNAL, BASIS_FACTOR, BASIS_WEIGHT, BASIS_UNIT_IDS, BASIS_VALUES, BASIS_IMPUTED,
	BASIS_SCALES, BASIS_SHARES, BASIS_COLUMNS
};

/* An array datum straight from C's array: all by value, none null. */
static Datum
plain_array(const void *elements, int n, Oid type, int size)
{
	Size		bytes = ARR_OVERHEAD_NONULLS(1) + (Size) size * n;
	ArrayType  *array;

	if (!AllocSizeIsValid(bytes))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a unit has too many children"),
				 errdetail("It has %d.", n)));
	array = palloc0(bytes);
	SET_VARSIZE(array, bytes);
	array->ndim = 1;
	array->elemtype = type;
	ARR_DIMS(array)[0] = n;
	ARR_LBOUND(array)[0] = 1;
	memcpy(ARR_DATA_PTR(array), elements, (Size) size * n);
	return PointerGetDatum(array);
}

void
rgt_basis_add(int32 parent, const int32 *unit_ids, const RgtBasis *basis, void *arg)
{
	RgtBasisRows  *rows = arg;
	MemoryContext old = MemoryContextSwitchTo(rows->context);
	Datum		values[BASIS_COLUMNS];
	bool		nulls[BASIS_COLUMNS] = {false};

	values[BASIS_PARENT] = Int32GetDatum(parent);
	values[BASIS_SIGNAL] = CStringGetTextDatum(basis->factor->signal);
	values[BASIS_FACTOR] = CStringGetTextDatum(basis->factor->factor);
	values[BASIS_WEIGHT] = Float8GetDatum(basis->weight);
	values[BASIS_UNIT_IDS] = plain_array(unit_ids, basis->n, INT4OID, sizeof(int32));
	values[BASIS_VALUES] = plain_array(basis->value, basis->n, FLOAT8OID, sizeof(double));
	values[BASIS_IMPUTED] = plain_array(basis->imputed, basis->n, BOOLOID, sizeof(bool));
	nulls[BASIS_SCALES] = basis->scale == NULL;
	values[BASIS_SCALES] = nulls[BASIS_SCALES] ? (Datum) 0 :
		plain_array(basis->scale, basis->n, FLOAT8OID, sizeof(double));
	values[BASIS_SHARES] = plain_array(basis->share, basis->n, FLOAT8OID, sizeof(double));
	tuplestore_putvalues(rows->rows, rows->desc, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->context);
}

RgtBasisRows
rgt_basis_begin(void)
{
	static const struct
	{
		const char *name;
		Oid			type;
	}			columns[BASIS_COLUMNS] = {
		{"parent_unit_id", INT4OID}, {"signal", TEXTOID}, {"factor", TEXTOID}, {"weight", FLOAT8OID},
		{"unit_ids", INT4ARRAYOID}, {"values", FLOAT8ARRAYOID}, {"imputed", BOOLARRAYOID},
		{"scales", FLOAT8ARRAYOID}, {"shares", FLOAT8ARRAYOID}
	};
	RgtBasisRows	rows;

	rows.rows = tuplestore_begin_heap(false, false, work_mem);
	rows.context = AllocSetContextCreate(CurrentMemoryContext, "regtarget basis row", ALLOCSET_DEFAULT_SIZES);
	rows.desc = CreateTemplateTupleDesc(BASIS_COLUMNS);
	for (int c = 0; c < BASIS_COLUMNS; c++)
		TupleDescInitEntry(rows.desc, c + 1, columns[c].name, columns[c].type, -1, 0);
	return rows;
}

void
rgt_basis_write(int64 plan_id, const RgtBasisRows *rows)
{
	rgt_run_rows(psprintf("INSERT INTO regtarget.plan_basis (plan_id, parent_unit_id, signal, factor, weight, "
						  "unit_ids, \"values\", imputed, scales, shares) "
						  "SELECT " INT64_FORMAT ", r.* FROM made_rows r", plan_id),
				 rows->rows, rows->desc, None_Receiver);
	tuplestore_end(rows->rows);
}

/* Put the targets of a split into the table; the rows, as the guard made them, go to `dest`. */
void
rgt_targets_write(const RgtAllocation *allocation, const RgtSplit *split, int64 plan_id, DestReceiver *dest)
{
	TupleDesc	desc = CreateTemplateTupleDesc(2);
	Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "regtarget target row", ALLOCSET_SMALL_SIZES);

	AssertCheckSplit(&allocation->job, split);
	TupleDescInitEntry(desc, 1, "unit_id", INT4OID, -1, 0);
	TupleDescInitEntry(desc, 2, "suggested", NUMERICOID, -1, 0);
	for (int m = 0; m < split->n; m++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		Datum		values[2] = {Int32GetDatum(allocation->job.tree->unit_id[split->position[m]]),
		NumericGetDatum(rgt_to_amount(&allocation->job.step, split->suggested[m]))};
		bool		nulls[2] = {false, false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(rows, desc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	rgt_run_rows(psprintf("INSERT INTO regtarget.targets (plan_id, unit_id, period, suggested) "
						  "SELECT " INT64_FORMAT ", r.unit_id, '', r.suggested FROM made_rows r RETURNING *", plan_id),
				 rows, desc, dest);
	tuplestore_end(rows);
}
