/*
 * ledger/ledger.c
 *	  The ledger's guard, and ledger_digest(): the heads of its chains.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "funcapi.h"

#include "access/access.h"
#include "ledger/chain.h"
#include "regtarget.h"

/* ---- the guard of the ledger ------------------------------------------------------------------------ */

/* BEFORE INSERT, UPDATE or DELETE of the ledger, for each row; BEFORE TRUNCATE, for each statement. */
PG_FUNCTION_INFO_V1(rgt_guard_ledger);
Datum
rgt_guard_ledger(PG_FUNCTION_ARGS)
{
	const char *bound = rgt_text("Every entry is bound to the one before it by its hash.");
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.guard_ledger", "ledger", RGT_BEFORE_ROW);

	if (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		rgt_refuse_state("ledger", rgt_text("an entry of the ledger does not change once it is written"), bound, NULL);
	if (!rgt_own_statement() && !rgt_restoring())
		rgt_refuse_state("ledger", rgt_text("the ledger is written by functions alone"), bound, NULL);
	return PointerGetDatum(trigger->tg_trigtuple);
}

/* ---- heads -------------------------------------------------------------------------------------------- */

/* May the caller see the head of this chain? */
static bool
may_see(int32 unit_id)
{
	return rgt_in_sight(rgt_caller(), unit_id);
}

static void
put_head(TupleTableSlot *slot, void *arg)
{
	ReturnSetInfo *result = arg;

	if (may_see(DatumGetInt32(slot->tts_values[0])))
		tuplestore_puttupleslot(result->setResult, slot);
}

static void
put_all_heads(ReturnSetInfo *result)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT l.unit_id, u.code, l.entry, encode(l.hash, 'hex') "
		"FROM (SELECT DISTINCT ON (unit_id) unit_id, entry, hash FROM regtarget.ledger ORDER BY unit_id, entry DESC) AS l "
		"LEFT JOIN regtarget.units u ON u.unit_id = l.unit_id ORDER BY l.unit_id");

	rgt_run(&query, RGT_CALLER, NULL, NULL, put_head, result);
}

/* The head of one unit's chain; of one that has no entries yet, 0 and null. */
static void
put_head_of(text *code, ReturnSetInfo *result)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT u.unit_id, u.code, coalesce(l.entry, 0), encode(l.hash, 'hex') FROM regtarget.units u "
		"LEFT JOIN LATERAL (SELECT entry, hash FROM regtarget.ledger WHERE unit_id = u.unit_id ORDER BY entry DESC LIMIT 1) AS l "
		"ON true WHERE u.unit_id = $1", INT4OID);
	Datum		unit_id = Int32GetDatum(rgt_unit_by_code(code));

	rgt_require_sight(DatumGetInt32(unit_id));
	rgt_run(&query, RGT_CALLER, &unit_id, NULL, put_head, result);
}

/* ledger_digest(unit): how many entries a chain has and the hash of its last; without a unit, of all. */
PG_FUNCTION_INFO_V1(rgt_ledger_digest);
Datum
rgt_ledger_digest(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgtSession	session;

	InitMaterializedSRF(fcinfo, 0);
	rgt_enter(&session);
	if (PG_ARGISNULL(0))
		put_all_heads(result);
	else
		put_head_of(PG_GETARG_TEXT_PP(0), result);
	rgt_end(&session);
	return (Datum) 0;
}
