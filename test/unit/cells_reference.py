#!/usr/bin/env python3
"""Compares the cell reader with another, made of regular expressions, decimal and datetime.

    cells_reference.py DRIVER [--cases N] [--seed N]
    cells_reference.py DRIVER --messy DIRECTORY

Nothing here follows the kernel's way: characters are told apart by unicodedata, the grammar is a
handful of expressions over the folded text, values are Decimals.  Random and mutated cells must be
read alike: the same value, nothing, or refused by both.
"""
import argparse
import csv
import datetime
import decimal
import io
import pathlib
import random
import re
import subprocess
import sys
import unicodedata
from decimal import Decimal

decimal.getcontext().prec = 1000
decimal.getcontext().Emax = decimal.MAX_EMAX
decimal.getcontext().Emin = decimal.MIN_EMIN

LONGEST = 255
EMPTY, REFUSED = 'empty', 'refused'


class Refused(Exception):
    pass


def require(condition):
    if not condition:
        raise Refused


# ---- text ----------------------------------------------------------------------------------

BLANKS = set('\t\n\v\f\r\x85\u180e\u2060\ufeff') | set(map(chr, range(0x200b, 0x2010)))
SAME = str.maketrans('萬億圓圆幣仟佰拾贏輸單時點点號’', '万亿元元币千百十赢输单时时时号\'')


def fold_character(c):
    if unicodedata.category(c) == 'Zs':
        return ' '
    if c in BLANKS or unicodedata.category(c) in ('Zl', 'Zp'):
        return '\t'
    if unicodedata.bidirectional(c) in ('LRE', 'RLE', 'PDF', 'LRO', 'RLO', 'LRI', 'RLI', 'FSI', 'PDI'):
        return '\t'
    if '\u2010' <= c <= '\u2015' or unicodedata.name(c, '') == 'MINUS SIGN':
        return '-'
    if unicodedata.decomposition(c).startswith('<wide>'):
        c = unicodedata.normalize('NFKC', c)
    return c.lower() if c.isascii() else c


def fold(cell):
    """The folded text; None when there is none.  Spaces outside do not count as length."""
    text = cell.decode('utf-8', 'surrogateescape')
    folded = [fold_character(c) for c in text]
    full = [i for i, c in enumerate(folded) if c not in ' \t']
    if not full:
        return None
    inside = text[full[0]:full[-1] + 1]
    require(len(inside.encode('utf-8', 'surrogateescape')) <= LONGEST)
    require(not re.search('[\0\ud800-\udfff]', inside))
    folded = ''.join(folded[full[0]:full[-1] + 1]).translate(SAME)
    require(not folded.startswith('#') and folded.strip('-'))
    return folded


# ---- amounts and numbers -------------------------------------------------------------------

CURRENCY = '¥|元整|元|rmb|cny|cn¥|人民币'
UNIT = '[十百千]?万亿?|[十百千]?亿|[百千]'
GROUPED = r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)|[1-9][0-9]{0,3}(?:,[0-9]{4}){2,}"
FIGURE = rf'(?:(?:{GROUPED}|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)'
S = r'[ \t]*'
NUMBER = re.compile(
    rf'(?P<front>(?:{S}(?:{CURRENCY}|[-+(]))*){S}'
    rf'(?:(?P<single>{FIGURE})(?:e(?P<exponent>[-+]?[0-9]+))?'
    rf'|(?P<parts>{FIGURE}{S}(?:{UNIT})(?:{S}(?=[0-9]){FIGURE}{S}(?:{UNIT}))*)(?:{S}(?P<tail>(?=[0-9]){FIGURE}))?)'
    rf'(?P<back>(?:{S}(?:{CURRENCY}|[-%)]))*){S}')
PART = re.compile(rf'({FIGURE}){S}({UNIT})')


def power(unit):
    small = {'十': 1, '百': 2, '千': 3}
    return sum(small.get(c, 0) + {'万': 4, '亿': 8}.get(c, 0) for c in unit)


def plain(figure):
    return Decimal(re.sub("[ ,']", '', figure))


def check_amount(value):
    """In range, and with few enough decimals that are not zeros at the end."""
    require(abs(value) < 10 ** 15)
    require(value == value.quantize(Decimal(1).scaleb(-18)))
    return value


def add_parts(match):
    """A sum of several parts, each with its unit but perhaps the last."""
    parts = [(plain(f), power(u), f) for f, u in PART.findall(match['parts'])]
    if match['tail']:
        parts.append((plain(match['tail']), 0, match['tail']))
    total = Decimal(0)
    for i, (figure, unit, written) in enumerate(parts):
        value = check_amount(figure.scaleb(unit))
        require(not re.search(r'\.[0-9]', written) or i == len(parts) - 1)
        if i > 0:
            above = parts[i - 1][1]
            require(unit < above and value < 10 ** above)
            require(unit > 0 or not re.match(r'[0-9](?:$|\.)', written))
            require(above < 8 or unit >= 4 or value >= 10 ** (8 if above >= 12 else 4))
        total += value
    return total


def scan_number(text):
    """(sign, unsigned Decimal, is it a sum of parts)"""
    match = NUMBER.fullmatch(text)
    require(match)
    tokens = match['front'] + match['back']
    currencies = len(re.findall(CURRENCY, tokens))
    percent = tokens.count('%')
    require(sum(map(tokens.count, '-+(')) <= 1 and tokens.count('(') == tokens.count(')'))
    require(currencies <= 3 and percent <= 1)
    sign = -1 if '-' in tokens or '(' in tokens else 1
    if match['single'] is None:
        require(not percent)
        if match['tail'] or len(PART.findall(match['parts'])) > 1:
            return sign, add_parts(match), True
        figure, unit = PART.fullmatch(match['parts']).groups()
        return sign, plain(figure).scaleb(power(unit)), False
    require(not percent or (currencies == 0 and match['exponent'] is None))
    exponent = int(match['exponent'] or 0)
    require(match['exponent'] is None or not re.search("[ ,']", match['single']))
    exponent = max(min(exponent, 10 ** 6), -10 ** 6)
    return sign, plain(match['single']).scaleb(exponent - 2 * percent), False


def read_amount(text):
    sign, value, _ = scan_number(text)
    check_amount(value)
    decimals = min(max(-value.as_tuple().exponent, 0), 18)
    return f'{sign * value if value else abs(value):.{decimals}f}'


def read_number(text):
    sign, value, parts = scan_number(text)
    number = float(value)
    require(number < float('inf') and (number > 0 or value == 0))
    return '%.17g' % (sign * number if number else 0.0)


# ---- days ----------------------------------------------------------------------------------

TIME = (rf'(?P<t>t)?{S}(?P<half>上午|下午|am|pm)?{S}(?P<hour>[0-9]{{1,2}})'
        rf'(?::(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}})(?:\.(?P<fraction>[0-9]+))?)?'
        rf'|{S}时(?:{S}(?P<minute_>[0-9]{{1,2}})(?:{S}分(?:{S}(?P<second_>[0-9]{{1,2}})(?:{S}秒)?)?)?)?)'
        rf'(?:{S}(?P<half_>上午|下午|am|pm))?')
OFFSET = r'[-+](?:[0-9]{4}|[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?)?)'
ZONE = rf'(?:{S}(?:z|(?P<name>utc|gmt)(?:{S}(?P<offset>{OFFSET}))?|(?P<offset_>{OFFSET})))?'
DATE = (rf'(?:(?P<y>[0-9]{{4}}){S}(?P<mark>[-/.]){S}(?P<m>[0-9]{{1,2}}){S}(?P=mark){S}(?P<d>[0-9]{{1,2}})(?![0-9])'
        rf'|(?P<y_>[0-9]{{4}}){S}年{S}(?P<m_>[0-9]{{1,2}}){S}月{S}(?P<d_>[0-9]{{1,2}})(?![0-9])(?:{S}[日号])?'
        rf'|(?P<y__>[0-9]{{4}})(?P<m__>[0-9]{{2}})(?P<d__>[0-9]{{2}})(?![0-9]))')
DAY = re.compile(rf'{DATE}(?:{TIME}{ZONE})?{S}')
DIGITS = re.compile(rf'(?P<y>[0-9]{{4}})(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})'
                    rf'(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}}){ZONE}{S}')
SERIAL = re.compile(r'(?P<whole>[1-9][0-9]{0,6})(?:\.(?P<part>[0-9]+))?')
EPOCH = datetime.date(1970, 1, 1)


def field(match, name):
    groups = match.groupdict()
    found = [groups[key] for key in (name, name + '_', name + '__') if groups.get(key) is not None]
    return found[0] if found else None


def is_date(year, month, day):
    try:
        return datetime.date(year, month, day) is not None
    except ValueError:
        return False


def looks_like_a_date(digits, part):
    """Could these be a year, a month, or a date without its separators or a zero?"""
    def likely(year):
        return 1900 <= int(year) <= 2099

    if len(digits) == 4:
        return likely(digits)
    if len(digits) == 6:
        year, month, day = (int(digits[i:i + 2]) for i in (0, 2, 4))
        return is_date(2000 + year, month, day) or (likely(digits[:4]) and 1 <= day <= 12)
    if len(digits) == 7:
        year = int(digits[:4])
        return likely(year) and (is_date(year, int(digits[4]), int(digits[5:])) or
                                 is_date(year, int(digits[4:6]), int(digits[6])))
    return False


def read_serial(match):
    serial = int(match['whole'])
    require(serial <= 2958465 and serial != 60)
    require(not looks_like_a_date(match['whole'], match['part']))
    start = datetime.date(1899, 12, 30 if serial > 60 else 31)
    return str((start + datetime.timedelta(serial) - EPOCH).days)


def seconds_of(match):
    hour, minute = int(match['hour']), int(field(match, 'minute') or 0)
    second = int(field(match, 'second') or 0)
    half = field(match, 'half')
    if half is not None:
        require(match['half'] is None or match['half_'] is None)
        require(hour <= (12 if half in ('上午', 'am') else 23))
        if half in ('上午', 'am'):
            hour %= 12
        elif hour < 12:
            hour += 12
    require(hour <= 23 and minute <= 59 and second <= 59)
    return hour * 3600 + minute * 60 + second


def offset_of(match, time):
    """Seconds; None without a zone.  A time later than that before it may end a meeting."""
    offset = field(match, 'offset')
    if offset is None:
        zone = match.string[match.end('half_') if match.groupdict().get('half_') else 0:]
        return 0 if re.search(r'(?:z|utc|gmt)[ \t]*$', zone) else None
    parts = re.fullmatch(r'([0-9]{1,2}?)(?::?([0-9]{2}))?(?::([0-9]{2}))?', offset[1:])
    hours, minutes, seconds = (int(x or 0) for x in parts.groups())
    require(minutes <= 59 and seconds <= 59)
    distance = hours * 3600 + minutes * 60 + seconds
    if offset[0] == '-' and match['name'] is None and match.groupdict().get('t') is None and \
            (field(match, 'second') is None or offset.count(':') == 2):
        require(distance <= time)
    require(distance <= (12 if offset[0] == '-' else 14) * 3600)
    return -distance if offset[0] == '-' else distance


def read_day(text):
    match = SERIAL.fullmatch(text)
    if match:
        return read_serial(match)
    match = DIGITS.fullmatch(text) or DAY.fullmatch(text)
    require(match)
    year, month, day = (int(field(match, name)) for name in 'ymd')
    require(year >= 1000 and is_date(year, month, day))
    number = (datetime.date(year, month, day) - EPOCH).days
    if match['hour'] is None:
        return str(number)
    seconds = seconds_of(match)
    offset = offset_of(match, seconds)
    if offset is None:
        return str(number)
    micros = int((match.groupdict().get('fraction') or '').ljust(6, '0')[:6])
    return f'{number} {(number * 86400 + seconds - offset) * 10 ** 6 + micros}'


# ---- booleans ------------------------------------------------------------------------------

WORDS = {word: value for value, words in (
    ('1', 'yes,y,true,t,1,是,won,closed won,赢单'),
    ('0', 'no,n,false,f,0,否,lost,closed lost,输单')) for word in words.split(',')}


def read_boolean(text):
    require(text in WORDS)
    return WORDS[text]


READERS = {'a': read_amount, 'n': read_number, 'd': read_day, 'b': read_boolean}


def expected(kind, cell):
    try:
        text = fold(cell)
        return EMPTY if text is None else 'value ' + READERS[kind](text)
    except Refused:
        return REFUSED


# ---- cells to try --------------------------------------------------------------------------

PIECES = ('0 1 2 5 9 00 05 10 12 31 60 99 123 500 1000 1234 2000 2025 5000 20250701 45839 250701 '
          '20250701090530 123456789012345 999999999999999 1.5 0.00 .5 1,234 1,2345,6789 12,34 1.234,50 '
          '2025-07-01 2025/7/1 2025.7.1 2025年7月1日 03/04/2025 09:05 23:59:59 24:00 9:05:30.25 '
          '9时5分30秒 T Z +08 +0800 -05:00 +08:00 UTC GMT+8 CST AM pm 上午 下午 '
          '万 亿 千 百 十 兆 千万 百万 万亿 萬 億 ¥ ￥ 元 圆 元整 RMB cny CN¥ 人民币 $ € HKD 美元 '
          '- + ( ) （ ） － % ％ . ， , e E+08 e-5 e400 # / : 年 月 日 号 时 分 秒 '
          'yes no Y n TRUE false t 是 否 Won Lost Closed 赢单 输单 '
          '１２ ３４５ ． − – —').split() + [
              ' ', ' ', '\t', '\n', '\u00a0', '\u2009', '\u202f', '\u3000', '\ufeff', '\u200b', '\u200e',
              "'", '’', '\u2028']

SEEDS = ('1234.50', '-1,234,567.80', '1 234 567', '1.2亿', '350万', '1亿2000万', '1亿2000万5000', '3千万元',
         '¥1,200.50', '1,200元', 'RMB 12', '(1,234.50)', '5-', '12.5%', '1.2E+08', '１，２３４．５', '1.234,50',
         '3万5', '1亿5000', '5兆', '2025-07-01', '2025/7/1', '2025.7.1', '20250701', '2025年7月1日', '45839.5',
         '2025-07-01 09:05:30.123+08:00', '2011-07-07T00:37:00.000+0000', '2025年7月1日 下午3:05',
         '2025年7月1日9时5分30秒', '20250701090530Z', '03/04/2025', '2025-07-01 09:00-11:00', '24 October 2011',
         '1999-02-29', '250701', '202507', 'TRUE', '赢单', 'Closed Won', '是', 'no', '#VALUE!', '-', '\ufeff\u3000')


def wide(text):
    return ''.join(chr(ord(c) + 0xfee0) if '!' <= c <= '~' else c for c in text)


def mutate(text, rng):
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(8)
    if kind == 0:
        return text[:at] + text[at + 1:]
    if kind == 1:
        return text[:at] + text[max(at - 3, 0):at] + text[at:]
    if kind == 2:
        return text[:at] + rng.choice(PIECES) + text[at + 1:]
    if kind == 3:
        return wide(text) if rng.random() < 0.5 else text[:at] + wide(text[at:])
    if kind == 4:
        return rng.choice(PIECES) + text + rng.choice(PIECES)
    if kind == 5:
        return text[:at] + rng.choice('0123456789') + text[at + 1:]
    if kind == 6:
        return text[:at] + chr(rng.choice((rng.randrange(128), rng.randrange(0x2000, 0x2070),
                                           rng.randrange(0xff00, 0xfff0), rng.randrange(0xd800)))) + text[at:]
    return text[:at] + rng.choice(PIECES) + text[at:]


def number_cell(rng):
    """Likely to be read."""
    figure = str(rng.randrange(10 ** rng.randrange(1, 17)))
    if rng.random() < 0.4:
        figure = f'{int(figure):,}'.replace(',', rng.choice((',', ',', ' ', "'", '\u00a0', '，')))
    if rng.random() < 0.5:
        figure += '.' + ''.join(rng.choice('0123456789') for _ in range(rng.randrange(20)))
    if rng.random() < 0.2:
        figure += f'e{rng.randrange(-330, 330) if rng.random() < 0.3 else rng.randrange(-9, 9)}'
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        figure += rng.choice(('万', '亿', '千万', '百', '千', '万亿', ' 亿 ')) + str(rng.randrange(10 ** rng.randrange(6)))
    if rng.random() < 0.3:
        figure += rng.choice(('万', '元', '万元', '%', '-', ' CNY'))
    return rng.choice(('', '', '', '-', '¥', '¥ -', '(', '+')) + figure + rng.choice(('', '', '', ')', ' '))


def day_cell(rng):
    day = EPOCH + datetime.timedelta(rng.randrange(-100000, 100000))
    y, m, d = day.year, day.month, day.day + (rng.random() < 0.05) * 3
    cell = rng.choice((f'{y}-{m:02}-{d:02}', f'{y}/{m}/{d}', f'{y}.{m}.{d}', f'{y}年{m}月{d}日', f'{y}{m:02}{d:02}',
                       f'{y} - {m} - {d}', f'{m}/{d}/{y}', f'{rng.randrange(3000000)}', f'{rng.randrange(70000)}.5'))
    if rng.random() < 0.5:
        h, i, s = rng.randrange(26), rng.randrange(62), rng.randrange(62)
        cell += rng.choice((' ', 'T', '', '  ', ' 下午', ' am '))
        cell += rng.choice((f'{h:02}:{i:02}', f'{h}:{i:02}:{s:02}', f'{h:02}:{i:02}:{s:02}.{rng.randrange(10 ** 8)}',
                            f'{h}时{i}分', f'{h}点', f'{h}时{i}分{s}秒', f'{h:02}{i:02}{s:02}'))
        h, i = rng.randrange(16), rng.choice((0, 0, 30, i))
        cell += rng.choice(('', '', 'Z', ' UTC', '+08', '-05:00', f'+{h:02}{i:02}', f'-{h:02}:{i:02}', f'-{h:02}', ' GMT+8', ' pm', ' PM +08',
                            f'-{h:02}:{i:02}:{s:02}'))
    return cell


def random_cell(rng):
    kind = rng.randrange(6)
    if kind == 0:
        text = number_cell(rng)
    elif kind == 1:
        text = day_cell(rng)
    elif kind == 2:
        text = ''.join(rng.choice(PIECES) for _ in range(rng.randrange(1, 6)))
    elif kind == 3:
        text = rng.choice(SEEDS)
    else:
        text = rng.choice(SEEDS) if kind == 4 else rng.choice((number_cell, day_cell))(rng)
        for _ in range(rng.randrange(1, 4)):
            text = mutate(text, rng)
    if rng.random() < 0.01:
        text = text * rng.randrange(100)
    cell = text.encode('utf-8')
    if rng.random() < 0.02 and cell:
        at = rng.randrange(len(cell))
        cell = cell[:at] + bytes([rng.randrange(256)]) + cell[at + (rng.random() < 0.5):]
    return cell


# ---- comparing -----------------------------------------------------------------------------


def ask(driver, cases):
    """The kernel's answers to (kind, cell)."""
    lines = ''.join(f'{kind}{cell.hex()}\n' for kind, cell in cases)
    answers = subprocess.run([driver], input=lines, capture_output=True, text=True, check=True)
    answers = answers.stdout.splitlines()
    assert len(answers) == len(cases), 'an answer is missing'
    return answers


def compare(driver, cases):
    """Prints what is read otherwise; how much it is, and how many cells were read."""
    wrong = values = 0
    for (kind, cell), answer in zip(cases, ask(driver, cases)):
        want = expected(kind, cell)
        got = REFUSED if answer.startswith(REFUSED) else answer
        values += want.startswith('value')
        if got != want:
            wrong += 1
            if wrong <= 20:
                print(f'{kind} {cell!r} "{cell.decode("utf-8", "replace")}": {answer}, not {want}')
    return wrong, values


def random_cases(count, seed):
    rng = random.Random(seed)
    cells = [random_cell(rng) for _ in range(count)]
    return [(kind, cell) for cell in cells for kind in ('aandb' if rng.random() < 0.2 else 'and')]


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
        for (kind, cell, want), answer in zip(cases, ask(driver, [(k, c.encode()) for k, c, _ in cases])):
            count += 1
            if (REFUSED if answer.startswith(REFUSED) else answer) != want:
                wrong += 1
                print(f'{path.name}: {kind} {cell!r}: {answer}, not {want}')
    print(f'{count} cells')
    return wrong == 0 and count > 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('driver')
    parser.add_argument('--cases', type=int, default=20000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--messy')
    options = parser.parse_args()
    if options.messy:
        return 0 if compare_messy(options.driver, options.messy) else 1
    cases = random_cases(options.cases, options.seed)
    wrong, values = compare(options.driver, cases)
    print(f'seed {options.seed}: {len(cases)} readings, {values} of them values, {wrong} otherwise')
    return 1 if wrong or values < len(cases) / 20 else 0


if __name__ == '__main__':
    sys.exit(main())
