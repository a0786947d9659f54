-- Which relations may be attached, what is said of those that may not; what was attached may be renamed, changed and dropped.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

INSERT INTO units (unit_id, code) VALUES (1, 'CN');
CREATE SCHEMA mine;
CREATE TABLE mine.nothing (x int);
CREATE TABLE mine.moments (unit_id int, visited_on timestamptz);
CREATE TABLE mine.local_moments (unit_id int, visited_on timestamp);
CREATE TABLE mine.wide (unit_id bigint, closed_on text, won int, amount float8);
CREATE TABLE mine.nearly (unit_id int, closed_on date, amount money);
CREATE TABLE mine.dropped (unit_id int, visited_on date, x int);
ALTER TABLE mine.dropped DROP COLUMN visited_on;
CREATE TEMPORARY TABLE passing (unit_id int, visited_on date);
CREATE TYPE mine.pair AS (unit_id int, visited_on date);
CREATE SEQUENCE mine.numbers;
CREATE TABLE mine.visits (unit_id int, visited_on date);
CREATE INDEX days ON mine.visits (unit_id, visited_on);
CREATE VIEW mine.all_visits AS SELECT * FROM regtarget.visits;
CREATE VIEW mine.counted AS SELECT unit_id, day AS visited_on FROM regtarget.activity;
CREATE VIEW mine.counted_again AS SELECT * FROM mine.counted WHERE unit_id > 1;
CREATE MATERIALIZED VIEW mine.stored AS SELECT unit_id, visited_on FROM mine.visits;
CREATE TABLE mine."odd "" name" (unit_id int, visited_on date, "select" int);

SELECT format('attach_facts(%s)', a), regexp_replace(r, 'pg_temp_\d+', 'pg_temp_N') AS said FROM unnest(ARRAY['NULL, ''mine.visits''', '''visits'', NULL', '''people'', ''mine.visits''',
	'''Visits'', ''mine.visits''', '''visits'', ''mine.nowhere''', '''visits'', 999999', '''visits'', ''mine.nothing''', '''deals'', ''mine.nothing''',
	'''visits'', ''mine.moments''', '''visits'', ''mine.local_moments''', '''deals'', ''mine.wide''', '''deals'', ''mine.nearly''',
	'''revenues'', ''mine.nearly''', '''visits'', ''mine.dropped''', '''visits'', ''passing''', '''visits'', ''mine.pair''', '''visits'', ''mine.numbers''',
	'''visits'', ''mine.days''', '''visits'', ''regtarget.visits''', '''revenues'', ''regtarget.revenues''', '''visits'', ''regtarget.activity''',
	'''visits'', ''mine.counted_again''']) WITH ORDINALITY AS t (a, n),
	LATERAL public.error_of(format('SELECT attach_facts(%s)', a)) r ORDER BY n;
SELECT count(*) FROM attached_facts;

-- Kinds of relations that may be, twice as well; the same as another fact.
SELECT attach_facts('visits', 'mine.visits'), attach_facts('visits', 'mine.visits'), attach_facts('visits', 'mine.stored'),
	attach_facts('visits', 'mine."odd "" name"');
SELECT attachment_id, fact, relation, is_there FROM attached_facts ORDER BY 1;
-- A partition and its whole would count twice.
CREATE TABLE mine.whole (unit_id int, visited_on date) PARTITION BY RANGE (visited_on);
CREATE TABLE mine.part PARTITION OF mine.whole DEFAULT;
SELECT attach_facts('visits', 'mine.part');
SELECT * FROM public.error_of('SELECT attach_facts(''visits'', ''mine.whole'')');
SELECT detach_facts('visits', 'mine.part');
SELECT attach_facts('visits', 'mine.whole');
SELECT public.refusal('SELECT attach_facts(''visits'', ''mine.part'')');
SELECT detach_facts('visits', 'mine.whole');

-- A view over one, or over the facts here, may be meant to have the rest; it is told.
SET LOCAL client_min_messages = notice;
SELECT attach_facts('visits', 'mine.all_visits');
CREATE VIEW mine.rest AS SELECT unit_id, visited_on FROM mine.stored WHERE unit_id > 1;
SELECT attach_facts('visits', 'mine.rest');
SELECT attach_facts('visits', 'mine.visits');
SET LOCAL client_min_messages = warning;
SELECT detach_facts('visits', 'mine.all_visits'), detach_facts('visits', 'mine.rest');

INSERT INTO mine.visits SELECT 1, date '2025-01-01' + n FROM generate_series(0, 9) n;
INSERT INTO mine."odd "" name" VALUES (1, '2025-01-01', 1);
REFRESH MATERIALIZED VIEW mine.stored;
SELECT refresh_activity('2025-01-01', '2025-01-31');
SELECT sum(visits) FROM activity;

-- Renamed and moved, it is still the same; its new name is noted when it is counted or attached again.
ALTER TABLE mine.visits RENAME TO calls;
CREATE SCHEMA other;
ALTER MATERIALIZED VIEW mine.stored RENAME TO kept;
ALTER MATERIALIZED VIEW mine.kept SET SCHEMA other;
SELECT relation, is_there FROM attached_facts ORDER BY attachment_id;
SELECT schema_name, relation_name FROM attachments ORDER BY attachment_id;
SELECT attach_facts('visits', 'other.kept');
SELECT schema_name, relation_name FROM attachments ORDER BY attachment_id;
SELECT refresh_activity('2025-01-01', '2025-01-31');
SELECT schema_name, relation_name FROM attachments ORDER BY attachment_id;
SELECT * FROM verify('{activity}');

-- Two have exchanged their names, another has that of one that was dropped.
CREATE TABLE mine.this_year (unit_id int, visited_on date);
CREATE TABLE mine.last_year (unit_id int, visited_on date);
INSERT INTO mine.this_year VALUES (1, '2025-01-30'), (1, '2025-01-30');
INSERT INTO mine.last_year VALUES (1, '2025-01-31');
SELECT attach_facts('visits', 'mine.this_year'), attach_facts('visits', 'mine.last_year');
ALTER TABLE mine.this_year RENAME TO x;
ALTER TABLE mine.last_year RENAME TO this_year;
ALTER TABLE mine.x RENAME TO last_year;
SELECT refresh_activity('2025-01-01', '2025-01-31');
SELECT relation_name, rows FROM attachments WHERE relation_name LIKE '%year' ORDER BY 1;
ALTER TABLE mine.this_year RENAME TO x;
ALTER TABLE mine.last_year RENAME TO this_year;
ALTER TABLE mine.x RENAME TO last_year;
SELECT attach_facts('visits', 'mine.this_year');
SELECT relation_name, rows FROM attachments WHERE relation_name LIKE '%year' ORDER BY 1;
SELECT * FROM verify('{activity}');
DROP TABLE mine.last_year;
ALTER TABLE mine.this_year RENAME TO last_year;
SELECT s, e FROM unnest(ARRAY['SELECT attach_facts(''visits'', ''mine.last_year'')', 'SELECT refresh_activity(''2025-01-01'', ''2025-01-31'')']) s,
	LATERAL public.error_of(s) e;
SELECT detach_facts('visits', '-'), detach_facts('visits', 'mine.last_year');

-- Changed: a column goes, or has another type.
ALTER TABLE mine."odd "" name" ALTER visited_on TYPE timestamp;
SELECT * FROM public.error_of('SELECT refresh_activity(''2025-01-01'', ''2025-01-31'')');
SELECT detail FROM verify('{activity}');
ALTER TABLE mine."odd "" name" ALTER visited_on TYPE date;

-- Dropped: what was counted stays, until it is detached by number or as what is gone.
SELECT 'mine.calls'::regclass::oid AS calls \gset
DROP TABLE mine.calls CASCADE;
SELECT relation, rows, is_there FROM attached_facts ORDER BY attachment_id;
SELECT sum(visits) FROM activity;
SELECT * FROM verify('{activity}');
SELECT * FROM public.error_of('SELECT refresh_activity(''2025-01-01'', ''2025-01-31'')');
-- Views and what is stored of it went along. Another of that name is another one.
CREATE TABLE mine.calls (unit_id int, visited_on date);
SELECT * FROM public.error_of('SELECT attach_facts(''visits'', ''mine.calls'')');
SELECT public.refusal('SELECT detach_facts(''visits'', ''mine.calls'')');
SELECT detach_facts('visits', :calls);
SELECT attach_facts('visits', 'mine.calls');
DROP TABLE mine.calls;
DROP TABLE mine."odd "" name";
SELECT detach_facts('visits', '-');
SELECT relation, rows FROM attached_facts ORDER BY attachment_id;
SELECT a, public.refusal(format('SELECT detach_facts(%s)', a)) FROM unnest(ARRAY['NULL, ''-''', '''visits'', NULL', '''people'', ''-''', '''visits'', ''-''',
	'''deals'', ''other.kept''', '''visits'', 4294967295']) a;
SELECT * FROM verify('{activity,references}');

ROLLBACK;
