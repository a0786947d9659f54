# Messages come in the language of lc_messages, from catalogues beside the library; SQLSTATEs, causes and codes are
# the same in every language, and where the encoding lacks the letters English remains.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

# A locale of Chinese in a folder of its own, which the server's C library looks in.
my $locales = PostgreSQL::Test::Utils::tempdir();
my $nls = qx{pg_config --configure} =~ /--enable-nls/;

plan skip_all => 'this PostgreSQL was built without NLS' if !$nls;
plan skip_all => 'no msgfmt (package gettext) to make catalogues with' if system('command -v msgfmt >/dev/null') != 0;
foreach my $charset (qw(UTF-8 GB2312))
{
	plan skip_all => "no localedef, or no sources of zh_CN.$charset (package locales)"
	  if system("localedef -i zh_CN -f $charset $locales/zh_CN.$charset >/dev/null 2>&1") != 0;
}
$ENV{LOCPATH} = $locales;

my $node = new_node('languages');

sub database
{
	my ($name, $encoding, $locale) = @_;
	$node->safe_psql('postgres', qq{CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE '$locale' LC_CTYPE '$locale'});
	$node->safe_psql($name, 'CREATE EXTENSION btree_gist; CREATE EXTENSION regtarget');
	return $name;
}

# What statements say, errors and all, with messages in a language.
sub said
{
	my ($db, $language, $sql) = @_;
	my ($out, $err) = ('', '');
	local $ENV{PGOPTIONS} = "-c lc_messages=$language";
	local $ENV{PGCLIENTENCODING} = 'UTF8';

	IPC::Run::run([ 'psql', '-XqAt', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($db) ], '<', \$sql, '>', \$out, '2>', \$err);
	utf8::decode($out);
	utf8::decode($err);
	return $out . $err;
}

my $unknown = q{SELECT regtarget.unit_health_of('x')};
my $db = database('utf8', 'UTF8', 'C.UTF-8');
like(said($db, 'zh_CN.UTF-8', q{SELECT regtarget.request_adjustment('nowhere', 0.1, 'why')}),
	qr/42704: \x{7ec4}\x{7ec7}\x{5355}\x{5143}/, 'Chinese');

$node->stop;
done_testing();
