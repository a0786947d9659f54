# Messages come in the language of lc_messages, from catalogues beside the library, wherever it was installed; SQLSTATEs,
# causes, codes and the ledger are the same in every language; where the database's encoding lacks the letters, English
# remains.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $chinese = qr/[\x{4e00}-\x{9fff}]/;

# ---- the locales, in a folder of their own that the server's C library looks in ----------------

my $locales = PostgreSQL::Test::Utils::tempdir();

sub without
{
	plan skip_all => $_[0];
}

sub make_locale
{
	my ($charset) = @_;
	my ($out, $err) = ('', '');
	my $made = eval {
		IPC::Run::run([ 'localedef', '-i', 'zh_CN', '-f', $charset, "$locales/zh_CN.$charset" ], '>', \$out, '2>', \$err);
	};
	without("no localedef, or no sources of zh_CN.$charset (Debian's package locales)") if !$made;
}

without('this PostgreSQL was built without NLS') if qx{pg_config --configure} !~ /--enable-nls/;
without('no msgfmt (package gettext) to make catalogues with') if system('command -v msgfmt >/dev/null 2>&1') != 0;
make_locale($_) foreach qw(UTF-8 GB2312);
$ENV{LOCPATH} = $locales;

my $node = new_node('languages');
$node->safe_psql('postgres', "CREATE ROLE l10n_$_") foreach qw(boss east sh money guest);

sub database
{
	my ($name, $encoding, $locale) = @_;
	$node->safe_psql('postgres', qq{CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding'
		LC_COLLATE '$locale' LC_CTYPE '$locale'});
	$node->safe_psql($name, 'CREATE SCHEMA extensions; CREATE EXTENSION regtarget SCHEMA extensions CASCADE');
	return $name;
}

# What psql prints for statements, errors and all, with messages in a language.
sub said
{
	my ($db, $language, @input) = @_;
	my $out = '';
	local $ENV{PGOPTIONS} = "-c lc_messages=$language -c client_min_messages=notice";
	local $ENV{PGCLIENTENCODING} = 'UTF8';

	IPC::Run::run([ 'psql', '-X', '-q', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($db), @input ], '<', \undef, '>', \$out, '2>&1');
	utf8::decode($out);
	return $out;
}

# The parts of a session: what it was refused with; what stands under its headings; the words of errors.
sub parts
{
	my ($said) = @_;
	$said =~ s/(cron\.database_name = )'\w+'/$1'db'/;
	my %part = (states => join("\n", $said =~ /^psql:\S*?:(\d+): \S+ +([0-9A-Z]{5}): /mg));

	$part{$1} = $2 while $said =~ /^== (codes|texts)\n(.*?)(?=^== |\z)/msg;
	# From the severity on to the place in the sources: message, DETAIL, HINT, each on a line of its own. A CONTEXT is the
	# server's own.
	$part{words} = [];
	while ($said =~ /^psql:\S*?: \S+ +[0-9A-Z]{5}: (.*?)^\S+ +\w+, \S+:\d+$/msg)
	{
		push @{ $part{words} }, grep { !/^(?:CONTEXT|(?:SCHEMA|TABLE|CONSTRAINT) NAME): / } split /\n/, $1;
	}
	return \%part;
}

# Lines of a list of texts that are of the other language.
sub not_in { my ($wanted, @lines) = @_; return join "\n", grep { $wanted ? !/$chinese/ : /[^\x00-\x7f]/ } @lines }

my @session = ('-f', "$FindBin::Bin/../languages_session.sql");
my $english = said(database('english', 'UTF8', 'C.UTF-8'), 'C', @session);
my $translated = said(database('chinese', 'UTF8', 'C.UTF-8'), 'zh_CN.UTF-8', @session);
my ($en, $zh) = (parts($english), parts($translated));

# ---- one session from load to signature ---------------------------------------------------------

my $count = () = $en->{states} =~ /\n/g;
cmp_ok($count, '>', 100, 'the session is refused often');
is($zh->{states}, $en->{states}, 'its SQLSTATEs are the same in both languages, statement by statement');
is($zh->{codes}, $en->{codes}, 'so are causes, codes, statuses and the ledger');
is(not_in(0, split /\n/, $en->{texts}), '', 'in English all texts are English');
my @texts = split /\n/, $zh->{texts};
is(scalar @texts, scalar(() = $en->{texts} =~ /\n/g), 'in Chinese there are as many');
is(not_in(1, @texts), '', 'all of them in Chinese: reasons, advice, warnings, explanation, signatures');
cmp_ok(scalar @{ $zh->{words} }, '>', 100, 'there are many messages, details and hints');
is(not_in(1, @{ $zh->{words} }), '', 'each of them in Chinese');
is(not_in(0, @{ $en->{words} }), '', 'and in English where English is asked for');

# ---- other encodings ----------------------------------------------------------------------------

is(parts(said(database('euc_cn', 'EUC_CN', 'zh_CN.GB2312'), 'zh_CN.GB2312', @session))->{texts}, $zh->{texts},
	'a database of EUC_CN says the same');
like(said(database('c_utf8', 'UTF8', 'C'), 'zh_CN.UTF-8', '-c', q{SELECT regtarget.add_year(0)}), qr/22023: .*$chinese/,
	'so does one of UTF8 whose locale is C');
foreach my $encoding (qw(LATIN1 SQL_ASCII))
{
	my $said = said(database(lc $encoding, $encoding, 'C'), 'zh_CN.UTF-8', @session);
	my $other = parts($said);

	is($other->{states}, $en->{states}, "in a database of $encoding nothing else fails");
	is($other->{texts}, $en->{texts}, 'its texts stay English');
	is_deeply($other->{words}, $en->{words}, 'its messages too');
}

# ---- what follows a session's setting, and what does not -------------------------------------------

is($node->safe_psql('chinese', q{
	SET lc_messages = 'C';
	SET plan_cache_mode = force_generic_plan;
	PREPARE words AS SELECT min(words) ~ '^[ -~]*$' FROM regtarget.target_breakdown;
	EXECUTE words;
	SET lc_messages = 'zh_CN.UTF-8';
	EXECUTE words;
	SET lc_messages = 'C';
	EXECUTE words}), "t\nf\nt", 'a prepared statement speaks the language of the moment');
my $reason = said('chinese', 'C', '-At', '-c', 'SELECT min(reason) FROM regtarget.import_rejects');
like($reason, $chinese, 'reasons of rejects stay in the language of who loaded');
unlike(said('chinese', 'C', '-At', '-c', 'SELECT what_to_do FROM regtarget.reject_causes'), $chinese,
	'what to do about them is in that of who asks');
said('chinese', 'C', '-c', 'SELECT regtarget.retry_rejects()');
unlike(said('chinese', 'C', '-At', '-c', q{SELECT reason FROM regtarget.import_rejects WHERE cause = 'unknown_unit'}), $chinese,
	'tried again, in that of who tried');
is(said('chinese', 'zh_CN.UTF-8', '-At', '-c', q{SELECT regtarget.translated(''), regtarget.translated('no such text'), regtarget.translated(NULL)}),
	"|no such text|\n", 'a text without translation stays as it is');

# ---- a library that the postmaster has loaded, which knows no database and so no encoding ------------

my $libraries = qx{pg_config --pkglibdir};
chomp $libraries;
my $library = $ENV{REGTARGET_STAGE} ? "$ENV{REGTARGET_STAGE}$libraries/regtarget" : 'regtarget';
$node->append_conf('postgresql.conf', "shared_preload_libraries = '$library'");
$node->restart;
like(said('chinese', 'zh_CN.UTF-8', '-c', q{SELECT regtarget.add_year(0)}), qr/22023: .*$chinese/,
	'preloaded, it speaks Chinese as well');
unlike(said('latin1', 'zh_CN.UTF-8', '-c', q{SELECT regtarget.add_year(0)}), qr/22023: .*\?/, 'and English where it must');

$node->stop;
done_testing();
