# node-postgres reads every view as what it is, with the type parsers of doc/bi.md: types, nulls, Chinese, days east of Greenwich;
# errors come with SQLSTATE and HINT.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use ClientTest;
use Test::More;

my $modules = join ':', grep { defined && -d } $ENV{REGTARGET_NODE_PATH}, '/usr/share/nodejs', '/usr/lib/nodejs';
$ENV{NODE_PATH} = $modules;
plan skip_all => 'node-postgres is not installed, nor where REGTARGET_NODE_PATH says' if system(q{node -e "require('pg')" 2>/dev/null}) != 0;
check_client('node-postgres', [ 'node', client_program('node_postgres.js') ],
	more => sub { is($_[0], "trap\t2025-06-30T16:00:00.000Z", 'node-postgres: what a day would be without care') });
