/*
 * imports/opportunities.c
 *	  What the flags of an opportunity make of a deal, and whose currency its amount is in.
 *
 * Salesforce keeps a closing day for every opportunity, planned ones too, and says by IsClosed whether it was
 * reached and by IsWon how it ended; a deal here has a day and a result once it is closed.  So what a page says
 * of the one depends on the others, which may stand on record or nowhere.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

/* What row->other says of the deal on record. */
enum
{
	OPEN, LOST, WON
};

enum
{
	FOUND_OPENED_ON, FOUND_CLOSED_ON, FOUND_WON, FOUND_AMOUNT, FOUND_IS_CLOSED
};

static void
note_result(RgtImportRow *row, const Datum *values, const bool *isnull)
{
	row->other = isnull[FOUND_WON] ? OPEN : DatumGetBool(values[FOUND_WON]) ? WON : LOST;
}

static bool
is_said(const RgtImportRow *row, int column)
{
	return rgt_import_says(row, column) && !row->isnull[column];
}

static bool
is_true(const RgtImportRow *row, int column)
{
	return !row->isnull[column] && DatumGetBool(row->value[column]);
}

/* A flag that is needed is not there. */
static void
ask_for(RgtImportRow *row, const char *why, bool is_closed, bool is_won)
{
	rgt_import_refuse(row, RGT_CAUSE_NOT_SAID, is_closed ? RGT_DEAL_IS_CLOSED : RGT_DEAL_WON,
					  is_closed && is_won ? rgt_text("%s: add IsClosed and IsWon to the query") :
					  is_closed ? rgt_text("%s: add IsClosed to the query") : rgt_text("%s: add IsWon to the query"), why);
}

/* Null is neither true nor false, and no flag is ever null. */
static bool
refuse_nulls(RgtImportRow *row)
{
	if (rgt_import_says(row, RGT_DEAL_IS_CLOSED) && row->isnull[RGT_DEAL_IS_CLOSED])
		rgt_import_refuse(row, RGT_CAUSE_NOT_YES_OR_NO, RGT_DEAL_IS_CLOSED,
						  rgt_text("IsClosed is null, which is neither true nor false"));
	if (rgt_import_says(row, RGT_DEAL_WON) && row->isnull[RGT_DEAL_WON])
		rgt_import_refuse(row, RGT_CAUSE_NOT_YES_OR_NO, RGT_DEAL_WON, rgt_text("IsWon is null, which is neither true nor false"));
	return row->reason != NULL;
}

/* Is there enough to tell whether the deal is open, won or lost, and without contradiction?  Else the row is refused. */
static bool
check_flags(RgtImportRow *row)
{
	bool		closed_said = is_said(row, RGT_DEAL_IS_CLOSED);
	bool		won_said = is_said(row, RGT_DEAL_WON);
	bool		closed = is_true(row, RGT_DEAL_IS_CLOSED);
	bool		won = is_true(row, RGT_DEAL_WON);

	if (refuse_nulls(row))
		return false;
	if (!row->known && (!closed_said || !won_said))
		ask_for(row, rgt_text("the deal is not on record, and whether it is open, won or lost is not said"), !closed_said,
				!won_said);
	else if (closed_said && won_said && won && !closed)
		rgt_import_refuse(row, RGT_CAUSE_TWO_READINGS, RGT_DEAL_WON, rgt_text("IsWon is true and IsClosed is false"));
	else if (closed_said && closed && !won_said && row->other == OPEN)
		ask_for(row, rgt_text("the deal is open on record, and whether it was won is not said"), false, true);
	else if (!closed_said && won_said && !won && row->other == WON)
		ask_for(row, rgt_text("the deal is won on record, and IsWon is false: whether it is open again or lost is not said"),
				true, false);
	return row->reason == NULL;
}

/* Day and result of the deal. */
static void
settle_result(RgtImportRow *row)
{
	bool		closed = is_true(row, RGT_DEAL_IS_CLOSED);

	if (!rgt_import_says(row, RGT_DEAL_IS_CLOSED) && !rgt_import_says(row, RGT_DEAL_WON) &&
		!rgt_import_says(row, RGT_DEAL_CLOSED_ON) && row->known)
		return;
	if (!check_flags(row))
		return;
	if (!rgt_import_says(row, RGT_DEAL_IS_CLOSED) && is_said(row, RGT_DEAL_WON) && is_true(row, RGT_DEAL_WON))
		closed = true;
	if (!closed)
		row->isnull[RGT_DEAL_CLOSED_ON] = row->isnull[RGT_DEAL_WON] = true;
	else if (row->isnull[RGT_DEAL_CLOSED_ON] && !rgt_import_says(row, RGT_DEAL_CLOSED_ON))
		rgt_import_refuse(row, RGT_CAUSE_NOT_SAID, RGT_DEAL_CLOSED_ON,
						  rgt_text("the deal is closed, and the day is neither said nor on record: add CloseDate to the query"));
}

/* An amount in another currency than the policy's is not one of the company's. */
static void
check_currency(const RgtImport *import, RgtImportRow *row)
{
	char	   *said;

	if (!is_said(row, RGT_DEAL_CURRENCY) || !is_said(row, RGT_DEAL_AMOUNT))
		return;
	said = TextDatumGetCString(row->value[RGT_DEAL_CURRENCY]);
	if (pg_strcasecmp(said, import->convention.currency) != 0)
		rgt_import_refuse(row, RGT_CAUSE_FOREIGN_CURRENCY, RGT_DEAL_CURRENCY,
						  rgt_text("CurrencyIsoCode is \"%s\", and amounts are in %s"),
						  said, import->convention.currency);
}

static void
settle(RgtImport *import, RgtImportRow *row)
{
	/* Rows of files name their unit, if only as empty; answers never do. */
	if ((row->unsaid & RGT_COLUMN(RGT_DEAL_UNIT)) == 0)
		return;
	settle_result(row);
	check_currency(import, row);
}

static RgtQuery query = RGT_QUERY(
	"SELECT k.i, d.unit_id, d.employee_id, d.customer_id, d.opened_on, d.closed_on, d.won, d.amount, d.won IS NOT NULL "
	"FROM unnest($1, $2) WITH ORDINALITY AS k(source, source_id, i) "
	"JOIN regtarget.deals d ON d.source = k.source AND d.source_id = k.source_id ORDER BY k.i FOR NO KEY UPDATE OF d",
	TEXTARRAYOID, TEXTARRAYOID);

const RgtRecord rgt_deals_record = {
	.query = &query,
	.unit = RGT_DEAL_UNIT,
	.employee = 3,
	.customer = 4,
	.nvalues = 5,
	.value = {5, RGT_DEAL_CLOSED_ON, RGT_DEAL_WON, RGT_DEAL_AMOUNT, RGT_DEAL_IS_CLOSED},
	.note = note_result,
	.settle = settle
};
