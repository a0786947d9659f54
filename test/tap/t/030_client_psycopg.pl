# psycopg 3 reads every view as what it is: types, nulls, Chinese, days east of Greenwich; errors come with SQLSTATE and HINT.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use ClientTest;
use Test::More;

plan skip_all => 'psycopg 3 is not installed' if system('python3 -c "import psycopg" 2>/dev/null') != 0;
check_client('psycopg', [ 'python3', client_program('psycopg_client.py') ]);
