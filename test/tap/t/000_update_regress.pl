# What a fresh installation promises, one that was made by an update keeps: the whole regress suite on a database of the
# last release that was updated. First, because it takes longest.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'the history with the releases is not here' unless $ENV{REGTARGET_RELEASED};

my $top = "$FindBin::Bin/../../..";
my ($tests) = slurp_file("$top/Makefile") =~ /^REGRESS = \\\n((?:\t\w+(?: \\)?\n)+)/m;
my ($released) = slurp_file("$top/Makefile") =~ /^RELEASED = (\S+)/m;
my @tests = $tests =~ /(\w+)/g;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = released_node('update_regress', $released);

cmp_ok(scalar @tests, '>', 100, 'there are tests');
$node->safe_psql('postgres', q{CREATE DATABASE updated TEMPLATE template0; ALTER DATABASE updated SET lc_messages = 'C'});
$node->safe_psql('updated', 'CREATE EXTENSION regtarget CASCADE');
bring_library($node);
$node->safe_psql('updated', 'ALTER EXTENSION regtarget UPDATE');

# pg_regress looks for expected/ where it writes.
symlink "$top/expected", "$dir/expected" or die "$dir/expected: $!";
chdir $dir;
my $result = run_log([ $ENV{PG_REGRESS}, '--use-existing', '--dbname=updated', "--inputdir=$top/test", "--outputdir=$dir",
	'--host=' . $node->host, '--port=' . $node->port, @tests ]);

ok($result, 'the regress suite on an updated database');
note(slurp_file("$dir/regression.out")) if !$result && -e "$dir/regression.out";
diag(slurp_file("$dir/regression.diffs")) if !$result && -e "$dir/regression.diffs";
$node->stop;
done_testing();
