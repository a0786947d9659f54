/*
 * imports/departments.c
 *	  Lists of departments, of which the first that is a unit here counts.
 *
 * Which one that is may not be known before one of them is a unit: a list of which none is stays a list, and is
 * looked at again when its row is tried again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "imports/services.h"
#include "regtarget.h"

/* Of several departments the first that is a unit here; 0: none is. */
Datum
rgt_first_known(Datum source, const RgtDepartments *departments)
{
	static RgtQuery query = RGT_QUERY(
		"SELECT coalesce(m.code, u.code) FROM unnest($2) WITH ORDINALITY AS d(name, i) "
		"LEFT JOIN regtarget.units u ON u.code = d.name "
		"LEFT JOIN regtarget.aliases a ON a.kind = 'unit' AND a.source = $1 AND a.source_id = d.name "
		"LEFT JOIN regtarget.units m ON m.code = a.means "
		"WHERE coalesce(m.code, u.code) IS NOT NULL ORDER BY d.i LIMIT 1", TEXTOID, TEXTARRAYOID);
	Datum		arguments[2] = {source, rgt_import_array(departments->department, departments->n, TEXTOID)};
	Datum		code;
	bool		isnull;

	return rgt_one(&query, RGT_FRESH, arguments, NULL, &code, &isnull, 1) ? code : (Datum) 0;
}

/* The departments of a list; false when it is no list of them. */
bool
rgt_list_departments(JsonbContainer *list, RgtDepartments *departments)
{
	departments->department = palloc(sizeof(Datum) * Max(JsonContainerSize(list), 1));
	for (int i = 0; i < (int) JsonContainerSize(list); i++)
	{
		RgtSaid		said = rgt_said_value(getIthJsonbValueFromContainer(list, i), RGT_JSON_NUMBER);

		if (said.odd || said.text == 0)
			return false;
		departments->department[departments->n++] = said.text;
	}
	return true;
}

/* The same of a list that came as text, such as [2,3]. */
bool
rgt_list_departments_in_text(Datum list, RgtDepartments *departments)
{
	char	   *json = TextDatumGetCString(list);
	char	   *at = json + strspn(json, " ");

	if (*at != '[')
		return false;
	departments->department = palloc(sizeof(Datum) * (strlen(json) + 1));
	do
	{
		int			length;

		at += 1 + strspn(at + 1, " \"");
		length = strcspn(at, " \",[]");
		if (length > 0)
			departments->department[departments->n++] = PointerGetDatum(cstring_to_text_with_len(at, length));
		else if (departments->n > 0 || *at != ']')
			return false;
		at += length + strspn(at + length, " \"");
	} while (*at == ',');
	return at[0] == ']' && at[1 + strspn(at + 1, " ")] == '\0';
}

/* Departments as a cell: one alone, or a list. */
Datum
rgt_departments_text(const RgtDepartments *departments)
{
	StringInfoData json;

	if (departments->n == 1)
		return departments->department[0];
	initStringInfo(&json);
	for (int i = 0; i < departments->n; i++)
		appendStringInfo(&json, "%c%s", i == 0 ? '[' : ',', TextDatumGetCString(departments->department[i]));
	appendStringInfoChar(&json, ']');
	return PointerGetDatum(cstring_to_text_with_len(json.data, json.len));
}

/* The unit that a cell with a list of departments means; the cell itself when it is none, or none of them is known. */
Datum
rgt_unit_of_list(Datum source, Datum cell)
{
	RgtDepartments departments = {0};
	Datum		code = 0;

	if (VARSIZE_ANY_EXHDR(DatumGetPointer(cell)) > 0 && *VARDATA_ANY(DatumGetPointer(cell)) == '[' &&
		rgt_list_departments_in_text(cell, &departments) && departments.n > 0)
		code = rgt_first_known(source, &departments);
	return code != 0 ? code : cell;
}
