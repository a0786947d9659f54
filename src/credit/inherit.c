/*
 * credit/inherit.c
 *	  Credit follows: a unit without a record of its own goes on with that of its predecessors, the longest run and the
 *	  highest penalty among them.
 *
 * What a predecessor brought into the last period that it had a standing for is its record, however long that is ago;
 * of one that never had any, what its own predecessors brought.  From its first period on a unit has standings of its
 * own, and so the record goes on like any other.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "credit/inherit.h"
#include "regtarget.h"
#include "units/units.h"

/* Is there a standing of the unit for a period that begins by the day $1? */
#define HAS_STANDING(unit) \
	"EXISTS (SELECT FROM regtarget.standings h JOIN regtarget.periods p ON p.period OPERATOR(pg_catalog.=) h.period " \
	"WHERE h.unit_id OPERATOR(pg_catalog.=) " unit " " \
	"AND pg_catalog.lower(p.during) OPERATOR(pg_catalog.<=) $1)"

#define INHERITED \
	"WITH RECURSIVE line (unit_id, source) AS (" \
	"SELECT s.unit_id, s.predecessor_id FROM regtarget.successions s WHERE NOT " HAS_STANDING("s.unit_id") " " \
	"UNION SELECT l.unit_id, s.predecessor_id FROM line l JOIN regtarget.successions s " \
	"ON s.unit_id OPERATOR(pg_catalog.=) l.source WHERE NOT " HAS_STANDING("l.source") ") " \
	"SELECT l.unit_id, pg_catalog.max(b.denied_quarters), pg_catalog.max(b.penalty_rate) " \
	"FROM line l CROSS JOIN LATERAL (" \
	"SELECT t.denied_quarters, t.penalty_rate FROM regtarget.standings t " \
	"JOIN regtarget.periods q ON q.period OPERATOR(pg_catalog.=) t.period " \
	"WHERE t.unit_id OPERATOR(pg_catalog.=) l.source AND pg_catalog.lower(q.during) OPERATOR(pg_catalog.<=) $1 " \
	"ORDER BY pg_catalog.lower(q.during) DESC LIMIT 1) AS b "

/*
 * Call `row` with (unit_id, denied_quarters, penalty_rate) of every unit that has predecessors and no standing for
 * this period or one before.
 */
void
rgt_inherited(const RgtPeriod *period, RgtSnapshot snapshot, RgtRowFn row, void *arg)
{
	static RgtQuery query = RGT_QUERY(INHERITED "GROUP BY l.unit_id ORDER BY l.unit_id", DATEOID);
	Datum		argument = DateADTGetDatum(period->first);

	rgt_run(&query, snapshot, &argument, NULL, row, arg);
}

/* ---- standings that are inherited -------------------------------------------------------------------- */

typedef struct Heir
{
	bool		inherits;
	bool		paying;			/* in the period, by a standing or by what it inherits */
	int			denied;
	Numeric		rate;
} Heir;

typedef struct Heirs
{
	const RgtTree *tree;
	Heir	   *heirs;			/* by position */
	DateADT		day;			/* on which heirs are open */
	MemoryContext context;
} Heirs;

static Heir *
heir_of(const Heirs *all, Datum unit_id)
{
	int			p = rgt_tree_find(all->tree, DatumGetInt32(unit_id));

	return p < 0 ? NULL : &all->heirs[p];
}

static void
add_heir(TupleTableSlot *slot, void *arg)
{
	Heirs	   *all = arg;
	Heir	   *heir = heir_of(all, slot->tts_values[0]);
	MemoryContext old = MemoryContextSwitchTo(all->context);

	if (heir != NULL && rgt_tree_open(all->tree, heir - all->heirs, all->day))
	{
		heir->inherits = true;
		heir->denied = DatumGetInt32(slot->tts_values[1]);
		heir->rate = DatumGetNumericCopy(slot->tts_values[2]);
		heir->paying = rgt_sign_of(NumericGetDatum(heir->rate)) > 0;
	}
	MemoryContextSwitchTo(old);
}

static void
note_paying(TupleTableSlot *slot, void *arg)
{
	Heir	   *heir = heir_of(arg, slot->tts_values[0]);

	if (heir != NULL)
		heir->paying = true;
}

/* What has a target is judged by itself: in the period before, or in a plan of this one that is published already. */
static void
note_member(TupleTableSlot *slot, void *arg)
{
	Heir	   *heir = heir_of(arg, slot->tts_values[0]);

	if (heir != NULL)
		heir->inherits = heir->paying = false;
}

/* Who inherits what in the period, in the tree of its first day; nobody pays below somebody who does. */
static Heirs
read_heirs(const RgtPeriod *before, const RgtPeriod *period)
{
	static RgtQuery paying = RGT_QUERY(
		"SELECT unit_id FROM regtarget.standings WHERE period = $1 AND penalty_rate > 0", TEXTOID);
	static RgtQuery members = RGT_QUERY(
		"SELECT t.unit_id FROM regtarget.successions s JOIN regtarget.targets t ON t.unit_id = s.unit_id "
		"JOIN regtarget.plans p ON p.plan_id = t.plan_id WHERE p.period IN ($1, $2) AND p.mode = 'live' "
		"AND p.status IN ('published', 'closed')", TEXTOID, TEXTOID);
	Datum		arguments[2] = {PointerGetDatum(period->period), PointerGetDatum(before->period)};
	Heirs		all = {rgt_tree_read(RGT_LATEST, period->first), NULL, period->first, CurrentMemoryContext};

	all.heirs = palloc_extended(sizeof(Heir) * Max(all.tree->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rgt_inherited(period, RGT_LATEST, add_heir, &all);
	rgt_run(&members, RGT_LATEST, arguments, NULL, note_member, &all);
	rgt_run(&paying, RGT_LATEST, arguments, NULL, note_paying, &all);
	for (int p = 0; p < all.tree->n; p++)
	{
		Heir	   *heir = &all.heirs[p];

		if (all.tree->parent[p] < 0 || !all.heirs[all.tree->parent[p]].paying)
			continue;
		heir->paying = true;
		heir->rate = int64_to_numeric(0);
	}
	return all;
}

/* Some unit has a predecessor: mostly none has. */
static bool
any_succession(void)
{
	static RgtQuery query = RGT_QUERY0("SELECT FROM regtarget.successions LIMIT 1");

	return rgt_run(&query, RGT_LATEST, NULL, NULL, NULL, NULL) > 0;
}

/*
 * The standings that units bring into a period from their predecessors, after those of the period before are written.
 * A unit that is not open on its first day comes to it in a later period; one whose target is published there already
 * has begun without.
 */
void
rgt_write_inherited(const RgtPeriod *before, const RgtPeriod *period)
{
	static RgtQuery query = RGT_QUERY(
		"INSERT INTO regtarget.standings (unit_id, period, denied_quarters, penalty_rate) "
		"SELECT s.unit_id, $4, s.denied, s.rate FROM unnest($1, $2, $3) AS s(unit_id, denied, rate) ON CONFLICT DO NOTHING",
		INT4ARRAYOID, INT4ARRAYOID, NUMERICARRAYOID, TEXTOID);
	Heirs		all;
	Datum	   *units;
	Datum	   *denied;
	Datum	   *rates;
	Datum		arguments[4] = {0, 0, 0, PointerGetDatum(period->period)};
	int			n = 0;

	if (!any_succession())
		return;
	all = read_heirs(before, period);
	units = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	denied = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	rates = palloc(sizeof(Datum) * Max(all.tree->n, 1));
	for (int p = 0; p < all.tree->n; p++)
	{
		if (!all.heirs[p].inherits)
			continue;
		units[n] = Int32GetDatum(all.tree->unit_id[p]);
		denied[n] = Int32GetDatum(all.heirs[p].denied);
		rates[n++] = NumericGetDatum(all.heirs[p].rate);
	}
	arguments[0] = PointerGetDatum(construct_array(units, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[1] = PointerGetDatum(construct_array(denied, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	arguments[2] = PointerGetDatum(construct_array(rates, n, NUMERICOID, -1, false, TYPALIGN_INT));
	rgt_run(&query, RGT_FRESH, arguments, NULL, NULL, NULL);
}
