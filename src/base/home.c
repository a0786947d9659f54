/*
 * base/home.c
 *	  note_home(): where the extension is registered, for the install script.
 *
 * An extension goes with the schema that it is registered in, and with the extensions that it requires.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "regtarget.h"

static Oid
schema_of_extension(const char *name)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	Oid			schema = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(get_extension_oid(name, true)));
	scan = systable_beginscan(extensions, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = ((Form_pg_extension) GETSTRUCT(tuple))->extnamespace;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return schema;
}

static void
tell(bool itself)
{
	ereport(NOTICE,
			(errmsg("extension \"%s\" is registered in schema \"public\"", itself ? "regtarget" : "btree_gist"),
			 errdetail("DROP SCHEMA public CASCADE would drop extension \"regtarget\" with all its data."),
			 itself ?
			 errhint("Drop the extension while it is empty, CREATE SCHEMA extensions, and say "
					 "CREATE EXTENSION regtarget SCHEMA extensions CASCADE.") :
			 errhint("Make another schema, and say ALTER EXTENSION btree_gist SET SCHEMA with its name.")));
}

/*
 * note_home(): a NOTICE when DROP SCHEMA public CASCADE would take the extension along, with all that it holds.  The server
 * keeps notices of install scripts from the client; a restore puts the extension where the dump had it, and is not told.
 */
PG_FUNCTION_INFO_V1(rgt_note_home);
Datum
rgt_note_home(PG_FUNCTION_ARGS)
{
	bool		itself = schema_of_extension("regtarget") == PG_PUBLIC_NAMESPACE;
	int			level;

	if ((!itself && schema_of_extension("btree_gist") != PG_PUBLIC_NAMESPACE) || rgt_restoring())
		PG_RETURN_VOID();
	level = NewGUCNestLevel();
	set_config_option("client_min_messages", "notice", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	tell(itself);
	AtEOXact_GUC(true, level);
	PG_RETURN_VOID();
}
