#!/usr/bin/env bash
# What is wrong with the catalogues of the given languages: texts of po/regtarget.pot without a translation or with one
# that is only guessed (fuzzy), formats that do not fit. Nothing on stdout: all is well.
set -uo pipefail
cd "$(dirname "$0")" || exit
found=0
for language; do
	msgcmp "$language.po" regtarget.pot 2>&1 || found=1
	msgfmt --check -o /dev/null "$language.po" 2>&1 || found=1
	# src/base/languages.c promises that a database of EUC_CN has all letters.
	[ "$language" != zh_CN ] || iconv -f UTF-8 -t EUC-CN "$language.po" 2>&1 >/dev/null || found=1
done
exit $found
