/*
 * imports/services.h
 *	  What the readers of two services' answers share.
 */
#ifndef REGTARGET_IMPORTS_SERVICES_H
#define REGTARGET_IMPORTS_SERVICES_H

#include "utils/jsonb.h"

#include "imports/imports.h"

/* One answer on its way into the views. */
typedef struct RgtAnswer
{
	text	   *source;
	MemoryContext context;
	List	   *imports;
} RgtAnswer;

/* Kinds of JSON that a cell may be, besides text, which is judged when it is read, and null. */
#define RGT_JSON_NUMBER 1
#define RGT_JSON_BOOLEAN 2

/* What an answer says of something. */
typedef struct RgtSaid
{
	bool		said;			/* anything, be it null */
	bool		odd;			/* JSON of a kind that was not expected, */
	bool		number;			/* a number */
	Datum		text;			/* of the cell, or the JSON that is odd; 0: null */
} RgtSaid;

/* A record on its way into a row of a view. */
typedef struct RgtAnswerRow
{
	Datum		raw[RGT_IMPORT_COLUMNS];
	uint32		said;
	uint32		odd;
} RgtAnswerRow;

extern RgtSaid rgt_said(JsonbContainer *object, const char *name, int kinds);
extern RgtSaid rgt_said_value(const JsonbValue *value, int kinds);
extern bool rgt_is_said(RgtSaid said);
extern void rgt_answer_say(RgtAnswerRow *row, int column, RgtSaid said);

extern JsonbContainer *rgt_service_object(JsonbContainer *object, const char *name);
extern Datum rgt_service_text(JsonbContainer *object, const char *name);
extern JsonbContainer *rgt_service_element(JsonbContainer *array, int i);
extern bool rgt_service_is(JsonbContainer *object, const char *name, const char *word);

extern RgtAnswer *rgt_answer_begin(FunctionCallInfo fcinfo, RgtSession *session);
extern RgtImport *rgt_answer_import(RgtAnswer *answer, const RgtTarget *target);
extern void rgt_answer_add(RgtAnswer *answer, const RgtTarget *target, const RgtAnswerRow *record);
extern Datum rgt_answer_end(FunctionCallInfo fcinfo, RgtAnswer *answer, RgtSession *session);
extern _Noreturn void rgt_answer_refuse(const char *service, const char *expected);

/* ---- departments.c ------------------------------------------------------------------------------- */

/* Departments, in the order in which they were named. */
typedef struct RgtDepartments
{
	Datum	   *department;
	int			n;
} RgtDepartments;

extern Datum rgt_first_known(Datum source, const RgtDepartments *departments);
extern bool rgt_list_departments(JsonbContainer *list, RgtDepartments *departments);
extern bool rgt_list_departments_in_text(Datum list, RgtDepartments *departments);
extern Datum rgt_departments_text(const RgtDepartments *departments);
extern Datum rgt_unit_of_list(Datum source, Datum cell);

#endif							/* REGTARGET_IMPORTS_SERVICES_H */
