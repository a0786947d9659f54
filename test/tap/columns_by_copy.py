#!/usr/bin/env python3
"""Random columns through \\copy, and what another cell reader makes of them.

    columns_by_copy.py DATABASE [--columns N] [--seed N]

Each column is a statement of its own into deals_in or signals_in, by one of several conventions, its
cells in up to three languages.  Every cell must be read as test/unit/cells_reference.py reads it, and
must be in its table or whole in import_rejects.  The database has the extension, a policy and a unit A.
"""
import argparse
import hashlib
import os
import pathlib
import random
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'unit'))

import cells_random
from cells_reference import EMPTY, REFUSED, expected_column

AT_ONCE = 2000
ORDERS = {'d': "'dmy'", 'm': "'mdy'", '-': 'NULL'}
RESULTS = """
SELECT 'value', source, source_id, coalesce(amount::text, '') FROM regtarget.deals
UNION ALL SELECT 'value', source, signal, value::text FROM regtarget.signals
UNION ALL SELECT 'refused', source, coalesce(row ->> 'source_id', row ->> 'signal'), md5(coalesce(row ->> 'amount', row ->> 'value', ''))
FROM regtarget.import_rejects;
TRUNCATE regtarget.deals, regtarget.signals, regtarget.import_rejects;
"""


def quoted(cell):
    """A cell that COPY itself can read."""
    try:
        text = cell.decode()
    except UnicodeDecodeError:
        text = cell.decode('latin-1')
    return re.sub('[\\0]|\\\\\\.', '?', text)


def script(columns):
    """Statements for the columns, and the cells as they stand in them."""
    lines = ['SET client_min_messages = warning;', 'SET extra_float_digits = 3;']
    cells_of = []
    last = None
    for number, (kind, by, cells) in enumerate(columns):
        texts = [quoted(cell) for cell in cells]
        cells_of.append(texts)
        if by != last:
            lines.append(f"UPDATE regtarget.policies SET currency = '{by.currency}', decimal_comma = {by.mark == ','}, date_order = {ORDERS[by.order]};")
            last = by
        view = 'deals_in (source, source_id, unit, amount)' if kind == 'a' else 'signals_in (source, signal, unit, as_of, value)'
        lines.append(f'\\copy regtarget.{view} FROM STDIN WITH (FORMAT csv)')
        for row, text in enumerate(texts):
            cell = '"' + text.replace('"', '""') + '"'
            lines.append(f'{number},r{row},A,{cell}' if kind == 'a' else f'{number},r{row}:{number},A,2025-01-01,{cell}')
        lines.append('\\.')
    return '\n'.join(lines) + RESULTS, cells_of


def run(database, statements):
    command = ['psql', '-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', database]
    return subprocess.run(command, input=statements.encode(), capture_output=True, check=True,
                          env={**os.environ, 'PGCLIENTENCODING': 'UTF8'}).stdout.decode()


def outcomes(output):
    found = {}
    for line in output.splitlines():
        what, source, row, value = line.split('\t')
        found.setdefault((int(source), int(row[1:].split(':')[0])), []).append((what, value))
    return found


def as_read(kind, text, want, found):
    """Is that what became of the cell?"""
    if len(found) != 1:
        return False
    what, value = found[0]
    if want == REFUSED or (want == EMPTY and kind == 'n'):
        return what == 'refused' and value == hashlib.md5(text.encode()).hexdigest()
    if want == EMPTY:
        return (what, value) == ('value', '')
    read = want.split(' ', 1)[1]
    return what == 'value' and (value == read if kind == 'a' else float(value) == float(read))


def compare(database, columns):
    """How many cells there are, how many are read otherwise or lost, how many refused."""
    statements, cells_of = script(columns)
    found = outcomes(run(database, statements))
    count = wrong = refused = 0
    for number, (kind, by, _) in enumerate(columns):
        want = expected_column(kind, [text.encode() for text in cells_of[number]], by)
        for row, text in enumerate(cells_of[number]):
            count += 1
            refused += want[row] == REFUSED
            got = found.pop((number, row), [])
            if not as_read(kind, text, want[row], got):
                wrong += 1
                if wrong <= 20:
                    print(f'{kind} {by.code} {text!r} in {cells_of[number]!r}: {got}, not {want[row]}')
    if found:
        print(f'rows that nobody loaded: {list(found)[:5]}')
    return count, wrong + len(found), refused


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('database')
    parser.add_argument('--columns', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    total = [0, 0, 0]
    for start in range(0, options.columns, AT_ONCE):
        columns = [cells_random.column(rng) for _ in range(min(AT_ONCE, options.columns - start))]
        columns.sort(key=lambda column: column[1])
        total = [a + b for a, b in zip(total, compare(options.database, columns))]
    count, wrong, refused = total
    print(f'seed {options.seed}: {options.columns} columns, {count} cells, {refused} of them refused, {wrong} otherwise or lost')
    return 1 if wrong or not count / 20 < refused < count * 19 / 20 else 0


if __name__ == '__main__':
    sys.exit(main())
