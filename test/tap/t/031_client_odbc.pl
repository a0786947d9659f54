# ODBC (psqlODBC, pyodbc) reads every view as what it is: types, nulls, Chinese, days east of Greenwich; errors come with SQLSTATE.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use ClientTest;
use Test::More;

plan skip_all => 'pyodbc or psqlODBC is not installed'
  if system(q{python3 -c "import pyodbc, sys; sys.exit('PostgreSQL Unicode' not in pyodbc.drivers())" 2>/dev/null}) != 0;
check_client('ODBC', [ 'python3', client_program('pyodbc_client.py') ]);
