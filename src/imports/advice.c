/*
 * imports/advice.c
 *	  reject_advice(): what to do about rows that were refused, by their cause and, where it matters, by the column.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

static const RgtImportColumn *
column_of(const char *view, const char *name)
{
	const RgtTarget *target = view == NULL || name == NULL ? NULL : rgt_import_target(view);

	for (int c = 0; target != NULL && c < target->ncolumns; c++)
	{
		if (strcmp(target->column[c].name, name) == 0)
			return &target->column[c];
	}
	return NULL;
}

static bool
is_figure(const RgtImportColumn *column)
{
	return column != NULL && (column->cell == RGT_CELL_AMOUNT || column->cell == RGT_CELL_NUMBER);
}

/* About cells that hold no number or no day, there are two words: what to write, and whether nothing will do. */
static const char *
advice_for_words(RgtCause cause, bool required)
{
	if (cause == RGT_CAUSE_NOT_A_NUMBER)
		return required ? gettext_noop("Export the column as numbers, without words in it.") :
			gettext_noop("Export the column as numbers, without words in it; leave the cell empty where nothing is known.");
	return required ? gettext_noop("Export the column as days such as 2025-07-01.") :
		gettext_noop("Export the column as days such as 2025-07-01; leave the cell empty where there is none.");
}

/* What to do about these depends on the column. */
static const char *
advice_for(RgtCause cause, const RgtImportColumn *column)
{
	bool		required = column != NULL && column->required;

	switch (cause)
	{
		case RGT_CAUSE_SHEET_ERROR:
			return required ?
				gettext_noop("Mend the formulas in the spreadsheet, or widen a column that shows ####, and export once more.") :
				gettext_noop("Mend the formulas in the spreadsheet, or widen a column that shows ####, and export once more; "
							 "or leave these cells empty.");
		case RGT_CAUSE_TWO_READINGS:
			return is_figure(column) ?
				gettext_noop("Write each number so that it has one reading; the reason names them. Where they differ by a "
							 "decimal comma and the company writes decimal commas, set decimal_comma in regtarget.policies and "
							 "call regtarget.retry_rejects().") :
				gettext_noop("Write each cell so that it has one reading; a day as 2025-07-01.");
		case RGT_CAUSE_OUT_OF_RANGE:
			return column != NULL && column->cell == RGT_CELL_NUMBER ?
				gettext_noop("Look whether the column is the right one: the number is beyond what can be stored.") :
				gettext_noop("Look whether the column is the right one; amounts are below 10^15 and have at most 18 decimals.");
		case RGT_CAUSE_NOT_A_NUMBER:
		case RGT_CAUSE_NOT_A_DAY:
			return advice_for_words(cause, required);
		default:
			break;
	}
	if (is_figure(column))
		return required ? gettext_noop("Replace lone dashes by 0 where zero is meant, else by the number.") :
			gettext_noop("Replace lone dashes by 0 where zero is meant, and by nothing where nothing is known.");
	return required ? gettext_noop("Replace lone dashes by what they stand for; the column may not be empty.") :
		gettext_noop("Replace lone dashes by nothing.");
}

/* reject_advice(cause, target, column_name): what to do about rows that were refused so; null for unknown causes. */
PG_FUNCTION_INFO_V1(rgt_reject_advice);
Datum
rgt_reject_advice(PG_FUNCTION_ARGS)
{
	char	   *word = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *view = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *name = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));

	for (int cause = 0; word != NULL && cause < RGT_CAUSES; cause++)
	{
		const char *advice = rgt_cause_advice(cause);

		if (strcmp(rgt_cause_word(cause), word) != 0)
			continue;
		PG_RETURN_TEXT_P(cstring_to_text(rgt_text(advice != NULL ? advice : advice_for(cause, column_of(view, name)))));
	}
	PG_RETURN_NULL();
}
