-- Everything that the catalog says of the extension, a line each, without what differs from database to database:
-- OIDs, and the privileges that users were granted. Two installations of one version agree in every line.

CREATE FUNCTION pg_temp.own(acl aclitem[], kind text, owner oid) RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(x.item::text, ' ' ORDER BY x.item::text COLLATE "C")
	FROM unnest(coalesce(acl, CASE WHEN kind IS NOT NULL THEN acldefault(kind::"char", owner) END)) AS x (item)
	WHERE (SELECT bool_and(e.grantee = 0 OR kind IS NOT NULL AND e.grantee = owner) FROM aclexplode(ARRAY[x.item]) e)
$$;

WITH r AS MATERIALIZED (
	SELECT c.*, c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'regtarget'::regnamespace
), p AS MATERIALIZED (
	SELECT f.*, f.oid::regprocedure::text AS name FROM pg_proc f WHERE f.pronamespace = 'regtarget'::regnamespace
), objects (classid, objid) AS MATERIALIZED (
	SELECT 'pg_class'::regclass, oid FROM r
	UNION ALL SELECT 'pg_proc'::regclass, oid FROM p
	UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = 'regtarget'::regnamespace
	UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace = 'regtarget'::regnamespace
	UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN r ON r.oid = t.tgrelid
	UNION ALL SELECT 'pg_policy'::regclass, t.oid FROM pg_policy t JOIN r ON r.oid = t.polrelid
	UNION ALL SELECT 'pg_rewrite'::regclass, t.oid FROM pg_rewrite t JOIN r ON r.oid = t.ev_class
	UNION ALL SELECT 'pg_attrdef'::regclass, t.oid FROM pg_attrdef t JOIN r ON r.oid = t.adrelid
	UNION ALL SELECT 'pg_namespace'::regclass, 'regtarget'::regnamespace
	UNION ALL SELECT 'pg_extension'::regclass, e.oid FROM pg_extension e WHERE e.extname = 'regtarget'
), lines (what, name, says) AS (
	SELECT 'schema', n.nspname::text, pg_temp.own(n.nspacl, 'n', n.nspowner) FROM pg_namespace n WHERE n.nspname = 'regtarget'
	UNION ALL
	SELECT 'relation', r.name, concat_ws(' ', r.relkind, r.relpersistence, r.reloptions, r.relrowsecurity, r.relforcerowsecurity,
		r.relreplident, r.relowner::regrole, pg_temp.own(r.relacl, CASE WHEN r.relkind = 'S' THEN 's' ELSE 'r' END, r.relowner))
	FROM r WHERE r.relkind NOT IN ('i', 't')
	UNION ALL
	SELECT 'column', r.name || ' ' || row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum),
		concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
			a.attcompression, a.attcollation::regcollation, (SELECT string_agg(o, ',') FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver='), pg_temp.own(a.attacl, NULL, r.relowner),
			pg_get_expr(d.adbin, d.adrelid))
	FROM r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	UNION ALL
	SELECT 'constraint', r.name || ' ' || c.conname,
		concat_ws(' ', pg_get_constraintdef(c.oid), c.condeferrable, c.condeferred, c.convalidated, c.connoinherit)
	FROM r JOIN pg_constraint c ON c.conrelid = r.oid WHERE c.contype <> 'n'
	UNION ALL
	SELECT 'index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisreplident)
	FROM r JOIN pg_index i ON i.indrelid = r.oid
	UNION ALL
	SELECT 'trigger', r.name || ' ' || t.tgname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
	FROM r JOIN pg_trigger t ON t.tgrelid = r.oid
	UNION ALL
	SELECT 'policy', r.name || ' ' || t.polname, concat_ws(' ', t.polcmd, t.polpermissive, t.polroles,
		'USING', pg_get_expr(t.polqual, t.polrelid), 'CHECK', pg_get_expr(t.polwithcheck, t.polrelid))
	FROM r JOIN pg_policy t ON t.polrelid = r.oid
	UNION ALL
	SELECT 'view', r.name, pg_get_viewdef(r.oid) FROM r WHERE r.relkind = 'v'
	UNION ALL
	SELECT 'function', p.name, concat_ws(' ', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END, p.proowner::regrole,
		pg_temp.own(p.proacl, 'f', p.proowner))
	FROM p
	UNION ALL
	SELECT 'aggregate', p.name, concat_ws(' ', a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggtranstype::regtype, a.agginitval,
		a.aggfinalmodify, p.proparallel, pg_get_function_arguments(p.oid))
	FROM p JOIN pg_aggregate a ON a.aggfnoid = p.oid
	UNION ALL
	SELECT 'sequence', r.name, concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
	FROM r JOIN pg_sequence s ON s.seqrelid = r.oid
	UNION ALL
	SELECT 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
	FROM pg_description d JOIN objects o ON o.classid = d.classoid AND o.objid = d.objoid
	UNION ALL
	SELECT DISTINCT 'dependency', pg_describe_object(d.classid, d.objid, d.objsubid) || ' ' || d.deptype::text,
		pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
	FROM pg_depend d WHERE (d.classid, d.objid) IN (SELECT o.classid, o.objid FROM objects o)
	UNION ALL
	SELECT 'dumped', t.tab::regclass::text, t.condition
	FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS t (tab, condition) WHERE e.extname = 'regtarget'
	UNION ALL
	SELECT 'initial privileges', pg_describe_object(i.classoid, i.objoid, i.objsubid), array_to_string(ARRAY(
		SELECT x.item::text FROM unnest(i.initprivs) AS x (item) ORDER BY x.item::text COLLATE "C"), ' ')
	FROM pg_init_privs i JOIN objects o ON o.classid = i.classoid AND o.objid = i.objoid
	UNION ALL
	SELECT 'extension', e.extname::text, concat_ws(' ', e.extversion, e.extrelocatable, e.extowner::regrole)
	FROM pg_extension e WHERE e.extname = 'regtarget'
)
-- A trigger of a constraint's own bears its OID in its name.
SELECT regexp_replace(what || ' ' || name || ': ' || replace(coalesce(says, ''), E'\n', ' '), '(Unique_ConstraintTrigger)_\d+', '\1', 'g')
FROM lines ORDER BY 1;
