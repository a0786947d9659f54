/*
 * imports/statements.c
 *	  The writable views: the rows of a statement gathered by their triggers.
 *
 * A view fires a trigger before and after each statement and in place of each row.  The three share
 * the statement's import, which cannot hang on any one trigger's call info; so the imports of the
 * statements that are running stand in a list, innermost first.  A statement runs to its end before
 * the one that it is part of goes on, so the innermost import of a view is that of the statement
 * that fires.  What an error leaves in the list is taken out when its (sub)transaction ends, whose
 * memory it lives in.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "utils/memutils.h"

#include "imports/imports.h"
#include "regtarget.h"

/* The imports of the statements that are running, innermost first. */
static RgtImport *statements = NULL;

static void
at_subtransaction(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (statements != NULL && statements->subid >= subid)
		statements = statements->outer;
}

static void
at_transaction(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT && event != XACT_EVENT_PRE_PREPARE)
		statements = NULL;
}

static void
begin_statement(Oid view, const RgtTarget *target)
{
	static bool registered = false;
	RgtImport  *import;

	if (!registered)
	{
		RegisterSubXactCallback(at_subtransaction, NULL);
		RegisterXactCallback(at_transaction, NULL);
		registered = true;
	}
	import = rgt_import_begin(target, NULL, CurTransactionContext);
	import->view = view;
	import->subid = GetCurrentSubTransactionId();
	import->outer = statements;
	statements = import;
}

static RgtImport *
find_statement(Oid view)
{
	for (RgtImport *import = statements; import != NULL; import = import->outer)
	{
		if (import->view == view)
			return import;
	}
	elog(ERROR, "no statement has begun on view %u", view);
}

static void
end_statement(RgtImport *import)
{
	RgtImport **link = &statements;

	rgt_import_end(import);
	if (import->rejected > 0)
		ereport(NOTICE,
				(errmsg("%" PRId64 " of %" PRId64 " rows for %s were refused: see regtarget.import_rejects",
						import->rejected, import->lines, import->target->view)));
	while (*link != import)
		link = &(*link)->outer;
	*link = import->outer;
	MemoryContextDelete(import->context);
}

static void
take_tuple(RgtImport *import, HeapTuple tuple, TupleDesc desc)
{
	MemoryContext old;
	Datum		raw[RGT_IMPORT_COLUMNS] = {0};
	bool		nulls[RGT_IMPORT_COLUMNS];
	HeapTuple	copy;
	Size		bytes = 0;

	rgt_import_room(import);
	old = MemoryContextSwitchTo(import->batch);
	copy = heap_copytuple(tuple);
	heap_deform_tuple(copy, desc, raw, nulls);
	for (int c = 0; c < import->target->shown; c++)
	{
		Datum		stored = raw[c];

		raw[c] = nulls[c] ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_PACKED(stored));
		if (raw[c] != stored)	/* read from another table it was stored apart or compressed */
			bytes += VARSIZE_ANY(DatumGetPointer(raw[c]));
	}
	rgt_import_add(import, raw, copy->t_len + bytes);
	MemoryContextSwitchTo(old);
}

/* The target of the view that fires; an error for any other table or moment. */
static const RgtTarget *
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const RgtTarget *target = NULL;

	if (CALLED_AS_TRIGGER(fcinfo) && TRIGGER_FIRED_BY_INSERT(trigger->tg_event) &&
		(TRIGGER_FIRED_FOR_ROW(trigger->tg_event) != 0) == TRIGGER_FIRED_INSTEAD(trigger->tg_event) &&
		trigger->tg_relation->rd_rel->relkind == RELKIND_VIEW &&
		RelationGetNamespace(trigger->tg_relation) == get_namespace_oid("regtarget", false))
		target = rgt_import_target(RelationGetRelationName(trigger->tg_relation));
	if (target == NULL)
		rgt_wrong_trigger("regtarget.import_rows");
	return target;
}

/* BEFORE and AFTER INSERT for each statement, INSTEAD OF INSERT for each row, of the ..._in views. */
PG_FUNCTION_INFO_V1(rgt_import_rows);
Datum
rgt_import_rows(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	RgtImport  *import = fcinfo->flinfo->fn_extra;

	if (import == NULL)
	{
		const RgtTarget *target = check_trigger(fcinfo);
		Oid			view = RelationGetRelid(trigger->tg_relation);

		if (TRIGGER_FIRED_BEFORE(trigger->tg_event))
			begin_statement(view, target);
		import = find_statement(view);
		if (TRIGGER_FIRED_AFTER(trigger->tg_event))
			end_statement(import);
		if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
			return PointerGetDatum(NULL);
		/* The call info lives as long as the statement, and so does its import. */
		fcinfo->flinfo->fn_extra = import;
	}
	take_tuple(import, trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
	return PointerGetDatum(trigger->tg_trigtuple);
}
