# What the tests of clients share: a database with rows of every kind, a viewer's login, what psql says is in every view, and
# the comparison of that with what a program says who reads the same through a driver.
#
# A program gets the names of the views as arguments and the server by PGHOST, PGPORT, PGDATABASE and PGUSER; its TZ is
# Asia/Shanghai. It ends with status 77 where it finds no driver, and the test is skipped. It prints lines of fields, parted by tabs,
# with \t, \n and \\ in them escaped and \N for null:
#   view NAME, then `type` with a class for each column (int, text, bool, date, timestamp, float, numeric(p,s) or numeric),
#   then `row` with the values, for each row;
#   `parameters` with the day 2025-07-01 and the text of \x{6DF1}\x{5733}, sent as parameters and brought back;
#   `error` with SQLSTATE and message, twice: of a unit that is not there and of a table that a viewer may not write;
#   then what it likes, which its test looks at.
package ClientTest;

use strict;
use warnings;
use utf8;

use Encode qw(decode);
use Exporter 'import';
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Utils;
use RegtargetTest;
use Test::More;

our @EXPORT = qw(check_client check_errors client_program);

my %class = (
	integer => 'int', bigint => 'int', text => 'text', boolean => 'bool', date => 'date',
	'timestamp without time zone' => 'timestamp', 'double precision' => 'float');

sub client_program { return "$FindBin::Bin/../clients/$_[0]" }

# A value as all write it: digits of fractions that are there for nothing go, floats are rounded as %.15g has it.
sub canonical
{
	my ($class, $value) = @_;

	return $value if $value eq '\\N';
	return sprintf('%.15g', $value) if $class eq 'float';
	$value =~ s/\.?0+$// if $class eq 'timestamp' && $value =~ /\./;
	return $value;
}

sub rows_by
{
	my ($classes, @rows) = @_;

	return join "\n", sort map {
		my @values = split /\t/, $_, -1;
		join "\t", map { canonical($classes->[$_], $values[$_]) } 0 .. $#values } @rows;
}

# Each view: its columns' classes and its rows, as psql has them.
sub expected
{
	my ($node) = @_;
	my (%expected, $view);

	foreach (split /\n/, $node->safe_psql('clients', q{
		SELECT c.relname || ' ' || string_agg(format_type(a.atttypid, a.atttypmod), '|' ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relnamespace = 'regtarget'::regnamespace AND c.relkind = 'v' AND c.relname !~ '_in$' GROUP BY c.relname}))
	{
		my ($name, $types) = split / /, $_, 2;
		$expected{$name} = { classes => [ map { $class{$_} // $_ } split /\|/, $types ], rows => [] };
	}
	my $script = join '', map { "\\echo \@\@$_\nCOPY (SELECT * FROM regtarget.$_) TO STDOUT;\n" } sort keys %expected;
	foreach (split /\n/, decode('UTF-8', $node->safe_psql('clients', "SET ROLE viewer;\n$script")))
	{
		if (/^\@\@(\w+)$/) { $view = $1; }
		else { push @{ $expected{$view}{rows} }, $_; }
	}
	$_->{rows} = rows_by($_->{classes}, @{ $_->{rows} }) foreach values %expected;
	return %expected;
}

sub make_database
{
	my ($tcp) = @_;
	my $node = new_node('clients');

	if ($tcp)
	{
		$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'");
		$node->restart;
	}
	$node->safe_psql('postgres', 'CREATE DATABASE clients');
	$node->safe_psql('clients', 'CREATE EXTENSION regtarget CASCADE');
	$node->safe_psql('clients', slurp_file("$FindBin::Bin/../fill.sql"));
	$node->safe_psql('clients', q{
		UPDATE regtarget.units SET name = U&'\6DF1\5733' WHERE code = 'R1-1';
		CREATE ROLE viewer LOGIN;
		SELECT regtarget.grant_duty('viewer', 'CN', 'viewer')});
	return $node;
}

# What a program has printed: its views, and the other lines.
sub parsed
{
	my (%views, @others, $view);

	foreach (split /\n/, $_[0])
	{
		my ($kind, $rest) = split /\t/, $_, 2;

		if ($kind eq 'view') { $view = $views{$rest} = { classes => [], rows => [] }; }
		elsif ($kind eq 'type') { $view->{classes} = [ split /\t/, $rest ]; }
		elsif ($kind eq 'row') { push @{ $view->{rows} }, $rest; }
		else { push @others, $_; }
	}
	return (\%views, @others);
}

# numeric(p,s) is numeric to a driver that does not say how long.
sub same_class { return $_[0] eq $_[1] || ($_[1] eq 'numeric' && $_[0] =~ /^numeric/) }

# The two errors, each the fields of a line that an error has.
sub check_errors
{
	my ($name, $missing, $forbidden, %options) = @_;
	my ($of_missing, $of_forbidden) = $options{stateless} ? ('', '') : ('42704', '42501');
	my $parts = $options{stateless} ? 'message' : 'SQLSTATE and message';

	like($missing // '', qr/^$of_missing\t.*unit "深圳" does not exist/, "$name: $parts of what is not there");
	like($missing // '', qr/Units are named by their code/, "$name: and its HINT");
	like($forbidden // '', qr/^$of_forbidden\t.*permission denied/, "$name: $parts of what a viewer may not");
}

# Runs the program and compares. Options: tcp, where a driver knows no sockets; stateless, where it tells no SQLSTATE; more, what
# to do with the lines after the errors.
sub check_client
{
	my ($name, $command, %options) = @_;
	my $node = make_database($options{tcp});
	my %expected = expected($node);
	my ($out, $err) = ('', '');
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'clients', PGUSER => 'viewer',
		TZ => 'Asia/Shanghai');

	my $ran = IPC::Run::run([ @$command, sort keys %expected ], '<', \undef, '>', \$out, '2>', \$err);

	if ($? >> 8 == 77)
	{
		$node->stop;
		plan skip_all => "$name has no driver for PostgreSQL";
	}
	ok($ran, "$name runs") or diag($err);
	my ($views, @others) = parsed(decode('UTF-8', $out));

	foreach my $view (sort keys %expected)
	{
		my ($want, $got) = ($expected{$view}, $views->{$view} // { classes => [], rows => [] });
		my @columns = 0 .. $#{ $want->{classes} };
		my @wrong = grep { !same_class($want->{classes}[$_], $got->{classes}[$_] // '') } @columns;

		is(join(' ', map { "$_: " . ($got->{classes}[$_] // 'none') . " for $want->{classes}[$_]" } @wrong), '', "$name: types of $view");
		is(rows_by($want->{classes}, @{ $got->{rows} }), $want->{rows}, "$name: rows of $view");
	}
	is($others[0], "parameters\t2025-07-01\t深圳", "$name: a day and a Chinese text there and back");
	check_errors($name, map({ s/^error\t//r } map { $_ // '' } @others[ 1, 2 ]), %options);
	$options{more}->(@others[ 3 .. $#others ]) if $options{more};
	$node->stop;
	done_testing();
}

1;
