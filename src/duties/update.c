/*
 * duties/update.c
 *	  Whom an update makes things for, and privileges: those of duties, and those on what had to be made anew.
 *
 * An update script creates these functions, calls them and drops them.  What they grant, the users' way of a dump
 * must carry: while a script runs, PostgreSQL takes every grant for the extension's own and leaves it out.
 */
#include "postgres.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "duties/privileges.h"
#include "regtarget.h"

/* Do something as if no script were running. */
static void
outside_the_script(void (*act) (void *), void *arg)
{
	bool		was = creating_extension;

	PG_TRY();
	{
		creating_extension = false;
		act(arg);
	}
	PG_FINALLY();
	{
		creating_extension = was;
	}
	PG_END_TRY();
}

static void
run_utility(const char *statement)
{
	int			result = SPI_execute(statement, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", statement, SPI_result_code_string(result));
}

/* ---- before anything is changed ----------------------------------------------------------------------- */

/* The end of the second in which the library's file came to lie where it does; null where that cannot be told. */
static Datum
library_came(bool *isnull)
{
	static char ours;
	Dl_info		info;
	struct stat file;

	*isnull = dladdr(&ours, &info) == 0 || stat(info.dli_fname, &file) != 0;
	return *isnull ? (Datum) 0 : TimestampTzGetDatum(time_t_to_timestamptz(file.st_ctime) + USECS_PER_SEC);
}

/*
 * A session that began before the library came may have the old one loaded, which would go on with what the update
 * makes: functions called with other arguments than they were written for can end the whole server.  Workers that apply
 * changes fire triggers, those of other extensions (pg_cron's launcher, which never ends) call nothing of ours.
 */
static void
check_sessions(void)
{
	Oid			types[] = {TIMESTAMPTZOID};
	bool		isnull;
	Datum		came = library_came(&isnull);
	char	   *processes;

	if (isnull)
		return;
	SPI_connect();
	if (SPI_execute_with_args("SELECT pg_catalog.string_agg(a.pid::text, ', ' ORDER BY a.pid) FROM pg_catalog.pg_stat_activity a "
							  "WHERE a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() "
							  "AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() "
							  "AND (a.backend_type OPERATOR(pg_catalog.=) 'client backend' "
							  "OR a.backend_type OPERATOR(pg_catalog.~) '^logical.*worker$') "
							  "AND a.backend_start OPERATOR(pg_catalog.<) $1",
							  1, types, &came, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read pg_stat_activity");
	processes = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (processes != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("sessions of this database may have an older library of extension \"regtarget\" loaded"),
				 errdetail("Processes that began before the library was installed: %s.", processes),
				 errhint("End them, or let them connect again; then run the update again.")));
	SPI_finish();
}

/*
 * owner_of_update(): the role that the script is to take, so that what is new belongs to the owner of the rest.  Only
 * a superuser makes functions in C; one who owns the extension, and is none any more, is not made one behind his back.
 */
PG_FUNCTION_INFO_V1(rgt_owner_of_update);
Datum
rgt_owner_of_update(PG_FUNCTION_ARGS)
{
	char	   *owner = GetUserNameFromId(rgt_owner(), false);

	if (!superuser_arg(rgt_owner()))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("role \"%s\", which owns extension \"regtarget\", is not a superuser", owner),
				 errdetail("An update makes functions in C in the owner's name, which takes a superuser."),
				 errhint("Run ALTER ROLE %s SUPERUSER, then the update, then ALTER ROLE %s NOSUPERUSER.",
						 quote_identifier(owner), quote_identifier(owner))));
	check_sessions();
	PG_RETURN_TEXT_P(cstring_to_text(owner));
}

/* ---- duties ------------------------------------------------------------------------------------------ */

typedef struct Roles
{
	MemoryContext context;
	List	   *names;
} Roles;

static void
note_role(TupleTableSlot *slot, void *arg)
{
	Roles	   *roles = arg;
	MemoryContext old = MemoryContextSwitchTo(roles->context);
	Name		name = palloc(NAMEDATALEN);

	*name = *DatumGetName(slot->tts_values[0]);
	roles->names = lappend(roles->names, name);
	MemoryContextSwitchTo(old);
}

static void
give_all(void *arg)
{
	static RgtQuery query = RGT_QUERY0(
		"SELECT r.rolname FROM pg_roles r WHERE r.rolname IN (SELECT d.role FROM regtarget.duties d "
		"UNION SELECT g.role FROM regtarget.access_grants g) ORDER BY r.rolname");
	Roles		roles = {CurrentMemoryContext, NIL};
	ListCell   *cell;

	rgt_run(&query, RGT_LATEST, NULL, NULL, note_role, &roles);
	foreach(cell, roles.names)
	{
		Datum		role = NameGetDatum((Name) lfirst(cell));
		RgtNeeds	needs = rgt_needs_of(role);

		rgt_give_privileges(role, needs, needs);
	}
}

/* renew_privileges(): whoever is on record gets what this release gives for it, as if it were granted again. */
PG_FUNCTION_INFO_V1(rgt_renew_privileges);
Datum
rgt_renew_privileges(PG_FUNCTION_ARGS)
{
	RgtSession	session;

	rgt_enter(&session);
	outside_the_script(give_all, NULL);
	rgt_end(&session);
	PG_RETURN_VOID();
}

/* ---- by statements that the script makes --------------------------------------------------------------- */

static void
run_all(void *arg)
{
	ArrayType  *statements = arg;
	Datum	   *values;
	bool	   *nulls;
	int			n;

	deconstruct_array(statements, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			run_utility(TextDatumGetCString(values[i]));
	}
}

/* run_as_user(statements): GRANT and REVOKE, made of the catalog's names by the script. */
PG_FUNCTION_INFO_V1(rgt_run_as_user);
Datum
rgt_run_as_user(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_VOID();
	if (!creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("statements are run by update scripts alone")));
	SPI_connect();
	outside_the_script(run_all, PG_GETARG_ARRAYTYPE_P(0));
	SPI_finish();
	PG_RETURN_VOID();
}
