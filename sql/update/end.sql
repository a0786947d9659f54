-- What every update ends with.

-- Whoever has a duty may do what this release has for it.
CREATE FUNCTION regtarget.renew_privileges() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_renew_privileges';
SELECT regtarget.renew_privileges();
DROP FUNCTION regtarget.renew_privileges();

-- Where a script grants or revokes something, PostgreSQL takes all that others were granted on the same object for the
-- extension's own, and a dump would leave it out. The extension's own is the owner's, and everybody's.
UPDATE pg_catalog.pg_init_privs i
SET initprivs = ARRAY(
	SELECT a.item FROM unnest(i.initprivs) WITH ORDINALITY AS a (item, place)
	WHERE (SELECT bool_and(x.grantee IN (0, n.nspowner)) FROM aclexplode(ARRAY[a.item]) x)
	ORDER BY a.place)
FROM pg_catalog.pg_namespace n
WHERE n.nspname = 'regtarget' AND i.privtype = 'e' AND EXISTS (
	SELECT FROM pg_catalog.pg_depend d, pg_catalog.pg_extension e
	WHERE e.extname = 'regtarget' AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
		AND d.deptype = 'e' AND d.classid = i.classoid AND d.objid = i.objoid);
-- The same in releases of PostgreSQL that keep such roles from being dropped.
DELETE FROM pg_catalog.pg_shdepend s
USING pg_catalog.pg_namespace n, pg_catalog.pg_depend d, pg_catalog.pg_extension e
WHERE n.nspname = 'regtarget' AND e.extname = 'regtarget' AND d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND d.refobjid = e.oid AND d.deptype = 'e' AND s.dbid = (SELECT b.oid FROM pg_catalog.pg_database b WHERE b.datname = current_database())
	AND s.classid = d.classid AND s.objid = d.objid AND s.deptype = 'i'
	AND s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid <> n.nspowner;
