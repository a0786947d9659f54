# Steps that are broken off: by statement_timeout at any moment, by pg_cancel_backend() and pg_terminate_backend(), by a disk
# that is full. Nothing is half done afterwards, and it goes on.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use NothingHalfDone;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $seconds = $ENV{REGTARGET_FAULT_SECONDS} // 6;
my $clients = 6;
my $node = new_node('faults');
my $dir = PostgreSQL::Test::Utils::tempdir();
my @kinds = qw(request request request sign sign sign apply apply withdraw acknowledge amount load load fold allocate publish close scan);

my $scripts = 0;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# Clients take random steps, one after the other, for some seconds; who loses his connection comes again. Errors are the point.
sub steps
{
	my ($during, $timeout) = @_;
	my @harnesses;

	foreach my $client (1 .. $clients)
	{
		my $script = "$dir/steps.$client." . (++$scripts) . '.sql';

		append_to_file($script, join '', map {
			($timeout ? 'SET statement_timeout = ' . (1 + int rand $timeout) . ";\n" : '')
			  . "SELECT outcome FROM act('{" . join(',', @kinds) . "}');\n" } 1 .. 500);
		push @harnesses, IPC::Run::start([ 'bash', '-c', 'end=$((SECONDS + $2)); while [ $SECONDS -lt $end ]; do
			timeout $2 psql -X -q -d "$0" -f "$1" >/dev/null 2>&1; done', $node->connstr('postgres'), $script, $seconds ]);
	}
	my $end = time + $seconds;
	while (time < $end)
	{
		$during->() if $during;
		usleep(20_000);
	}
	$_->finish foreach @harnesses;
}

$node->append_conf('postgresql.conf', "log_min_messages = warning\nlog_error_verbosity = verbose\nlog_statement = none");
$node->restart;
sql('CREATE EXTENSION regtarget CASCADE');
silent_ok('crash_load.sql runs', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/loaded",
	'-d', $node->connstr('postgres'), '-f', "$FindBin::Bin/../crash_load.sql");

# act() catches errors, but no cancelling.
steps(undef, 25);
like(slurp_file($node->logfile), qr/57014.*statement timeout/, 'statements ran into their timeout');
nothing_half_done($node, 'timeouts');

steps(sub { sql(q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%act(%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2}) });
like(slurp_file($node->logfile), qr/57014.*user request/, 'statements were cancelled');
nothing_half_done($node, 'cancels');

steps(sub { sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%act(%' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1}) });
like(slurp_file($node->logfile), qr/57P01/, 'backends were terminated');
nothing_half_done($node, 'terminations');
unlike(slurp_file($node->logfile), qr/(ERROR|FATAL|PANIC):  XX/, 'no internal error in all that');
$node->stop;

# ---- a disk that is full -------------------------------------------------------------------------------

# A server that has a file system of its own, which is small: in namespaces of its own, as whoever runs the test.
my $small = "$dir/small";
my @apart = ('unshare', '--user', '--map-current-user', '--keep-caps', '--mount');
my ($pg_ctl) = grep { -x } map { "$_/pg_ctl" } split /:/, $ENV{PATH};
mkdir $small;
mkdir "$dir/bin";
append_to_file("$dir/bin/pg_ctl", qq{#!/bin/sh
case " \$* " in
	*' start '*) exec @apart sh -c 'mount -t tmpfs -o size=64m none $small && mkdir $small/space && exec "\$0" "\$@"' $pg_ctl "\$@" ;;
	*) exec $pg_ctl "\$@" ;;
esac
});
chmod 0755, "$dir/bin/pg_ctl";

SKIP:
{
	skip 'no file system of our own here: unshare --user and mount are not allowed', 24
	  unless system("@apart mount -t tmpfs -o size=1m none $small >/dev/null 2>&1") == 0;
	$node = PostgreSQL::Test::Cluster->new('full');
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$node->append_conf('postgresql.conf', slurp_file("$ENV{REGTARGET_STAGE}/regtarget.conf")) if $ENV{REGTARGET_STAGE};
	$node->append_conf('postgresql.conf', "log_min_messages = warning\nlog_error_verbosity = verbose\nlog_statement = none");
	{
		local $ENV{PATH} = "$dir/bin:$ENV{PATH}";
		$node->start;
	}
	sql("CREATE TABLESPACE small LOCATION '$small/space'");
	sql('ALTER DATABASE postgres SET default_tablespace = small');
	sql('CREATE EXTENSION regtarget CASCADE');
	silent_ok('crash_load.sql runs on a small disk', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', "$dir/loaded",
		'-d', $node->connstr('postgres'), '-f', "$FindBin::Bin/../crash_load.sql");
	# It is filled up to the last page, by less and less at a time.
	sql('CREATE TABLE filler (x text)');
	foreach my $rows (10000, 1000, 100, 10, 1)
	{
		1 while $node->psql('postgres', "INSERT INTO filler SELECT repeat(md5(i::text), 50) FROM generate_series(1, $rows) i") == 0;
	}
	steps();
	like(slurp_file($node->logfile), qr/outcome 53100 of /, 'the disk was full in the middle of steps');
	nothing_half_done($node, 'a full disk');
	sql('DROP TABLE filler');
	my $before = sql('SELECT count(*) FROM regtarget.ledger');
	steps();
	cmp_ok(sql('SELECT count(*) FROM regtarget.ledger'), '>', $before, 'with room again, it goes on');
	nothing_half_done($node, 'with room again');
	unlike(slurp_file($node->logfile), qr/(ERROR|FATAL|PANIC):  XX/, 'no internal error in all that');
	$node->stop;
}
done_testing();
