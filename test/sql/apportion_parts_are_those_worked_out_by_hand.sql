-- S4: Webster with bounds. Step k of a part of weight w has rank (2k - 1) / (2w): steps are given
-- in the order of their ranks, among equals to the earlier row.
\getenv srcdir PG_ABS_SRCDIR
\set prelude :srcdir '/sql/prelude.psql'
\set ECHO none
\i :prelude
\set ECHO all

-- Three equal parts of 100: 33.333...; the odd step goes to the first row.
SELECT x, apportion(100, 1) OVER (ORDER BY x) FROM generate_series(1, 3) x;
SELECT x, apportion(100, 1) OVER (ORDER BY x DESC) FROM generate_series(1, 3) x ORDER BY x;

-- 123.45 by 1, 2, 3: in steps 2057.5, 4115, 6172.5.  The last step is step 2058 of the first, rank
-- 4115 / 2, or step 6173 of the third, rank 12345 / 6: equal, so the first.
SELECT w, apportion(123.45, w) OVER (ORDER BY w) FROM (VALUES (1), (2), (3)) v(w);
SELECT w, apportion(123.45, w) OVER (ORDER BY w DESC) FROM (VALUES (1), (2), (3)) v(w) ORDER BY w;

-- Ten by 5, 3, 1, as weight / (2k - 1): 5 5/3 1 5/7 5/9 5/11, 3 1 3/5 3/7, 1 1/3. The ten greatest
-- are 5, 3, 5/3, 1, 1, 1, 5/7, 3/5, 5/9, 5/11: six of the first, three of the second, one of the
-- third.
SELECT w, apportion(10, w, 1) OVER (ORDER BY x) FROM (VALUES (1, 5), (2, 3), (3, 1)) v(x, w);

-- Ten steps of 10 by 1, 1, 1, 1; the second has at most one, the fourth at least five.  The other
-- five: one each for the first three, one more each for the first and third.
SELECT x, apportion(100, 1, 10, at_least, at_most) OVER (ORDER BY x)
FROM (VALUES (1, NULL::numeric, NULL::numeric), (2, NULL, 10), (3, NULL, NULL), (4, 50, NULL)) v(x,
	at_least, at_most);

-- Bounds round inwards: from 11 to 29 in steps of 10 is 20.  The other 80 are 26.67 each: two steps
-- each make 60, and of the third steps, all of one rank, the first two rows get one.
SELECT x, apportion(100, w, 10, at_least, at_most) OVER (ORDER BY x)
FROM (VALUES (1, 9, 11, 29), (2, 1, NULL, NULL), (3, 1, NULL, NULL), (4, 1, NULL, NULL)) v(x, w,
	at_least, at_most);
-- A floor alone; a ceiling that is never reached.
SELECT x, apportion(10, w, 1, at_least) OVER (ORDER BY x) FROM (VALUES (1, 1, 9), (2, 1,
	NULL)) v(x, w, at_least);
SELECT x, apportion(10, w, 1, NULL, 1e30) OVER (ORDER BY x) FROM (VALUES (1, 1), (2, 4)) v(x, w);

-- A weight of 0 gets its floor and no more; so do all, when the floors are the total.
SELECT x, apportion(10, w, 1, at_least) OVER (ORDER BY x)
FROM (VALUES (1, 0, 3), (2, 0, NULL), (3, 1, NULL)) v(x, w, at_least);
SELECT x, apportion(7, 0, 1, at_least) OVER (ORDER BY x) FROM (VALUES (1, 3), (2, 4)) v(x,
	at_least);
SELECT x, apportion(0, w) OVER (ORDER BY x) FROM (VALUES (1, 0), (2, 5)) v(x, w);

-- A weight is the binary fraction that it is: 0.1 + 0.2 is more than 0.3, if by 2^-54.
SELECT x, apportion(1, w, 1) OVER (ORDER BY x) FROM (VALUES (1, 0.3::float8), (2,
	0.1::float8 + 0.2::float8)) v(x, w);
SELECT x, apportion(6, w, 1) OVER (ORDER BY x) FROM (VALUES (1, 0.1::float8), (2, 0.2), (3,
	0.3)) v(x, w);
-- The smallest and the greatest there are: 2 : 1 of 3 of the smallest; beside 2^1023 they get
-- nothing.
SELECT x, apportion(3, w, 1) OVER (ORDER BY x) FROM (VALUES (1, 1e-323::float8), (2, 5e-324)) v(x,
	w);
SELECT x, apportion(9, w, 1) OVER (ORDER BY x)
FROM (VALUES (1, 8.98846567431158e307::float8), (2, 8.98846567431158e307), (3, 5e-324)) v(x, w);

-- Ten thousand million million steps, 10^16: 3333333333333333.33 each and one over.
SELECT x, apportion(1e14, 1) OVER (ORDER BY x) FROM generate_series(1, 3) x;
SELECT x, apportion(1e16, w, 1) OVER (ORDER BY x) FROM (VALUES (1, 1::float8), (2, 1e-16), (3,
	1e-17)) v(x, w);

-- Each partition by itself, with a total and a step of its own; the frame plays no part; a lone row
-- takes all; no row, no answer.
SELECT p, x, apportion(p * 10, 1, p) OVER (PARTITION BY p ORDER BY x ROWS 1 PRECEDING)
FROM generate_series(1, 3) p, generate_series(1, p) x;
SELECT apportion(10, 1) OVER () FROM generate_series(1, 0);

-- Decimals are those of the step, whatever those of the total.
SELECT step, apportion(total, 1, step) OVER (PARTITION BY step)
	FROM (VALUES (3.00, 1), (3, 0.5), (3.000, 0.0010),
	(30, 10), (2.5, 2.50), (0.000000000003, 0.000000000001)) v(total, step);
-- One value is one value, however it is written.
SELECT apportion(total, 1, step) OVER () FROM (VALUES (2.0, 0.1), (2, 0.10)) v(total, step);

ROLLBACK;
