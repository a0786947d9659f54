# What README.md and doc/ say is so: their SQL runs and prints what they show, pages in Chinese have
# the same SQL and headings as their English ones, links lead somewhere, and the reference names every object there is.
#
# In a page, ```sql is run, ```sql error must fail; a ```text right after either is what comes out:
# of the first on stdout, with the NOTICEs where a terminal shows them, of the second the error. A page of doc/ with SQL says
# where it begins: `createdb -T tour tour_PAGE` makes its copy of what README.md's session left; one that makes the extension
# begins with an empty database. A ```csv NAME is a file where psql runs, a ```csv NAME GB18030 one in that encoding.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../../..";
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('readme');

# ---- pages ---------------------------------------------------------------------------------

# A page's fenced blocks: { kind, text, line, shown }, where `shown` is a text block right after it.
sub blocks
{
	my ($page) = @_;
	my (@blocks, $open, $between);
	my $line = 0;

	foreach (split /\n/, slurp_file("$top/$page"))
	{
		$line++;
		if (!$open && /^```(\S.*)?$/)
		{
			$open = { kind => $1 // '', text => '', line => $line };
		}
		elsif ($open && /^```$/)
		{
			if ($open->{kind} eq 'text' && @blocks && !$between)
			{
				$blocks[-1]{shown} = $open->{text};
			}
			else
			{
				push @blocks, $open;
			}
			$between = 0;
			$open = undef;
		}
		elsif ($open)
		{
			$open->{text} .= "$_\n";
		}
		elsif (/\S/)
		{
			$between = 1;
		}
	}
	die "$page: a block is not closed" if $open;
	return @blocks;
}

sub sql_blocks { return grep { $_->{kind} =~ /^sql( error)?$/ } blocks(shift) }

# A page's headings, their level alone.
sub headings
{
	my $text = slurp_file("$top/$_[0]");

	$text =~ s/^```.*?^```$//gms;
	return $text =~ /^(#+) /gm;
}

# ---- running -------------------------------------------------------------------------------

# Trailing blanks are psql's padding.
sub tidy
{
	my ($text) = @_;

	$text =~ s/[ \t]+$//gm;
	$text =~ s/\n+\z//;
	return $text;
}

# What came between the marks, by the number of the block.
sub by_mark
{
	my ($text) = @_;
	my (%part, $mark);

	foreach (split /^/, $text)
	{
		if (/^\@\@(\S+)$/) { $mark = $1; $part{$mark} = ''; }
		elsif (defined $mark) { $part{$mark} .= $_; }
	}
	return \%part;
}

# The files that a page brings.
sub write_files
{
	my ($page) = @_;

	foreach my $file (blocks($page))
	{
		my ($name, $encoding) = $file->{kind} =~ /^csv (\S+)(?: (\S+))?$/ or next;

		next if -e "$dir/$name";
		append_to_file("$dir/$name", $file->{text});
		IPC::Run::run([ 'iconv', '-f', 'UTF-8', '-t', $encoding, "$dir/$name" ], '>', "$dir/$name.$encoding")
		  && rename("$dir/$name.$encoding", "$dir/$name") || die "$page: $name is not in $encoding" if $encoding;
	}
}

# The databases of `createdb -T`: the one that a page's is a copy of, and the page's.
sub copies { return map { $_->{kind} eq 'sh' ? $_->{text} =~ /^createdb -T (\w+) (\w+)$/m : () } blocks(shift) }

sub begins_anew { return grep { $_->{text} =~ /^CREATE EXTENSION regtarget\b/m } sql_blocks(shift) }

# Runs a page's blocks in one session; returns stdout and stderr by block.
sub run_page
{
	my ($db, @blocks) = @_;
	my $script = "\\set ON_ERROR_STOP on\n";
	my ($out, $err) = ('', '');

	foreach my $i (0 .. $#blocks)
	{
		my $fails = $blocks[$i]{kind} eq 'sql error';
		$script .= "\\echo \@\@$i\n\\warn \@\@$i\n";
		$script .= '\set ON_ERROR_STOP ' . ($fails ? 'off' : 'on') . "\n$blocks[$i]{text}";
	}
	append_to_file("$dir/$db.sql", "$script\\echo \@\@end\n\\warn \@\@end\n");
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	IPC::Run::run([ 'psql', '-X', '-q', '-P', 'pager=off', '-d', $node->connstr($db), '-f', "$dir/$db.sql" ],
		'<', \undef, '>', \$out, '2>', \$err, init => sub { chdir $dir });
	$err =~ s/^psql:.*?:\d+: //gm;
	return (by_mark($out), by_mark($err));
}

# NOTICEs with their details and hints, and the rest of a text; not what PostgreSQL itself says of extensions.
sub notices
{
	my ($text) = @_;
	my (@notices, @rest, $in);

	foreach (split /\n/, $text // '')
	{
		next if /^NOTICE:  (version .* is already installed|installing required extension .*)$/;
		$in = /^NOTICE:/ || ($in && /^(DETAIL|HINT):/);
		push @{ $in ? \@notices : \@rest }, $_;
	}
	return (join("\n", @notices), join("\n", @rest));
}

sub check_block
{
	my ($name, $block, $out, $err) = @_;
	my $fails = $block->{kind} eq 'sql error';
	my @said = split /\n/, $err // "it was not reached\n";
	my ($noticed, $printed) = notices($block->{shown});
	my $notices;

	($notices, my $rest) = notices(join "\n", @said);
	@said = split /\n/, $rest;
	is($notices, $noticed, "$name shows what it is told") unless $fails;

	if ($fails)
	{
		is(scalar(grep { /^ERROR:/ } @said), 1, "$name fails");
		is(tidy(join "\n", @said), tidy($block->{shown}), "$name says what is shown") if defined $block->{shown};
	}
	else
	{
		is(join("\n", @said), '', "$name runs");
		is(tidy($out // ''), tidy($printed), "$name prints what is shown") if defined $block->{shown};
	}
}

sub check_page
{
	my ($db, $page) = @_;
	my @blocks = sql_blocks($page);
	my ($out, $err);

	write_files($page);
	($out, $err) = run_page($db, @blocks);
	check_block("$page, line $blocks[$_]{line},", $blocks[$_], $out->{$_}, $err->{$_}) foreach 0 .. $#blocks;
	ok(exists $out->{end}, "$page runs to its end");
}

# An empty database for README.md, a copy of what it leaves for each page of doc/.
$node->safe_psql('postgres', 'CREATE DATABASE tour TEMPLATE template0');
check_page('tour', 'README.md');

my @pages = map { s{^\Q$top\E/}{}r } sort glob "$top/doc/*.md";
foreach my $page (grep { !/\.zh\.md$/ } @pages)
{
	my ($name) = $page =~ m{(\w+)\.md$};
	my @copied = copies($page);

	next unless sql_blocks($page);
	is("@copied", "tour tour_$name", "$page says where it begins") unless begins_anew($page);
	$node->safe_psql('postgres', "CREATE DATABASE page_$name TEMPLATE " . (begins_anew($page) ? 'template0' : 'tour'));
	check_page("page_$name", $page);
}

# Twenty questions, each one statement, which a viewer may ask who can only read.
{
	my @asked = slurp_file("$top/doc/questions.md") =~ /^### \d+\. .*?^```sql\n(.*?)^```$/gms;
	my @wrong = grep {
		!/^SELECT [^;]*;$/s
		  || $node->psql('page_questions', "SET ROLE assistant; SET default_transaction_read_only = on; $_") != 0 } @asked;

	is(scalar @asked, 20, 'there are twenty questions');
	is(join("\n", @wrong), '', 'a viewer who can only read gets an answer to each');
}

# The report that psql writes says which encoding it is in, and is in it.
{
	my ($report) = grep { /psql.* -H / } map { $_->{kind} eq 'sh' ? $_->{text} : () } blocks('doc/bi.md');
	my $bi = $node->connstr('page_bi');

	$node->safe_psql('page_bi', q{UPDATE regtarget.units SET name = U&'\6DF1\5733' WHERE code = 'SZ'});
	$report =~ s/-d tour_bi/-d "$bi"/;
	system_or_bail('sh', '-c', "cd '$dir' && $report");
	like(slurp_file("$dir/targets.html"), qr/^<!DOCTYPE html><meta charset="utf-8">.*<h1>Targets<\/h1>.*\xe6\xb7\xb1\xe5\x9c\xb3/s,
		'a report by psql -H has its charset');
}

# ---- pages in Chinese ------------------------------------------------------------------------

sub code { return join "\n", map { "$_->{kind}\n$_->{text}" . ($_->{shown} // '') } sql_blocks(shift) }

foreach my $chinese (grep { /\.zh\.md$/ } @pages)
{
	my $english = $chinese =~ s/\.zh\.md$/.md/r;

	$english = 'README.md' if $english eq 'doc/README.md';
	is(code($chinese), code($english), "$chinese has the same SQL and output as $english");
	is(join(' ', headings($chinese)), join(' ', headings($english)), 'and the same headings');
}

# ---- links -----------------------------------------------------------------------------------

# As GitHub makes them from headings.
sub anchors
{
	my $text = slurp_file("$top/$_[0]");

	$text =~ s/^```.*?^```$//gms;
	return map { lc =~ s/[^\w\- ]//gr =~ s/ /-/gr } $text =~ /^#+ +(.*?) *$/gm;
}

sub broken_link
{
	my ($page, $link) = @_;
	my ($file, $anchor) = $link =~ /^([^#]*)#?(.*)$/;
	my $target = $file eq '' ? $page : (($page =~ m{^(.*/)}) ? $1 : '') . $file;

	1 while $target =~ s{[^/]+/\.\./}{};
	return !-e "$top/$target" || ($anchor ne '' && !grep { $_ eq $anchor } anchors($target));
}

my @links;
foreach my $page ('README.md', 'CHANGELOG.md', @pages)
{
	push @links, map { "$page: $_" } grep { !m{^https?://} && broken_link($page, $_) }
	  slurp_file("$top/$page") =~ /\]\(([^)\s]+)\)/g;
}
is(join("\n", @links), '', 'links lead somewhere');

# ---- the reference -----------------------------------------------------------------------------

my %there = map { $_ => 1 } split /\n/, $node->safe_psql('tour', q{
	SELECT relname FROM pg_class WHERE relnamespace = 'regtarget'::regnamespace AND relkind IN ('r', 'v')
	UNION SELECT proname FROM pg_proc WHERE pronamespace = 'regtarget'::regnamespace});

# The names in the first column of the tables under the headings of a reference.
sub reference
{
	my ($page, $start, $end) = @_;
	my ($text) = slurp_file("$top/$page") =~ /^## \Q$start\E$(.*?)^## \Q$end\E$/ms or die "$page has no reference";

	return map { map { /^(\w+)/ ? $1 : () } /`([^`]+)`/g } $text =~ /^\| (`.*?) \|/gm;
}

foreach my $of (['README.md', 'Reference by room', 'Errors'], ['doc/README.zh.md', '按模块的参考', '错误'])
{
	my %named = map { $_ => 1 } reference(@$of);

	is(join(' ', grep { !$named{$_} } sort keys %there), '', "$of->[0] names every table, view and function");
	is(join(' ', grep { !$there{$_} } sort keys %named), '', 'and none that is not there');
}

$node->stop;
done_testing();
