# Loads, changes and deletions of facts by many sessions, while units, people and customers are deleted and come
# back, one by one and several at once, and vacuum runs: no fact refers to anybody who is not there, and nobody has
# been ended to break a deadlock.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/..";
use RegtargetTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('keys');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(q{
	CREATE EXTENSION regtarget CASCADE;
	SELECT regtarget.apply_profile();
	INSERT INTO regtarget.units (unit_id, code) VALUES (1, 'CN');
	INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT g, 'G' || g, 1 FROM generate_series(2, 20) g;
	INSERT INTO regtarget.employees (employee_id) SELECT generate_series(1, 20);
	INSERT INTO regtarget.customers (customer_id, unit_id) SELECT g, 1 FROM generate_series(1, 20) g;
	INSERT INTO regtarget.visits (unit_id) SELECT 1 FROM generate_series(1, 3000);
	VACUUM regtarget.visits;

	CREATE SEQUENCE gone;
	CREATE SEQUENCE refused;
	CREATE SEQUENCE other;
	CREATE FUNCTION pick() RETURNS int LANGUAGE sql VOLATILE RETURN 1 + (random() * 19)::int;
	CREATE PROCEDURE attempt(statement text, counted boolean) LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE statement;
		IF counted THEN
			PERFORM nextval('gone');
		END IF;
	EXCEPTION WHEN foreign_key_violation THEN
		PERFORM nextval('refused');
	END
	$$;
});

my %scripts = (
	load => [6, q{CALL attempt('INSERT INTO regtarget.visits (unit_id, employee_id, customer_id)
		SELECT pick(), pick(), pick() FROM generate_series(1, 1 + (random() * 3)::int)', false);}],
	unit => [1, q{CALL attempt('INSERT INTO regtarget.customers (customer_id, unit_id) VALUES (pick(), pick()) ON CONFLICT DO NOTHING', false);}],
	move => [4, q{UPDATE regtarget.visits SET visited_on = visited_on - 1
		WHERE visit_id = (SELECT max(visit_id) - (random() * 200)::int FROM regtarget.visits);}],
	change => [4, q{CALL attempt('UPDATE regtarget.visits SET customer_id = pick(), employee_id = pick()
		WHERE visit_id = (SELECT max(visit_id) - (random() * 200)::int FROM regtarget.visits)', false);}],
	clean => [4, q{DELETE FROM regtarget.visits WHERE visit_id IN (SELECT v.visit_id FROM regtarget.visits v,
		(SELECT pick() AS one OFFSET 0) p WHERE v.customer_id = one OR v.employee_id = one OR v.unit_id = one AND one > 1
		ORDER BY v.visit_id FOR UPDATE OF v);}],
	customer => [4, q{CALL attempt('DELETE FROM regtarget.customers WHERE customer_id = (SELECT pick() OFFSET 0)', true);}],
	employee => [4, q{CALL attempt('DELETE FROM regtarget.employees WHERE employee_id = (SELECT pick() OFFSET 0)', true);}],
	leaf => [4, q{CALL attempt('DELETE FROM regtarget.units WHERE unit_id = (SELECT pick() OFFSET 0)', true);}],
	several => [2, q{CALL attempt('DELETE FROM regtarget.customers WHERE customer_id IN (SELECT c.customer_id FROM regtarget.customers c,
		(SELECT pick() AS one OFFSET 0) p WHERE c.customer_id BETWEEN one AND one + 3 ORDER BY 1 FOR UPDATE OF c)', true);}],
	key => [1, q{CALL attempt('UPDATE regtarget.employees SET employee_id = 1000 + nextval(''other'')
		WHERE employee_id = (SELECT pick() OFFSET 0)', true);}],
	back => [3, q{INSERT INTO regtarget.customers (customer_id, unit_id) SELECT g, 1 FROM generate_series(1, 20) g ON CONFLICT DO NOTHING;}],
	again => [3, q{INSERT INTO regtarget.employees (employee_id) SELECT g FROM generate_series(1, 20) g ON CONFLICT DO NOTHING;}],
	grow => [3, q{INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT g, 'G' || g, 1 FROM generate_series(2, 20) g ON CONFLICT DO NOTHING;}],
	rename => [1, q{UPDATE regtarget.units SET name = 'n' WHERE unit_id = (SELECT pick() OFFSET 0);}],
	vacuum => [1, q{VACUUM regtarget.visits;}],
);

my @files;
foreach my $name (sort keys %scripts)
{
	append_to_file("$dir/$name.sql", "$scripts{$name}[1]\n");
	push @files, '-f', "$dir/$name.sql\@$scripts{$name}[0]";
}

# At both levels of isolation; a transaction that is too old starts again.
foreach my $level ('read committed', 'repeatable read')
{
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
	my ($out, $err) = run_command([ 'pgbench', '-n', '-c', '6', '-j', '2', '-t', '400', '--max-tries=1000', @files,
			'-h', $node->host, '-p', $node->port, 'postgres' ]);

	like($out, qr{number of transactions actually processed: 2400/2400}, "everybody gets on at $level") or diag("$out\n$err");
}
is(sql('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'), 0, 'nobody deadlocks');
is(sql(q{SELECT string_agg(check_name || ': ' || detail, E'\n') FROM regtarget.verify('{references,activity,tree}') WHERE NOT ok}),
	'', 'no fact refers to what is not there');
cmp_ok(sql(q{SELECT last_value FROM gone}), '>', 50, 'some were deleted');
cmp_ok(sql(q{SELECT last_value FROM refused}), '>', 50, 'some were referred to');

# Without an index all facts are read, some milliseconds; meanwhile the only row that refers to the key moves from a
# page at the end to one at the beginning, which has been read.
sql(q{
	DROP INDEX regtarget.visits_keys_idx;
	TRUNCATE regtarget.visits;
	INSERT INTO regtarget.customers (customer_id, unit_id) SELECT g, 1 FROM generate_series(1001, 1060) g;
	INSERT INTO regtarget.visits (unit_id, visited_on) SELECT 1, '2025-01-01' FROM generate_series(1, 200000);
	INSERT INTO regtarget.visits (visit_id, unit_id, customer_id, visited_on)
	SELECT 1000000 + g, 1, CASE WHEN g % 100 = 0 THEN 1000 + g / 100 END, '2025-01-01' FROM generate_series(1, 6099) g;
	DELETE FROM regtarget.visits WHERE visit_id < 1000000 AND visit_id % 200000 < 60000;
});
sql('VACUUM regtarget.visits');
sql(q{
	CREATE PROCEDURE wait_for(moment timestamptz) LANGUAGE sql AS 'SELECT pg_sleep(extract(epoch FROM moment - clock_timestamp()))';
	CREATE PROCEDURE take_away(start timestamptz) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1..60 LOOP
			CALL wait_for(start + i * interval '50 ms');
			CALL attempt('DELETE FROM regtarget.customers WHERE customer_id = 1000 + ' || i, false);
			COMMIT;
		END LOOP;
	END
	$$;
	CREATE PROCEDURE move(start timestamptz) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1..60 LOOP
			CALL wait_for(start + i * interval '50 ms' + random() * interval '15 ms');
			UPDATE regtarget.visits SET visited_on = '2025-01-02' WHERE visit_id = 1000000 + 100 * i;
			COMMIT;
		END LOOP;
	END
	$$;
});
my $start = sql(q{SELECT clock_timestamp() + '1 s'});
my @sessions = map { IPC::Run::start([ 'psql', '-X', '-q', '-h', $node->host, '-p', $node->port, '-d', 'postgres', '-c', "CALL $_('$start')" ]) }
  qw(take_away move);
$_->finish foreach @sessions;
is(sql(q{SELECT count(*) FROM regtarget.customers WHERE customer_id > 1000}), 60, 'who is referred to stays, wherever the row goes');
is(sql(q{SELECT count(*) FROM regtarget.verify('{references}') WHERE NOT ok}), 0, 'and no row leads nowhere');

done_testing();
