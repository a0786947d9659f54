# What doc/bi/ gives to Grafana, Superset and Metabase has the keys that these tools ask for, none that Superset would refuse, and
# refers only to what is there. That each statement runs is tried in 040_dashboard.pl.
use strict;
use warnings;

use CPAN::Meta::YAML;
use FindBin;
use JSON::PP;
use Test::More;

my $bi = "$FindBin::Bin/../../../doc/bi";
my $uuid = qr/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

sub slurp
{
	open my $file, '<:encoding(UTF-8)', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar readline $file;
}

sub yaml { return CPAN::Meta::YAML->read_string(slurp("$bi/$_[0]"))->[0] }

sub files { return map { s{^\Q$bi\E/}{}r } glob "$bi/$_[0]" }

# Fails by the names of keys that are missing, or that are not known.
sub keys_are
{
	my ($what, $thing, $required, $allowed) = @_;
	my %known = map { $_ => 1 } @$required, @{ $allowed // [] };

	is(join(' ', grep { ($thing->{$_} // 'null') eq 'null' } @$required), '', "$what has all that is required");
	is(join(' ', grep { !$known{$_} } sort keys %$thing), '', "$what has nothing unknown") if $allowed;
}

sub repeated
{
	my %seen;
	return join ' ', grep { $seen{$_}++ } @_;
}

# ---- Superset: its importer refuses a key that it does not know -----------------------------------------------------

keys_are('Superset: metadata', yaml('superset/metadata.yaml'), [qw(version type timestamp)], []);
is(yaml('superset/metadata.yaml')->{type}, 'Dashboard', 'Superset: the tree is one of dashboards');
is(join(' ', grep { !/\.yaml$/ } files('superset/*/*.*'), files('superset/*/*/*.*')), '', 'Superset: the tree has YAML alone');

my (%database, %dataset, %chart, @uuids);
foreach my $file (files('superset/databases/*.yaml'))
{
	my $made = yaml($file);

	keys_are($file, $made, [qw(database_name sqlalchemy_uri uuid version)],
		[qw(cache_timeout expose_in_sqllab allow_run_async allow_ctas allow_cvas allow_csv_upload)]);
	like($made->{sqlalchemy_uri}, qr{^postgresql\+psycopg2://\w+:XXXXXXXXXX@}, "$file asks for the password when it is imported");
	$database{ $made->{uuid} } = 1;
	push @uuids, $made->{uuid};
}
foreach my $file (files('superset/datasets/*/*.yaml'))
{
	my $made = yaml($file);
	my @names = map { $_->{column_name} } @{ $made->{columns} };

	keys_are($file, $made, [qw(table_name uuid version database_uuid sql schema columns metrics)], [qw(main_dttm_col description params template_params)]);
	keys_are("$file: $_->{column_name}", $_, [qw(column_name type)], [qw(is_dttm is_active groupby filterable verbose_name)]) foreach @{ $made->{columns} };
	keys_are("$file: $_->{metric_name}", $_, [qw(metric_name expression)], [qw(metric_type verbose_name d3format)]) foreach @{ $made->{metrics} };
	is(repeated(@names, map { $_->{metric_name} } @{ $made->{metrics} }), '', "$file names nothing twice");
	ok($database{ $made->{database_uuid} }, "$file is of the database in the tree");
	ok($made->{main_dttm_col} eq 'null' || grep({ $_->{column_name} eq $made->{main_dttm_col} && $_->{is_dttm} eq 'true' } @{ $made->{columns} }),
		"$file: its day is a column of days");
	$dataset{ $made->{uuid} } = 1;
	push @uuids, $made->{uuid};
}
foreach my $file (files('superset/charts/*.yaml'))
{
	my $made = yaml($file);

	keys_are($file, $made, [qw(slice_name viz_type params uuid version dataset_uuid)], ['cache_timeout']);
	is($made->{params}{viz_type}, $made->{viz_type}, "$file says its kind once");
	ok($dataset{ $made->{dataset_uuid} }, "$file is of a dataset in the tree");
	$chart{ $made->{uuid} } = $made->{slice_name};
	push @uuids, $made->{uuid};
}
foreach my $file (files('superset/dashboards/*.yaml'))
{
	my $made = yaml($file);
	my $position = $made->{position};
	my %place = map { $_ => $position->{$_} } grep { ref $position->{$_} } keys %$position;

	keys_are($file, $made, [qw(dashboard_title uuid version position metadata)], [qw(description css slug)]);
	is($position->{DASHBOARD_VERSION_KEY}, 'v2', "$file has a layout of version 2");
	is(join(' ', grep { $place{$_}{id} ne $_ } sort keys %place), '', "$file: places know their names");
	foreach my $name (sort keys %place)
	{
		is(join(' ', grep { !$place{$_} || $place{$_}{parents}[-1] ne $name } @{ $place{$name}{children} // [] }), '', "$file: what $name holds is there");
	}
	foreach my $meta (map { $_->{meta} } grep { $_->{type} eq 'CHART' } values %place)
	{
		is($chart{ $meta->{uuid} }, $meta->{sliceName}, "$file: $meta->{sliceName} is a chart of the tree");
		like($meta->{chartId}, qr/^\d+$/, "$file: $meta->{sliceName} has a number to be replaced");
	}
	foreach my $row (grep { $_->{type} eq 'ROW' } values %place)
	{
		my $width = 0;
		$width += $place{$_}{meta}{width} foreach @{ $row->{children} };
		cmp_ok($width, '<=', 12, "$file: $row->{id} has twelve columns at most");
	}
	push @uuids, $made->{uuid};
}
is(join(' ', grep { !/$uuid/ } @uuids), '', 'Superset: a UUID is a UUID');
is(repeated(@uuids), '', 'Superset: no UUID is there twice');
is(join(' ', grep { (yaml($_)->{version} // '') ne '1.0.0' } files('superset/*.yaml'), files('superset/*/*.yaml'), files('superset/*/*/*.yaml')), '',
	'Superset: all of version 1.0.0');

# ---- Grafana ---------------------------------------------------------------------------------------------------

my $source = yaml('grafana/provisioning/datasources/regtarget.yaml');
is($source->{apiVersion}, 1, 'Grafana: datasources are of version 1');
keys_are('Grafana: the datasource', $source->{datasources}[0], [qw(name uid type access url user secureJsonData jsonData)], []);
is($source->{datasources}[0]{type}, 'grafana-postgresql-datasource', 'Grafana: it is PostgreSQL, as it is called from 10.2.3 on');
keys_are('Grafana: its settings', $source->{datasources}[0]{jsonData}, [qw(database sslmode postgresVersion)]);

my $provider = yaml('grafana/provisioning/dashboards/regtarget.yaml');
is($provider->{apiVersion}, 1, 'Grafana: providers are of version 1');
keys_are('Grafana: the provider', $provider->{providers}[0], [qw(name type folder options)]);
like($provider->{providers}[0]{options}{path}, qr{^/}, 'Grafana: it names a folder');

my $board = decode_json(slurp("$bi/grafana/dashboards/regtarget.json") =~ s/([^\x00-\x7f])/sprintf '\\u%04x', ord $1/ger);
my %datasource = (type => $source->{datasources}[0]{type}, uid => $source->{datasources}[0]{uid});
keys_are('Grafana: the dashboard', $board, [qw(uid title schemaVersion version panels templating time annotations)]);
ok(!exists $board->{spec} && !exists $board->{elements}, 'Grafana: it is of the classic model');
cmp_ok($board->{schemaVersion}, '>=', 36, 'Grafana: of a schema that knows datasources by uid');
cmp_ok(length $board->{uid}, '<=', 40, 'Grafana: its uid is short enough');
is(repeated(map { $_->{id} } @{ $board->{panels} }), '', 'Grafana: no panel has the number of another');
my %taken;
foreach my $panel (@{ $board->{panels} })
{
	my $at = $panel->{gridPos};

	keys_are("Grafana: $panel->{title}", $panel, [qw(id title type datasource gridPos targets fieldConfig options)]);
	keys_are("Grafana: $panel->{title}: its query", $_, [qw(refId datasource format rawSql rawQuery)]) foreach @{ $panel->{targets} };
	is_deeply([ map { $_->{datasource} } $panel, @{ $panel->{targets} } ], [ (\%datasource) x (1 + @{ $panel->{targets} }) ], "Grafana: $panel->{title} asks the datasource");
	cmp_ok($at->{x} + $at->{w}, '<=', 24, "Grafana: $panel->{title} is within the width");
	is(join(' ', grep { $taken{$_}++ } map { my $x = $_; map { "$x/$_" } $at->{y} .. $at->{y} + $at->{h} - 1 } $at->{x} .. $at->{x} + $at->{w} - 1), '',
		"Grafana: $panel->{title} covers no other");
}
foreach my $variable (@{ $board->{templating}{list} })
{
	keys_are("Grafana: variable $variable->{name}", $variable, [qw(name type query datasource refresh multi includeAll)]);
	is_deeply($variable->{datasource}, \%datasource, "Grafana: variable $variable->{name} asks the datasource");
}

my $alerting = yaml('grafana/provisioning/alerting/regtarget.yaml');
my @rules = map { @{ $_->{rules} } } @{ $alerting->{groups} };
is($alerting->{apiVersion}, 1, 'Grafana: alert rules are of version 1');
keys_are("Grafana: group $_->{name}", $_, [qw(orgId name folder interval rules)], []) foreach @{ $alerting->{groups} };
is(repeated(map { $_->{uid} } @rules), '', 'Grafana: no rule has the uid of another');
is(join(' ', map { "$_->{labels}{level}:$_->{labels}{severity}" } @rules), 'red:critical yellow:warning blue:info',
	'Grafana: a rule for each level, of the severity that alert_feed gives it');
is(join(' ', grep { my $rule = $_; $rule->{data}[0]{model}{rawSql} !~ /'level' = '$rule->{labels}{level}'$/ } @rules), '', 'Grafana: which asks for that level');
foreach my $rule (@rules)
{
	my %step = map { $_->{refId} => $_ } @{ $rule->{data} };

	keys_are("Grafana: $rule->{title}", $rule, [qw(uid title condition for data noDataState execErrState)], [qw(annotations labels)]);
	like($rule->{uid}, qr/^[\w-]{1,40}$/, "Grafana: $rule->{title} has a uid that Grafana takes");
	like($rule->{noDataState}, qr/^(?:OK|NoData|Alerting|KeepLast)$/, "Grafana: $rule->{title} says what no row means");
	like($rule->{execErrState}, qr/^(?:OK|Error|Alerting|KeepLast)$/, "Grafana: $rule->{title} says what an error means");
	ok($step{ $rule->{condition} }, "Grafana: $rule->{title} goes by a step that it has");
	foreach my $name (sort keys %step)
	{
		my $model = $step{$name}{model};

		keys_are("Grafana: $rule->{title}: $name", $step{$name}, [qw(refId datasourceUid relativeTimeRange model)], []);
		is($model->{refId}, $name, "Grafana: $rule->{title}: $name knows its name");
		if ($step{$name}{datasourceUid} eq '__expr__')
		{
			ok($step{ $model->{expression} }, "Grafana: $rule->{title}: $name reads a step that there is");
		}
		else
		{
			is($step{$name}{datasourceUid}, $datasource{uid}, "Grafana: $rule->{title}: $name asks the datasource");
			is($model->{format}, 'table', "Grafana: $rule->{title}: $name gives a table");
		}
	}
}

# ---- Metabase: what the script sends, as an API that only writes it down hears it ------------------------------------

SKIP:
{
	skip 'no python3', 1 if system('python3 -c 1 2>/dev/null') != 0;
	my $sent = qx{python3 - '$bi/metabase/load_questions' <<'END' 2>&1
import importlib.machinery, importlib.util, json, os, sys
loader = importlib.machinery.SourceFileLoader("load_questions", sys.argv[1])
sys.dont_write_bytecode = True
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("load_questions", loader))
loader.exec_module(module)
calls = []
def call(method, path, body=None):
    calls.append([method, path, body])
    return {"data": [{"name": "sales", "id": 7}]} if path == "database" else {"id": 100 + len(calls)}
module.call, module.print = call, lambda text: None
os.environ["METABASE_URL"] = "http://localhost:3000"
sys.argv = ["load_questions", "sales"]
module.main()
print(json.dumps(calls))
END
};
	my $calls = eval { decode_json($sent) } or fail("load_questions: $sent"), last SKIP;
	my @cards = grep { $_->[1] eq 'card' } @$calls;
	my ($new) = grep { $_->[1] eq 'dashboard' } @$calls;
	my ($put) = grep { $_->[0] eq 'PUT' } @$calls;

	is(scalar @cards, scalar(my @questions = glob "$bi/metabase/questions/*.sql"), 'Metabase: each question becomes a card');
	foreach my $card (map { $_->[2] } @cards)
	{
		my ($query) = map { $_->{native} } $card->{dataset_query};

		keys_are("Metabase: $card->{name}", $card, [qw(name display dataset_query visualization_settings)], []);
		keys_are("Metabase: $card->{name}: its query", $card->{dataset_query}, [qw(type database native)], []);
		is($card->{dataset_query}{database}, 7, "Metabase: $card->{name} asks the database named");
		like($card->{display}, qr/^(?:table|bar|line|row|scalar)$/, "Metabase: $card->{name} has a display that there is");
		is(join(' ', sort keys %{ $query->{'template-tags'} }), join(' ', sort keys %{ { map { $_ => 1 } $query->{query} =~ /\{\{(\w+)\}\}/g } }),
			"Metabase: $card->{name} declares the tags that it uses");
		keys_are("Metabase: $card->{name}: its tag", $_, [qw(id name display-name type)], []) foreach values %{ $query->{'template-tags'} };
	}
	keys_are('Metabase: the dashboard', $new->[2], [qw(name parameters)], []);
	keys_are('Metabase: its filter', $_, [qw(id name slug type)], ['sectionId']) foreach @{ $new->[2]{parameters} };
	is(scalar @{ $put->[2]{dashcards} }, scalar @cards, 'Metabase: it shows every card');
	is(repeated(map { $_->{id} } @{ $put->[2]{dashcards} }), '', 'Metabase: each in a place of its own');
	foreach my $place (@{ $put->[2]{dashcards} })
	{
		keys_are("Metabase: the place of $place->{card_id}", $place, [qw(id card_id row col size_x size_y parameter_mappings)], []);
		cmp_ok($place->{id}, '<', 0, 'Metabase: it is new');
		cmp_ok($place->{col} + $place->{size_x}, '<=', 24, 'Metabase: within the width');
		is($place->{parameter_mappings}[0]{card_id}, $place->{card_id}, 'Metabase: its filter is that of its card');
		is($place->{parameter_mappings}[0]{parameter_id}, $new->[2]{parameters}[0]{id}, 'Metabase: and is the filter of the dashboard');
	}
}

done_testing();
