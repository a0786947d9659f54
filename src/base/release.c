/*
 * base/release.c
 *	  Whether the catalog of this database is of the library's own release.
 *
 * A package brings the library to all databases at once, ALTER EXTENSION UPDATE the catalog to one of them. In
 * between, and in sessions that began before, functions would be called with other arguments and look for other
 * tables than they were made for.  So the library looks at the catalog when it is loaded, which is before any
 * function of ours is called, and again at the entry of a function whenever functions were made or replaced since.
 *
 * Scripts call functions while the version on record is that of their own end, which need not be the last: they
 * are not asked.  Nor is a superuser who restores the dump of an earlier release into its catalog, to update it then:
 * in a session that restores (rgt_restoring), and whose triggers do not fire (session_replication_role), nothing of
 * ours runs but what forgets what was remembered, and CHECKs of single values.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "regtarget.h"

bool		rgt_release_is_known = false;

/* The version on record, and the extension's OID; NULL when there is none. */
static char *
version_on_record(Oid *extension)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	char	   *version = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("regtarget"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		value = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &isnull);

		*extension = ((Form_pg_extension) GETSTRUCT(tuple))->oid;
		version = isnull ? NULL : TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return version;
}

/* Which of the two is behind: the first number by which they differ tells. */
static bool
is_older(const char *version, const char *than)
{
	while (*version != '\0' && *than != '\0')
	{
		char	   *version_end;
		char	   *than_end;
		long		a = strtol(version, &version_end, 10);
		long		b = strtol(than, &than_end, 10);

		if (a != b)
			return a < b;
		if (*version_end != '.' || *than_end != '.')
			break;
		version = version_end + 1;
		than = than_end + 1;
	}
	return false;
}

/* The catalog must be of the library's release; once it is, until functions are made or replaced. */
void
rgt_check_release(void)
{
	Oid			extension = InvalidOid;
	char	   *version = version_on_record(&extension);

	if (creating_extension && CurrentExtensionObject == extension)
		return;
	if (version != NULL && strcmp(version, REGTARGET_VERSION) != 0)
	{
		if (is_older(version, REGTARGET_VERSION) && SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA && rgt_restoring())
			return;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"regtarget\" is of version %s in this database, and its library is of version %s",
						version, REGTARGET_VERSION),
				 is_older(version, REGTARGET_VERSION) ?
				 errhint("Run ALTER EXTENSION regtarget UPDATE; nothing was changed.") :
				 errhint("Connect again; if that does not help, install version %s of the library.", version)));
	}
	rgt_release_is_known = true;
}

static void
functions_have_changed(Datum arg, int cache, uint32 hash)
{
	rgt_release_is_known = false;
}

/*
 * When the library is loaded: not where the catalog cannot be read, or is being brought from elsewhere, nor while a
 * session begins (session_preload_libraries), or nobody could log in to update.
 */
void
rgt_watch_release(void)
{
	if (IsNormalProcessingMode() && IsTransactionState() && !IsParallelWorker() && !IsBinaryUpgrade)
		rgt_check_release();
	CacheRegisterSyscacheCallback(PROCOID, functions_have_changed, (Datum) 0);
}
