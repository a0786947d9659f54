# JDBC reads every view as what it is: types, nulls, Chinese, days east of Greenwich; errors come with SQLSTATE and HINT.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use ClientTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($driver) = grep { -e } '/usr/share/java/postgresql.jar';
plan skip_all => 'libpostgresql-jdbc-java or a JDK is not installed' unless $driver && system('javac -version >/dev/null 2>&1') == 0;

my $classes = PostgreSQL::Test::Utils::tempdir();
system_or_bail('javac', '-encoding', 'UTF-8', '-d', $classes, client_program('Jdbc.java'));
check_client('JDBC', [ 'java', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', "$classes:$driver", 'Jdbc' ], tcp => 1);
