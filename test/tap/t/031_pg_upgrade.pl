# pg_upgrade carries every row, sequence and trigger over, of this release and of the one before, which is updated afterwards.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($released) = slurp_file("$FindBin::Bin/../../../Makefile") =~ /^RELEASED = (\S+)/m;
my $its_fill = ($ENV{REGTARGET_RELEASED} // '') . "/$released/src/test/tap/fill.sql";
my $has_released = $ENV{REGTARGET_RELEASED} ? 1 : 0;
my $old = $has_released ? released_node('upgrade_old', $released) : new_node('upgrade_old');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub fill
{
	my ($db, $fill) = @_;

	$old->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	$old->safe_psql($db, 'CREATE EXTENSION regtarget CASCADE');
	silent_ok("$db is filled", 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/filled", '-d', $old->connstr($db), '-f', $fill);
	return;
}

# ---- the old cluster: a database of this release, one that was updated to it, one that was not yet ------------------

if ($has_released)
{
	fill($_, $its_fill) foreach qw(updated behind);
	bring_library($old);
	$old->safe_psql('updated', 'ALTER EXTENSION regtarget UPDATE');
}
fill('company', "$FindBin::Bin/../fill.sql");
my @databases = ('company', $has_released ? qw(updated behind) : ());
my %contents = map { $_ => contents($old, $_) } @databases;
my %catalog = map { $_ => catalog($old, $_) } @databases;
my $heads = $old->safe_psql('company', 'SELECT * FROM regtarget.ledger_digest()');
my $next = q{SELECT nextval('regtarget.units_unit_id_seq')};
my $id = $old->safe_psql('company', "BEGIN; $next; ROLLBACK");
$contents{company} = contents($old, 'company');
$old->stop;

# ---- the new one ------------------------------------------------------------------------------------------------------

my $new = PostgreSQL::Test::Cluster->new('upgrade_new');
$new->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$new->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf")) if $ENV{REGTARGET_STAGE};
my $bindir = $new->config_data('--bindir');
chdir $dir;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
	'-s', $new->host, '-p', $old->port, '-P', $new->port ], 'pg_upgrade runs');
# What it leaves when it fails says why.
diag("$_:\n" . substr slurp_file($_), -3000) foreach glob $new->data_dir . '/pg_upgrade_output.d/*/log/*.log';
$new->start;

# Initial privileges that are the default are not carried over; what is parsed again may name a column otherwise.
sub what_counts { return join "\n", grep { !/^(initial privileges|view) |BEGIN ATOMIC/ } split /\n/, shift }

foreach my $db (@databases)
{
	is(first_difference($contents{$db}, contents($new, $db)), '', "$db: every table and sequence is as it was");
}
foreach my $db (grep { $_ ne 'behind' } @databases)
{
	is(differing_lines(what_counts($catalog{$db}), what_counts(catalog($new, $db))), '', "$db: so is the catalog, triggers included");
	is($new->safe_psql($db, 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', "$db: verify() finds nothing");
}
is($new->safe_psql('company', 'SELECT * FROM regtarget.ledger_digest()'), $heads, 'the ledger ends where it ended');
is($new->safe_psql('company', $next), $id + 1, 'and keys go on');

# References are checked, sums are kept, and the guard stands.
foreach my $refused (
	[ '23503', q{DELETE FROM regtarget.units WHERE code = 'R1'} ],
	[ '23503', q{INSERT INTO regtarget.visits (unit_id, visited_on) VALUES (-1, '2025-07-01')} ],
	[ '55000', q{UPDATE regtarget.ledger SET actor = 'x'} ],
	[ '23514', q{UPDATE regtarget.targets SET amount = 2 * baseline WHERE plan_id = 1 AND baseline > 0} ])
{
	my ($status, $out, $err) = $new->psql('company', "\\set VERBOSITY sqlstate\n$refused->[1]");

	is($err =~ s/.*ERROR:  //sr, $refused->[0], "refused: $refused->[1]");
}
$new->safe_psql('company', q{INSERT INTO regtarget.visits (unit_id, visited_on)
	SELECT u.unit_id, '2025-07-01' FROM regtarget.units u WHERE u.code = 'R1-1'});
is($new->safe_psql('company', q{SELECT ok FROM regtarget.verify('{activity}')}), 't', 'facts are counted');

if ($has_released)
{
	my ($status, $out, $err) = $new->psql('behind', 'SELECT * FROM regtarget.verify()');

	like($err, qr/HINT:  Run ALTER EXTENSION regtarget UPDATE/, 'a database of the release before says what to do');
	$new->safe_psql('behind', 'ALTER EXTENSION regtarget UPDATE');
	is($new->safe_psql('behind', 'SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'and is updated afterwards');
}

$new->stop;
done_testing();
