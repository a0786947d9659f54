# Random columns in several languages through \copy, by several conventions: no cell is read otherwise than
# another cell reader reads it, and none is lost (columns_by_copy.py). REGTARGET_SEED takes others,
# REGTARGET_COLUMNS says how many: a million take half an hour.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use Test::More;

my $node = new_node('columns');
my $columns = $ENV{REGTARGET_COLUMNS} // 10000;
my $seed = $ENV{REGTARGET_SEED} // 1;

$node->safe_psql('postgres', q{CREATE EXTENSION regtarget CASCADE; SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units_in (code) VALUES ('A')});
$ENV{PYTHONDONTWRITEBYTECODE} = 1;
my $output = qx{python3 "$FindBin::Bin/../columns_by_copy.py" "@{[ $node->connstr('postgres') ]}" --columns $columns --seed $seed 2>&1};
is($?, 0, "$columns columns are read as another reader reads them") or diag($output);
like($output, qr/, 0 otherwise or lost/, 'and no cell is lost');

$node->stop;
done_testing();
