# Files as people have them, by COPY and \copy: encodings, byte-order marks, line ends, long cells, cut
# rows; and, where they lie beside the repository, messy files from elsewhere and a sample company's
# orders. Nothing is lost without a word: a row is in its table or in import_rejects, or the statement
# has failed and loaded nothing.
use strict;
use warnings;

use Encode;
use File::Basename;
use FindBin;
use lib "$FindBin::Bin/..";
use IPC::Run;
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('imports');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $db = 'utf8';
my $header = "source,source_id,unit,employee,customer,opened_on,closed_on,won,amount\n";

sub sql { return $node->safe_psql($db, $_[0]) }

sub make_database
{
	my ($name, $encoding) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql($name, q{CREATE EXTENSION regtarget CASCADE; SELECT regtarget.apply_profile();
		INSERT INTO regtarget.units_in (code) VALUES ('A')});
	$db = $name;
}

sub file
{
	my ($name, $bytes) = @_;

	open my $out, '>:raw', "$dir/$name" or die $!;
	print $out $bytes;
	close $out;
	return "$dir/$name";
}

# \copy of a file into a view; returns what psql said on stderr.
sub load
{
	my ($view, $file, $options, $encoding) = @_;
	my ($out, $err) = ('', '');

	local $ENV{PGCLIENTENCODING} = $encoding // 'UTF8';
	IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr($db), '-c',
			"\\copy regtarget.$view FROM '$file' WITH ($options)" ], '<', \undef, '>', \$out, '2>', \$err);
	return $err;
}

sub load_bytes { return load('deals_in', file($_[0], $_[1]), $_[2] // 'FORMAT csv, HEADER match', $_[3]) }
sub deals { return sql(q{SELECT string_agg(source_id || ' ' || coalesce(amount::text, '-'), ', ' ORDER BY deal_id) FROM regtarget.deals}) }
sub clear { sql('TRUNCATE regtarget.deals, regtarget.import_rejects, regtarget.signals') }

make_database('utf8', 'UTF8');

# ---- encodings -------------------------------------------------------------------------------

my $chinese = decode('UTF-8', "crm,合同1,A,,,2025年7月1日,2025/8/1,赢单,1.2亿\ncrm,合同2,A,,,,,输单,３５０万\n");
is(load_bytes('utf8.csv', $header . encode('UTF-8', $chinese)), '', 'a file in UTF-8 is loaded');
my $expected = deals();
is($expected, '合同1 120000000, 合同2 3500000', 'as a person reads it');
is(load_bytes('gb.csv', $header . encode('GBK', $chinese), undef, 'GB18030'), '', 'the same as Excel in China writes it, in GB18030');
is(deals(), $expected, 'as the same rows');
clear();
like(load_bytes('gb.csv', $header . encode('GBK', $chinese)), qr/invalid byte sequence for encoding "UTF8"/, 'said to be UTF-8 it is refused');
like(load_bytes('utf16.csv', encode('UTF-16', decode('UTF-8', $header) . $chinese)), qr/^ERROR: .*(invalid byte sequence|column name mismatch)/m, 'UTF-16 is refused');
like(load_bytes('utf16le.csv', encode('UTF-16LE', decode('UTF-8', $header) . $chinese), 'FORMAT csv'), qr/^ERROR: .*(invalid byte sequence|missing data)/m, 'without a header too');
file('nul.csv', $header . "crm,1,A,,,,,,5\ncrm,2\0,A,,,,,,5\n");
like(($node->psql($db, "COPY regtarget.deals_in FROM '$dir/nul.csv' WITH (FORMAT csv, HEADER)"))[2], qr/invalid byte sequence for encoding "UTF8": 0x00/, 'a zero byte is refused');
like(load('deals_in', "$dir/nul.csv", 'FORMAT csv, HEADER'), qr/^ERROR/, 'and where psql cuts the line at it, the cut row is');
is(deals() . sql('SELECT count(*) FROM regtarget.import_rejects'), '0', 'and nothing of these is loaded');

# ---- byte-order marks, line ends ---------------------------------------------------------------

my $bom = "\xef\xbb\xbf";
is(load_bytes('bom.csv', "$bom${header}crm,1,A,,,,,,5\n", 'FORMAT csv, HEADER'), '', 'a byte-order mark goes with the header');
like(load_bytes('bom.csv', "$bom${header}crm,1,A,,,,,,5\n"), qr/column name mismatch/, 'unless the header has to match');
is(load_bytes('bomless.csv', "${bom}crm,2,A,,,,,,5\n", 'FORMAT csv'), '', 'or is taken off the first cell');
is(sql('SELECT DISTINCT source FROM regtarget.deals'), 'crm', 'so that the source is the source');
is(load_bytes('crlf.csv', join("\r\n", split(/\n/, $header), 'crm,3,A,,,,,,5', 'crm,4,A,,,,,,5', '')), '', 'CRLF ends lines');
is(load_bytes('cr.csv', join("\r", split(/\n/, $header), 'crm,5,A,,,,,,5', 'crm,6,A,,,,,,5', '')), '', 'CR ends lines');
is(load_bytes('noend.csv', "${header}crm,7,A,,,,,,5"), '', 'nothing need end the last one');
is(deals(), join(', ', map { "$_ 5" } 1 .. 7), 'no row is lost');
clear();

# ---- rows that are cut, columns in another order, long cells -----------------------------------

like(load_bytes('short.csv', "${header}crm,1,A,,,,,,5\ncrm,2,A\n"), qr/missing data for column "employee"/, 'a row that is too short fails the statement');
like(load_bytes('long.csv', "${header}crm,1,A,,,,,,5,6\n"), qr/extra data after last expected column/, 'so does one that is too long');
like(load_bytes('order.csv', "source_id,source,unit,employee,customer,opened_on,closed_on,won,amount\n1,crm,A,,,,,,5\n"), qr/column name mismatch/, 'and a header in another order');
is(deals(), '', 'nothing of these is loaded');
my $long = 'x' x 10_000_000;
like(load_bytes('megabytes.csv', "${header}crm,1,A,,,,,,$long\ncrm,2,A,,,,,,5\ncrm,$long,A,,,,,,5\ncrm,4,$long,,,,,,5\n"), qr/^NOTICE: +3 of 4 rows for deals_in were refused/, 'cells of ten megabytes are refused alone');
is(deals(), '2 5', 'the good row is there');
is(sql(q{SELECT string_agg(concat_ws(' ', line, length(row ->> 'source_id'), length(row ->> 'unit'), length(row ->> 'amount'), length(reason) < 500), ', ' ORDER BY line) FROM regtarget.import_rejects}),
	'1 1 1 10000000 t, 3 10000000 1 1 t, 4 1 10000000 1 t', 'and the others are kept whole');
clear();

# ---- a connection that is lost, a statement that is cancelled ----------------------------------

my $many = $header . join '', map { "crm,$_,A,,,,,,5\n" } 1 .. 100_000;
like(load_bytes('many.csv', $many . "crm,broken\n"), qr/missing data/, 'a load that breaks off at its end');
is(deals(), '', 'has loaded nothing');
is(load_bytes('many.csv', $many), '', 'a hundred thousand rows, in several batches');
is(sql('SELECT count(*), sum(amount) FROM regtarget.deals'), '100000|500000', 'are there');
my $versions = sql('SELECT md5(string_agg(ctid::text, $$ $$ ORDER BY deal_id)) FROM regtarget.deals');
is(load_bytes('many.csv', $many), '', 'the same file again');
is(sql('SELECT md5(string_agg(ctid::text, $$ $$ ORDER BY deal_id)) FROM regtarget.deals'), $versions, 'changes no row');
clear();

# ---- another encoding of the database ----------------------------------------------------------

make_database('latin1', 'LATIN1');
is(load_bytes('latin1.csv', $header . encode('UTF-8', "crm,M\x{fc}nchen\x{a0},A,,,2025-07-01\x{a0},,,1 234,50\n" =~ s/1 234,50/"1\x{a0}234.50"/r)), '', 'a database of LATIN1 takes a file in UTF-8');
is(sql(q{SELECT source_id = convert_from('\x4dfc6e6368656e', 'LATIN1'), opened_on, amount FROM regtarget.deals}), 't|2025-07-01|1234.50', 'with its no-break spaces');

# SQL_ASCII does not say what its bytes mean: UTF-8 is read as such, other bytes are taken as they are in names, and no number.
make_database('ascii', 'SQL_ASCII');
is(load_bytes('utf8.csv', $header . encode('UTF-8', $chinese), undef, 'SQL_ASCII'), '', 'a database of SQL_ASCII takes a file in UTF-8');
is(sql(q{SELECT string_agg(source_id || ' ' || amount || ' ' || coalesce(opened_on::text, '') || ' ' || won, ', ' ORDER BY deal_id) FROM regtarget.deals}),
	encode('UTF-8', "\x{5408}\x{540c}1 120000000 2025-07-01 true, \x{5408}\x{540c}2 3500000  false"), 'as a person reads it');
clear();
like(load_bytes('latin.csv', $header . "crm,M\xfcnchen,A,,,,,,5\ncrm, G\xf6teborg ,A,,,,,,6\ncrm,3,A,,,2025\xc4\xea7\xd4\xc21\xc8\xd5,,,7\ncrm,4,A,,,,,\xca\xc7,8\ncrm,5,A,,,,,,\xa39\n", undef, 'SQL_ASCII'),
	qr/^NOTICE: +3 of 5 rows for deals_in were refused/, 'of bytes that are no UTF-8 the names are taken');
is(sql(q{SELECT string_agg(encode(convert_to(source_id, 'SQL_ASCII'), 'hex') || ' ' || amount, ', ' ORDER BY amount) FROM regtarget.deals}),
	unpack('H*', "M\xfcnchen") . ' 5, ' . unpack('H*', "G\xf6teborg") . ' 6', 'as they are, without the spaces around them');
is(sql(q{SELECT string_agg(concat_ws(' ', line, cause, column_name), ', ' ORDER BY line) FROM regtarget.import_rejects}),
	'3 damaged_text opened_on, 4 damaged_text won, 5 damaged_text amount', 'and the others are kept, with their cause');
is(sql(q{SELECT sum(length(row ->> 'amount')) FROM regtarget.import_rejects}), '4', 'whole');

# A character that the database has and Unicode has not.
make_database('euc_cn', 'EUC_CN');
my $euc = encode('euc-cn', "\x{5408}\x{540c}");
like(load_bytes('euc.csv', $header . "crm,${euc}1,A,,,,,,5\ncrm,\xa2\xa12,A,,,,,,6\ncrm,3,A,,,,,,\xa2\xa17\ncrm,4,A,,,\xa2\xa1,,,8\ncrm,\xa1\xa15\xa1\xa1,A,,,,,,9\n", undef, 'EUC_CN'),
	qr/^NOTICE: +2 of 5 rows for deals_in were refused/, 'a character without a counterpart spoils its own row, where it stands in a number');
is(sql(q{SELECT string_agg(encode(convert_to(source_id, 'EUC_CN'), 'hex') || ' ' || amount, ', ' ORDER BY amount) FROM regtarget.deals}),
	join(', ', map { unpack('H*', $_->[0]) . " $_->[1]" } [ "${euc}1", 5 ], [ "\xa2\xa12", 6 ], [ '5', 9 ]), 'and not where it stands in a name');
is(sql(q{SELECT string_agg(concat_ws(' ', line, cause, column_name), ', ' ORDER BY line) FROM regtarget.import_rejects}),
	'3 damaged_text amount, 4 damaged_text opened_on', 'with its cause');
$db = 'utf8';

# ---- what people really have -------------------------------------------------------------------

my $beside = dirname(dirname($ENV{REGTARGET_VECTORS} // "$FindBin::Bin/../../../../shared/vectors/apportion.csv"));
my $data = $ENV{REGTARGET_DATA} // "$beside/data";

# The first columns of a file as texts, in a table raw: line, a, b, ...; as a mapping would begin.
sub raw
{
	my ($file, $columns, $options) = @_;
	my $names = join ', ', map { chr(ord('a') + $_) } 0 .. $columns - 1;

	sql("DROP TABLE IF EXISTS raw; CREATE TABLE raw (line int GENERATED ALWAYS AS IDENTITY, " . join(', ', map { chr(ord('a') + $_) . ' text' } 0 .. $columns - 1) . ')');
	return sql("COPY raw ($names) FROM '$data/messy/$file' WITH (FORMAT csv" . ($options // '') . ')');
}

sub taken
{
	my ($name, $statement, $accepted, $rejected, $words) = @_;

	clear();
	sql("SET client_min_messages = warning; $statement");
	is(sql(q{SELECT (SELECT count(*) FROM regtarget.signals) + (SELECT count(*) FROM regtarget.deals) || ' taken, ' || count(*) || ' refused' FROM regtarget.import_rejects}),
		"$accepted taken, $rejected refused", $name);
	is(sql(q{SELECT string_agg(DISTINCT reason, '; ' ORDER BY reason) FROM regtarget.import_rejects}), $words, "$name: why") if defined $words;
}

SKIP:
{
	skip 'no messy files here: set REGTARGET_DATA', 1 unless -r "$data/messy/utf8_bom_tiny.csv";

	raw('utf8_bom_tiny.csv', 2);
	taken('two words with a byte-order mark', q{INSERT INTO regtarget.deals_in (source, source_id, unit, won) SELECT 'm', a, 'A', b FROM raw}, 0, 1, 'won "win": neither yes nor no');
	is(sql(q{SELECT length(row ->> 'source_id') FROM regtarget.import_rejects}), '7', 'kept with its mark, as it came');

	raw('chinese_utf8_bom.csv', 2, ', HEADER');
	taken('names and ages', q{INSERT INTO regtarget.signals_in SELECT 'm', 'A', a, '2025-01-01', b FROM raw}, 10, 0);
	is(sql('SELECT sum(value) FROM regtarget.signals'), '200', 'names and ages: the ages');

	raw('chinese_utf8_bom_dates.csv', 3, ', HEADER');
	taken('dates with a time', q{INSERT INTO regtarget.deals_in (source, source_id, unit, opened_on, amount) SELECT 'm', a, 'A', b, c FROM raw}, 10, 0);
	is(sql('SELECT min(opened_on), max(opened_on), sum(amount) FROM regtarget.deals'), '2020-01-01|2020-01-10|55', 'dates with a time: the days');

	raw('spaces_and_two_date_formats.csv', 4, ', HEADER');
	taken('the first of two date formats', q{INSERT INTO regtarget.deals_in (source, source_id, unit, opened_on, amount) SELECT 'm', line, 'A', a, c FROM raw}, 3, 0);
	is(sql('SELECT string_agg(amount::text, $$ $$ ORDER BY source_id) FROM regtarget.deals'), '0 -1 6000000', 'the first of two date formats: the numbers, spaces around them');
	taken('the second', q{INSERT INTO regtarget.deals_in (source, source_id, unit, opened_on, amount) SELECT 'm', line, 'A', b, c FROM raw}, 1, 2);
	like(sql(q{SELECT reason FROM regtarget.import_rejects ORDER BY line LIMIT 1}), qr/24 October 2011.*2011-10-24/, 'the second: refused, but its reading is named');

	sql("DROP TABLE IF EXISTS wide; CREATE TABLE wide (line text); COPY wide FROM '$data/messy/chinese_utf8_bom_value_error_booleans.csv' WITH (DELIMITER E'\\x01')");
	taken('a formula that failed', q{INSERT INTO regtarget.deals_in (source, source_id, unit, closed_on, won, amount)
		SELECT 'm', n, 'A', c[13], c[7], CASE n WHEN 1 THEN c[35] ELSE c[36] END FROM (SELECT string_to_array(line, ',') AS c FROM wide OFFSET 1) w, generate_series(1, 2) n}, 1, 1,
		'amount "#VALUE!": an error of the spreadsheet, not a value');
	is(sql('SELECT won, amount, closed_on FROM regtarget.deals'), 't|2|2020-01-01', 'a formula that failed: TRUE is read');

	raw('cr_only_line_ends.csv', 19);
	taken('months under titles, lines that end in CR', q{INSERT INTO regtarget.signals_in SELECT 'm', 'A', 'jan', a || '-01-01', b FROM raw WHERE line > 4
		UNION ALL SELECT 'm', 'A', 'jun', a || '-06-01', g FROM raw WHERE line > 4}, 265, 1, 'value "*****": not a number');

	raw('title_rows_thousands_separators.csv', 9);
	taken('thousands under titles', q{INSERT INTO regtarget.signals_in SELECT 'm', 'A', a, '2000-01-01', b FROM raw WHERE line > 4 AND b <> ''}, 14, 0);
	is(sql(q{SELECT value - (SELECT sum(value) FROM regtarget.signals WHERE signal <> 'Total') BETWEEN -5 AND 5 FROM regtarget.signals WHERE signal = 'Total'}), 't', 'thousands under titles: they add up to their total');
	taken('the titles themselves', q{INSERT INTO regtarget.signals_in SELECT 'm', 'A', a, '2000-01-01', b FROM raw WHERE line <= 3}, 0, 3);
}

# ---- a sample company ----------------------------------------------------------------------------

SKIP:
{
	skip 'no AdventureWorks here: set REGTARGET_DATA', 1 unless -r "$data/adventureworks/sales_order_header.csv";

	make_database('adventureworks', 'UTF8');
	sql(qq{CREATE TABLE territory (territory_id int, name text, country text, region text);
		COPY territory FROM '$data/adventureworks/sales_territory.csv' (FORMAT csv, HEADER);
		CREATE TABLE orders (id int, order_date text, due text, ship text, status int, online int, purchase_order text, customer_id int,
			person int, territory_id int, method int, sub_total text, tax text, freight text, total text);
		COPY orders FROM '$data/adventureworks/sales_order_header.csv' (FORMAT csv, HEADER);
		INSERT INTO regtarget.units_in (code, kind, parent) SELECT name, 'territory', region FROM territory
			UNION ALL SELECT DISTINCT region, 'region', 'AdventureWorks' FROM territory UNION ALL SELECT 'AdventureWorks', 'company', NULL;
		INSERT INTO regtarget.employees_in (source, source_id) SELECT DISTINCT 'aw', person::text FROM orders WHERE person IS NOT NULL;
		COPY (SELECT 'aw' AS source, o.id AS source_id, t.name AS unit, o.person AS employee, NULL AS customer, o.order_date AS opened_on,
			o.order_date AS closed_on, 'Won' AS won, o.sub_total AS amount FROM orders o JOIN territory t USING (territory_id) ORDER BY o.id)
			TO '$dir/orders.csv' (FORMAT csv, HEADER)});
	is(load('deals_in', "$dir/orders.csv", 'FORMAT csv, HEADER match'), '', 'its orders are loaded by COPY');
	is(sql('SELECT count(*), count(employee_id), sum(amount) - (SELECT sum(sub_total::numeric) FROM orders) FROM regtarget.deals') =~ s/\.0+$//r,
		sql('SELECT count(*), count(person), 0 FROM orders'), 'every order, its person and its money to four decimals');
	is(sql(q{SELECT count(*) FROM orders o JOIN territory t USING (territory_id) JOIN regtarget.deals d ON d.source_id = o.id::text
		JOIN regtarget.units u USING (unit_id) JOIN regtarget.units r ON r.unit_id = u.parent_id WHERE u.code = t.name AND r.code = t.region AND d.closed_on = o.order_date::date}),
		sql('SELECT count(*) FROM orders'), 'in its territory, below its region, on its day');
	$versions = sql('SELECT md5(string_agg(ctid::text, $$ $$ ORDER BY deal_id)) FROM regtarget.deals');
	is(load('deals_in', "$dir/orders.csv", 'FORMAT csv, HEADER match'), '', 'again');
	is(sql('SELECT md5(string_agg(ctid::text, $$ $$ ORDER BY deal_id)) FROM regtarget.deals'), $versions, 'they change nothing');
	is(sql(q{SELECT count(*) FROM regtarget.verify() WHERE NOT ok}), '0', 'and verify() finds nothing');
}

$node->stop;
done_testing();
