# join.awk: makes an update script of
#   1. the script of the release before, as it was installed (sql/released/),
#   2. what is written by hand for this update (sql/update/FROM--TO.sql): tables and their rows,
#   3. the install script of this version, joined from the rooms,
#   4. what every update ends with (sql/update/end.sql).
# Called by the Makefile with these four files in this order; prints the script.
#
# What keeps no rows is taken from the rooms: functions and views are replaced, so that what others have built on
# them stays; triggers are replaced, policies made anew; tables, indexes and sequences that the release before had
# not are made; what it had and this version has not is dropped, but for tables. Only what a table that was there
# already has become is written by hand, before the line "-- ROOMS" or after it.
#
# Reads the scripts by the house's layout: a statement begins on a line of its own and ends with a line that
# ends in a semicolon, or in END; where it has a BEGIN ATOMIC; comments are lines of their own.

function fail(text)
{
	print "join.awk: " text > "/dev/stderr"
	failed = 1
	exit 1
}

function squeezed(text)
{
	gsub(/[ \t\n]+/, " ", text)
	gsub(/\( /, "(", text)
	gsub(/ \)/, ")", text)
	return text
}

# The text between the first parenthesis and its partner.
function between_parentheses(text,    i, c, depth, from)
{
	from = index(text, "(") + 1
	depth = 1
	for (i = from; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "(")
			depth++
		else if (c == ")" && --depth == 0)
			return substr(text, from, i - from)
	}
	fail("no end of the arguments: " text)
}

# Adds the type of one argument, as DROP FUNCTION names it; nothing for an OUT argument.
function add_type(types, argument)
{
	sub(/^ +/, "", argument)
	sub(/ +DEFAULT .*/, "", argument)
	sub(/ +$/, "", argument)
	if (argument == "" || argument ~ /^OUT /)
		return types
	sub(/^[a-z_]+ /, "", argument)
	return types == "" ? argument : types ", " argument
}

# name(types) of a function or aggregate.
function signature(text,    name, arguments, i, c, depth, quoted, argument, types)
{
	name = text
	sub(/\(.*/, "", name)
	arguments = between_parentheses(text)
	depth = quoted = 0
	argument = types = ""
	for (i = 1; i <= length(arguments); i++) {
		c = substr(arguments, i, 1)
		if (c == "'")
			quoted = !quoted
		else if (c == "(")
			depth++
		else if (c == ")")
			depth--
		if (c == "," && depth == 0 && !quoted) {
			types = add_type(types, argument)
			argument = ""
		} else
			argument = argument c
	}
	return name "(" add_type(types, argument) ")"
}

# What a CREATE statement makes, as DROP names it: "VIEW regtarget.unit_tree", "POLICY in_sight ON regtarget.duties".
function made_by(statement,    s, word, n)
{
	s = squeezed(statement)
	if (s !~ /^CREATE /)
		return ""
	sub(/^CREATE (UNIQUE )?/, "", s)
	n = split(s, word, " ")
	if (word[1] == "FUNCTION" || word[1] == "AGGREGATE") {
		sub(/^[A-Z]+ /, "", s)
		return word[1] " " signature(s)
	}
	if (word[1] == "TRIGGER" || word[1] == "POLICY") {
		sub(/^[^.]* ON /, "", s)
		sub(/ .*/, "", s)
		return word[1] " " word[2] " ON " s
	}
	if (word[1] == "INDEX")
		return "INDEX regtarget." word[2]
	if (word[1] ~ /^(SCHEMA|TABLE|SEQUENCE|VIEW)$/) {
		sub(/[(;].*/, "", word[2])
		return word[1] " " word[2]
	}
	fail("no rule for " s)
}

function kind_of(object)
{
	return substr(object, 1, index(object, " ") - 1)
}

function with_or_replace(statement)
{
	sub(/^CREATE /, "CREATE OR REPLACE ", statement)
	return statement
}

# ---- reading --------------------------------------------------------------------------------------------

function take(statement,    object)
{
	if (file == 1) {
		object = made_by(statement)
		if (object != "" && !(object in was)) {
			was[object] = squeezed(statement)
			old[++nold] = object
		} else if (squeezed(statement) ~ /^DROP /)
			fail("the release before drops something: " statement)
	} else {
		new[++nnew] = statement
		object = made_by(statement)
		if (object != "")
			is[object] = squeezed(statement)
		made[nnew] = object
	}
}

FNR == 1 { file++ }

file == 2 {
	by_hand[++nhand] = $0
	if ($0 == "-- ROOMS")
		rooms_at = nhand
	if (!/^[ \t]*--/)
		all_by_hand = all_by_hand $0 "\n"
	next
}

file == 4 {
	last[++nlast] = $0
	next
}

# Between statements: comments, empty lines, and what both scripts begin with.
text == "" && (/^[ \t]*(--.*)?$/ || /^\\echo/ || /^SET LOCAL/) { next }

{
	if (text != "" && !in_quotes && /^[ \t]*--/)
		next
	text = text == "" ? $0 : text "\n" $0
	quotes = $0
	if (gsub(/'/, "", quotes) % 2 == 1)
		in_quotes = !in_quotes
	if (!in_quotes && $0 == "BEGIN ATOMIC")
		atomic = 1
	if (!in_quotes && (atomic ? /^END;$/ : /;$/)) {
		take(text)
		text = ""
		atomic = 0
	}
}

# ---- writing --------------------------------------------------------------------------------------------

function named_by_hand(name)
{
	return all_by_hand ~ ("(^|[^a-z_.])" name "([^a-z_.]|$)")
}

function dropped_by_hand(object)
{
	return index(all_by_hand, "DROP " object) > 0
}

function say_it(title)
{
	print "\n-- " title "\n"
}

function print_hand(from, to,    i)
{
	for (i = from; i <= to; i++)
		print by_hand[i]
}

# What is no member of the extension, its owner may have dropped.
function drop(object,    kind)
{
	kind = kind_of(object)
	if (kind ~ /^(INDEX|POLICY|TRIGGER)$/)
		sub(/ /, " IF EXISTS ", object)
	return "DROP " object ";"
}

# What the release before had and this version has not, of one kind, the last first.
function drop_gone(kind,    i, object)
{
	for (i = nold; i >= 1; i--) {
		object = old[i]
		if (kind_of(object) == kind && !(object in is) && !dropped_by_hand(object))
			print drop(object)
	}
}

# The columns and constraints of a CREATE TABLE, by name.
function elements(text, found,    body, n, i, c, depth, element, name, parts)
{
	split("", found)
	body = between_parentheses(text) ","
	depth = 0
	element = ""
	for (i = 1; i <= length(body); i++) {
		c = substr(body, i, 1)
		depth += (c == "(") - (c == ")")
		if (c != "," || depth > 0) {
			element = element c
			continue
		}
		sub(/^ +/, "", element)
		sub(/ +$/, "", element)
		split(element, parts, " ")
		name = parts[1] == "CONSTRAINT" ? parts[2] : parts[1]
		found[name in found ? name " " i : name] = element
		element = ""
	}
}

# What a released table has become must be said by hand: the table, each column and constraint that is new or another one.
function check_table(object,    now, before, name)
{
	if (was[object] == is[object])
		return
	if (!index(all_by_hand, object))
		fail(object " has changed: the update's own file has no line for it")
	elements(is[object], now)
	elements(was[object], before)
	for (name in now)
		if (now[name] != before[name] && name ~ /^[a-z_"]+$/ && !named_by_hand(name))
			fail(object " has changed: the update's own file has no line for " name)
}

function print_new(statement, object,    kind)
{
	kind = kind_of(object)
	if (object == "" || !(object in was))
		print statement
	else if (kind == "SCHEMA" || kind == "SEQUENCE")
		return
	else if (kind == "TABLE")
		check_table(object)
	else if (kind == "INDEX") {
		if (was[object] != is[object])
			print (dropped_by_hand(object) ? "" : drop(object) "\n") statement
	} else if (kind == "POLICY")
		print drop(object) "\n" statement
	else
		print with_or_replace(statement)
}

END {
	if (failed)
		exit 1
	if (file != 4 || text != "" || !rooms_at)
		fail(file != 4 ? "four files are wanted" : text != "" ? "no end: " text : "no line \"-- ROOMS\"")
	print "\\echo Use \"ALTER EXTENSION " extension " UPDATE\" to load this file. \\quit"
	print "\nSET LOCAL search_path = pg_catalog, pg_temp;"
	say_it("Whichever superuser updates, what is new belongs to the owner of the rest.")
	print "CREATE FUNCTION regtarget.owner_of_update() RETURNS text"
	print "LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'rgt_owner_of_update';"
	print "SELECT set_config('role', regtarget.owner_of_update(), true);"
	print "DROP FUNCTION regtarget.owner_of_update();"
	say_it("What is not there any more, as far as it stands in the way of what follows.")
	drop_gone("TRIGGER")
	drop_gone("POLICY")
	print ""
	print_hand(1, rooms_at - 1)
	say_it("The rooms.")
	for (i = 1; i <= nnew; i++)
		print_new(new[i], made[i])
	print_hand(rooms_at + 1, nhand)
	say_it("What is not there any more.")
	drop_gone("VIEW")
	drop_gone("AGGREGATE")
	drop_gone("FUNCTION")
	drop_gone("INDEX")
	print ""
	for (i = 1; i <= nlast; i++)
		print last[i]
}
