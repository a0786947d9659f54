/*
 * outcomes/customers.c
 *	  Customers who went: of a part of the organisation period by period, of all units in one reading for all periods.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "health/health.h"
#include "outcomes/measure.h"

typedef struct PeriodList
{
	RgtChurnSpan *spans;
	int			n;
	int			allocated;
	DateADT		today;
} PeriodList;

static RgtChurnSpan
span_of(DateADT first, DateADT end, DateADT today)
{
	return (RgtChurnSpan) {.first = first, .past = Min(end, today + 1)};
}

static void
add_period(TupleTableSlot *slot, void *arg)
{
	PeriodList *list = arg;

	RGT_GROW(list->spans, list->n, list->allocated);
	list->spans[list->n++] = span_of(DatumGetDateADT(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]), list->today);
}

/* The units of a tree each by itself, but read like it. */
static RgtTree *
apart(const RgtTree *tree)
{
	RgtTree    *units = rgt_tree_of_units(tree->unit_id, tree->n);

	units->part = tree->part;
	return units;
}

/* Of all periods that have begun, by the policy of today; in the current memory context. */
RgtCustomers *
rgt_customers_read(const RgtTree *tree, DateADT today)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT lower(during), upper(during) FROM regtarget.periods WHERE lower(during) <= $1 ORDER BY lower(during)", DATEOID);
	PeriodList	list = {.allocated = 16, .today = today};
	RgtCustomers *customers = palloc(sizeof(RgtCustomers));
	Datum		argument = DateADTGetDatum(today);

	list.spans = palloc(sizeof(RgtChurnSpan) * list.allocated);
	rgt_run(&query, RGT_CALLER, &argument, NULL, add_period, &list);
	customers->units = apart(tree);
	customers->n = list.n;
	customers->spans = list.spans;
	rgt_churn_of_spans(rgt_signals(customers->units, today, RGT_CALLER), list.spans, list.n);
	return customers;
}

/* What of a span's counts belongs where in a tree. */
static void
take(const RgtCustomers *customers, const RgtChurnSpan *span, const RgtTree *tree, double *active, double *gone)
{
	for (int p = 0; p < tree->n; p++)
	{
		int			u = rgt_tree_find(customers->units, tree->unit_id[p]);

		active[p] = u < 0 ? 0 : span->active[u];
		gone[p] = u < 0 ? 0 : span->gone[u];
	}
}

/* Of a part, one period by itself. */
static void
count_part(const RgtTree *tree, RgtChurnSpan span, DateADT today, double *active, double *gone)
{
	RgtCustomers part = {.units = apart(tree), .n = 1, .spans = &span};

	rgt_churn_of_spans(rgt_signals(part.units, today, RGT_CALLER), &span, 1);
	take(&part, &span, tree, active, gone);
}

/* Of every unit of a tree itself, one period; where `customers` has it not, as of a part, which has none, it is read. */
void
rgt_customers_count(const RgtCustomers *customers, const RgtTree *tree, DateADT first, DateADT past, DateADT today,
					double *active, double *gone)
{
	for (int i = 0; customers != NULL && i < customers->n; i++)
	{
		if (customers->spans[i].first == first && customers->spans[i].past == past)
		{
			take(customers, &customers->spans[i], tree, active, gone);
			return;
		}
	}
	count_part(tree, (RgtChurnSpan) {.first = first, .past = past}, today, active, gone);
}
