/*
 * imports/services.h
 *	  What the readers of two services' answers share.
 */
#ifndef REGTARGET_IMPORTS_SERVICES_H
#define REGTARGET_IMPORTS_SERVICES_H

#include "imports/imports.h"

/* One answer on its way into the views. */
typedef struct RgtAnswer
{
	text	   *source;
	MemoryContext context;
	List	   *imports;
} RgtAnswer;

extern JsonbContainer *rgt_service_object(JsonbContainer *object, const char *name);
extern Datum rgt_service_text(JsonbContainer *object, const char *name);
extern JsonbContainer *rgt_service_element(JsonbContainer *array, int i);
extern bool rgt_service_is(JsonbContainer *object, const char *name, const char *word);

extern RgtAnswer *rgt_answer_begin(FunctionCallInfo fcinfo, RgtSession *session);
extern RgtImport *rgt_answer_import(RgtAnswer *answer, const RgtTarget *target);
extern void rgt_answer_add(RgtAnswer *answer, const RgtTarget *target, const Datum *raw);
extern Datum rgt_answer_end(FunctionCallInfo fcinfo, RgtAnswer *answer, RgtSession *session);
extern _Noreturn void rgt_answer_refuse(const char *service, const char *expected);

#endif							/* REGTARGET_IMPORTS_SERVICES_H */
