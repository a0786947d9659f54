# LibreOffice, without a display, reads every view as its Base does: types, nulls, Chinese, days east of Greenwich; errors come with
# HINT, and by ODBC with SQLSTATE. What doc/bi.md warns of is so.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/..";
use ClientTest;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'LibreOffice or python3-uno is not installed'
  if system('command -v soffice >/dev/null && python3 -c "import uno" 2>/dev/null') != 0;

my $name = 'LibreOffice';
my $directory = PostgreSQL::Test::Utils::tempdir();
my $has_odbc = system(q{odbcinst -q -d -n 'PostgreSQL Unicode' >/dev/null 2>&1}) == 0;

sub check_more
{
	my @lines = @_;

	is($lines[0], "table\tVIEW\tThe target now", "$name: the list of tables has views, and their columns' comments");
	foreach ([ 'functions in FROM', 1, 'total' ], [ 'casts', 3, '12345678901234567.8901' ])
	{
		my ($what, $line, $value) = @$_;

		like($lines[$line], qr/^parsed\tHY000\tSyntax error in SQL statement/, "$name: its parser does not know $what");
		is($lines[ $line + 1 ], "direct\t$value", "$name: they go through directly");
	}
	is($lines[5], "double\t1.2345678901234568e+16", "$name: a number as a grid takes it has 15 digits that can be trusted");
SKIP:
	{
		skip 'psqlODBC is not installed', 4 unless $has_odbc;
		is($lines[6], "odbc\t深圳\t2025-07-01", "$name by ODBC: a query of a view");
		check_errors("$name by ODBC", map { s/^odbc\t//r } map { $_ // '' } @lines[ 7, 8 ]);
	}
}

check_client($name,
	[ qw(timeout -k 60 960 python3), client_program('libreoffice_client.py'), $directory, $has_odbc ? 'odbc' : '-' ],
	stateless => 1, more => \&check_more);
