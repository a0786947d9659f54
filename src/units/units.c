/*
 * units/units.c
 *	  The organisation and the calendar: no cycles, months inside their periods, whole years added.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "access/access.h"
#include "regtarget.h"
#include "units/units.h"

/* ---- the tree --------------------------------------------------------------------------------- */

/* A unit and its parent (0: none) as a statement found or left them. */
typedef struct Edge
{
	int32		unit_id;
	int32		parent_id;
} Edge;

typedef struct Edges
{
	AttrNumber	unit;
	AttrNumber	parent;
	Edge	   *edges;
	int			n;
	int			allocated;
} Edges;

static void
add_edge(TupleTableSlot *slot, void *arg)
{
	Edges	   *list = arg;

	RGT_GROW(list->edges, list->n, list->allocated);
	list->edges[list->n].unit_id = DatumGetInt32(slot->tts_values[list->unit - 1]);
	list->edges[list->n].parent_id = slot->tts_isnull[list->parent - 1] ? 0 :
		DatumGetInt32(slot->tts_values[list->parent - 1]);
	list->n++;
}

static int
compare_edges(const void *a, const void *b)
{
	const Edge *left = a;
	const Edge *right = b;

	if (left->unit_id != right->unit_id)
		return RGT_ORDER(left->unit_id, right->unit_id);
	return RGT_ORDER(left->parent_id, right->parent_id);
}

static Edges
collect_edges(Tuplestorestate *rows, TupleDesc desc)
{
	Edges		list = {.allocated = 64};

	list.unit = rgt_attnum(desc, "unit_id");
	list.parent = rgt_attnum(desc, "parent_id");
	list.edges = palloc(sizeof(Edge) * list.allocated);
	if (rows != NULL)
		rgt_each_row(rows, desc, add_edge, &list);
	qsort(list.edges, list.n, sizeof(Edge), compare_edges);
	return list;
}

/* Keep of `new` what has a parent and was not so before. */
static void
keep_changed(Edges *new, const Edges *old)
{
	int			kept = 0;

	for (int i = 0, j = 0; i < new->n; i++)
	{
		while (j < old->n && compare_edges(&old->edges[j], &new->edges[i]) < 0)
			j++;
		if (j < old->n && compare_edges(&old->edges[j], &new->edges[i]) == 0)
			continue;
		if (new->edges[i].parent_id != 0)
			new->edges[kept++] = new->edges[i];
	}
	new->n = kept;
}

/* Going up from the unit, does one come back to it in the tree of a day?  Each parent is a look-up of its own. */
static bool
is_own_ancestor(int32 unit_id, DateADT day)
{
	static RgtQuery query = RGT_QUERY(
		"WITH RECURSIVE up(unit_id) AS ("
		"SELECT " RGT_PARENT_ON("u", "$2") " FROM regtarget.units u WHERE u.unit_id OPERATOR(pg_catalog.=) $1 "
		"UNION SELECT (SELECT " RGT_PARENT_ON("u", "$2") " FROM regtarget.units u "
		"WHERE u.unit_id OPERATOR(pg_catalog.=) up.unit_id) FROM up WHERE up.unit_id IS NOT NULL) "
		"SELECT FROM up WHERE unit_id OPERATOR(pg_catalog.=) $1 LIMIT 1", INT4OID, DATEOID);
	Datum		arguments[2] = {Int32GetDatum(unit_id), DateADTGetDatum(day)};

	return rgt_run(&query, RGT_LATEST, arguments, NULL, NULL, NULL) > 0;
}

static _Noreturn void
cycle_error(int32 unit_id, DateADT day)
{
	rgt_refuse_row("units", "units_tree", psprintf(rgt_text("unit \"%s\" would be above itself"), rgt_unit_name(unit_id)),
				   day == DATEVAL_NOEND ? rgt_text("Going up from it one would come back to it.") :
				   psprintf(rgt_text("Going up from it one would come back to it on %s."), rgt_date_text(day)),
				   rgt_text("Move it below a unit that is not below it; or that unit first, to another parent."));
}

typedef struct Days
{
	DateADT    *days;
	int			n;
	int			allocated;
} Days;

static void
add_day(TupleTableSlot *slot, void *arg)
{
	Days	   *days = arg;

	RGT_GROW(days->days, days->n, days->allocated);
	days->days[days->n++] = DatumGetDateADT(slot->tts_values[0]);
}

/*
 * Days that stand for all: from each to before the next the tree is the same.  The last of the array is
 * DATEVAL_NOEND.
 */
DateADT *
rgt_days_of_trees(RgtSnapshot which, int *n)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT DISTINCT until_on OPERATOR(pg_catalog.-) 1 FROM regtarget.past_parents ORDER BY 1");
	Days		days = {palloc(sizeof(DateADT) * 8), 0, 8};

	rgt_run(&query, which, NULL, NULL, add_day, &days);
	RGT_GROW(days.days, days.n, days.allocated);
	days.days[days.n++] = DATEVAL_NOEND;
	*n = days.n;
	return days.days;
}

/* Up to so many units are looked at one by one, each by its own way up. */
#define FEW_CHANGED 50

/* A unit that a day's tree leaves out is in a cycle, or below one. */
static void
check_whole_tree(const Edges *changed, DateADT day)
{
	RgtTree    *tree = rgt_tree_read(RGT_LATEST, day);

	for (int i = 0; i < changed->n; i++)
	{
		if (rgt_tree_find(tree, changed->edges[i].unit_id) < 0)
			cycle_error(changed->edges[i].unit_id, day);
	}
}

/* A cycle has at least one changed edge: look from those, in the tree of a day. */
static void
check_day(const Edges *changed, DateADT day)
{
	if (changed->n > FEW_CHANGED)
		check_whole_tree(changed, day);
	for (int i = 0; i < changed->n && changed->n <= FEW_CHANGED; i++)
	{
		if (is_own_ancestor(changed->edges[i].unit_id, day))
			cycle_error(changed->edges[i].unit_id, day);
	}
}

static void
check_every_day(const Edges *changed)
{
	int			n;
	DateADT    *days = rgt_days_of_trees(RGT_LATEST, &n);

	for (int d = 0; d < n; d++)
		check_day(changed, days[d]);
}

/*
 * AFTER INSERT or UPDATE of units, for each statement.  Two sessions that move units at once wait
 * for each other; new units cannot close a cycle with what another session does.  Nor has anybody been below a new
 * unit in the past: a cycle that new ones close among themselves is there on every day.
 */
PG_FUNCTION_INFO_V1(rgt_check_tree);
Datum
rgt_check_tree(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_tree", "units", RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtSession	session;
	Edges		old;
	Edges		new;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	rgt_begin(&session);
	old = collect_edges(trigger->tg_oldtable, desc);
	new = collect_edges(trigger->tg_newtable, desc);
	keep_changed(&new, &old);
	if (new.n > 0 && TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		rgt_lock_object(RelationGetRelid(trigger->tg_relation), ExclusiveLock);
		check_every_day(&new);
	}
	else if (new.n > 0)
		check_day(&new, DATEVAL_NOEND);
	rgt_end(&session);
	return PointerGetDatum(NULL);
}

/*
 * AFTER INSERT, UPDATE or DELETE of past_parents, for each statement.  A row that goes lets the one after it begin
 * earlier: so the units of old and of new rows are looked at.
 */
PG_FUNCTION_INFO_V1(rgt_check_past_parents);
Datum
rgt_check_past_parents(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_past_parents", "past_parents", RGT_AFTER_STATEMENT);
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	RgtSession	session;
	Edges		old;
	Edges		new;

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	rgt_begin(&session);
	old = collect_edges(trigger->tg_oldtable, desc);
	new = collect_edges(trigger->tg_newtable, desc);
	if (old.n > 0 || new.n > 0)
		rgt_lock_object(rgt_relation("units"), ExclusiveLock);
	check_every_day(&old);
	check_every_day(&new);
	rgt_end(&session);
	return PointerGetDatum(NULL);
}

/* ---- the calendar ------------------------------------------------------------------------------ */

/* AFTER INSERT or UPDATE of months, UPDATE of periods: every month lies inside its period. */
PG_FUNCTION_INFO_V1(rgt_check_months);
Datum
rgt_check_months(PG_FUNCTION_ARGS)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT m.month, m.during::pg_catalog.text, p.period, p.during::pg_catalog.text "
		"FROM regtarget.months m JOIN regtarget.periods p ON p.period OPERATOR(pg_catalog.=) m.period "
		"WHERE NOT m.during OPERATOR(pg_catalog.<@) p.during ORDER BY m.month LIMIT 1");
	Datum		values[4];
	bool		isnull[4];
	RgtSession	session;
	TriggerData *trigger = rgt_trigger(fcinfo, "regtarget.check_months", NULL, RGT_AFTER_STATEMENT);

	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && rgt_restoring())
		return PointerGetDatum(NULL);
	rgt_begin(&session);
	rgt_lock_object(rgt_relation("months"), ExclusiveLock);
	if (rgt_one(&query, RGT_LATEST, NULL, NULL, values, isnull, 4))
		rgt_refuse_row("months", "months_inside_period",
					   psprintf(rgt_text("month \"%s\" does not lie inside its period \"%s\""),
								TextDatumGetCString(values[0]), TextDatumGetCString(values[2])),
					   psprintf(rgt_text("The month is %s, the period %s."),
								TextDatumGetCString(values[1]), TextDatumGetCString(values[3])), NULL);
	rgt_end(&session);
	return PointerGetDatum(NULL);
}

/* How many weeks each month of a quarter has; all 0: calendar months. */
typedef struct Pattern
{
	const char *name;
	int			weeks[3];
} Pattern;

static const Pattern patterns[] = {
	{"calendar", {0, 0, 0}},
	{"4-4-5", {4, 4, 5}},
	{"4-5-4", {4, 5, 4}},
	{"5-4-4", {5, 4, 4}},
};

static const Pattern *
find_pattern(const char *name, int weeks)
{
	const Pattern *pattern = NULL;

	for (int i = 0; i < (int) lengthof(patterns); i++)
	{
		if (strcmp(patterns[i].name, name) == 0)
			pattern = &patterns[i];
	}
	if (pattern == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown pattern of a year: \"%s\"", name),
				 errhint("Patterns are calendar, 4-4-5, 4-5-4 and 5-4-4.")));
	if (weeks != 52 && (weeks != 53 || pattern->weeks[0] == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a year of pattern \"%s\" cannot have %d weeks", name, weeks),
				 errdetail("A calendar year takes the default of 52; the patterns of weeks have 52 or 53.")));
	return pattern;
}

/* `day` moved by calendar months; the 31st becomes the last day of a shorter month. */
static DateADT
add_months(DateADT day, int months)
{
	DateADT		start = rgt_month_start(day, months);
	int			offset = day - rgt_month_start(day, 0);

	return Min(start + offset, rgt_month_start(start, 1) - 1);
}

/* The twelve months' first days, and the day after the last. */
static void
month_starts(const Pattern *pattern, DateADT starts_on, int weeks, DateADT starts[13])
{
	starts[0] = starts_on;
	for (int month = 1; month <= 12; month++)
		starts[month] = pattern->weeks[0] == 0 ? add_months(starts_on, month) :
			starts[month - 1] + 7 * pattern->weeks[(month - 1) % 3];
	if (weeks == 53)
		starts[12] += 7;
}

/* Where fiscal `year` begins: where the year before ended, or on 1 January. */
static DateADT
default_start(int year)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT pg_catalog.upper(during) FROM regtarget.periods WHERE period OPERATOR(pg_catalog.=) $1", TEXTOID);
	Datum		argument = CStringGetTextDatum(psprintf("%04dQ4", year - 1));
	Datum		value;
	bool		isnull;

	if (rgt_one(&query, RGT_FRESH, &argument, NULL, &value, &isnull, 1))
		return DatumGetDateADT(value);
	return date2j(year, 1, 1) - POSTGRES_EPOCH_JDATE;
}

/* A year that is there already, or some of its days are: 23505 or 23P01, as the constraint of that name would say. */
static void
refuse_year_twice(int year, const DateADT starts[13])
{
	static RgtQuery query = RGT_QUERY(
		"SELECT period, pg_catalog.lower(during), pg_catalog.upper(during), "
		"pg_catalog.left(period, -1) OPERATOR(pg_catalog.=) $1 FROM regtarget.periods "
		"WHERE period OPERATOR(pg_catalog.=) ANY (ARRAY[$1 OPERATOR(pg_catalog.||) '1', $1 OPERATOR(pg_catalog.||) '2', "
		"$1 OPERATOR(pg_catalog.||) '3', $1 OPERATOR(pg_catalog.||) '4']) "
		"OR during OPERATOR(pg_catalog.&&) pg_catalog.daterange($2, $3) "
		"ORDER BY 4 DESC, during LIMIT 1", TEXTOID, DATEOID, DATEOID);
	Datum		arguments[3] = {CStringGetTextDatum(psprintf("%04dQ", year)), DateADTGetDatum(starts[0]),
								DateADTGetDatum(starts[12])};
	Datum		values[4];
	bool		isnull[4];
	bool		same;

	if (!rgt_one(&query, RGT_FRESH, arguments, NULL, values, isnull, 4))
		return;
	same = DatumGetBool(values[3]);
	ereport(ERROR,
			(errcode(same ? ERRCODE_UNIQUE_VIOLATION : ERRCODE_EXCLUSION_VIOLATION),
			 same ? errmsg("year %d is in the calendar already", year) :
			 errmsg("year %d would have days of a period that is there already", year),
			 errdetail("Period \"%s\" runs from %s to before %s; the year would run from %s to before %s.",
					   TextDatumGetCString(values[0]), rgt_date_text(DatumGetDateADT(values[1])),
					   rgt_date_text(DatumGetDateADT(values[2])), rgt_date_text(starts[0]), rgt_date_text(starts[12])),
			 errhint("Nothing was added; view regtarget.calendar shows what is there."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, "regtarget"),
			 err_generic_string(PG_DIAG_TABLE_NAME, "periods"),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, same ? "periods_pkey" : "periods_overlap")));
}

static void
insert_year(int year, const DateADT starts[13])
{
	static RgtQuery add_period = RGT_QUERY(
		"INSERT INTO regtarget.periods (period, during) VALUES ($1, pg_catalog.daterange($2, $3))",
		TEXTOID, DATEOID, DATEOID);
	static RgtQuery add_month = RGT_QUERY(
		"INSERT INTO regtarget.months (month, period, during) VALUES ($1, $4, pg_catalog.daterange($2, $3))",
		TEXTOID, DATEOID, DATEOID, TEXTOID);

	for (int quarter = 0; quarter < 4; quarter++)
	{
		Datum		period = CStringGetTextDatum(psprintf("%04dQ%d", year, quarter + 1));
		Datum		values[3] = {period, DateADTGetDatum(starts[quarter * 3]), DateADTGetDatum(starts[quarter * 3 + 3])};

		rgt_run(&add_period, RGT_FRESH, values, NULL, NULL, NULL);
		for (int m = quarter * 3; m < quarter * 3 + 3; m++)
		{
			Datum		month[4] = {CStringGetTextDatum(psprintf("%04d-%02d", year, m + 1)),
			DateADTGetDatum(starts[m]), DateADTGetDatum(starts[m + 1]), period};

			rgt_run(&add_month, RGT_FRESH, month, NULL, NULL, NULL);
		}
	}
}

/*
 * add_year(year, starts_on, pattern, weeks): four periods and twelve months, named by the fiscal year.
 */
PG_FUNCTION_INFO_V1(rgt_add_year);
Datum
rgt_add_year(PG_FUNCTION_ARGS)
{
	DateADT		starts[13];
	DateADT		starts_on;
	const Pattern *pattern;
	RgtSession	session;
	int			year;

	rgt_enter_to_write(&session, "regtarget.add_year()");
	rgt_require_top_planner();
	rgt_require(fcinfo, 0, "year");
	rgt_require(fcinfo, 3, "weeks");
	year = PG_GETARG_INT32(0);
	pattern = find_pattern(text_to_cstring(rgt_required_text(fcinfo, 2, "pattern")), PG_GETARG_INT32(3));
	if (year < 1 || year > 9999)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("year %d is not between 1 and 9999", year)));
	if (!PG_ARGISNULL(1) && DATE_NOT_FINITE(PG_GETARG_DATEADT(1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a year cannot start on an infinite date")));
	starts_on = PG_ARGISNULL(1) ? default_start(year) : PG_GETARG_DATEADT(1);
	month_starts(pattern, starts_on, PG_GETARG_INT32(3), starts);
	if (!IS_VALID_DATE(starts[12]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the year would end after the last date there is"),
				 errdetail("It would start on %s.", rgt_date_text(starts_on))));
	refuse_year_twice(year, starts);
	insert_year(year, starts);
	rgt_end(&session);
	PG_RETURN_VOID();
}
