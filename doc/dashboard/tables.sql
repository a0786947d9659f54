-- The page's body out of what dashboard.sql made (psql's variable `page`): its head, then for each panel its heading, a place for
-- its picture, and its tables. ASCII. \001key\002argument\002...\003 is a word or sentence of words.tsv, which `make` puts in;
-- \001=value\003 a value, for which there may be one.
--
-- What is markup in a text is escaped before it is looked at: <, > and & stand inside the strings of a jsonb alone.
WITH page AS (
	SELECT replace(replace(replace(:'page', '&', '&amp;'), '<', '&lt;'), '>', '&gt;')::jsonb AS page
), panels AS (
	SELECT p.place, p.panel ->> 'key' AS key, p.panel -> 'title' AS title, p.panel -> 'tables' AS tables
	FROM page, jsonb_array_elements(page -> 'panels') WITH ORDINALITY AS p (panel, place)
), tables AS (
	SELECT p.place AS panel, t.place, t."table" ->> 'key' AS key, t."table" -> 'columns' AS columns, t."table" -> 'rows' AS rows,
		(t."table" ->> 'more')::bigint AS more
	FROM panels p, jsonb_array_elements(p.tables) WITH ORDINALITY AS t ("table", place)
), cells AS (
	SELECT t.key, r.place AS line, c.place, r.row, k.type IN ('text', 'word', 'flag') AS is_text, k.place = 1 AS is_first,
		CASE k.type
			WHEN 'amount' THEN rtrim(to_char(v.number, 'FM999,999,999,999,999,999,990.9999'), '.')
			WHEN 'round' THEN to_char(round(v.number), 'FM999,999,999,999,999,999,990')
			WHEN 'percent' THEN round(100 * v.number, 1) || ' %'
			WHEN 'signed' THEN to_char(round(100 * v.number, 1), 'FMS9990.0') || ' %'
			WHEN 'points' THEN to_char(round(v.number, 1), 'FMS9990.0')
			WHEN 'score' THEN round(v.number, 1)::text
			WHEN 'number' THEN trim_scale(round(v.number, 4))::text
			WHEN 'flag' THEN CASE v.said WHEN 'true' THEN E'\001yes\003' WHEN 'false' THEN E'\001no\003' END
			WHEN 'word' THEN E'\001=' || v.said || E'\003'
			ELSE v.said END AS shown
	FROM tables t, jsonb_array_elements(t.rows) WITH ORDINALITY AS r (row, place),
		jsonb_array_elements(r.row -> 'c') WITH ORDINALITY AS c (cell, place),
		LATERAL (SELECT t.columns -> (c.place - 1)::int ->> 't', c.place) AS k (type, place),
		LATERAL (SELECT CASE jsonb_typeof(c.cell) WHEN 'number' THEN (c.cell #>> '{}')::numeric END,
			translate(c.cell #>> '{}', E'\n\r\001\002\003', '  ')) AS v (number, said)
), lines AS (
	SELECT key, line, format('<tr data-u="%s" data-p="%s"%s>%s</tr>', replace(row ->> 'u', '"', '&quot;'), replace(row ->> 'p', '"', '&quot;'),
			CASE WHEN (row ->> 'h')::boolean THEN ' class="whole"' END,
			string_agg(CASE WHEN is_first THEN '<th scope="row">' WHEN is_text THEN '<td>' ELSE '<td class="n">' END
				|| coalesce(shown, '&ndash;') || CASE WHEN is_first THEN '</th>' ELSE '</td>' END, '' ORDER BY place)) AS html
	FROM cells GROUP BY key, line, row
), heads AS (
	SELECT t.key, string_agg(format('<th scope="col"%s>%s</th>', CASE WHEN c.col ->> 't' NOT IN ('text', 'word', 'flag') THEN ' class="n"' END,
			E'\001' || (c.col ->> 'k') || E'\003'), '' ORDER BY c.place) AS html
	FROM tables t, jsonb_array_elements(t.columns) WITH ORDINALITY AS c (col, place) GROUP BY t.key
), whole_tables AS (
	SELECT t.panel, t.place, CASE WHEN jsonb_array_length(t.rows) = 0 THEN
				CASE WHEN t.key !~ '_below$' THEN format(E'<p class="none" id="t-%s">\001none_%1$s\003</p>', t.key) ELSE '' END
			ELSE format(CASE WHEN t.key ~ '_below$' THEN E'<details class="below"><summary>\001t_%1$s\002%2$s\003</summary>' ELSE '' END
				|| E'<div class="scroll"><table id="t-%1$s"><caption>\001t_%1$s\002%2$s\003</caption><thead><tr>%3$s</tr></thead><tbody>%4$s</tbody></table></div>'
				|| CASE WHEN t.more > 0 THEN E'<p class="more">\001more\002%5$s\003</p>' ELSE '' END
				|| CASE WHEN t.key ~ '_below$' THEN '</details>' ELSE '' END,
				t.key, jsonb_array_length(t.rows), h.html, (SELECT string_agg(l.html, '' ORDER BY l.line) FROM lines l WHERE l.key = t.key), t.more) END AS html
	FROM tables t JOIN heads h USING (key)
)
SELECT html FROM (
	SELECT 0, format(E'<header><h1>\001h1\002%s\003</h1><p class="made">\001%s\002%s\002%s\002%s\002%s\002%s\003 '
			|| E'\001%s\002%s\002%s\002%s\002%s\002%s\003</p><p class="bare">\001no_pictures\003</p></header>',
		translate(coalesce(page #>> '{made,company}', page #>> '{made,database}'), E'\n\r\001\002\003', '  '),
		CASE WHEN page #>> '{made,period}' IS NULL THEN 'no_period' WHEN (page #>> '{made,published}')::boolean THEN 'period' ELSE 'period_draft' END,
		page #>> '{made,period}', page #>> '{made,starts_on}', page #>> '{made,ends_on}', page #>> '{made,day}', page #>> '{made,days}',
		CASE WHEN page #>> '{made,currency}' IS NULL THEN 'made_no_currency' ELSE 'made' END, page #>> '{made,at}', translate(page #>> '{made,role}', E'\n\r\001\002\003', '  '), translate(page #>> '{made,database}', E'\n\r\001\002\003', '  '),
		page #>> '{made,version}', page #>> '{made,currency}')
	FROM page
	UNION ALL
	SELECT p.place, format(E'<section id="%s"><h2><small>\001panel_%1$s\003</small> %2$s</h2><div class="picture" role="img" aria-label="%1$s"></div>'
			|| E'<p class="legend">\001legend_%1$s%5$s\002%3$s\003</p><div class="tables">%4$s</div></section>', p.key,
		(SELECT E'\001' || string_agg(translate(a.word, E'\n\r\001\002\003', '  '), E'\002' ORDER BY a.place) || E'\003'
			FROM jsonb_array_elements_text(p.title) WITH ORDINALITY AS a (word, place)),
		trim_scale(100 * (page #>> '{made,cap}')::numeric),
		(SELECT string_agg(t.html, '' ORDER BY t.place) FROM whole_tables t WHERE t.panel = p.place),
		CASE WHEN p.key = 'targets' AND page #>> '{made,cap}' IS NULL THEN '_no_cap' END)
	FROM page, panels p
) AS body (place, html)
ORDER BY place;
