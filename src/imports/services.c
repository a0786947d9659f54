/*
 * imports/services.c
 *	  Answers of services: JSON taken apart, rows handed to the imports of the views.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "imports/services.h"
#include "regtarget.h"

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static JsonbValue *
field(JsonbContainer *object, const char *name)
{
	if (object == NULL || !JsonContainerIsObject(object))
		return NULL;
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

/* The object or array in a field; NULL when there is none. */
JsonbContainer *
rgt_service_object(JsonbContainer *object, const char *name)
{
	JsonbValue *value = field(object, name);

	return value != NULL && value->type == jbvBinary ? value->val.binary.data : NULL;
}

/* The object or array at a place of an array; NULL when something else is there. */
JsonbContainer *
rgt_service_element(JsonbContainer *array, int i)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	return value != NULL && value->type == jbvBinary ? value->val.binary.data : NULL;
}

/* What a value says; NULL: it is not there. */
RgtSaid
rgt_said_value(const JsonbValue *value, int kinds)
{
	RgtSaid		said = {.said = value != NULL};

	if (value == NULL || value->type == jbvNull)
		return said;
	switch (value->type)
	{
		case jbvString:
			said.text = PointerGetDatum(cstring_to_text_with_len(value->val.string.val, value->val.string.len));
			break;
		case jbvNumeric:
			said.text = CStringGetTextDatum(rgt_numeric_text(value->val.numeric));
			said.number = true;
			said.odd = (kinds & RGT_JSON_NUMBER) == 0;
			break;
		case jbvBool:
			said.text = CStringGetTextDatum(value->val.boolean ? "true" : "false");
			said.odd = (kinds & RGT_JSON_BOOLEAN) == 0;
			break;
		default:
			said.text = CStringGetTextDatum(JsonbToCString(NULL, value->val.binary.data, 64));
			said.odd = true;
	}
	return said;
}

/* What a field says. */
RgtSaid
rgt_said(JsonbContainer *object, const char *name, int kinds)
{
	return rgt_said_value(field(object, name), kinds);
}

/* Does it say something, not nothing but spaces? */
bool
rgt_is_said(RgtSaid said)
{
	return said.text != 0 && strspn(TextDatumGetCString(said.text), " ") < VARSIZE_ANY_EXHDR(DatumGetPointer(said.text));
}

/* A field as text; 0 when it is null, missing or no scalar. */
Datum
rgt_service_text(JsonbContainer *object, const char *name)
{
	RgtSaid		said = rgt_said(object, name, RGT_JSON_NUMBER | RGT_JSON_BOOLEAN);

	return said.odd ? (Datum) 0 : said.text;
}

/* Is that what the field says, be it a string, a number or a boolean? */
bool
rgt_service_is(JsonbContainer *object, const char *name, const char *word)
{
	Datum		said = rgt_service_text(object, name);

	return said != 0 && strcmp(TextDatumGetCString(said), word) == 0;
}

/* ---- an answer ------------------------------------------------------------------------------------------ */

void
rgt_answer_refuse(const char *service, const char *expected)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the payload is not an answer that %s is known to give", service),
			 errdetail_internal("%s", expected)));
}

/* Arguments: payload, source. */
RgtAnswer *
rgt_answer_begin(FunctionCallInfo fcinfo, RgtSession *session)
{
	RgtAnswer  *answer = palloc0(sizeof(RgtAnswer));

	rgt_require(fcinfo, 0, "payload");
	answer->source = rgt_required_text(fcinfo, 1, "source");
	answer->context = CurrentMemoryContext;
	InitMaterializedSRF(fcinfo, 0);
	rgt_enter_to_write(session, rgt_text("an import"));
	MemoryContextSwitchTo(answer->context);
	return answer;
}

/* The import of a target, begun at its first row. */
RgtImport *
rgt_answer_import(RgtAnswer *answer, const RgtTarget *target)
{
	ListCell   *cell;
	RgtImport  *import;
	MemoryContext old;

	foreach(cell, answer->imports)
	{
		import = lfirst(cell);
		if (import->target == target)
			return import;
	}
	old = MemoryContextSwitchTo(answer->context);
	import = rgt_import_begin(target, answer->source, answer->context);
	import->partial = true;
	answer->imports = lappend(answer->imports, import);
	MemoryContextSwitchTo(old);
	return import;
}

/* Put what was said into a column of a row; what was not said leaves it alone. */
void
rgt_answer_say(RgtAnswerRow *row, int column, RgtSaid said)
{
	if (!said.said)
		return;
	row->raw[column] = said.text;
	row->said |= RGT_COLUMN(column);
	if (said.odd)
		row->odd |= RGT_COLUMN(column);
}

void
rgt_answer_add(RgtAnswer *answer, const RgtTarget *target, const RgtAnswerRow *record)
{
	RgtImport  *import = rgt_answer_import(answer, target);
	MemoryContext old;
	Datum		cells[RGT_IMPORT_COLUMNS] = {0};
	RgtImportRow *row;
	Size		bytes = 0;

	CHECK_FOR_INTERRUPTS();
	rgt_import_room(import);
	old = MemoryContextSwitchTo(import->batch);
	for (int c = 0; c < target->ncolumns; c++)
	{
		if (record->raw[c] == 0)
			continue;
		cells[c] = PointerGetDatum(DatumGetTextPCopy(record->raw[c]));
		bytes += VARSIZE_ANY(DatumGetPointer(cells[c]));
	}
	row = rgt_import_add(import, cells, bytes);
	row->unsaid = ~record->said;
	row->odd = record->odd;
	MemoryContextSwitchTo(old);
}

/* What was taken and what was not, by target. */
Datum
rgt_answer_end(FunctionCallInfo fcinfo, RgtAnswer *answer, RgtSession *session)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	foreach(cell, answer->imports)
	{
		RgtImport  *import = lfirst(cell);
		Datum		values[3];
		bool		nulls[3] = {false};

		rgt_import_end(import);
		values[0] = CStringGetTextDatum(import->target->view);
		values[1] = Int64GetDatum(import->accepted);
		values[2] = Int64GetDatum(import->rejected);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	rgt_end(session);
	return (Datum) 0;
}
