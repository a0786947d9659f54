# Notices reach people: the listener of doc/ hears them, runs a command, finds its way back to a server that was gone, and
# feeds a real Alertmanager, which shows, groups and resolves alerts. Skipped where psycopg2 or Alertmanager is missing.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use RegtargetTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'python3-psycopg2 is not installed' if system('python3 -c "import psycopg2" 2>/dev/null') != 0;
my ($alertmanager) = grep { -x } map { "$_/prometheus-alertmanager" } split /:/, $ENV{PATH};
my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = new_node('listener');

$node->safe_psql('postgres', q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (unit_id, code, kind, parent_id)
	VALUES (1, 'CN', 'company', NULL), (2, 'EAST', 'region', 1), (3, 'WEST', 'region', 1), (4, 'SH', 'group', 2);
	CREATE ROLE radar LOGIN;
	SELECT regtarget.grant_duty('radar', 'CN', 'viewer')});

# ---- its own life ------------------------------------------------------------------------------------

my @listeners;
sub start_listener
{
	my ($name, @options) = @_;
	my %l = (out => '', err => '');

	$l{harness} = IPC::Run::start([ 'python3', "$FindBin::Bin/../../../doc/regtarget-listener", '--dsn', $node->connstr('postgres') . ' user=radar', @options ],
		'<', \undef, '>', \$l{out}, '2>', \$l{err});
	push @listeners, \%l;
	return \%l;
}

# Wait until a condition holds; what was read so far otherwise.
sub soon
{
	my ($what, $listener, $condition) = @_;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;

	until ($condition->() || time > $end)
	{
		$listener->{harness}->pump_nb if $listener;
		select undef, undef, undef, 0.1;
	}
	ok($condition->(), $what) or diag($listener ? "$listener->{out}\n$listener->{err}" : '');
}

sub listening { my ($l, $times) = @_; return (() = $l->{err} =~ /^listening$/mg) >= $times }

my $listener = start_listener('plain', '--every', 1, '--run', "cat >>$dir/heard; echo >>$dir/heard; echo \$REGTARGET_CHANNEL >>$dir/heard");
soon('it listens', $listener, sub { listening($listener, 1) });
$node->safe_psql('postgres', q{SELECT regtarget.report_event('policy_change', 'law', 'EAST', current_date)});
soon('a notice is heard', $listener, sub { $listener->{out} =~ /^regtarget_alert \{.*"unit": "EAST".*"status": "firing".*\}$/m });
soon('and handed to the command', $listener, sub { -e "$dir/heard" && slurp_file("$dir/heard") =~ /^\{.*"rule": "policy_change".*\}\nregtarget_alert$/m });
$node->safe_psql('postgres', q{BEGIN; SELECT regtarget.report_event('policy_change', 'law', 'WEST', current_date); ROLLBACK});
$node->safe_psql('postgres', q{SELECT regtarget.close_review(1, 'keep', 'no')});
soon('what was committed after what was rolled back', $listener, sub { $listener->{out} =~ /"EAST".*"status": "resolved"/ });
unlike($listener->{out}, qr/WEST/, 'and nothing of what was rolled back');
$node->restart;
soon('it finds its way back to a server that was gone', $listener, sub { listening($listener, 2) });
$node->safe_psql('postgres', q{SELECT regtarget.report_event('competitor_promotion', 'Rival', 'WEST', current_date)});
soon('and goes on', $listener, sub { $listener->{out} =~ /"WEST"/ });

# ---- a real Alertmanager --------------------------------------------------------------------------------

SKIP:
{
	skip 'prometheus-alertmanager is not installed', 8 unless $alertmanager;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $url = "http://127.0.0.1:$port";
	my $log = '';

	append_to_file("$dir/alertmanager.yml", "route:\n  receiver: nobody\n  group_by: [region, level]\nreceivers:\n  - name: nobody\n");
	my $harness = IPC::Run::start([ $alertmanager, "--config.file=$dir/alertmanager.yml", "--storage.path=$dir/store",
		"--web.listen-address=127.0.0.1:$port", '--cluster.listen-address=' ], '<', \undef, '>&', \$log);
	push @listeners, { harness => $harness };
	# Unpacked and not installed, later versions miss a file of their own.
	my $ready = sub { HTTP::Tiny->new(timeout => 10)->get("$url/-/ready")->{success} };
	foreach (1 .. 100)
	{
		last if $ready->();
		$harness->pump_nb;
		skip 'prometheus-alertmanager misses a file of its package', 8 if $log =~ /no such file or directory/;
		select undef, undef, undef, 0.1;
	}
	my $get = sub {
		my ($path) = @_;
		my $answer = HTTP::Tiny->new(timeout => 10)->get("$url$path");

		return $answer->{success} ? decode_json($answer->{content}) : undef;
	};
	soon('Alertmanager is there', undef, $ready);
	my $feeder = start_listener('feeder', '--every', 1, '--alertmanager', $url);
	my $active = sub { join ' ', sort map { "$_->{labels}{alertname}/$_->{labels}{unit}" } @{ $get->('/api/v2/alerts?active=true') // [] } };

	soon('what fires is shown', $feeder, sub { $active->() eq 'competitor_promotion/WEST' });
	my ($alert) = @{ $get->('/api/v2/alerts') };
	is($alert->{labels}{severity}, 'warning', 'with its labels');
	like($alert->{annotations}{summary}, qr/^competitor_promotion of WEST on .*Rival/, 'and what there is to say');
	$node->safe_psql('postgres', q{
		INSERT INTO regtarget.customers (unit_id, churned_on)
		SELECT 4, CASE WHEN i < 7 THEN date_trunc('week', regtarget.today())::date - 1 END FROM generate_series(1, 50) i;
		SELECT count(*) FROM regtarget.scan_alerts(regtarget.today());
		SELECT regtarget.report_event('competitor_price_cut', 'Rival', 'SH', current_date)});
	soon('a scan and an event are told at once; not what the region speaks for', $feeder, sub {
		$active->() eq 'churn/CN churn/EAST competitor_price_cut/SH competitor_promotion/WEST' });
	my %groups = map { join('/', map { $_ // '' } @{ $_->{labels} }{qw(region level)}) => join ' ', sort map { $_->{labels}{unit} } @{ $_->{alerts} } }
	  @{ $get->('/api/v2/alerts/groups') };
	is_deeply(\%groups, { '/red' => 'CN', 'EAST/red' => 'EAST', 'EAST/yellow' => 'SH', 'WEST/yellow' => 'WEST' }, 'grouped by region and level');
	$node->safe_psql('postgres', q{
		SELECT regtarget.close_review(review_id, 'keep', 'no') FROM regtarget.review_queue WHERE unit = 'EAST';
		SELECT regtarget.acknowledge_alert(alert_id, 'seen') FROM regtarget.alert_board WHERE unit = 'WEST'});
	soon('what is decided is resolved there, and so is what somebody has seen', $feeder, sub { $active->() eq 'churn/CN competitor_price_cut/SH' });
	$node->safe_psql('postgres', q{INSERT INTO regtarget.silences (unit_id, during, comment) VALUES (2, daterange(regtarget.today(), regtarget.today() + 2), 'known')});
	is($node->safe_psql('postgres', q{SELECT string_agg(labels::json ->> 'unit', ' ') FROM regtarget.alert_feed WHERE ends_at IS NULL}), 'CN', 'what is silenced is not told');
}

$_->{harness}->kill_kill foreach @listeners;
$node->stop;
done_testing();
