# Installing adopts nothing that was there, dropping leaves nothing, and any encoding will do.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use Encode qw(encode);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('install');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub sql { return $node->safe_psql(@_) }

# ---- create and drop -----------------------------------------------------------------------

# Every object of the database that has an identity, but for those that PostgreSQL came with.
my $objects = join "\nUNION ALL\n", map {
	qq{SELECT (pg_identify_object('$_'::regclass, oid, 0)).* FROM $_ WHERE oid >= 16384}
} qw(pg_authid pg_namespace pg_class pg_proc pg_type pg_cast pg_operator pg_opclass pg_opfamily
  pg_collation pg_conversion pg_trigger pg_rewrite pg_constraint pg_policy pg_attrdef
  pg_event_trigger pg_extension pg_default_acl pg_statistic_ext pg_publication
  pg_foreign_data_wrapper pg_foreign_server pg_language pg_transform);
# A trigger of a constraint's own bears its OID in its name.
$objects = qq{SELECT x.type, regexp_replace(x.identity, '(Unique_ConstraintTrigger)_[0-9]+', '\\1') FROM ($objects) AS x
	WHERE identity NOT LIKE 'pg_toast.%' ORDER BY 1, 2};

# Lines that are in one of two texts only.
sub difference
{
	my %count;
	$count{$_}++ foreach split /\n/, $_[0];
	$count{$_}-- foreach split /\n/, $_[1];
	return join "\n", grep { $count{$_} } sort keys %count;
}

sql('postgres', 'CREATE DATABASE clean TEMPLATE template0');
sql('clean', 'CREATE EXTENSION btree_gist');
my $before = sql('clean', $objects);
my $comments = 'SELECT count(*) FROM pg_description WHERE objoid >= 16384';
my $comments_before = sql('clean', $comments);

# Into public it says what that means; elsewhere nothing.
sub created
{
	my ($db, @statements) = @_;
	my $err = '';

	IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), map { ('-c', $_) } @statements ],
		'<', \undef, '>', \my $out, '2>', \$err);
	return $err;
}
like(created('clean', 'CREATE EXTENSION regtarget'),
	qr/^NOTICE:  extension "regtarget" is registered in schema "public"\nDETAIL: .*DROP SCHEMA public CASCADE.*\nHINT: .*SCHEMA extensions CASCADE\.\n$/,
	'into public, CREATE EXTENSION says that it would go with it');
sql('postgres', 'CREATE DATABASE elsewhere TEMPLATE template0');
like(created('elsewhere', 'CREATE EXTENSION btree_gist', 'CREATE SCHEMA extensions', 'CREATE EXTENSION regtarget SCHEMA extensions'),
	qr/^NOTICE:  extension "btree_gist" is registered in schema "public"\nDETAIL: .*\nHINT: .*ALTER EXTENSION btree_gist SET SCHEMA.*\n$/,
	'what it requires takes it along, too');
sql('elsewhere', 'ALTER EXTENSION btree_gist SET SCHEMA extensions; DROP EXTENSION regtarget');
silent_ok('elsewhere, CREATE EXTENSION says nothing', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1',
	'-d', $node->connstr('elsewhere'), '-c', 'CREATE EXTENSION regtarget SCHEMA extensions');
sql('elsewhere', 'SELECT regtarget.add_year(2025); SET client_min_messages = warning; DROP SCHEMA public CASCADE');
is(sql('elsewhere', 'SELECT count(*) FROM regtarget.periods'), '4', 'and DROP SCHEMA public CASCADE leaves it alone');
is(sql('clean', q{SELECT extversion FROM pg_extension WHERE extname = 'regtarget'}),
	(slurp_file("$FindBin::Bin/../../../regtarget.control") =~ /^default_version = '(.*)'/m)[0],
	'the version of the control file is installed');

my $created = sql('clean', $objects);
isnt($created, $before, 'it creates objects');
is(sql('clean', q{
		SELECT x.type, x.identity
		FROM pg_depend d
			JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
				AND e.extname = 'regtarget' AND d.deptype = 'e',
			pg_identify_object(d.classid, d.objid, d.objsubid) AS x
		WHERE x.schema IS DISTINCT FROM 'regtarget' AND (x.type, x.identity) <> ('schema', 'regtarget')}),
	'', 'all of them in schema regtarget');
is(sql('clean', q{
		SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace
				AND relkind IN ('r', 'p', 'v', 'm', 'f')
				AND has_table_privilege('public', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))
			OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'regtarget'::regnamespace
				AND has_function_privilege('public', oid, 'EXECUTE') AND provolatile = 'v')}),
	'f', 'no table and view of them for PUBLIC, and no function that writes');

sql('clean', 'DROP EXTENSION regtarget');
is(difference(sql('clean', $objects), $before), '', 'DROP EXTENSION leaves no object');
is(sql('clean', $comments), $comments_before, 'and no comment');

sql('clean', 'CREATE EXTENSION regtarget');
is(difference(sql('clean', $objects), $created), '', 'and it can be created again');

sql('postgres', 'CREATE DATABASE cascaded TEMPLATE template0');
sql('cascaded', 'CREATE EXTENSION regtarget CASCADE');
is(sql('cascaded', q{SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension}),
	'btree_gist plpgsql regtarget', 'CASCADE brings btree_gist');

# ---- nothing is adopted ----------------------------------------------------------------------

# How somebody would make an object of this kind and name first.
my %hostile = (
	table => 'CREATE TABLE %s (hostile int)',
	view => 'CREATE VIEW %s AS SELECT 1 AS hostile',
	function => q{CREATE FUNCTION %s RETURNS int LANGUAGE sql AS 'SELECT 1'},
	aggregate => 'CREATE AGGREGATE %s (sfunc = pg_catalog.array_append, stype = anyarray)',
	sequence => 'CREATE SEQUENCE %s',
	type => 'CREATE DOMAIN %s AS int');

sql('postgres', 'CREATE DATABASE hostile TEMPLATE template0');
sql('hostile', 'CREATE EXTENSION btree_gist');

# Three of each kind, as the catalog of a clean installation names them.
my @targets = split /\n/, sql('clean', q{
	SELECT kind, name FROM (
		SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
			oid::regclass::text AS name, relkind::text AS k
		FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind IN ('r', 'v', 'S')
		UNION ALL
		SELECT 'function', oid::regprocedure::text, prokind::text
		FROM pg_proc WHERE pronamespace = 'regtarget'::regnamespace AND prokind = 'f'
			AND prorettype <> 'trigger'::regtype AND NOT proretset
		UNION ALL
		SELECT 'type', oid::regtype::text, typtype::text
		FROM pg_type WHERE typnamespace = 'regtarget'::regnamespace AND typrelid <> 0
	) AS o
	WHERE name NOT LIKE '%"%'
	ORDER BY row_number() OVER (PARTITION BY kind ORDER BY name COLLATE "C"), kind
	LIMIT 12});

foreach my $target (@targets)
{
	my ($kind, $name) = split /\|/, $target;
	my $make = sprintf $hostile{$kind}, $name;
	my ($status, $out, $err) = $node->psql('hostile', qq{
		BEGIN;
		CREATE SCHEMA regtarget;
		$make;
		CREATE EXTENSION regtarget;
		COMMIT;});

	like($err, qr/^[^\n]*ERROR:  schema "regtarget" already exists/, "a $kind $name made before is not adopted");
}
is(sql('hostile', q{SELECT count(*) FROM pg_extension WHERE extname = 'regtarget'}), '0',
	'none of these installed anything');
sql('hostile', 'CREATE SCHEMA regtarget');
isnt($node->psql('hostile', 'CREATE EXTENSION regtarget'), 0, 'an empty schema is not adopted either');

# The install script uses nothing of its caller's schemas, better matches included.
sql('postgres', 'CREATE DATABASE trap TEMPLATE template0');
sql('trap', q{
	CREATE EXTENSION btree_gist;
	CREATE TABLE public.units (unit_id int PRIMARY KEY);
	CREATE TABLE public.targets (plan_id bigint);
	CREATE FUNCTION public.lower(daterange) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT NULL::date';
	CREATE FUNCTION public.upper(daterange) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT NULL::date';
	CREATE FUNCTION public.not_equal(text, varchar) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
	CREATE OPERATOR public.<> (leftarg = text, rightarg = varchar, procedure = public.not_equal);
	CREATE EXTENSION regtarget});
is(sql('trap', q{
		SELECT pg_describe_object(d.classid, d.objid, 0), pg_describe_object(d.refclassid, d.refobjid, 0)
		FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) AS o,
			pg_identify_object(d.refclassid, d.refobjid, 0) AS r
		WHERE o.identity LIKE '%regtarget.%' AND r.schema = 'public' AND NOT EXISTS (
			SELECT FROM pg_depend e WHERE (e.classid, e.objid) = (d.refclassid, d.refobjid)
				AND e.deptype = 'e')}),
	'', "nothing in it depends on an object of the caller's");

# ---- encodings -------------------------------------------------------------------------------

foreach my $encoding (qw(LATIN1 EUC_CN SQL_ASCII))
{
	my $db = lc $encoding;
	sql('postgres', qq{CREATE DATABASE $db TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE 'C' LC_CTYPE 'C'});
	silent_ok("installs in $encoding", 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1',
		'-d', $node->connstr($db), '-c', 'CREATE SCHEMA extensions', '-c', 'CREATE EXTENSION btree_gist SCHEMA extensions',
		'-c', 'CREATE EXTENSION regtarget SCHEMA extensions');
}

# Runs a script, given in bytes, as a client of this encoding; returns the bytes of its output.
sub as_client
{
	my ($encoding, $db, $name, $script) = @_;
	my $file = "$dir/script";

	open my $fh, '>:raw', $file or die "$file: $!";
	print $fh $script;
	close $fh;
	local $ENV{PGCLIENTENCODING} = $encoding;
	return silent_ok($name, 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1',
		'-d', $node->connstr($db), '-f', $file);
}

sub insert_unit
{
	my ($code) = @_;
	return "INSERT INTO regtarget.units (code, name, kind) VALUES ('$code', '$code', 'company');\n"
	  . "SELECT code, name FROM regtarget.units WHERE code = '$code';\n";
}

# Perl knows GBK, the two-byte part of GB18030: some second bytes are letters and backslashes.
# U+20000 has four bytes there, two of them digits.
my $text = "华东大区 誠朶堃 镕\x{20000}";
my $gb18030 = encode('cp936', '华东大区 誠朶堃 镕') . "\x95\x32\x82\x36";
is(as_client('GB18030', 'clean', 'a GB18030 client writes UTF8', insert_unit($gb18030)),
	"$gb18030|$gb18030\n", 'and reads the same');
is(sql('clean', q{SELECT encode(convert_to(code, 'UTF8'), 'hex') FROM regtarget.units}),
	unpack('H*', encode('UTF-8', $text)), 'which is the same text in the database');

my $latin1 = encode('latin1', 'Zürich');
is(as_client('LATIN1', 'latin1', 'a LATIN1 client writes LATIN1', insert_unit($latin1)),
	"$latin1|$latin1\n", 'and reads the same');

# comments_zh.sql puts the comments into Chinese, whatever the client's encoding is set to.
SKIP:
{
	skip 'REGTARGET_SHAREDIR does not say where it is', 2 unless $ENV{REGTARGET_SHAREDIR};
	local $ENV{PGCLIENTENCODING} = 'GB18030';
	silent_ok('comments_zh.sql runs for a GB18030 client', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1',
		'-d', $node->connstr('clean'), '-f', "$ENV{REGTARGET_SHAREDIR}/extension/comments_zh.sql");
	delete $ENV{PGCLIENTENCODING};
	cmp_ok(sql('clean', 'SELECT count(*) FROM pg_description WHERE octet_length(description) > length(description)'), '>', 0,
		'and comments are Chinese then');
}

# ---- files ------------------------------------------------------------------------------------

# make install puts them into an empty root; make uninstall takes all of them away again. REGTARGET_STAGE has what it put there.
SKIP:
{
	my $top = "$FindBin::Bin/../../..";
	my $root = "$dir/root";
	my @make = ('make', '-s', '-C', $top, 'with_llvm=no', "DESTDIR=$root", 'PG_CONFIG=' . ($ENV{PG_CONFIG} // 'pg_config'));
	my $files = sub { return map { s{^\Q$root\E/}{}r } split /\n/, `find '$root' '!' -type d | LC_ALL=C sort` };
	my $dashboard = `make -s -C '$top' print-DASHBOARD`;

	skip 'nothing is built here', 7 unless -e "$top/regtarget.so";
	command_ok([ @make, 'install' ], 'make install into an empty root');
	my @installed = $files->();
	is(scalar(grep { m{/extension/comments_zh\.sql$} } @installed), 1, 'the Chinese comments are beside the extension');
	is(scalar(grep { m{/extension/regtarget\.control$} } @installed), 1, 'as is the control file');
	is(join(' ', map { m{/regtarget/dashboard/(.*)} ? $1 : () } @installed),
		join(' ', sort { $a cmp $b } 'make', map { s{.*/}{}r } split ' ', $dashboard), 'the dashboard has all that it is made with');
	ok(-x "$root/$_", 'and can be made') foreach grep { m{/regtarget/dashboard/make$} } @installed;
	SKIP:
	{
		skip 'no NLS, or no msgfmt', 1 if qx{pg_config --configure} !~ /--enable-nls/ || system('command -v msgfmt >/dev/null 2>&1') != 0;
		is(join(' ', map { m{/(zh_CN/LC_MESSAGES/.*)} ? $1 : () } @installed), 'zh_CN/LC_MESSAGES/regtarget-' . ($node->pg_version->major) . '.mo',
			'the Chinese catalogue is where the server looks');
	}
	command_ok([ @make, 'uninstall' ], 'make uninstall');
	is(join(' ', $files->()), '', 'takes all of them away');
}

$node->stop;
done_testing();
