# The dashboard is one file that opens without a network: its tables are the views' rows as its role sees them, its pictures are
# drawn without an error, names from users are text, and it prints on two pages. What doc/bi/ gives to Grafana, Superset and Metabase
# are statements that run, for a planner and for a region's manager.
use strict;
use warnings;
use utf8;

use CPAN::Meta::YAML;
use Encode qw(decode_utf8);
use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::Bin/../../..";
my $dir = PostgreSQL::Test::Utils::tempdir();
my $hostile = q{</script><img src=x onerror="document.title='taken'">{{b}}|$1 & @script@};
my $node = new_node('dashboard');

sub psql
{
	my ($db, @arguments) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), @arguments ],
		'<', \undef, '>', \$out, '2>', \$err) or die $err;
	return decode_utf8($out);
}

# Makes a page; returns it. Without npm and without ECHARTS it has tables only.
sub page
{
	my ($file, %with) = @_;
	my ($said, $made) = ('');

	mkdir "$dir/none";
	if (!-e "$dir/none/npm")
	{
		append_to_file("$dir/none/npm", "#!/bin/sh\nexit 1\n");
		chmod 0755, "$dir/none/npm";
	}
	local %ENV = (%ENV, PATH => "$dir/none:$ENV{PATH}", DATABASE => $node->connstr($with{db} // 'demo'), PAGE_LANG => 'en', %{ $with{env} // {} });
	delete $ENV{ECHARTS} unless $with{env}{ECHARTS};
	$made = IPC::Run::run([ "$top/doc/dashboard/make", "$dir/$file" ], '<', \undef, '>', \$said, '2>&1');
	return $made ? decode_utf8(slurp_file("$dir/$file")) : "failed: $said";
}

# ---- the tables ------------------------------------------------------------------------------

# A table's rows, cells by |, in English; entities are read back.
sub table
{
	my ($page, $id) = @_;
	my ($body) = $page =~ m{<table id="t-\Q$id\E">.*?<tbody>(.*?)</tbody>}s or return '';
	my %entity = (lt => '<', gt => '>', quot => '"', amp => '&', ndash => '–');

	return join "\n", map {
		my $row = $_;
		join '|', map { s{<span lang="zh-CN">.*?</span>}{}gr =~ s{</?span[^>]*>}{}gr =~ s/&(\w+);/$entity{$1}/gr } $row =~ m{<t[hd][^>]*>(.*?)</t[hd]>}gs;
	} $body =~ m{<tr[^>]*>(.*?)</tr>}gs;
}

# The same out of a view, as its reader would write it.
my $amount = q{to_char(%s, 'FM999,999,999,990')};
my $percent = q{round(100 * %s::numeric, 1) || ' %%'};
my $none = q{coalesce(%s, '–')};

sub amount { return sprintf $none, sprintf($amount, "$_[0]::numeric(30)") }
sub percent { return sprintf $none, sprintf($percent, $_[0]) }
sub text { return sprintf $none, $_[0] }

sub rows
{
	my ($role, $from, @columns) = @_;

	return psql('demo', '-c', "SET search_path = regtarget; SET ROLE $role;", '-c',
		'SELECT ' . join(" || '|' || ", @columns) . " $from") =~ s/\n\z//r;
}

my %level = (red => 1, yellow => 2, blue => 3);
my $by_level = q{array_position('{red,yellow,blue}', level)};

sub check_tables
{
	my ($name, $page, $role, $whole, $units) = @_;

	is(table($page, 'health'), rows($role, "FROM region_health WHERE unit = '$whole' OR unit IN ($units)
			ORDER BY unit = '$whole' DESC, health DESC NULLS LAST, unit_id",
			'name', text('rank::text'), text('round(health::numeric, 1)::text'), text(q{to_char(round(change::numeric, 1), 'FMS9990.0')}), percent('coverage'),
			text('round(visits_per_head::numeric, 1)::text'), percent('conversion_rate'), amount('round(output_per_head::numeric)'),
			percent('attrition_rate'), text('alert_level')), "$name: health is region_health");
	is(table($page, 'targets'), rows($role, "FROM target_board WHERE is_current AND (unit = '$whole' OR unit IN ($units))
			ORDER BY unit = '$whole' DESC, amount DESC, unit_id",
			'name', amount('amount'), amount('actual'), percent('attainment'), percent('pace'), amount('forecast'), amount('baseline'),
			amount('room_down'), amount('room_up'), text('alert_level')), "$name: targets are target_board");
	is(table($page, 'months'), rows($role, "FROM month_board JOIN calendar USING (month) WHERE calendar.period = (SELECT period FROM periods
			WHERE during \@> today()) AND unit = '$whole' ORDER BY month", 'name', 'month', amount('amount'), amount('actual'), percent('pace')),
		"$name: months are month_board");
	is(table($page, 'requests'), rows($role, 'FROM adjustment_queue ORDER BY overdue DESC, days_waiting DESC, adjustment_id LIMIT 10',
			'name', q{to_char(round(100 * change::numeric, 1), 'FMS990.0') || ' %'}, amount('amount_before'), amount('amount_after'),
			q{CASE status WHEN 'requested' THEN 'to sign' ELSE 'to apply' END}, q{coalesce(waiting_for, '')}, 'days_waiting', 'requested_at::date',
			'requested_by', q{CASE WHEN overdue THEN 'yes' ELSE 'no' END}, 'reason'), "$name: requests are adjustment_queue");
	is(table($page, 'filings'), rows($role, 'FROM filing_queue ORDER BY days_waiting DESC, filing_id LIMIT 5', 'name', amount('difference'),
			amount('amount_after'), 'filed_at::date', 'days_waiting', 'reason'), "$name: filings are filing_queue");
	is(table($page, 'alerts'), rows($role, "FROM alert_board WHERE covered_by IS NULL ORDER BY $by_level, certainty DESC NULLS LAST, alert_id LIMIT 10",
			'level', 'name', q{replace(replace(rule, 'health_fall', 'health fell'), '_', ' ')}, 'on_day', text('round(certainty::numeric, 1)::text'),
			text('trim_scale(round(value_before::numeric, 4))::text'), text('trim_scale(round(value_after::numeric, 4))::text'), text('subject'),
			q{replace(status, 'acknowledged', 'seen')}, text('review_status')), "$name: alerts are alert_board");
	is(table($page, 'reviews'), rows($role, 'FROM review_queue ORDER BY due_on, review_id LIMIT 6', 'level', 'name',
			q{replace(replace(rule, 'health_fall', 'health fell'), '_', ' ')}, 'due_on', 'waits_on', 'days_waiting', q{CASE WHEN overdue THEN 'yes' ELSE 'no' END},
			text('round(certainty::numeric, 1)::text')), "$name: reviews are review_queue");
	is(table($page, 'credit'), rows($role, "FROM credit_board WHERE is_current AND (unit = '$whole' OR unit IN ($units) OR denied_quarters > 0 OR counts)
			ORDER BY penalty_at_risk DESC, denied_now DESC, unit = '$whole' DESC, unit IN ($units) DESC, unit_id LIMIT 12",
			'name', 'denied_quarters', percent('penalty_rate'), q{CASE WHEN counts THEN 'yes' ELSE 'no' END}, 'denied_now', percent('rate_now'),
			'denied_if_refused', percent('rate_if_refused'), amount('penalty_at_risk')), "$name: credit is credit_board");
}

psql('postgres', '-c', 'CREATE DATABASE demo');
psql('demo', '-v', 'stop=today', '-f', "$top/test/demo/demo.sql", '-f', "$top/test/demo/today.sql");
psql('demo', '-v', "name=$hostile", '-f', do {
	append_to_file("$dir/hostile.sql", "UPDATE regtarget.units SET name = :'name' WHERE code = 'SOUTH';\n"
		. "UPDATE regtarget.units SET name = E'two\\nlines \\u2028 \\x01rank\\x03' WHERE code = 'XIAN';\n");
	"$dir/hostile.sql" });

my $regions = q{SELECT code FROM units WHERE kind = 'region'};
my $bare = page('bare.html', env => { ROLE => 'planning' });
check_tables('planner', $bare, 'planning', 'CN', $regions);
my $alerts = psql('demo', '-c', 'SET ROLE planning', '-c', 'SELECT greatest(count(*) - 10, 0) FROM regtarget.alert_board WHERE covered_by IS NULL') + 0;
is($bare =~ /Rows left out: (\d+)/ ? $1 : 0, $alerts, 'of alerts ten are shown, and how many more there are');
like($bare, qr/Tables only: the page was made without ECharts/, 'without npm and ECHARTS it says that it is tables only');
like($bare, qr/As planning sees it, \d{4}-\d\d-\d\d \d\d:\d\d; database demo/, 'and as whom, when and of what it was made');
my $southwest = page('southwest.html', env => { ROLE => 'southwest' });
check_tables('manager', $southwest, 'southwest', 'SOUTHWEST', q{SELECT code FROM units WHERE kind = 'group'});
unlike($southwest, qr/华北/, 'nothing of another region is in a manager\'s page');

SKIP:
{
	skip 'no backtests, no shadow plans', 3 unless psql('demo', '-c', "SELECT to_regclass('regtarget.shadow_comparison') IS NOT NULL
		AND to_regprocedure('regtarget.backtest_summary(text, text, text, jsonb)') IS NOT NULL") =~ /^t/;
	my $error = q{(SELECT error FROM backtest_summary(p.period, p.period) WHERE depth = 1 AND method = '%s')};

	is(table($bare, 'past'), rows('planning', 'FROM (SELECT period, ' . join(', ', map { sprintf($error, $_) . " AS $_" } qw(suggested previous official))
			. ' FROM periods p WHERE upper(during) <= today()) AS e WHERE coalesce(suggested, previous, official) IS NOT NULL ORDER BY period', 'period',
			percent('suggested'), percent('previous'), percent('official')), 'planner: past periods are those of backtest_summary');
	psql('demo', '-c', 'SET ROLE planning', '-c', "SELECT FROM regtarget.allocate_targets((SELECT period FROM regtarget.periods WHERE during \@> regtarget.today()),
		121000000, 'shadow', step => 1000)");
	is(table(page('shadow.html', env => { ROLE => 'planning' }), 'shadow'), rows('planning', "FROM shadow_comparison WHERE month IS NULL
			AND (unit = 'CN' OR unit IN ($regions)) ORDER BY unit = 'CN' DESC, management DESC, unit_id", 'name', 'period', amount('management'), amount('round(engine)'),
			amount('actual'), text('closer')), 'planner: shadow plans are shadow_comparison');
	is(table(page('hidden.html', env => { ROLE => 'southwest' }), 'shadow'), '', 'manager: those that are not revealed do not exist');
}

# What a name can do in the file: nothing.
my ($data) = $bare =~ m{<script type="application/json" id="page">(.*?)</script>}s;
unlike($data, qr/[<>&\x{2028}\x{2029}]/, 'the data have no character that ends a script');
my $markup = $bare =~ s{<script.*?</script>}{}gsr;
unlike($markup, qr/<img/, 'a name with markup is text in the tables');
like(table($bare, 'health'), qr/^\Q$hostile\E\|/m, 'and is shown whole');
like(table($bare, 'health_below'), qr/^two lines \x{2028} rank\|/m, 'as is one with a line end and marks of our own');
# Nor wherever else a name can stand: as a code, a role, a subject; and none turns the words around it from right to left.
my $turning = qr/[\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]/;
psql('postgres', '-c', 'CREATE DATABASE hostile TEMPLATE demo');
append_to_file("$dir/everywhere.sql", <<'END');
UPDATE regtarget.units SET code = '"></script><img src=x onerror="document.title=''taken''">' WHERE code = 'CN';
UPDATE regtarget.units SET name = U&'\202E' || 'N''"' || U&'\05D0\2067' WHERE code = 'NORTHEAST';
UPDATE regtarget.units SET name = repeat(name, 20) WHERE code = 'NORTH';
UPDATE regtarget.units SET name = '$&$1\1&amp;</title><b>' WHERE parent_id IS NULL;
CREATE ROLE "</script><img src=x>" LOGIN;
GRANT planning TO "</script><img src=x>";
END
psql('hostile', '-f', "$dir/everywhere.sql");
my $everywhere = page('everywhere.html', db => 'hostile', env => { ROLE => 'planning' });
my @headings = $everywhere =~ m{<h[12]>(.*?)</h[12]>}gs;
unlike(join("\n", @headings), $turning, 'no name turns the words of a heading');
like(join("\n", @headings), qr{<bdi>N'"\x{5d0}</bdi> is lowest}, 'it stands there for itself');
unlike($everywhere =~ s{<script.*?</script>}{}gsr, qr/<(?:img|b)\b/, 'neither a code nor the name of the company is markup');
psql('hostile', '-c', q{SELECT regtarget.report_event('policy_change', '</script><img src=x onerror="1">', 'SOUTHWEST', regtarget.today(), 'x')});
my $event = page('event.html', db => 'hostile', env => { ROLE => 'southwest' });
like(table($event, 'alerts'), qr/\|<\/script><img src=x onerror="1">\|/, 'what an event is about is shown whole');
unlike($event =~ s{<script.*?</script>}{}gsr, qr/<img\b/, 'and is text');

cmp_ok(scalar(split /\n/, slurp_file("$top/doc/dashboard/template.html")), '<=', 300, 'the template has 300 lines at most');

# Other databases: nothing there yet, another encoding.
psql('postgres', '-c', 'CREATE DATABASE latin ENCODING LATIN1 LOCALE "C" TEMPLATE template0');
psql('latin', '-c', 'CREATE EXTENSION regtarget CASCADE');
my $empty = page('empty.html', db => 'latin');
like($empty, qr/No target yet/, 'an empty database has a page');
unlike($empty, qr/amounts in \.|金额单位 。|±0? %/, 'which says nothing of a currency and a cap that there are not');
psql('latin', '-c', "SELECT regtarget.apply_profile()", '-c', q{INSERT INTO regtarget.units (code, name) VALUES ('K', U&'K\00F6ln')});
like(page('latin.html', db => 'latin'), qr/Köln/, 'a LATIN1 database has one, in UTF-8');
like(page('nobody.html', env => { ROLE => 'nobody' }), qr/^failed: .*role "nobody" does not exist/s, 'what is wrong is said');

# ---- Grafana, Superset, Metabase -----------------------------------------------------------------

my $bi = "$top/doc/bi";

# Runs a statement as both; true where it runs for both and a planner gets rows.
sub runs
{
	my ($name, $sql, $columns) = @_;
	my @got = map {
		my $role = $_;
		eval { psql('demo', '-c', 'SET client_min_messages = error', '-c', "SET ROLE $role", '-c', $sql) } // "failed: $@"
	} qw(planning southwest);

	unlike(join("\n", @got), qr/^failed/m, "$name runs");
	isnt($got[0], '', "$name: a planner gets rows") unless $name =~ /may be empty/;
	is(psql('demo', '-c', "SELECT string_agg(name, ' ') FROM (SELECT json_object_keys(to_json(t)) AS name FROM ($sql) AS t LIMIT 50) AS k
		HAVING string_agg(name, ' ') NOT LIKE '$columns%'"), '', "$name has the columns that it declares") if defined $columns;
}

sub yaml { return CPAN::Meta::YAML->read_string(decode_utf8(slurp_file("$bi/$_[0]")))->[0] }

my $grafana = decode_json(slurp_file("$bi/grafana/dashboards/regtarget.json"));
my ($unit) = @{ $grafana->{templating}{list} };
is($unit->{name}, 'unit', 'Grafana: the dashboard has a variable for the unit');
runs('Grafana: the list of units', $unit->{query});
foreach my $panel (@{ $grafana->{panels} })
{
	foreach my $target (@{ $panel->{targets} })
	{
		my $sql = $target->{rawSql};
		like($sql, qr/\$\{unit:sqlstring\}/, "Grafana: $panel->{title} goes by the unit");
		$sql =~ s/\$\{unit:sqlstring\}/'CN','SOUTHWEST'/g;
		$sql =~ s/\$__timeFrom\(\)/(now() - interval '1 year')/g;
		$sql =~ s/\$__timeTo\(\)/now()/g;
		runs("Grafana: $panel->{title}", $sql);
	}
}
my $source = yaml('grafana/provisioning/datasources/regtarget.yaml')->{datasources}[0];
is(join(' ', sort keys %{ { map { $_->{datasource}{uid} => 1 } @{ $grafana->{panels} } } }), $source->{uid}, 'Grafana: panels and datasource agree');
foreach my $rule (@{ yaml('grafana/provisioning/alerting/regtarget.yaml')->{groups}[0]{rules} })
{
	is($rule->{data}[0]{datasourceUid}, $source->{uid}, "Grafana: $rule->{title} asks the datasource");
	runs("Grafana: $rule->{title} (may be empty)", $rule->{data}[0]{model}{rawSql});
}

is(psql('demo', '-c', 'SET ROLE planning', '-c', 'SELECT count(*) FROM (' . join(' UNION ALL ', map { "($_->{data}[0]{model}{rawSql})" }
		@{ yaml('grafana/provisioning/alerting/regtarget.yaml')->{groups}[0]{rules} }) . ') AS r'),
	psql('demo', '-c', 'SET ROLE planning', '-c', 'SELECT count(*) FROM regtarget.alert_feed WHERE ends_at IS NULL'), 'Grafana: every alert that lasts is one of a rule');

my %dataset;
foreach my $file (map { s{^\Q$bi\E/}{}r } glob "$bi/superset/datasets/regtarget/*.yaml")
{
	my $set = yaml($file);
	my @metrics = map { "$_->{expression} AS $_->{metric_name}" } @{ $set->{metrics} };

	$dataset{ $set->{uuid} } = { map { $_ => 1 } map { $_->{column_name} // $_->{metric_name} } @{ $set->{columns} }, @{ $set->{metrics} } };
	runs("Superset: $set->{table_name}", $set->{sql}, join ' ', map { $_->{column_name} } @{ $set->{columns} });
	runs("Superset: metrics of $set->{table_name}", 'SELECT ' . join(', ', @metrics) . " FROM ($set->{sql}) AS virtual_table");
	is($set->{database_uuid}, yaml('superset/databases/regtarget.yaml')->{uuid}, 'of the database that the tree brings');
}
my %chart;
foreach my $file (map { s{^\Q$bi\E/}{}r } glob "$bi/superset/charts/*.yaml")
{
	my $made = yaml($file);
	my $params = $made->{params};
	my @used = map { ref $_ ? @$_ : $_ // () } @$params{qw(metrics groupby all_columns x_axis x_axis_sort)};

	$chart{ $made->{uuid} } = $made->{slice_name};
	is(join(' ', grep { !$dataset{ $made->{dataset_uuid} }{$_} } @used), '', "Superset: $made->{slice_name} uses what its dataset has");
}
my $position = yaml('superset/dashboards/regtarget.yaml')->{position};
is(join("\n", sort map { $_->{meta}{uuid} } grep { ref $_ && ($_->{type} // '') eq 'CHART' } values %$position), join("\n", sort keys %chart),
	'Superset: the dashboard shows every chart');

foreach my $file (glob "$bi/metabase/questions/*.sql")
{
	my $sql = slurp_file($file);
	my ($title) = $sql =~ /\A-- (.+)\n-- display: (?:row|line|bar|table)\n/ or fail("$file says its name and display");

	runs("Metabase: $title", $sql =~ s/\[\[.*?\]\]//gsr);
	runs("Metabase: $title of a unit", $sql =~ s/\[\[|\]\]//gr =~ s/\{\{unit\}\}/'CN'/gr);
}

# ---- the pictures ----------------------------------------------------------------------------

my ($chromium) = grep { -x } map { my $path = $_; map { "$path/$_" } qw(chromium chromium-browser google-chrome) } split /:/, $ENV{PATH};
my $echarts = $ENV{REGTARGET_ECHARTS};

# What the browser makes of a page without a network, and what it complained of.
sub browse
{
	my ($file, @options) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ $chromium, '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', "--user-data-dir=$dir/browser",
			'--host-resolver-rules=MAP * ~NOTFOUND', '--enable-logging=stderr', '--virtual-time-budget=5000', @options, "file://$dir/$file" ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(180)) or diag($err);
	return (decode_utf8($out), join "\n", grep { /CONSOLE/ } split /\n/, $err);
}

SKIP:
{
	skip 'no chromium', 1 unless $chromium;
	skip 'no ECharts (npm)', 1 unless $echarts && -r $echarts;

	page('full.html', env => { ROLE => 'planning', ECHARTS => $echarts });
	my ($dom, $complaints) = browse('full.html', '--dump-dom');
	my ($seen) = $dom =~ m{<main>(.*)</main>}s;
	my %picture = $seen =~ m{<section id="(\w+)">.*?<div class="picture"[^>]*>(.*?)<p class="legend">}gs;

	is($complaints, '', 'no error in the browser');
	is(join(' ', sort grep { $picture{$_} =~ /<svg/ } keys %picture), 'alerts credit health past requests targets', 'six pictures are drawn');
	like($picture{targets}, qr{<text[^>]*>华东 East</text>}, 'Chinese is in them');
	like($picture{health}, qr{<b class="">&lt;/script&gt;&lt;img }, 'a name with markup is text in a tile');
	unlike($seen, qr/<img|<script/, 'and nowhere else anything');
	unlike($dom, qr/<title>taken/, 'nor has it run');

	# A click: the groups of the first region in place of the regions.
	append_to_file("$dir/click.html", slurp_file("$dir/full.html") =~ s/<meta http-equiv.*\n//r . "<script>document.querySelector('button.tile').click()</script>\n");
	($dom, $complaints) = browse('click.html', '--dump-dom');
	my ($health) = $dom =~ m{<section id="health">.*?<div class="picture"[^>]*>(.*?)<p class="legend">}s;
	is($complaints, '', 'no error after a click');
	like($health, qr{<b class="">上海 Shanghai</b>}, 'a click on a region shows its groups');
	unlike($health, qr{<b class="">华北}, 'in place of the regions');

	# Of the company as it is, under names that people have.
	psql('demo', '-c', q{UPDATE regtarget.units SET name = initcap(code) WHERE code IN ('SOUTH', 'XIAN')});
	page('full.html', env => { ROLE => 'planning', ECHARTS => $echarts });
	browse('full.html', '--no-pdf-header-footer', "--print-to-pdf=$dir/full.pdf");
	is(scalar(() = slurp_file("$dir/full.pdf") =~ m{/Type\s*/Page\b(?!s)}g), 2, 'it prints on two pages of A4');

	page('full.html', env => { ROLE => 'planning', ECHARTS => $echarts, PAGE_LANG => 'zh' });
	browse('full.html', '--no-pdf-header-footer', "--print-to-pdf=$dir/full.pdf");
	is(scalar(() = slurp_file("$dir/full.pdf") =~ m{/Type\s*/Page\b(?!s)}g), 2, 'in Chinese too');

	page('everywhere.html', db => 'hostile', env => { ROLE => 'planning', ECHARTS => $echarts });
	($dom, $complaints) = browse('everywhere.html', '--dump-dom');
	($seen) = $dom =~ m{<main>(.*)</main>}s;
	is($complaints, '', 'no name that stands elsewhere makes an error');
	unlike($dom, qr/<title>taken/, 'nor is it run');
	unlike($seen, qr/<img|<script/, 'nor does it become markup');
	unlike(join("\n", $seen =~ m{<text[^>]*>(.*?)</text>}gs), $turning, 'nor turn the words of a picture');

	# More regions than can be drawn: the picture says so.
	psql('latin', '-c', q{INSERT INTO regtarget.units (code, name, kind, parent_id) SELECT 'R' || i, 'R' || i, 'region', unit_id
		FROM regtarget.units, generate_series(1, 70) AS i WHERE code = 'K'});
	page('many.html', db => 'latin', env => { ECHARTS => $echarts });
	($dom) = browse('many.html', '--dump-dom');
	($health) = $dom =~ m{<section id="health">.*?<div class="picture"[^>]*>(.*?)<p class="legend">}s;
	is(scalar(() = $health =~ /class="tile"/g), 59, 'of seventy regions fifty-nine are drawn');
	like($health, qr{<p class="more">Rows left out: 11</p>}, 'and the picture says how many more there are');

	page('empty.html', db => 'latin', env => { ECHARTS => $echarts });
	($dom, $complaints) = browse('empty.html', '--dump-dom');
	is($complaints, '', 'nor is there an error where there is nothing to draw');
}

$node->stop;
done_testing();
