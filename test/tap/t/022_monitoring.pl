# The query file for prometheus-sql-exporter is what that program reads, and what it then serves are the figures of vitals, by a
# role that has one duty and nothing else.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IO::Socket::INET;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my ($exporter) = grep { -x } map { "$_/prometheus-sql-exporter" } split /:/, $ENV{PATH};
plan skip_all => 'prometheus-sql-exporter is not installed' unless $exporter;

my $node = new_node('monitoring');
$node->safe_psql('postgres', q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (unit_id, code) VALUES (1, 'CN');
	INSERT INTO regtarget.visits (source, unit_id, visited_on) VALUES ('crm "a"', 1, regtarget.today() - 4);
	INSERT INTO regtarget.visits_in (source_id, unit) VALUES ('1', 'NOWHERE');
	SELECT FROM regtarget.record_verify();
	CREATE ROLE monitor LOGIN;
	SELECT regtarget.grant_duty('monitor', 'CN', 'viewer');});

# The file as it is, but for where the database is and how often it is asked.
my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = slurp_file("$FindBin::Bin/../../../doc/prometheus-sql-exporter.yml");
my ($host, $port) = ($node->host, $node->port);
is($file =~ s{monitor\@/sales\?host=/var/run/postgresql&}{monitor\@/postgres?host=$host&port=$port&}, 1, 'it names a database');
is($file =~ s/interval: 1m/interval: 1s/, 1, 'and how often it is asked');
append_to_file("$dir/exporter.yml", $file);

my $listen = PostgreSQL::Test::Cluster::get_free_port();
my $log = '';
my $running = IPC::Run::start([ $exporter, '-config.file', "$dir/exporter.yml", '-web.listen-address', "127.0.0.1:$listen" ],
	'>&', \$log);

sub metrics
{
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $listen, Timeout => 5) or return '';
	print $socket "GET /metrics HTTP/1.0\r\n\r\n";
	local $/;
	return <$socket> // '';
}

# A gauge's lines, without the labels that are the program's: name of the figure, about, value.
sub series
{
	my ($gauge) = @_;
	my @lines;

	foreach (grep { /^\Q$gauge\E\{/ } split /\n/, metrics())
	{
		my ($labels, $value) = /^\S+?\{(.*)\} (\S+)$/;
		my %label = $labels =~ /(\w+)="((?:[^"\\]|\\.)*)"/g;
		push @lines, join('|', @label{qw(name about)}, 0 + $value);
	}
	return join "\n", sort @lines;
}

my $expected = join "\n", sort split /\n/, $node->safe_psql('postgres', q{
	SELECT concat_ws('|', name, CASE name WHEN 'source_lag' THEN replace(about, '"', '\"') ELSE '' END, value)
	FROM regtarget.vitals WHERE value IS NOT NULL});
my ($served, $ages) = ('', '');
foreach (1 .. 60)
{
	$served = series('sql_regtarget_vital');
	$ages = series('sql_regtarget_vital_age_seconds');
	last if $served ne '' && $ages ne '';
	sleep 1;
}
is($served, $expected, 'the figures of vitals are served');
like($served, qr/^verify_failed\|\|0$/m, 'what the nightly run found among them');
like($ages, qr/^source_lag\|visits of crm \\"a\\"\|[34]\d{5}/m, 'and since when');

IPC::Run::kill_kill($running);
done_testing();
