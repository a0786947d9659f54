# apportion() over cases that somebody else worked out: a CSV file of
# case, position, weight, at_least, at_most, total, step, expected. REGTARGET_VECTORS says where it is.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $vectors = $ENV{REGTARGET_VECTORS} // "$FindBin::Bin/../../vectors/apportion.csv";

plan skip_all => 'no vectors here: set REGTARGET_VECTORS' unless -r $vectors;

my $node = new_node('vectors');
my $cases = q{(SELECT "case", position, expected, apportion FROM (
	SELECT v.*, regtarget.apportion(total, weight, step, at_least, at_most)
		OVER (PARTITION BY "case" ORDER BY position)
	FROM vectors v) AS c)};

$node->safe_psql('postgres', q{
	CREATE EXTENSION regtarget CASCADE;
	CREATE TABLE vectors ("case" text, position int, weight float8, at_least numeric, at_most numeric,
		total numeric, step numeric, expected numeric)});
silent_ok('the file is read', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
	'-c', "\\copy vectors FROM '$vectors' (FORMAT csv, HEADER MATCH)");

my @names = split /\n/, $node->safe_psql('postgres', q{SELECT DISTINCT "case" FROM vectors ORDER BY 1});
cmp_ok(scalar @names, '>', 0, 'it has cases');
foreach my $name (@names)
{
	(my $quoted = $name) =~ s/'/''/g;
	is($node->safe_psql('postgres', qq{
			SELECT position, expected, apportion FROM $cases AS c
			WHERE "case" = '$quoted' AND apportion IS DISTINCT FROM expected ORDER BY position}),
		'', $name);
}

$node->stop;
done_testing();
