# The chains of the ledger are the same in a database of any encoding, wherever they came from, and
# stay whole with many sessions at once.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use Encode qw(encode);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('ledger');
my $dir = PostgreSQL::Test::Utils::tempdir();

# A query's answer, in UTF8.
sub sql
{
	my ($db, $query) = @_;
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	return $node->safe_psql($db, encode('UTF-8', $query));
}

sub empty_database
{
	my ($name, $encoding) = @_;
	sql('postgres', "CREATE DATABASE $name TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	return $name;
}

# What the documentation says, for a database of any encoding: how many entries there are, and how
# many are not what their hash covers.
my $recompute = q{
	SELECT count(*), count(*) FILTER (WHERE l.hash <> r.hash OR l.previous <> l.before OR l.entry <> l.n)
	FROM (SELECT *, lag(hash, 1, '') OVER chain AS before, row_number() OVER chain AS n
		FROM regtarget.ledger WINDOW chain AS (PARTITION BY unit_id ORDER BY entry)) AS l
	CROSS JOIN (SELECT CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END) AS e (encoding)
	CROSS JOIN LATERAL (
		SELECT sha256(string_agg(convert_to(octet_length(convert_to(f.field, e.encoding)) || ':', 'SQL_ASCII')
			|| convert_to(f.field, e.encoding), '' ORDER BY f.n)) AS hash
		FROM unnest(ARRAY[encode(l.before, 'hex'), l.unit_id::text, l.entry::text,
			(extract(epoch FROM l.at) * 1000000)::bigint::text, l.actor, l.action, l.details::text, l.login])
			WITH ORDINALITY AS f (field, n) WHERE f.field IS NOT NULL) AS r};

sub is_whole
{
	my ($db, $entries, $name) = @_;
	is(sql($db, q{SELECT detail FROM regtarget.verify('{ledger}') WHERE NOT ok}), '', "$name: verify() finds nothing");
	is(sql($db, $recompute), "$entries|0", "$name: the query of the documentation finds nothing");
}

# ---- encodings -----------------------------------------------------------------------------

# Published amounts that a role moves, with names in the letters given.
sub fill
{
	my ($db, $word) = @_;
	sql($db, "CREATE EXTENSION regtarget CASCADE");
	sql($db, qq{
		SELECT regtarget.apply_profile();
		INSERT INTO regtarget.periods VALUES ('$word', '[2025-07-01,2025-10-01)');
		INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (1, '$word-1', NULL), (2, '$word-2', 1);
		INSERT INTO regtarget.standings VALUES (2, '$word', 2, 0.05);
		SELECT count(*) FROM regtarget.allocate_targets('$word', 100);
		SELECT regtarget.publish_plan(1);
		CREATE ROLE "$word";
		SELECT regtarget.grant_duty('$word', '$word-1', 'viewer');
		GRANT UPDATE (amount) ON regtarget.targets TO "$word";
		SET ROLE "$word";
		UPDATE regtarget.targets SET amount = amount + 1 WHERE unit_id = 2;
		UPDATE regtarget.targets SET amount = amount - 0.5});
}

# A dump of one database restored into another encoding is the same chain. (Without privileges: the
# names of roles belong to no encoding.)
sub moves
{
	my ($from, $to, $encoding) = @_;
	local $ENV{PGCLIENTENCODING} = 'UTF8' if $encoding eq 'SQL_ASCII';
	my @encoding = $encoding eq 'SQL_ASCII' ? ('-E', 'UTF8') : ();

	empty_database($to, $encoding);
	silent_ok("$from: dump", 'pg_dump', @encoding, '-x', '-Fc', '-f', "$dir/$to", '-d', $node->connstr($from));
	silent_ok("$to: restore", 'pg_restore', '-d', $node->connstr($to), "$dir/$to");
	is(sql($to, 'SELECT * FROM regtarget.ledger_digest() ORDER BY unit_id'),
		sql($from, 'SELECT * FROM regtarget.ledger_digest() ORDER BY unit_id'), "$to: the same heads as $from");
	is_whole($to, 6, $to);
}

my %word = (UTF8 => '第三季度', EUC_CN => '季度', LATIN1 => 'été', SQL_ASCII => '目标');

foreach my $encoding (sort keys %word)
{
	my $db = empty_database(lc $encoding, $encoding);
	fill($db, $word{$encoding});
	is_whole($db, 6, $db);
	is(sql($db, q{SELECT DISTINCT actor FROM regtarget.ledger WHERE action = 'amount_changed'}),
		encode('UTF-8', $word{$encoding}), "$db: the actor has his name");
}
moves('utf8', 'utf8_to_euc_cn', 'EUC_CN');
moves('utf8', 'utf8_to_sql_ascii', 'SQL_ASCII');
moves('euc_cn', 'euc_cn_to_utf8', 'UTF8');
moves('latin1', 'latin1_to_utf8', 'UTF8');
moves('utf8_to_euc_cn', 'back_to_utf8', 'UTF8');

# The chain goes on where it is.
sql('utf8_to_euc_cn', 'UPDATE regtarget.targets SET amount = amount + 0.25');
is_whole('utf8_to_euc_cn', 8, 'after more changes');

# A golden chain: these hashes were computed without a database, from the bytes of UTF-8.
my $golden = empty_database('golden', 'UTF8');
sql($golden, q{
	CREATE EXTENSION regtarget CASCADE;
	INSERT INTO regtarget.units (unit_id, code) VALUES (2, 'A');
	INSERT INTO regtarget.periods VALUES ('2025Q3', '[2025-07-01,2025-10-01)');
	SET check_function_bodies = off;
	SET row_security = off;
	INSERT INTO regtarget.standings VALUES (2, '2025Q3', 2, 0.05);
	INSERT INTO regtarget.ledger VALUES
		(2, 1, '2025-07-01 00:00:00+00', 'boss', 'standing_written',
			'{"period": "2025Q3", "penalty_rate": 0.05, "denied_quarters": 2}', '',
			'\x28932f59ffc1915be94fd5f8aa60a7dae5377e1dc08418f0e35ab6698bf3a4c4'),
		(2, 2, '2025-07-01 00:00:00.000001+00', 'boss', 'note', '{"text": "café 第三季度", "amount": 1.50}',
			'\x28932f59ffc1915be94fd5f8aa60a7dae5377e1dc08418f0e35ab6698bf3a4c4', '\x9c3493f19c51f2e9803f95d0e2ec801be649356545517143fe0ae5ccf346243c'),
		(2, 3, '1969-12-31 23:59:59.999999+00', 'Zoë', 'note', '{}', '\x9c3493f19c51f2e9803f95d0e2ec801be649356545517143fe0ae5ccf346243c', '\xcc06d9df20891786e84cbd115a9d3b36b3d0827f933f6abc79e96a4dd610a5c7')});
is_whole($golden, 3, 'golden');

# ---- settings ------------------------------------------------------------------------------

# Of all locales that are here.
my ($locales) = run_command([ 'locale', '-a' ]);
my $failed = 0;
foreach my $locale (split /\n/, $locales)
{
	next if sql('postgres', "SELECT count(*) FROM pg_collation WHERE collcollate = '$locale'") eq '0';
	$failed++ if sql('utf8', qq{SET lc_numeric = '$locale'; SET lc_monetary = '$locale'; SET lc_time = '$locale';
		SET lc_messages = '$locale'; UPDATE regtarget.targets SET amount = amount - 0.01;
		SELECT ok FROM regtarget.verify('{ledger}')}) ne 't';
}
is($failed, 0, 'no locale changes a chain');

# ---- many sessions -------------------------------------------------------------------------

my $busy = empty_database('busy', 'UTF8');
sql($busy, q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.periods VALUES ('P', '[2025-07-01,2025-10-01)'), ('Q', '[2025-10-01,2026-01-01)');
	INSERT INTO regtarget.units (unit_id, code, parent_id)
	SELECT g, 'U' || g, CASE WHEN g > 1 THEN 1 END FROM generate_series(1, 5) g;
	INSERT INTO regtarget.signals (unit_id, signal, as_of, value)
	SELECT g, 'tender_amount', '2025-01-01', 1 FROM generate_series(2, 5) g;
	SELECT count(*) FROM regtarget.allocate_targets('P', 1000);
	SELECT count(*) FROM regtarget.allocate_targets('Q', 1000);
	SELECT regtarget.publish_plan(plan_id) FROM regtarget.plans});
append_to_file("$dir/move.sql", q{
	\set unit random(1, 4)
	\set plan random(1, 2)
	UPDATE regtarget.targets SET amount = CASE WHEN amount > baseline THEN baseline - 1 ELSE amount + 0.5 END
	WHERE plan_id = :plan AND unit_id IN (:unit, :unit + 1);
});
foreach my $level ('read committed', 'repeatable read', 'serializable')
{
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
	my $before = sql($busy, 'SELECT count(*) FROM regtarget.ledger');
	my ($out) = run_command([ 'pgbench', '-n', '-c', '4', '-t', '50', '--max-tries=1000', '-f', "$dir/move.sql",
		$node->connstr($busy) ]);

	like($out, qr{transactions actually processed: 200/200}, "$level: all transactions went through");
	is(sql($busy, $recompute), $before + 400 . '|0', "$level: every change is an entry of its chain");
	is(sql($busy, 'SELECT check_name, detail FROM regtarget.verify() WHERE NOT ok'), '', "$level: verify() finds nothing");
}

$node->stop;
done_testing();
