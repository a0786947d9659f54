#!/usr/bin/env bash
# How long counting facts on two other servers takes, as a ratio to the slower server's own GROUP BY, and whether health is as
# fast afterwards as with the same facts at home.  Three private servers.  By the clock, and by the processor time of the session
# at home and of the slower server, which other work on the machine does not add to: where the servers have processors of their own,
# the one waits for the sum of both.
#
#   test/bench/attached.sh [FACTS [UNITS]]     facts in all (10000000) of 90 days, units (1000)
program=bench
purpose=demo
. "$(dirname "$0")/../lib.sh"
: "${REGTARGET_TIMEOUT:=3600}"

facts=${1:-10000000}
units=${2:-1000}
rounds=${ROUNDS:-5}
[[ $facts =~ ^[1-9][0-9]*$ && $units =~ ^[1-9][0-9]*$ && $rounds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,5s/^# *//p' "$0" >&2; exit 2; }

SETTINGS="max_parallel_workers_per_gather = 0
autovacuum = off
fsync = off
shared_buffers = 512MB
jit = off"

# A server of facts: NUMBER, with half of the units.
start_server()
{
	local data=$work/server$1
	run_quietly "initdb$1" "$bindir/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync || return 1
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$socket'" "port = $((5440 + $1))" "$SETTINGS" |
		"${as_user[@]}" tee -a "$data/postgresql.conf" >/dev/null
	run_quietly "start$1" "$bindir/pg_ctl" -D "$data" -l "$work/log/server$1" -w start || return 1
	on "$1" -q -c "CREATE TABLE deals (unit_id int, closed_on date, won boolean, amount numeric(12, 2))" \
		-c "INSERT INTO deals SELECT $1 * $units / 2 + 1 + (random() * ($units / 2 - 1))::int, date '2025-01-01' + (random() * 89)::int,
			random() < 0.4, (random() * 100000)::numeric(12, 2) FROM generate_series(1, $facts / 2)" -c 'VACUUM ANALYZE'
}

# psql at server NUMBER, or at home.
on() { local n=$1; shift; run "$bindir/psql" -X -A -t -v ON_ERROR_STOP=1 -d postgres -p $((5440 + n)) "$@"; }
home() { run env PGOPTIONS='-c client_min_messages=warning' "$bindir/psql" -X -A -t -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }

# Milliseconds of a statement, after others that do not count; of a statement run again and again, at the fastest.
timed() { sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1; }
fastest() { sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | sort -g | head -n 1; }

# Milliseconds of the processor that a session has used: the last statement of one (Linux; in ticks of 10 ms).
used="SELECT 'used ' || 10 * (s[14]::int + s[15]::int) FROM string_to_array(pg_read_file('/proc/self/stat'), ' ') AS s"
processor() { sed -n 's/^used //p'; }

company()
{
	home postgres -q -c "CREATE DATABASE $1" || return 1
	home "$1" -q -c 'CREATE EXTENSION regtarget CASCADE' -c 'SELECT FROM regtarget.apply_profile()' \
		-c "INSERT INTO regtarget.units (unit_id, code) VALUES ($units + 1, 'ALL')" \
		-c "INSERT INTO regtarget.units (unit_id, code, parent_id) SELECT n, 'U' || n, $units + 1 FROM generate_series(1, $units) n" \
		-c "INSERT INTO regtarget.employees (employee_id, hired_on) SELECT n, '2020-01-01' FROM generate_series(1, $units) n" \
		-c "INSERT INTO regtarget.assignments SELECT n, n, '[2020-01-01,)' FROM generate_series(1, $units) n"
}

attach()
{
	local n
	home attached -q -c 'CREATE EXTENSION postgres_fdw' -c "CREATE TABLE deals (unit_id int, closed_on date, won boolean,
		amount numeric(12, 2)) PARTITION BY RANGE (unit_id)" || return 1
	for n in 0 1; do
		home attached -q -c "CREATE SERVER s$n FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$socket', port '$((5440 + n))',
			dbname 'postgres', async_capable 'true', fetch_size '10000')" -c "CREATE USER MAPPING FOR CURRENT_USER SERVER s$n" \
			-c "CREATE FOREIGN TABLE deals$n PARTITION OF deals FOR VALUES FROM ($((n * units / 2 + 1))) TO ($(((n + 1) * units / 2 + 1)))
				SERVER s$n OPTIONS (table_name 'deals')" || return 1
	done
	home attached -q -c "SELECT FROM regtarget.attach_facts('deals', 'public.deals')"
}

grouped="SELECT unit_id, closed_on, won, count(*), sum(amount) FROM deals WHERE closed_on BETWEEN '2025-01-01' AND '2025-03-31' GROUP BY 1, 2, 3"
refresh="SELECT regtarget.refresh_activity('2025-01-01', '2025-03-31')"
health="SELECT count(*) FROM regtarget.unit_health('2025-04-15')"

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

measure()
{
	local i n what
	for ((i = 0; i <= rounds; i++)); do
		for n in 0 1; do
			on $n -q -c '\timing on' -c '\o /dev/null' -c "$grouped" -c '\timing off' -c '\o' -c "$used" >"$work/tmp/out"
			timed <"$work/tmp/out" >>"$work/tmp/group$n"
			processor <"$work/tmp/out" >>"$work/tmp/group_used$n"
		done
		# Counted for the first time: everything is new.
		home attached -q -c "SELECT FROM regtarget.detach_facts('deals', 'public.deals')" -c "SELECT FROM regtarget.attach_facts('deals', 'public.deals')" \
			-c 'VACUUM regtarget.attached_days, regtarget.activity_days, regtarget.activity_months, regtarget.activity_deltas'
		for what in first again; do
			home attached -q -c '\timing on' -c "$refresh" -c '\timing off' -c "$used" >"$work/tmp/out"
			timed <"$work/tmp/out" >>"$work/tmp/$what"
			processor <"$work/tmp/out" >>"$work/tmp/${what}_used"
		done
		home attached -q -c VACUUM
		for ((n = 0; n < 10; n++)); do
			home attached -q -c '\timing on' -c "$health" -c "$health" -c "$health" | fastest >>"$work/tmp/health"
			home at_home -q -c '\timing on' -c "$health" -c "$health" -c "$health" | fastest >>"$work/tmp/health_home"
		done
	done
}

result() { tail -n +2 "$work/tmp/$1" | median; }

setup_machine
setup_copy
setup_stage with_llvm=no || exit 1
setup_server || exit 1
printf '%s\n' "$SETTINGS" >>"$work/data/postgresql.conf"
run_quietly restart "$bindir/pg_ctl" -D "$work/data" -l "$work/log/server" -w restart || exit 1
start_server 0 && start_server 1 && company attached && company at_home && attach || die 'cannot set up'
home attached -q -c "$refresh" -c 'SELECT regtarget.fold_activity()' >"$work/log/refresh" || die 'cannot count'
{ on 0 -c 'COPY deals TO STDOUT'; on 1 -c 'COPY deals TO STDOUT'; } >"$work/tmp/deals"
chmod a+r "$work/tmp/deals"
home at_home -q -c "COPY regtarget.deals (unit_id, closed_on, won, amount) FROM '$work/tmp/deals'" -c 'SELECT regtarget.fold_activity()' >"$work/log/copy" || die 'cannot load'
home attached -q -c 'VACUUM ANALYZE' && home at_home -q -c 'VACUUM ANALYZE'
measure
g0=$(result group0) g1=$(result group1) c0=$(result group_used0) c1=$(result group_used1)
awk -v g0="$g0" -v g1="$g1" -v c0="$c0" -v c1="$c1" -v first="$(result first)" -v again="$(result again)" \
	-v first_used="$(result first_used)" -v again_used="$(result again_used)" -v h="$(result health)" -v hh="$(result health_home)" \
	-v facts="$facts" -v units="$units" -v load="$(cut -d' ' -f1-3 /proc/loadavg)" 'BEGIN {
	slower = g0 > g1 ? g0 : g1
	used = c0 > c1 ? c0 : c1
	printf "%d facts of 90 days, %d units, two servers; medians; load average %s\n", facts, units, load
	printf "                                       clock                    processor: at home, and with the slower server\n"
	printf "slower server, GROUP BY          %8.0f ms          %8.0f ms\n", slower, used
	printf "refresh_activity, all new        %8.0f ms  x %.2f  %8.0f ms  x %.2f  (goal 1.50)\n", first, first / slower, first_used, (used + first_used) / used
	printf "refresh_activity, nothing new    %8.0f ms  x %.2f  %8.0f ms  x %.2f\n", again, again / slower, again_used, (used + again_used) / used
	printf "health, facts attached / at home %8.1f ms  x %.2f\n", h, h / hh }'
