#!/usr/bin/env python3
"""Compares the cell reader with another.

    cells_compare.py DRIVER [--cases N] [--columns N] [--seed N]
    cells_compare.py DRIVER --messy DIRECTORY

Random and mutated cells, by every convention, must be read alike: the same value, nothing, or refused
by both.  So must random columns in several languages.  cells_reference.py is the other reader,
cells_random.py makes the cells.
"""
import argparse
import csv
import datetime
import io
import pathlib
import random
import re
import subprocess
import sys

import cells_random
from cells_reference import EMPTY, EPOCH, OURS, REFUSED, expected, expected_column, shows


# ---- comparing -----------------------------------------------------------------------------


def ask(driver, lines):
    """The kernel's answers, line by line."""
    answers = subprocess.run([driver], input='\n'.join(lines) + '\n', capture_output=True, text=True, check=True)
    answers = answers.stdout.splitlines()
    assert len(answers) == len(lines), 'an answer is missing'
    return answers


def answers_to(driver, cases):
    """(what it shows of its column, what was read) for each (kind, convention, cell)."""
    for answer in ask(driver, [f'{kind}{by.code}{cell.hex()}' for kind, by, cell in cases]):
        shown = '0'
        if answer[:1].isdigit():
            shown, answer = answer.split(' ', 1)
        yield int(shown), REFUSED if answer.startswith(REFUSED) else answer, answer


def compare(driver, cases):
    """Prints what is read otherwise; how much it is, and how many cells were read."""
    wrong = values = 0
    for (kind, by, cell), (shown, got, answer) in zip(cases, answers_to(driver, cases)):
        want = expected(kind, cell, by)
        wanted_shown = shows(kind, cell, by) if kind in 'an' else 0
        values += want.startswith('value')
        if got != want or shown != wanted_shown:
            wrong += 1
            if wrong <= 20:
                print(f'{kind} {by.code} {cell!r} "{cell.decode("utf-8", "replace")}": {answer} ({shown}), '
                      f'not {want} ({wanted_shown})')
    return wrong, values


def compare_columns(driver, columns):
    """The same for whole columns of (kind, convention, cells)."""
    wrong = doubted = 0
    lines = [kind.upper() + by.code + ' '.join(cell.hex() or '-' for cell in cells) for kind, by, cells in columns]
    for (kind, by, cells), answer in zip(columns, ask(driver, lines)):
        want = expected_column(kind, cells, by)
        doubted += sum(now != alone for now, alone in zip(want, (expected(kind, cell, by) for cell in cells)))
        if answer.split('\t') != want:
            wrong += 1
            if wrong <= 20:
                print(f'column {kind} {by.code} {cells!r}: {answer!r}, not {want}')
    return wrong, doubted


# ---- what others exported --------------------------------------------------------------------

# By file: how many rows are above the data, and by column what a person reads there: a reader and
# what it must give for a text, or REFUSED.  The texts of the other columns are no figures.
def amount(text):
    return f"value {text.strip().replace(',', '')}"


def day(text):
    return f'value {(datetime.date.fromisoformat(text[:10]) - EPOCH).days}'


def messy_expectations(name, rows):
    """(kind, text, what a person would say)"""
    if name == 'chinese_utf8_bom.csv':
        return [('a', row[1], amount(row[1])) for row in rows[1:]]
    if name == 'chinese_utf8_bom_dates.csv':
        return [case for row in rows[1:] for case in (('d', row[1], day(row[1])), ('a', row[2], amount(row[2])),
                                                      ('d', row[0], REFUSED), ('a', row[1], REFUSED))]
    if name == 'chinese_utf8_bom_value_error_booleans.csv':
        return [case for row in rows[1:] for text in row for case in judge_mixed(text)]
    if name == 'cr_only_line_ends.csv':
        return [('n', text, judge_figure(text)) for row in rows[4:] for text in row]
    if name == 'spaces_and_two_date_formats.csv':
        return [case for row in rows[1:] for case in (
            ('d', row[0], day(row[0])), ('d', row[1], REFUSED if row[1].strip() else EMPTY),
            ('a', row[2], amount(row[2])))]
    if name == 'title_rows_thousands_separators.csv':
        return [('a', text, amount(text)) for row in rows if row and row[0] != 'Year' and len(row) > 2 and row[1]
                for text in row[1:]]
    return []


def judge_figure(text):
    """A year or an anomaly; asterisks for what is missing, remarks below the table."""
    if not text.strip():
        return EMPTY
    return f'value {float(text):.17g}' if re.fullmatch('-?[0-9]+', text) else REFUSED


def judge_mixed(text):
    if text.startswith('2020-'):
        return [('d', text, day(text)), ('a', text, REFUSED), ('b', text, REFUSED)]
    if text in ('TRUE', '1'):
        return [('b', text, 'value 1'), ('a', text, 'value 1' if text == '1' else REFUSED)]
    if text == '2':
        return [('b', text, REFUSED), ('a', text, 'value 2')]
    return [(kind, text, REFUSED) for kind in 'andb']


def compare_messy(driver, directory):
    wrong = count = 0
    for path in sorted(pathlib.Path(directory).glob('*.csv')):
        text = path.read_bytes().decode('utf-8-sig')
        rows = [row for row in csv.reader(io.StringIO(text, newline=''), skipinitialspace=True) if row]
        cases = messy_expectations(path.name, rows)
        for (kind, cell, want), (_, got, answer) in zip(cases, answers_to(driver, [(k, OURS, c.encode()) for k, c, _ in cases])):
            count += 1
            if got != want:
                wrong += 1
                print(f'{path.name}: {kind} {cell!r}: {answer}, not {want}')
    print(f'{count} cells')
    return wrong == 0 and count > 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('driver')
    parser.add_argument('--cases', type=int, default=20000)
    parser.add_argument('--columns', type=int, default=5000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--messy')
    options = parser.parse_args()
    if options.messy:
        return 0 if compare_messy(options.driver, options.messy) else 1
    rng = random.Random(options.seed)
    cases = cells_random.cases(rng, options.cases)
    wrong, values = compare(options.driver, cases)
    print(f'seed {options.seed}: {len(cases)} readings, {values} of them values, {wrong} otherwise')
    columns = [cells_random.column(rng) for _ in range(options.columns)]
    wrong_columns, doubted = compare_columns(options.driver, columns)
    print(f'{len(columns)} columns, {doubted} cells of which have two readings for what the others show, {wrong_columns} otherwise')
    return 1 if wrong or wrong_columns or values < len(cases) / 20 or doubted < len(columns) / 20 else 0


if __name__ == '__main__':
    sys.exit(main())
