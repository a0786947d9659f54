/*
 * health/entered.c
 *	  Signals that somebody enters: the latest entry of each unit, and parents' from their children's.
 *
 * See measures.h for what all signals have in common.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "health/measures.h"
#include "health/signal_set.h"
#include "regtarget.h"
#include "units/units.h"

typedef enum Rollup
{
	ROLLUP_NONE, ROLLUP_SUM, ROLLUP_MEAN
} Rollup;

/* The kind of a signal: how it is rolled up, and the first day whose entries still count. */
static Rollup
read_kind(const RgtSignals *signals, Datum name, DateADT *valid_from)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT rollup" OP(=) "'sum', valid_days FROM regtarget.signal_kinds "
		"WHERE signal" OP(=) "$1",
		TEXTOID);
	Datum		values[2];
	bool		isnull[2];

	*valid_from = DATEVAL_NOBEGIN;
	if (!rgt_one(&query, signals->snapshot, &name, NULL, values, isnull, 2))
		return ROLLUP_NONE;
	if (!isnull[1])
		*valid_from = Max((int64) signals->as_of - DatumGetInt32(values[1]), DATEVAL_NOBEGIN);
	if (isnull[0])
		return ROLLUP_NONE;
	return DatumGetBool(values[0]) ? ROLLUP_SUM : ROLLUP_MEAN;
}

typedef struct LatestEntries
{
	const RgtTree *tree;
	RgtSignal  *signal;
	DateADT    *entered_on;
} LatestEntries;

/* The key of the table leaves no ties. */
static void
keep_latest(LatestEntries *latest, int32 unit_id, DateADT day, double value)
{
	int			p = rgt_tree_find(latest->tree, unit_id);

	if (p < 0 || (latest->signal->known[p] && latest->entered_on[p] > day))
		return;
	latest->signal->known[p] = true;
	latest->signal->value[p] = value;
	latest->entered_on[p] = day;
}

/* Columns: unit_id, as_of, value. */
static void
add_entry(TupleTableSlot *slot, void *arg)
{
	keep_latest(arg, DatumGetInt32(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]),
				DatumGetFloat8(slot->tts_values[2]));
}

/* Of all units: read unordered, because a sort would cost more than this. */
static void
read_all_entries(const RgtSignals *signals, Datum name, DateADT valid_from, LatestEntries *latest)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, as_of, value FROM regtarget.signals "
		"WHERE signal" OP(=) "$1 AND as_of" OP(>=) "$2 AND as_of" OP(<=) "$3",
		TEXTOID, DATEOID, DATEOID);
	Datum		arguments[3] = {name, DateADTGetDatum(valid_from), DateADTGetDatum(signals->as_of)};

	rgt_run(&query, signals->snapshot, arguments, NULL, add_entry, latest);
}

/* ---- kept for other days ------------------------------------------------------------------------- */

typedef struct Entry
{
	int32		unit_id;
	DateADT		day;
	double		value;
} Entry;

/* All entries of a signal, in no order. */
typedef struct Entries
{
	char	   *name;
	Entry	   *entry;			/* NULL: too many to be kept */
	int			n;
	int			allocated;
} Entries;

/* Of so many, each day's is picked from memory; more are read again for each day. */
#define MOST_KEPT 4000000

static void
keep_entry(TupleTableSlot *slot, void *arg)
{
	Entries    *entries = arg;

	if (entries->entry == NULL)
		return;
	if (entries->n == MOST_KEPT)
	{
		pfree(entries->entry);
		entries->entry = NULL;
		return;
	}
	RGT_GROW(entries->entry, entries->n, entries->allocated);
	entries->entry[entries->n++] = (Entry) {
		DatumGetInt32(slot->tts_values[0]), DatumGetDateADT(slot->tts_values[1]), DatumGetFloat8(slot->tts_values[2])
	};
}

static Entries *
find_entries(const RgtSignals *signals, Datum name)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT unit_id, as_of, value FROM regtarget.signals WHERE signal" OP(=) "$1", TEXTOID);
	char	   *wanted = TextDatumGetCString(name);
	Entries    *entries;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, signals->kept->entries)
	{
		entries = lfirst(cell);
		if (strcmp(entries->name, wanted) == 0)
			return entries;
	}
	old = MemoryContextSwitchTo(signals->kept->context);
	entries = palloc0(sizeof(Entries));
	entries->name = pstrdup(wanted);
	entries->allocated = 64;
	entries->entry = palloc(sizeof(Entry) * entries->allocated);
	signals->kept->entries = lappend(signals->kept->entries, entries);
	MemoryContextSwitchTo(old);
	rgt_run(&query, signals->snapshot, &name, NULL, keep_entry, entries);
	return entries;
}

/* Of all units from what is kept; false when that was too much. */
static bool
pick_entries(const RgtSignals *signals, Datum name, DateADT valid_from, LatestEntries *latest)
{
	const Entries *entries = find_entries(signals, name);

	for (int i = 0; entries->entry != NULL && i < entries->n; i++)
	{
		const Entry *entry = &entries->entry[i];

		if (entry->day >= valid_from && entry->day <= signals->as_of)
			keep_latest(latest, entry->unit_id, entry->day, entry->value);
	}
	return entries->entry != NULL;
}

/* ---- of all, of some -------------------------------------------------------------------------------- */

/* Of some units: by the key, which begins with unit and signal. */
static void
read_some_entries(const RgtSignals *signals, Datum name, DateADT valid_from, LatestEntries *latest)
{
	Snapshot	snapshot = rgt_snapshot(signals->snapshot);
	RgtLookup	entries;
	AttrNumber	as_of;
	AttrNumber	value;

	rgt_lookup_begin(&entries, "signals", NULL, 2, AccessShareLock, snapshot);
	as_of = rgt_attnum(RelationGetDescr(entries.table), "as_of");
	value = rgt_attnum(RelationGetDescr(entries.table), "value");
	for (int p = 0; p < signals->tree->n; p++)
	{
		Datum		keys[2] = {Int32GetDatum(signals->tree->unit_id[p]), name};

		rgt_lookup_keys(&entries, keys);
		while (rgt_lookup_next(&entries, ForwardScanDirection))
		{
			bool		isnull;
			DateADT		day = DatumGetDateADT(slot_getattr(entries.slot, as_of, &isnull));

			CHECK_FOR_INTERRUPTS();
			if (day >= valid_from && day <= signals->as_of)
				keep_latest(latest, signals->tree->unit_id[p], day, DatumGetFloat8(slot_getattr(entries.slot, value, &isnull)));
		}
	}
	rgt_lookup_end(&entries);
	UnregisterSnapshot(snapshot);
}

/* Each unit's latest entry that still counts. */
static void
read_entries(const RgtSignals *signals, Datum name, DateADT valid_from, RgtSignal *signal)
{
	LatestEntries latest = {signals->tree, signal, NULL};

	latest.entered_on = rgt_signals_array(signals, sizeof(DateADT), signals->tree->n);
	if (signals->tree->part)
		read_some_entries(signals, name, valid_from, &latest);
	else if (signals->kept == NULL || !pick_entries(signals, name, valid_from, &latest))
		read_all_entries(signals, name, valid_from, &latest);
	pfree(latest.entered_on);
}

/* A parent's value from those of its open children; unknown when none of them has one. */
static void
roll_up_children(const RgtSignals *signals, const char *name, Rollup rollup, int p,
				 RgtSignal *signal)
{
	const RgtTree *tree = signals->tree;
	int			end = tree->first_child[p] + tree->children[p];
	double		sum = 0;
	int			known = 0;

	for (int c = tree->first_child[p]; c < end; c++)
	{
		if (!signal->known[c] || !rgt_tree_open(tree, c, signals->as_of))
			continue;
		sum += signal->value[c];
		known++;
	}
	if (isinf(sum))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("signal \"%s\" adds up to more than float8 holds below unit \"%s\"",
						name, rgt_unit_name(tree->unit_id[p])),
				 errhint("Correct the entries in regtarget.signals.")));
	signal->known[p] = known > 0;
	signal->value[p] = known > 0 && rollup == ROLLUP_MEAN ? sum / known : sum;
}

/* A signal by its name, as it was entered; unknown everywhere if nobody entered it. */
RgtSignal
rgt_measure_entered(const RgtSignals *signals, const char *name)
{
	RgtSignal	signal = rgt_signal_unknown(signals);
	Datum		name_datum = CStringGetTextDatum(name);
	DateADT		valid_from;
	Rollup		rollup = read_kind(signals, name_datum, &valid_from);

	read_entries(signals, name_datum, valid_from, &signal);
	for (int p = signals->tree->n - 1; p >= 0; p--)
	{
		if (rollup != ROLLUP_NONE && !signal.known[p])
			roll_up_children(signals, name, rollup, p, &signal);
	}
	return signal;
}
