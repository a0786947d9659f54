# comments_zh.sql puts every comment of the extension into Chinese, adds none and leaves none out;
# where Chinese cannot be stored it says so and changes nothing.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('comments');
my $share = $ENV{REGTARGET_SHAREDIR} // qx{pg_config --sharedir};
chomp $share;
my $script = "$share/extension/comments_zh.sql";

# What a query says, in UTF8.
sub sql
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	return $node->safe_psql(@_);
}

# A database of an encoding, with the extension.
sub database
{
	my ($name, $encoding) = @_;
	sql('postgres', qq{CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE 'C' LC_CTYPE 'C'});
	sql($name, 'CREATE EXTENSION btree_gist; CREATE EXTENSION regtarget');
	return $name;
}

# Runs the script, then further commands; returns the exit status, stderr and stdout.
sub run_script
{
	my ($db, $client_encoding, @more) = @_;
	my ($out, $err) = ('', '');
	local $ENV{PGCLIENTENCODING} = $client_encoding;
	my @command = ('psql', '-X', '-q', '-A', '-t', '-d', $node->connstr($db), '-f', $script,
		map { ('-c', $_) } @more);

	IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $err, $out);
}

# What each object of the extension, and the extension itself, has for a comment.
my $comments = q{
	WITH own(classid, objid) AS (
		SELECT d.classid, d.objid
		FROM pg_depend d JOIN pg_extension e
			ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
		WHERE e.extname = 'regtarget'
		UNION ALL
		SELECT 'pg_extension'::regclass, oid FROM pg_extension WHERE extname = 'regtarget')
	SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid) AS object, d.description
	FROM pg_description d JOIN own ON (d.classoid, d.objoid) = (own.classid, own.objid)};
my $objects = qq{SELECT object FROM ($comments) AS c ORDER BY object COLLATE "C"};
my $all = qq{SELECT object, description FROM ($comments) AS c ORDER BY object COLLATE "C"};
my $not_chinese = qq{SELECT object FROM ($comments) AS c WHERE description !~ '[\x{4e00}-\x{9fff}]' ORDER BY object};
utf8::encode($not_chinese);

# Lines that stand in one text only.
sub difference
{
	my %count;
	$count{$_}++ foreach split /\n/, $_[0];
	$count{$_}-- foreach split /\n/, $_[1];
	return join "\n", map { ($count{$_} > 0 ? '- ' : '+ ') . $_ } grep { $count{$_} } sort keys %count;
}

# ---- UTF8 ----------------------------------------------------------------------------------

my $db = database('utf8', 'UTF8');
my $before = sql($db, $objects);
my $english = sql($db, $all);

unlike($english, qr/[^\x00-\x7f]/, 'comments are ASCII when the extension is installed');

my ($status, $err) = run_script($db, 'UTF8');
is("$status $err", '0 ', 'comments_zh.sql runs without a word');
is(difference($before, sql($db, $objects)), '', 'it comments exactly the objects that had a comment');
is(sql($db, $not_chinese), '', 'each of them in Chinese');

my $chinese = sql($db, $all);
foreach my $encoding (qw(UTF8 GB18030 SQL_ASCII LATIN1))
{
	sql($db, 'DROP EXTENSION regtarget; CREATE EXTENSION regtarget');
	is(difference(sql($db, $all), $english), '', 'a new extension is in English');
	($status, $err, my $out) = run_script($db, $encoding, 'SHOW client_encoding');
	is("$status $err$out", "0 $encoding\n", "a client of $encoding runs it and gets its encoding back");
	is(difference(sql($db, $all), $chinese), '', 'with the same result');
}
($status, $err) = run_script($db, 'UTF8');
is("$status $err", '0 ', 'it can be run again');
is(difference(sql($db, $all), $chinese), '', 'to the same end');

# ---- other encodings -------------------------------------------------------------------------

foreach my $encoding (qw(EUC_CN SQL_ASCII))
{
	$db = database(lc $encoding, $encoding);
	($status, $err) = run_script($db, $encoding);
	is("$status $err", '0 ', "comments_zh.sql runs in a database of $encoding");
	is(difference(sql($db, $all), $chinese), '', 'with the same result');
}

foreach my $encoding (qw(LATIN1 EUC_JP))
{
	$db = database(lc $encoding, $encoding);
	($status, $err) = run_script($db, 'UTF8');
	isnt($status, 0, "in a database of $encoding comments_zh.sql fails");
	like($err, qr/^comments_zh\.sql: a database of encoding $encoding cannot hold Chinese text/, 'and says why');
	is(() = $err =~ /ERROR:/g, 1, 'once');
	is(difference(sql($db, $all), $english), '', 'leaving all comments as they were');
}

# ---- who may ---------------------------------------------------------------------------------

$db = database('strange', 'UTF8');
sql($db, 'CREATE ROLE comments_stranger LOGIN');
{
	local $ENV{PGUSER} = 'comments_stranger';
	($status, $err) = run_script($db, 'UTF8');
}
isnt($status, 0, 'a user who does not own the extension is refused');
is(difference(sql($db, $all), $english), '', 'and changes nothing');

# ---- a restore -------------------------------------------------------------------------------

# As the head of the script says: a dump does not hold them.
sql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
my $dir = PostgreSQL::Test::Utils::tempdir();
silent_ok('dump', 'pg_dump', '-Fc', '-f', "$dir/dump", '-d', $node->connstr('utf8'));
silent_ok('restore', 'pg_restore', '-d', $node->connstr('restored'), "$dir/dump");
is(difference($before, sql('restored', $objects)), '', 'a restored database has comments on the same objects');
($status, $err) = run_script('restored', 'UTF8');
is(difference(sql('restored', $all), $chinese), '', 'and takes the Chinese ones');

$node->stop;
done_testing();
