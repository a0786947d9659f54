# What doc/dba.md says of backups runs as it stands there, in its order: archiving, a night's backup, a dump restored, and the way back
# to a moment, which finds the data as it was then. Paths, the day and the moment are the test's; the rest is the page's.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = PostgreSQL::Test::Cluster->new('manual');

$node->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf")) if $ENV{REGTARGET_STAGE};
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE sales TEMPLATE template0');

sub sql { return $node->safe_psql('sales', shift) }

# The page's shell commands from a heading to the next, as one script.
sub commands
{
	my ($heading) = @_;
	my ($section) = slurp_file("$FindBin::Bin/../../../doc/dba.md") =~ /^## \Q$heading\E\n(.*?)^## /ms or die "no $heading";

	return map { s{/srv/backup}{$dir/backup}gr } $section =~ /^```sh\n(.*?)^```$/gms;
}

# Runs them; what they print. The server that they start has their descriptors, so they are files.
sub run
{
	my ($name, $script) = @_;
	local %ENV = (%ENV, PGDATA => $node->data_dir, PGHOST => $node->host, PGPORT => $node->port);
	delete $ENV{PGDATABASE};

	my $done = IPC::Run::run([ 'bash', '-e', '-c', $script ], '<', \undef, '>', "$dir/out", '2>', "$dir/err");
	ok($done, $name) or diag(slurp_file("$dir/err"));
	return slurp_file("$dir/out");
}

my ($once, $night, $restore) = commands('Backup');
my ($back, $look, $resume) = commands('Back to a moment');

sql('CREATE EXTENSION regtarget CASCADE');
sql(slurp_file("$FindBin::Bin/../fill.sql"));
run('archiving is set up', $once);
run('a night is kept', $night);
my ($day) = map { m{/([^/]+)$} } glob "$dir/backup/base/*";
$restore =~ s/2025-07-15/$day/ or die 'no dump';
is(run('its dump is restored, in which verify() finds nothing', $restore), '', 'and no row is shown');

my $moment = contents($node, 'sales');
my $heads = sql('SELECT unit_id, entries, head FROM regtarget.ledger_digest()');
is(slurp_file("$dir/backup/heads") =~ s/^[^|]*\|//mgr, "$heads\n", 'the night keeps the heads of the ledger');

# The wrong file comes later than the moment, and something is published on it.
my $time = $node->safe_psql('sales', 'SELECT pg_sleep(0.2), clock_timestamp(), pg_sleep(0.2)') =~ s/^\||\|$//gr;
sql(q{INSERT INTO regtarget.visits (unit_id, visited_on) SELECT u.unit_id, '2025-08-02' FROM regtarget.units u WHERE u.code = 'R1-1'});
sql(q{SELECT regtarget.close_period('2025Q3')});

# The end of the log is not in the archive, as after a crash.
$back =~ s/-m fast/-m immediate/ or die 'the server is not stopped';
$back =~ s{base/2025-07-15}{base/$day} or die 'no base backup';
$back =~ s/2025-07-15 14:04:00\+08/$time/ or die 'no moment';
run('the base backup is restored and the log read up to the moment', $back);
$node->poll_query_until('sales', q{SELECT pg_get_wal_replay_pause_state() = 'paused'}) or die 'recovery does not come to the moment';
is(run('what is there can be looked at', $look), "$heads\n", 'verify() finds nothing, and the chains end there');
run('work can go on', $resume);
$node->poll_query_until('sales', 'SELECT NOT pg_is_in_recovery()') or die 'recovery does not end';

# Values of a sequence are logged ahead.
sub without_sequences
{
	my ($contents) = @_;
	return { map { $_ => $contents->{$_} } grep { !/_seq$|_ticks$/ } keys %$contents };
}
is(first_difference(without_sequences($moment), without_sequences(contents($node, 'sales'))), '', 'every table is as it was at that moment');
sql(q{SELECT regtarget.close_period('2025Q3')});
is(sql('SELECT check_name FROM regtarget.verify() WHERE NOT ok'), '', 'nor does verify() after work has gone on');

$node->stop;
done_testing();
