#!/usr/bin/env bash
# What statements say to users, the texts of regtarget.translated('...') in the given files of SQL or C, as lines of C
# for xgettext: it reads no SQL, nor what stands inside C's strings. A text stands on one line.
set -euo pipefail
export LC_ALL=C.UTF-8

for file; do
	case $file in
		*.sql) quote='s/[\\"]/\\&/g' ;;	# in C's strings they are quoted already
		*) quote= ;;
	esac
	{ grep -noE "translated\('([^']|'')*'\)" "$file" || true; } |
		sed -E "s/^([0-9]+):translated\('(.*)'\)\$/\1:\2/; s/''/'/g; $quote" |
		while IFS=: read -r line text; do
			printf '#line %s "%s"\ntranslated("%s");\n' "$line" "$file" "$text"
		done
done
