# A base backup and the log that follows bring back a moment in the middle of a quarter: what was committed by then and
# nothing later, nothing half-done, and work goes on from there.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('pitr');
$node->init(has_archiving => 1, allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf")) if $ENV{REGTARGET_STAGE};
$node->start;

sub sql { return $node->safe_psql('postgres', shift) }

# The backup is older than the quarter's plan; a request waits, another is half signed when the moment comes.
sql('CREATE EXTENSION regtarget CASCADE');
$node->backup('base');
sql(slurp_file("$FindBin::Bin/../fill.sql"));
sql(q{INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u.unit_id, '2025-08-01' FROM regtarget.units u WHERE u.code = 'R1-1'});

# Not committed when the moment comes.
my $open = $node->background_psql('postgres');
$open->query_safe(q{BEGIN; SELECT regtarget.move_unit('R2-4', 'R1', '2025-10-01')});
my $moment = contents($node, 'postgres');
my $heads = sql('SELECT * FROM regtarget.ledger_digest()');
my $board = sql('SELECT * FROM regtarget.target_board ORDER BY target_id');
my $lsn = sql('SELECT pg_current_wal_insert_lsn()');

# What comes after it, and is not to come back.
$open->query_safe('COMMIT');
$open->quit;
sql(q{INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u.unit_id, '2025-08-02' FROM regtarget.units u WHERE u.code = 'R1-1'});
sql(q{UPDATE regtarget.targets t SET amount = t.baseline FROM regtarget.plans p
	WHERE p.plan_id = t.plan_id AND p.status = 'published' AND p.period = '2025Q3' AND t.amount <> t.baseline});
sql(q{SELECT regtarget.close_period('2025Q3')});
isnt(sql('SELECT * FROM regtarget.ledger_digest()'), $heads, 'the quarter went on');
sql('SELECT pg_switch_wal()');
$node->stop;

my $back = PostgreSQL::Test::Cluster->new('pitr_back');
$back->init_from_backup($node, 'base', has_restoring => 1, standby => 0);
$back->append_conf('postgresql.conf', "recovery_target_lsn = '$lsn'\nrecovery_target_inclusive = off\nrecovery_target_action = 'promote'");
$back->start;
$back->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'recovery does not end';

# Values of a sequence are logged ahead.
sub without_sequences
{
	my ($contents) = @_;
	return { map { $_ => $contents->{$_} } grep { !/_seq$|_ticks$/ } keys %$contents };
}
is(first_difference(without_sequences($moment), without_sequences(contents($back, 'postgres'))), '', 'every table is as it was at that moment');
is($back->safe_psql('postgres', 'SELECT * FROM regtarget.ledger_digest()'), $heads, 'every chain of the ledger ends there');
is($back->safe_psql('postgres', 'SELECT * FROM regtarget.target_board ORDER BY target_id'), $board, 'the board says what it said');
is($back->safe_psql('postgres', 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'verify() finds nothing');
$back->safe_psql('postgres', q{
	SELECT regtarget.move_unit('R2-4', 'R1', '2025-10-01'); SELECT regtarget.close_period('2025Q3');
	INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u.unit_id, '2025-08-03' FROM regtarget.units u WHERE u.code = 'R1-1'});
is($back->safe_psql('postgres', 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'nor after work has gone on');

$back->stop;
done_testing();
