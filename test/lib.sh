# shellcheck shell=bash
# What test/run and test/demo/run share: the packages, a private copy of the tree, a staged
# installation, a private server, and a trap that leaves nothing of it behind.
#
# The caller sets $program and $purpose (test or demo), and calls in this order: setup_machine,
# setup_copy, setup_stage, setup_server. Everything lives in $work and runs as an unprivileged user.

set -uo pipefail
unset CDPATH MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS
# What the caller's terminal speaks, as gettext would ask.
terminal_locale=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
export LC_ALL=C.UTF-8

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=
src=
stage=
socket=
locales=
messages=C
speaks=C.UTF-8
child=
drop_in=
drop_in_dir=
as_user=()

say() { printf '%s\n' "$*" >&2; }

die()
{
	say "$program: $*"
	exit 1
}

# ---- cleaning up ---------------------------------------------------------------------------

# Processes whose current directory is below $work: servers and whatever tests left running.
processes_of_work()
{
	local cwd
	for cwd in /proc/[0-9]*/cwd; do
		case $(readlink "$cwd" 2>/dev/null) in
			"$work"/*) cwd=${cwd#/proc/} && echo "${cwd%/cwd}" ;;
		esac
	done
}

# The main server goes first; SIGQUIT is a server's immediate shutdown, SIGKILL for the deaf.
stop_processes()
{
	local signal pids i
	for signal in QUIT KILL; do
		pids=$(processes_of_work)
		[ -n "$pids" ] || return 0
		# shellcheck disable=SC2086
		kill -"$signal" $pids 2>/dev/null
		for i in $(seq 50); do
			[ -n "$(processes_of_work)" ] || return 0
			sleep 0.1
		done
	done
}

remove_drop_in()
{
	[ -n "$drop_in" ] || return 0
	"${as_root[@]}" rm -f "$drop_in"
	[ -z "$drop_in_dir" ] || "${as_root[@]}" rmdir "$drop_in_dir" 2>/dev/null
	drop_in=
}

cleanup()
{
	local status=$?
	trap - EXIT
	trap '' HUP INT TERM
	if [ -n "$child" ]; then
		kill -TERM -- "-$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
	remove_drop_in
	if [ -n "$work" ]; then
		stop_processes
		if [ -n "${REGTARGET_KEEP:-}" ]; then
			say "kept: $work"
		else
			rm -rf "$work"
		fi
	fi
	exit "$status"
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- packages --------------------------------------------------------------------------------

as_root=()

# How to become root: nothing to do, sudo, or not at all.
find_root()
{
	if [ "$(id -u)" = 0 ]; then
		as_root=()
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		as_root=(sudo)
	else
		return 1
	fi
}

apt_get()
{
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" \
		</dev/null >>"$work/apt.log" 2>&1
}

# Which PostgreSQL: $PG_CONFIG, $PG_MAJOR, the one that is here, the distribution's.
choose_postgres()
{
	local dir
	if [ -n "${PG_CONFIG:-}" ]; then
		pg_config=$(command -v "$PG_CONFIG") || die "PG_CONFIG=$PG_CONFIG: no such program"
	elif [ -n "${PG_MAJOR:-}" ]; then
		pg_config=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
		major=$PG_MAJOR
		return
	else
		pg_config=$(command -v pg_config)
	fi
	if [ -n "$pg_config" ]; then
		major=$("$pg_config" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
		return
	fi
	major=
	for dir in /usr/lib/postgresql/*/bin; do
		[ ! -x "$dir/postgres" ] || major=$(basename "$(dirname "$dir")")
	done
	if [ -z "$major" ] && command -v apt-cache >/dev/null; then
		major=$(apt-cache depends postgresql 2>/dev/null |
			sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	fi
	pg_config=/usr/lib/postgresql/$major/bin/pg_config
}

# Asks pg_config, or says where Debian's packages will put things.
locate_postgres()
{
	if [ -x "$pg_config" ]; then
		bindir=$("$pg_config" --bindir)
		sharedir=$("$pg_config" --sharedir)
		pkglibdir=$("$pg_config" --pkglibdir)
		pgxs=$("$pg_config" --pgxs)
	else
		bindir=/usr/lib/postgresql/$major/bin
		sharedir=/usr/share/postgresql/$major
		pkglibdir=/usr/lib/postgresql/$major/lib
		pgxs=$pkglibdir/pgxs/src/makefiles/pgxs.mk
	fi
}

have() { command -v "$1" >/dev/null; }

# Clang with libFuzzer is wanted, not needed.
have_fuzzer()
{
	local try result=1
	have clang || return 1
	try=$(mktemp -d) || return 1
	echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' \
		>"$try/f.c"
	clang -fsanitize=fuzzer,address,undefined "$try/f.c" -o "$try/f" 2>/dev/null && result=0
	rm -rf "$try"
	return $result
}

# One package a line.
missing_packages()
{
	have gcc && [ -e /usr/include/stdio.h ] || printf '%s\n' gcc libc6-dev
	have make || echo make
	[ -x "$bindir/postgres" ] && [ -x "$bindir/initdb" ] &&
		[ -e "$sharedir/extension/btree_gist.control" ] || echo "postgresql-${major:-NN}"
	[ -x "$bindir/psql" ] && [ -x "$bindir/pg_dump" ] || echo "postgresql-client-${major:-NN}"
	[ -e "$pgxs" ] && [ -x "$pg_config" ] && [ -e "$("$pg_config" --includedir-server)/postgres.h" ] ||
		echo "postgresql-server-dev-${major:-NN}"
	case $purpose/$terminal_locale in
		demo/zh*)
			have msgfmt || echo gettext
			[ -e /usr/share/i18n/locales/zh_CN ] || echo locales ;;
	esac
	[ "$purpose" = test ] || return 0
	[ -e "$sharedir/extension/pgtap.control" ] || echo "postgresql-${major:-NN}-pgtap"
	have pg_prove || echo libtap-parser-sourcehandler-pgtap-perl
	perl -MIPC::Run -e 1 2>/dev/null || echo libipc-run-perl
	have prove && perl -MTest::More -MJSON::PP -e 1 2>/dev/null || echo perl
	have python3 || echo python3
	have msgfmt && have xgettext || echo gettext
}

# Debian makes a cluster with the first server package unless told not to.
forbid_cluster()
{
	local dir=/etc/postgresql-common/createcluster.d
	if [ ! -d "$dir" ]; then
		"${as_root[@]}" mkdir "$dir" || return 1
		drop_in_dir=$dir
	fi
	drop_in=$dir/regtarget-$$.conf
	echo 'create_main_cluster = false' | "${as_root[@]}" tee "$drop_in" >/dev/null
	[ "$(pg_conftool /etc/postgresql-common/createcluster.conf show -bs create_main_cluster)" = off ]
}

apt_failed()
{
	tail -n 40 "$work/apt.log" >&2
	die "$1"
}

install_packages()
{
	local packages=("$@") optional=()
	have apt-get || die "missing, and no apt here to install it: ${packages[*]}"
	find_root || die "missing, and neither root nor sudo to install it: apt-get install ${packages[*]}"
	say "installing ${packages[*]}"
	apt_get update || say "apt-get update failed, going on with what is known"
	if [ -z "$major" ]; then
		choose_postgres
		[ -n "$major" ] || apt_failed "apt knows no package postgresql"
		locate_postgres
		mapfile -t packages < <(missing_packages)
	fi
	if [ "$purpose" = test ] && ! have_fuzzer && [ -n "$(apt-cache show libclang-rt-dev 2>/dev/null)" ]; then
		optional=(clang libclang-rt-dev)
	fi
	# Its test skips without it.
	if [ "$purpose" = test ] && ! have prometheus-sql-exporter && [ -n "$(apt-cache show prometheus-sql-exporter 2>/dev/null)" ]; then
		optional+=(prometheus-sql-exporter)
	fi
	if [[ " ${packages[*]} " == *" postgresql-$major "* ]]; then
		apt_get install --no-install-recommends postgresql-common || apt_failed "apt-get failed"
		forbid_cluster || die "cannot keep the server package from making a cluster"
	fi
	apt_get install --no-install-recommends "${packages[@]}" "${optional[@]}" ||
		apt_failed "apt-get failed: install ${packages[*]}"
	remove_drop_in
}

# Drivers whose tests are skipped without them: small ones only, and none of a language that is not there. LibreOffice is too large, and
# its parts have to be of one version: its test runs where all of them are installed.
get_drivers()
{
	local packages=()
	python3 -c 'import psycopg' 2>/dev/null || packages+=(python3-psycopg)
	python3 -c 'import pyodbc' 2>/dev/null || packages+=(python3-pyodbc)
	odbcinst -q -d -n 'PostgreSQL Unicode' >/dev/null 2>&1 || packages+=(odbc-postgresql unixodbc)
	! have javac || [ -e /usr/share/java/postgresql.jar ] || packages+=(libpostgresql-jdbc-java)
	if [ ${#packages[@]} -gt 0 ] && find_root; then
		apt_get install --no-install-recommends "${packages[@]}" || say "going on without ${packages[*]}"
	fi
	have npm || return 0
	if ! NODE_PATH=${REGTARGET_NODE_PATH:-/usr/share/nodejs} node -e "require('pg')" 2>/dev/null; then
		mkdir -p "$work/tools"
		if timeout 60 npm install --silent --no-audit --no-fund --cache "$work/npm" --prefix "$work/tools" pg \
			</dev/null >>"$work/npm.log" 2>&1; then
			export REGTARGET_NODE_PATH=$work/tools/node_modules
		else
			say 'going on without node-postgres'
		fi
	fi
}

# What some tests use besides and are skipped without: sources of locales, pg_cron, a driver for Python, Alertmanager's program, whose
# package is not installed, as it would start a service, and where there is a browser ECharts.
get_optional()
{
	local packages=()
	[ "$purpose" = test ] && have apt-get && have apt-cache || return 0
	[ -e /usr/share/i18n/locales/zh_CN ] || packages+=(locales)
	[ -e "$sharedir/extension/pg_cron.control" ] || packages+=("postgresql-$major-cron")
	python3 -c 'import psycopg2' 2>/dev/null || packages+=(python3-psycopg2)
	if [ ${#packages[@]} -gt 0 ] && apt-cache show "${packages[@]}" >/dev/null 2>&1 && find_root; then
		apt_get install --no-install-recommends "${packages[@]}" || say "going on without ${packages[*]}"
	fi
	get_drivers
	have prometheus-alertmanager || (
		mkdir -p "$work/tools" && cd "$work/tools" && apt-get -q download prometheus-alertmanager </dev/null >>"$work/apt.log" 2>&1 &&
			dpkg-deb -x prometheus-alertmanager_*.deb . 2>>"$work/apt.log"
	) || say "going on without prometheus-alertmanager"
	if [ -z "${REGTARGET_ECHARTS:-}" ] && have npm && have chromium && npm install --prefix "$work/tools/npm" --ignore-scripts --no-audit \
			--no-fund --no-save --fetch-retries=1 "echarts@$(sed -n 's/^echarts_version=//p' "$top/doc/dashboard/make")" >>"$work/apt.log" 2>&1; then
		REGTARGET_ECHARTS=$work/tools/npm/node_modules/echarts/dist/echarts.min.js
	fi
}

setup_machine()
{
	local packages
	setup_work
	choose_postgres
	locate_postgres
	mapfile -t packages < <(missing_packages)
	if [ ${#packages[@]} -gt 0 ]; then
		install_packages "${packages[@]}"
		choose_postgres
		locate_postgres
		mapfile -t packages < <(missing_packages)
		[ ${#packages[@]} = 0 ] || die "still missing for $pg_config: ${packages[*]}"
	fi
	get_optional
	choose_user
}

# ---- the private directory, its user, what runs there ------------------------------------------

setup_work()
{
	local tmp
	tmp=$(cd "${TMPDIR:-/tmp}" && pwd -P) || die "no directory for temporary files"
	# A socket's path has room for 107 bytes.
	[ ${#tmp} -le 50 ] || tmp=/tmp
	work=$(mktemp -d "$tmp/regtarget.XXXXXX") || die "cannot make a directory in $tmp"
	src=$work/src
	stage=$work/stage
	socket=$work/socket
	mkdir "$src" "$stage" "$socket" "$work/tmp" "$work/home" "$work/log"
}

# PostgreSQL refuses to run as root.
choose_user()
{
	local user=nobody
	[ "$(id -u)" = 0 ] || return 0
	! id postgres >/dev/null 2>&1 || user=postgres
	as_user=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups)
	chown -R "$user" "$work"
	"${as_user[@]}" test -w "$work/tmp" ||
		die "user $user cannot reach $work: set TMPDIR to a directory that all may enter"
}

# The environment of everything that runs: nothing of the caller's but what is meant for us. Limits are
# there for what hangs, so they are many times what a machine takes that is busy with other things.
inner_environment()
{
	local name
	environment=(env -i -C "$src" --default-signal=INT,QUIT
		"PATH=$bindir:$PATH:$work/tools/usr/bin" "HOME=$work/home" "TMPDIR=$work/tmp" "TERM=${TERM:-dumb}"
		"LANG=$speaks" "LC_ALL=$speaks" "PG_CONFIG=$pg_config"
		"PGHOST=$socket" PGUSER=postgres PGCLIENTENCODING=UTF8
		PGCTLTIMEOUT=900 PG_TEST_TIMEOUT_DEFAULT=1800 PGISOLATIONTIMEOUT=1800)
	[ -z "$locales" ] || environment+=("LOCPATH=$locales")
	for name in "${!REGTARGET_@}"; do
		environment+=("$name=${!name}")
	done
}

# Runs a command in the copy, in a process group that the trap can end, and time too.
run()
{
	local status limit=${REGTARGET_TIMEOUT:-3600}
	inner_environment
	setsid timeout -k 10 "$limit" "${as_user[@]}" "${environment[@]}" "$@" </dev/null &
	child=$!
	wait "$child"
	status=$?
	child=
	[ $status != 124 ] || say "$program: stopped after $limit s (REGTARGET_TIMEOUT)"
	return $status
}

# The same, its output shown and kept in $work/log/NAME.
run_logged()
{
	local log=$work/log/$1
	shift
	# shellcheck disable=SC2016
	run bash -c 'set -o pipefail; log=$1; shift; "$@" 2>&1 | tee "$log"' - "$log" "$@"
}

# The same, its output shown only when it failed.
run_quietly()
{
	local log=$work/log/$1
	shift
	run "$@" >"$log" 2>&1 && return 0
	tail -n 60 "$log" >&2
	return 1
}

# At the caller's terminal, for psql.
run_at_terminal()
{
	inner_environment
	trap : INT
	"${as_user[@]}" "${environment[@]}" "$@"
	trap 'exit 130' INT
}

# ---- the copy, the staged installation, the server ---------------------------------------------

# Git in this tree, whoever owns it; fails where the tree is no repository of its own.
git_here()
{
	local git=(env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE git -c "safe.directory=*" -C "$top")
	have git && [ "$("${git[@]}" rev-parse --show-toplevel 2>/dev/null)" = "$top" ] && "${git[@]}" "$@"
}

# The files that git knows or would add; of an unpacked archive, everything but build products.
list_files()
{
	local file
	if git_here rev-parse >/dev/null; then
		git_here ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do
				[ ! -e "$top/$file" ] && [ ! -L "$top/$file" ] || printf '%s\0' "$file"
			done
	else
		(cd "$top" && find . -name .git -prune -o -type d -name tmp_check -prune -o \
			\( -type f -o -type l \) ! -name '*.o' ! -name '*.bc' ! -name '*.so' -print0)
	fi
}

setup_copy()
{
	list_files | tar -C "$top" --null --no-recursion --verbatim-files-from -T - -cf - |
		tar -C "$src" -xf - --no-same-owner || die "cannot copy $top"
	[ "$(id -u)" != 0 ] || chown -R --reference="$work" "$src"
}

make_value() { "${as_user[@]}" make -s -C "$src" PG_CONFIG="$pg_config" "print-$1"; }

# Builds (arguments: variables for make) and installs below $stage.
setup_stage()
{
	run_quietly build make -s -j"$(nproc)" "$@" || return 1
	run_quietly install make -s "$@" install "DESTDIR=$stage" || return 1
}

# Every release, from the repository's history: its source in $work/released/VERSION/src, installed below
# $work/released/VERSION/stage. Fails without a word where the history is not here.
setup_released()
{
	local version commit dir
	while read -r version commit; do
		dir=$work/released/$version
		git_here cat-file -e "$commit^{commit}" 2>/dev/null || return 1
		mkdir -p "$dir/src" "$dir/stage"
		git_here archive "$commit" | tar -C "$dir/src" -xf - --no-same-owner || return 1
		[ "$(id -u)" != 0 ] || chown -R --reference="$work" "$dir"
		run_quietly "released-$version" make -s -C "$dir/src" -j"$(nproc)" with_llvm=no COPT=-O0 install "DESTDIR=$dir/stage" ||
			return 1
	done < <(sed '/^#/d' "$top/sql/released/commits")
}

# What makes a server look for the extension in $stage; kept there for the TAP tests' servers.
write_stage_settings()
{
	local conf=$stage/regtarget.conf has=("${as_user[@]}" "$bindir/postgres" -D "$work/data" -C)
	if "${has[@]}" extension_destdir >/dev/null 2>&1; then
		echo "extension_destdir = '$stage'" >"$conf"
	elif "${has[@]}" extension_control_path >/dev/null 2>&1; then
		cat >"$conf" <<-END
			extension_control_path = '$stage$sharedir:\$system'
			dynamic_library_path = '$stage$pkglibdir:\$libdir'
		END
	else
		say "This server can load extensions from its own directories only: it has neither Debian's"
		say "extension_destdir nor PostgreSQL 18's extension_control_path. Nothing is installed there"
		say "by this script; use 'make install' and 'make installcheck' yourself."
		return 1
	fi
}

# Messages of server and psql in Chinese, in a locale made for them, if there is what it takes: sources of locales, gettext.
setup_chinese()
{
	have msgfmt || return 0
	mkdir "$work/locales" && localedef -i zh_CN -f UTF-8 "$work/locales/zh_CN.UTF-8" >/dev/null 2>&1 || return 0
	locales=$work/locales
	messages=zh_CN.UTF-8
	speaks=zh_CN.UTF-8
}

setup_server()
{
	run_quietly initdb "$bindir/initdb" -D "$work/data" -U postgres -A trust -E UTF8 \
		--locale=C.UTF-8 --no-sync || return 1
	write_stage_settings || return 1
	cat - "$stage/regtarget.conf" >>"$work/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$socket'
		fsync = off
		full_page_writes = off
		lc_messages = '$messages'
	END
	run_quietly start "$bindir/pg_ctl" -D "$work/data" -l "$work/log/server" -w start ||
		{ tail -n 20 "$work/log/server" >&2; return 1; }
}
