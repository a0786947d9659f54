/*
 * imports/causes.c
 *	  Causes of refusals: one word for one kind of fault, and what to do about it.
 *
 * The words are what scripts look for and never change with the language of messages; reasons are for
 * people and say what is wrong with one row.  What to do is said once for all rows of a cause.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "imports/imports.h"
#include "regtarget.h"

static const struct
{
	const char *word;
	const char *advice;			/* NULL: it depends on the column */
}			causes[RGT_CAUSES] = {
	[RGT_CAUSE_MISSING] = {"missing", gettext_noop("Fill the column in the file, or map another column to it.")},
	[RGT_CAUSE_TOO_LONG] = {"too_long",
		gettext_noop("Look whether several cells have become one (a missing quote, another separator), or shorten the text.")},
	[RGT_CAUSE_DAMAGED_TEXT] = {"damaged_text",
		gettext_noop("Load the file with the encoding that it was written in: COPY ... WITH (ENCODING 'GB18030') for Excel in "
					 "China.")},
	[RGT_CAUSE_SHEET_ERROR] = {"sheet_error", NULL},
	[RGT_CAUSE_LONE_DASH] = {"lone_dash", NULL},
	[RGT_CAUSE_TWO_READINGS] = {"two_readings", NULL},
	[RGT_CAUSE_NOT_A_NUMBER] = {"not_a_number", NULL},
	[RGT_CAUSE_DECIMAL_COMMA] = {"decimal_comma",
		gettext_noop("Where the company writes decimal commas, set decimal_comma in regtarget.policies and call "
					 "regtarget.retry_rejects(); else export the column with decimal points.")},
	[RGT_CAUSE_DECIMAL_POINT] = {"decimal_point",
		gettext_noop("Export the column with decimal commas; or, where the company writes decimal points, unset decimal_comma "
					 "in regtarget.policies and call regtarget.retry_rejects().")},
	[RGT_CAUSE_BAD_GROUPS] = {"bad_groups", gettext_noop("Export the column without separators of thousands.")},
	[RGT_CAUSE_BAD_UNITS] = {"bad_units", gettext_noop("Write the number in digits alone.")},
	[RGT_CAUSE_FOREIGN_CURRENCY] = {"foreign_currency",
		gettext_noop("Convert the amounts before they are loaded; or, where it is the company's currency, set currency in "
					 "regtarget.policies and call regtarget.retry_rejects().")},
	[RGT_CAUSE_OUT_OF_RANGE] = {"out_of_range", NULL},
	[RGT_CAUSE_NOT_A_DAY] = {"not_a_day", NULL},
	[RGT_CAUSE_YEAR_LAST] = {"year_last",
		gettext_noop("Export days as 2025-07-01; or say in date_order of regtarget.policies which comes first, dmy or mdy, and "
					 "call regtarget.retry_rejects().")},
	[RGT_CAUSE_OTHER_ORDER] = {"other_order",
		gettext_noop("The column has days and months in the order that date_order in regtarget.policies does not say: export "
					 "days as 2025-07-01, and look at those that were taken.")},
	[RGT_CAUSE_SHORT_YEAR] = {"short_year", gettext_noop("Export years with four digits.")},
	[RGT_CAUSE_NO_SUCH_DAY] = {"no_such_day", gettext_noop("Correct the day in the system that it comes from.")},
	[RGT_CAUSE_PART_OF_DATE] = {"part_of_date", gettext_noop("Export year, month and day.")},
	[RGT_CAUSE_SINCE_1970] = {"since_1970",
		gettext_noop("Turn the count of seconds or milliseconds into a moment before it is loaded: to_timestamp(milliseconds / "
					 "1000), to_timestamp(seconds).")},
	[RGT_CAUSE_NOT_A_TIME] = {"not_a_time", gettext_noop("Export days without a time, or times such as 09:30:00.")},
	[RGT_CAUSE_UNKNOWN_ZONE] = {"unknown_zone",
		gettext_noop("Export times with their distance from UTC, as in 12:30+08:00, or without a zone.")},
	[RGT_CAUSE_NOT_YES_OR_NO] = {"not_yes_or_no",
		gettext_noop("Write yes or no, Won or Lost; leave the cell empty where nothing is decided.")},
	[RGT_CAUSE_SHORTENED_ID] = {"shortened_id",
		gettext_noop("Digits are lost: export once more, with the column formatted as text in the spreadsheet before the file "
					 "is opened in it, or without the spreadsheet.")},
	[RGT_CAUSE_UNKNOWN_UNIT] = {"unknown_unit",
		gettext_noop("Load the unit through regtarget.units_in, or say in regtarget.aliases (kind unit) which unit is meant; "
					 "then call regtarget.retry_rejects().")},
	[RGT_CAUSE_UNKNOWN_EMPLOYEE] = {"unknown_employee",
		gettext_noop("Load the person through regtarget.employees_in, or say in regtarget.aliases (kind employee) who is "
					 "meant; then call regtarget.retry_rejects().")},
	[RGT_CAUSE_UNKNOWN_CUSTOMER] = {"unknown_customer",
		gettext_noop("Load the customer through regtarget.customers_in, or say in regtarget.aliases (kind customer) who is "
					 "meant; then call regtarget.retry_rejects().")},
	[RGT_CAUSE_BROKEN_ALIAS] = {"broken_alias",
		gettext_noop("Correct the row of regtarget.aliases, or load what it means; then call regtarget.retry_rejects().")},
	[RGT_CAUSE_AMBIGUOUS_EMAIL] = {"ambiguous_email",
		gettext_noop("Take the address from all but one of the people who have it, or name the person by his number; then call "
					 "regtarget.retry_rejects().")},
	[RGT_CAUSE_TAKEN_EMAIL] = {"taken_email",
		gettext_noop("Two numbers of one source have the same address: correct it in that system, or load one of the two "
					 "alone.")},
	[RGT_CAUSE_NO_UNIT] = {"no_unit",
		gettext_noop("Name the unit in the row, or load where the person worked on that day through regtarget.assignments_in; "
					 "then call regtarget.retry_rejects().")},
	[RGT_CAUSE_DAYS_CROSSED] = {"days_crossed",
		gettext_noop("The last day is before the first: correct them in the system that they come from.")},
	[RGT_CAUSE_OVERLAP] = {"overlap", gettext_noop("Correct the days, or load all assignments of the person in one statement.")},
	[RGT_CAUSE_CYCLE] = {"cycle",
		gettext_noop("Correct the parents, or the predecessors: a unit would be above itself, or its own predecessor.")},
	[RGT_CAUSE_COMPUTED_SIGNAL] = {"computed_signal",
		gettext_noop("Load the number under another name; this one is computed from the facts.")},
	[RGT_CAUSE_SECOND_SOURCE] = {"second_source",
		gettext_noop("Decide which source is right: delete the signal's rows of the other one and call "
					 "regtarget.retry_rejects(), or delete these rejects.")},
	[RGT_CAUSE_ON_RECORD] = {"on_record",
		gettext_noop("The same is on record by another name, and may have come in later: compare the two, and load the row "
					 "again if it is the right one, or delete the reject.")},
	[RGT_CAUSE_UNKNOWN_PERIOD] = {"unknown_period",
		gettext_noop("Add the period, as by regtarget.add_year(), and call regtarget.retry_rejects().")},
	[RGT_CAUSE_NO_DRAFT] = {"no_draft",
		gettext_noop("The reason says why no draft takes the targets: leave one live draft of the period, with one root.")},
	[RGT_CAUSE_OUTSIDE_PLAN] = {"outside_plan",
		gettext_noop("The unit is not in the plan of that period: load its target into another plan, or correct the unit.")},
	[RGT_CAUSE_OFF_STEP] = {"off_step", gettext_noop("Round the targets to the plan's step.")},
	[RGT_CAUSE_NEGATIVE] = {"negative", gettext_noop("A target is not below 0: correct it.")},
	[RGT_CAUSE_WRONG_TYPE] = {"wrong_type",
		gettext_noop("The service answers JSON of another kind than it documents for the field: look at the query, and whether "
					 "the answer was changed on the way.")},
	[RGT_CAUSE_NOT_SAID] = {"not_said",
		gettext_noop("Add the field that the reason names to the query, and import its answer.")},
	[RGT_CAUSE_OVERTAKEN] = {"overtaken",
		gettext_noop("A later move of the unit is on record: correct the day; or correct the record in regtarget.past_parents, "
					 "and call regtarget.retry_rejects().")},
	[RGT_CAUSE_SAME_PARENT] = {"same_parent",
		gettext_noop("The unit stands there already: of a move that is past, load first where it was before, through "
					 "regtarget.units_in, and call regtarget.retry_rejects(); else delete these rejects.")},
	[RGT_CAUSE_NOT_OPEN] = {"not_open",
		gettext_noop("Correct the day, or opened_on and closed_on of the unit that the reason names, and call "
					 "regtarget.retry_rejects().")},
	[RGT_CAUSE_CLOSED_PERIOD] = {"closed_period",
		gettext_noop("What was closed keeps its tree: name the first day of a period that is not closed.")},
	[RGT_CAUSE_NOT_A_SHARE] = {"not_a_share", gettext_noop("Write the share from 0 to 1, or from 0% to 100%.")},
	[RGT_CAUSE_NO_DUTY] = {"no_duty",
		gettext_noop("The loader's duty is not over these units: have it granted, by regtarget.grant_duty(), or let somebody "
					 "else load the rows.")},
	[RGT_CAUSE_DATABASE] = {"database",
		gettext_noop("The reason is the database's own: a constraint or a trigger refuses the row.")},
};

const char *
rgt_cause_word(RgtCause cause)
{
	return causes[cause].word;
}

/* Which cause a cell's refusal is of. */
RgtCause
rgt_cause_of_cell(const rgk_refusal *why)
{
	static const RgtCause of[RGK_REASONS] = {
		[RGK_BAD_TEXT] = RGT_CAUSE_DAMAGED_TEXT,
		[RGK_TOO_LONG] = RGT_CAUSE_TOO_LONG,
		[RGK_SHEET_ERROR] = RGT_CAUSE_SHEET_ERROR,
		[RGK_LONE_DASH] = RGT_CAUSE_LONE_DASH,
		[RGK_NO_NUMBER] = RGT_CAUSE_NOT_A_NUMBER,
		[RGK_OTHER_MARK] = RGT_CAUSE_DECIMAL_COMMA,
		[RGK_OTHER_GROUPS] = RGT_CAUSE_DECIMAL_COMMA,
		[RGK_COLUMN_MARK] = RGT_CAUSE_TWO_READINGS,
		[RGK_BAD_GROUPS] = RGT_CAUSE_BAD_GROUPS,
		[RGK_TWO_SIGNS] = RGT_CAUSE_TWO_READINGS,
		[RGK_DASH_FOR_CENTS] = RGT_CAUSE_TWO_READINGS,
		[RGK_BAD_UNITS] = RGT_CAUSE_BAD_UNITS,
		[RGK_HALF_UNIT] = RGT_CAUSE_TWO_READINGS,
		[RGK_VAGUE_UNIT] = RGT_CAUSE_TWO_READINGS,
		[RGK_FOREIGN] = RGT_CAUSE_FOREIGN_CURRENCY,
		[RGK_TOO_LARGE] = RGT_CAUSE_OUT_OF_RANGE,
		[RGK_TOO_FINE] = RGT_CAUSE_OUT_OF_RANGE,
		[RGK_NO_DATE] = RGT_CAUSE_NOT_A_DAY,
		[RGK_YEAR_LAST] = RGT_CAUSE_YEAR_LAST,
		[RGK_NOT_IN_ORDER] = RGT_CAUSE_OTHER_ORDER,
		[RGK_SHORT_YEAR] = RGT_CAUSE_SHORT_YEAR,
		[RGK_YEAR_RANGE] = RGT_CAUSE_NO_SUCH_DAY,
		[RGK_NO_SUCH_DAY] = RGT_CAUSE_NO_SUCH_DAY,
		[RGK_PART_OF_DATE] = RGT_CAUSE_PART_OF_DATE,
		[RGK_BARE_DIGITS] = RGT_CAUSE_TWO_READINGS,
		[RGK_SINCE_1970] = RGT_CAUSE_SINCE_1970,
		[RGK_SERIAL_RANGE] = RGT_CAUSE_NOT_A_DAY,
		[RGK_SERIAL_60] = RGT_CAUSE_NO_SUCH_DAY,
		[RGK_NO_TIME] = RGT_CAUSE_NOT_A_TIME,
		[RGK_MIDNIGHT] = RGT_CAUSE_TWO_READINGS,
		[RGK_NO_ZONE] = RGT_CAUSE_UNKNOWN_ZONE,
		[RGK_ZONE_OR_SPAN] = RGT_CAUSE_TWO_READINGS,
		[RGK_NO_BOOLEAN] = RGT_CAUSE_NOT_YES_OR_NO,
		[RGK_SHORTENED] = RGT_CAUSE_SHORTENED_ID,
	};

	if (of[why->reason] == RGT_CAUSE_DECIMAL_COMMA && why->convention.decimal_comma)
		return RGT_CAUSE_DECIMAL_POINT;
	return of[why->reason];
}

/* Which cause an error of the database is of. */
RgtCause
rgt_cause_of_error(const ErrorData *error)
{
	static const char *const circles[] = {"units_tree", "successions_tree"};

	for (int i = 0; error->constraint_name != NULL && i < (int) lengthof(circles); i++)
	{
		if (strcmp(error->constraint_name, circles[i]) == 0)
			return RGT_CAUSE_CYCLE;
	}
	return RGT_CAUSE_DATABASE;
}

/* What to do about rows that were refused so, for rgt_text(); NULL: it depends on the column (see advice.c). */
const char *
rgt_cause_advice(RgtCause cause)
{
	return causes[cause].advice;
}
