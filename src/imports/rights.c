/*
 * imports/rights.c
 *	  Whose rows are taken: all of whoever was granted INSERT on the view, some by duty.
 *
 * Whoever has been granted INSERT on a view loads anything through it.  A duty gives INSERT on the
 * view's columns only, and with it rows of the units that the duty is over.  So the privilege itself
 * says which of the two it is, and one that outlives its duty (a role that was renamed) loads nothing.
 *
 * The rights are those of the role that runs the statement, as for a plain INSERT: within a function
 * that is SECURITY DEFINER its owner's.  What is refused of a load by duty keeps the role's name, and
 * is tried again in its rights: else whoever tries again would load for others what they may not.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"

#include "access/access.h"
#include "imports/imports.h"
#include "regtarget.h"

/* The column of revenues_in that names the unit. */
#define REVENUE_UNIT 2

/* Find out whether it takes a duty over the unit of each row. */
void
rgt_import_limit(RgtImport *import)
{
	if (import->by_duty_of == NULL && import->target->duty != 0 && !rgt_may_everything(import->role) &&
		pg_class_aclcheck(rgt_relation(import->target->view), import->role, ACL_INSERT) != ACLCHECK_OK)
		rgt_import_limit_to(import, GetUserNameFromId(import->role, false));
}

/* It does: rows come in the rights of that role, which may be gone. */
void
rgt_import_limit_to(RgtImport *import, const char *role)
{
	import->by_duty_of = MemoryContextStrdup(import->context, role);
	import->role = get_role_oid(role, true);
}

/* May rows of the unit be loaded? */
bool
rgt_import_may(const RgtImport *import, int32 unit_id)
{
	return import->by_duty_of == NULL ||
		(OidIsValid(import->role) && (rgt_duties_over(import->role, unit_id) & import->target->duty) != 0);
}

/* Units by row; 0: none. */
typedef struct Units
{
	int32	   *unit_id;
} Units;

static void
note_unit(TupleTableSlot *slot, void *arg)
{
	Units	   *units = arg;

	units->unit_id[DatumGetInt64(slot->tts_values[0]) - 1] = DatumGetInt32(slot->tts_values[1]);
}

/* The units of revenues that are there already under the rows' keys, the first two columns. */
static Units
units_of_known_revenues(RgtImportRow **rows, int n)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT k.i, v.unit_id FROM unnest($1, $2) WITH ORDINALITY AS k(source, source_id, i) "
		"JOIN regtarget.revenues v ON v.source = k.source AND v.source_id = k.source_id", TEXTARRAYOID, TEXTARRAYOID);
	Units		units = {palloc0(sizeof(int32) * n)};
	Datum	   *sources = palloc(sizeof(Datum) * n);
	Datum	   *ids = palloc(sizeof(Datum) * n);
	Datum		arguments[2];

	for (int i = 0; i < n; i++)
	{
		sources[i] = rows[i]->value[0];
		ids[i] = rows[i]->value[1];
	}
	arguments[0] = rgt_import_array(sources, n, TEXTOID);
	arguments[1] = rgt_import_array(ids, n, TEXTOID);
	rgt_run(&query, RGT_FRESH, arguments, NULL, note_unit, &units);
	return units;
}

/*
 * Refuse revenues of units that a load by duty may not write, and rows that would take one from such
 * a unit.  Nobody else writes the table until we have.
 */
void
rgt_import_check_revenues(const RgtImport *import, RgtImportRow **rows, int n)
{
	const char *role = import->by_duty_of;
	Units		known;

	if (import->by_duty_of == NULL)
		return;
	LockRelationOid(rgt_relation("revenues"), ShareRowExclusiveLock);
	known = units_of_known_revenues(rows, n);
	for (int i = 0; i < n; i++)
	{
		const RgtName *named = rows[i]->name[RGT_NAME_UNIT];

		if (rows[i]->reason != NULL)
			continue;
		if (known.unit_id[i] != 0 && !rgt_import_may(import, known.unit_id[i]))
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_DUTY, REVENUE_UNIT,
							  rgt_text("role \"%s\" has no finance duty over the unit of the row that is there already"), role);
		else if (rgt_import_may(import, rows[i]->unit_id))
			continue;
		else if (named != NULL)
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_DUTY, REVENUE_UNIT,
							  rgt_text("role \"%s\" has no finance duty over unit \"%.*s\""),
							  role,
							  named->name_length, named->name);
		else
			rgt_import_refuse(rows[i], RGT_CAUSE_NO_DUTY, REVENUE_UNIT,
							  rgt_text("role \"%s\" has no finance duty over the employee's unit of that day"), role);
	}
}
