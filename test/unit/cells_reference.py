"""Another cell reader, made of regular expressions, decimal and datetime, to compare the kernel's with.

Nothing here follows the kernel's way: characters are told apart by unicodedata, the grammar is a
handful of expressions over the folded text, values are Decimals.
"""
import datetime
import decimal
import functools
import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

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


class Convention(NamedTuple):
    """How a company writes: its currency, its decimal mark, and d, m or - for a date's order."""
    currency: str = 'CNY'
    mark: str = '.'
    order: str = '-'

    @property
    def code(self):
        return self.currency + self.mark + self.order

    @property
    def swapped(self):
        return self._replace(mark='.' if self.mark == ',' else ',')


OURS = Convention()


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

CURRENCIES = {
    'CNY': '¥ 元整 元 rmb cny cn¥ 人民币', 'USD': '$ us$ usd 美元 美金 dollars dollar', 'EUR': '€ euros euro eur 欧元',
    'GBP': '£ gbp pounds pound 英镑', 'JPY': '円 ¥ jp¥ jpy yen 日元', 'HKD': 'hk$ $ hkd 港元 港币 元',
    'TWD': 'nt$ $ twd ntd 新台币 台币 元', 'KRW': '₩ krw 韩元 韩币', 'SGD': 's$ $ sgd 新元 新加坡元', 'AUD': 'a$ au$ $ aud 澳元',
    'CAD': 'c$ ca$ $ cad 加元', 'NZD': 'nz$ $ nzd 新西兰元', 'CHF': 'chf sfr. fr. 瑞郎', 'INR': '₹ inr rs. 卢比',
    'RUB': '₽ rub 卢布', 'THB': '฿ thb 泰铢', 'VND': '₫ vnd 越南盾', 'MYR': 'rm myr 令吉', 'IDR': 'rp idr 印尼盾',
    'PHP': '₱ php', 'MOP': 'mop$ mop 澳门元', 'BRL': 'r$ brl', 'MXN': 'mx$ $ mxn', 'SEK': 'kr sek', 'NOK': 'kr nok',
    'DKK': 'kr dkk', 'PLN': 'zł pln', 'TRY': '₺ try', 'ZAR': 'zar', 'AED': 'aed', 'SAR': 'sar', '': '¢'}
UNIT = '[十百千]?万亿?|[十百千]?亿|[百千]'
S = r'[ \t]*'


def words(currency):
    """An expression for the words of a currency, or of any when it is None."""
    if currency is not None:
        return '|'.join(map(re.escape, CURRENCIES.get(currency, currency.lower()).split()))
    found = sorted({word for named in CURRENCIES.values() for word in named.split()}, key=len, reverse=True)
    return '|'.join(re.escape(word) + ('(?![a-z])' if 'a' <= word[-1] <= 'z' else '') for word in found)


class Grammar:
    def __init__(self, mark, currency):
        group = '.' if mark == ',' else ','
        self.point, self.group, self.currency = mark, group, words(currency)
        p, g = re.escape(mark), re.escape(group)
        # In fours, as Chinese counts, by commas alone.
        fours = '' if mark == ',' else '|[1-9][0-9]{0,3}(?:,[0-9]{4}){2,}'
        grouped = rf"[1-9][0-9]{{0,2}}(?:(?:{g}[0-9]{{3}})+|(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+){fours}"
        self.figure = figure = rf'(?:(?:{grouped}|[0-9]+)(?:{p}[0-9]*)?|{p}[0-9]+)'
        self.number = re.compile(
            rf'(?P<front>(?:{S}(?:{self.currency}|[-+(]))*){S}'
            rf'(?:(?P<single>{figure})(?:e(?P<exponent>[-+]?[0-9]+))?'
            rf'|(?P<parts>{figure}{S}(?:{UNIT})(?:{S}(?=[0-9]){figure}{S}(?:{UNIT}))*)(?:{S}(?P<tail>(?=[0-9]){figure}))?)'
            rf'(?P<back>(?:{S}(?:{self.currency}|[-%)]))*){S}')
        self.part = re.compile(rf'({figure}){S}({UNIT})')

    def plain(self, figure):
        return Decimal(re.sub("[ ']", '', figure).replace(self.group, '').replace(self.point, '.'))


@functools.lru_cache(maxsize=None)
def grammar(mark, currency):
    return Grammar(mark, currency)


def power(unit):
    small = {'十': 1, '百': 2, '千': 3}
    return sum(small.get(c, 0) + {'万': 4, '亿': 8}.get(c, 0) for c in unit)


def check_amount(value):
    """In range, and with few enough decimals that are not zeros at the end."""
    require(abs(value) < 10 ** 15)
    require(value == value.quantize(Decimal(1).scaleb(-18)))
    return value


def add_parts(g, match):
    """A sum of several parts, each with its unit but perhaps the last."""
    parts = [(g.plain(f), power(u), f) for f, u in g.part.findall(match['parts'])]
    if match['tail']:
        parts.append((g.plain(match['tail']), 0, match['tail']))
    total = Decimal(0)
    for i, (figure, unit, written) in enumerate(parts):
        value = check_amount(figure.scaleb(unit))
        require(not re.search(re.escape(g.point) + '[0-9]', written) or i == len(parts) - 1)
        if i > 0:
            above = parts[i - 1][1]
            require(unit < above and value < 10 ** above)
            require(unit > 0 or not re.match('[0-9](?:$|' + re.escape(g.point) + ')', written))
            require(above < 8 or unit >= 4 or value >= 10 ** (8 if above >= 12 else 4))
        total += value
    return total


def scan_number(text, g):
    """(sign, unsigned Decimal, its figures as written)"""
    match = g.number.fullmatch(text)
    require(match)
    currencies = len(re.findall(g.currency, match['front'])) + len(re.findall(g.currency, match['back']))
    behind = re.sub(g.currency, '', match['back'])
    bare = re.sub(g.currency, '', match['front']) + behind
    require(sum(map(bare.count, '-+(')) <= 1 and bare.count('(') == bare.count(')'))
    percent = bare.count('%')
    require(currencies <= 3 and percent <= 1)
    sign = -1 if '-' in bare or '(' in bare else 1
    figures = [match['single']] if match['single'] else [figure for figure, _ in g.part.findall(match['parts'])]
    figures += [match['tail']] if match['tail'] else []
    # 5.- may be five without cents.
    require(not figures[-1].endswith(g.point) or '-' not in behind)
    if match['single'] is None:
        require(not percent)
        if len(figures) > 1:
            return sign, add_parts(g, match), figures
        figure, unit = g.part.fullmatch(match['parts']).groups()
        return sign, g.plain(figure).scaleb(power(unit)), figures
    require(not percent or (currencies == 0 and match['exponent'] is None))
    exponent = int(match['exponent'] or 0)
    if match['exponent'] is not None:
        require(not re.search(f"[ {re.escape(g.group)}']", match['single']))
        figures = [match['single'] + 'e']
    exponent = max(min(exponent, 10 ** 6), -10 ** 6)
    return sign, g.plain(match['single']).scaleb(exponent - 2 * percent), figures


def read_amount(text, by):
    sign, value, _ = scan_number(text, grammar(by.mark, by.currency))
    check_amount(value)
    decimals = min(max(-value.as_tuple().exponent, 0), 18)
    return f'{sign * value if value else abs(value):.{decimals}f}'


def read_number(text, by):
    sign, value, _ = scan_number(text, grammar(by.mark, by.currency))
    number = float(value)
    require(number < float('inf') and (number > 0 or value == 0))
    return '%.17g' % (sign * number if number else 0.0)


# ---- the language of a column ----------------------------------------------------------------

OWN_GROUPS, OWN_POINT, OTHER, LONE_GROUP, LONE_POINT = 1, 2, 4, 8, 16


def shown_by_figure(figure, g):
    """Would others, who change commas and points, read the figure too, and otherwise?"""
    p, q = re.escape(g.point), re.escape(g.group)
    if g.group in figure:
        return LONE_GROUP if re.fullmatch(f'[0-9]{{1,3}}{q}[0-9]{{3}}', figure) else OWN_GROUPS
    if g.point in figure:
        return LONE_POINT if re.fullmatch(f'[1-9][0-9]{{0,2}}{p}[0-9]{{3}}', figure) else OWN_POINT
    return 0


def shown_by(figures, g):
    shown = functools.reduce(int.__or__, (shown_by_figure(figure, g) for figure in figures))
    return shown & (OWN_GROUPS | OWN_POINT) or shown


def figures_if_read(text, g):
    """What is read as an amount, in whatever currency."""
    try:
        _, value, figures = scan_number(text, g)
        check_amount(value)
        return figures
    except Refused:
        return None


def shows(kind, cell, by):
    """What a cell shows of the language of its column."""
    try:
        text = fold(cell)
        if text is None:
            return 0
    except Refused:
        return 0
    own = grammar(by.mark, by.currency)
    try:
        READERS[kind](text, by)
        return shown_by(scan_number(text, own)[2], own)
    except Refused:
        pass
    for convention in (by, by.swapped):
        g = grammar(convention.mark, None)
        figures = figures_if_read(text, g) if ',' in text or '.' in text else None
        if figures is not None:
            return shown_by(figures, g) & (OWN_GROUPS | OWN_POINT) if convention == by else OTHER
    return 0


def expected_column(kind, cells, by):
    """What is read of each cell when all of them have been seen."""
    shown = [shows(kind, cell, by) for cell in cells]
    seen = functools.reduce(int.__or__, shown, 0)
    doubted = 0
    if seen & OTHER and not seen & OWN_GROUPS:
        doubted = LONE_GROUP | (0 if seen & OWN_POINT else LONE_POINT)
    return [REFUSED if what & doubted else expected(kind, cell, by) for cell, what in zip(cells, shown)]


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
SERIAL = {mark: re.compile(rf'(?P<whole>[1-9][0-9]{{0,6}})(?:[.{mark}](?P<part>[0-9]+))?') for mark in '.,'}
TURNED = re.compile(rf'([0-9]{{1,2}}){S}([-/.]){S}([0-9]{{1,2}}){S}\2{S}([0-9]{{4}})(?![0-9])')
TURNED_DIGITS = re.compile('([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})(?=(?:[0-9]{6})?(?![0-9]))')
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


def is_day_and_month(digits, part):
    if part is None or len(digits) > 2 or len(part) > 2:
        return False
    low, high = sorted((int(digits), int(part)))
    return 1 <= low <= 12 and high <= 31


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
    require(serial <= 2958465 and serial != 60 and not is_day_and_month(match['whole'], match['part']))
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


def turn(text, order):
    """The date in front with its year in front, as the order says."""
    for expression, form in ((TURNED, '{}-{}-{}'), (TURNED_DIGITS, '{}{}{}')):
        match = expression.match(text)
        if match and order != '-':
            numbers = [group for group in match.groups() if group.isdigit()]
            first, second, year = numbers
            day, month = (first, second) if order == 'd' else (second, first)
            return form.format(year, month, day) + text[match.end():]
    return text


def read_day(text, by):
    match = SERIAL[by.mark].fullmatch(text)
    if match:
        return read_serial(match)
    text = turn(text, by.order)
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


def read_boolean(text, by):
    require(text in WORDS)
    return WORDS[text]


# ---- ids -----------------------------------------------------------------------------------

SHORTENED = re.compile(r'-?(?:[0-9][.,][0-9]+e[-+]?|[0-9]{1,3}(?:[.,][0-9]+)?e\+)[0-9]{1,3}')
SHEET_ERROR = re.compile(r'#{3,}|#(?:n/a|value!|ref!|name\?|div/0!|num!|null!|spill!|calc!)')


def trim(cell):
    text = cell.decode('utf-8', 'surrogateescape')
    full = [i for i, c in enumerate(text) if fold_character(c) not in ' \t']
    return text[full[0]:full[-1] + 1] if full else ''


def read_id(cell):
    """Any text, but for what surely is no id."""
    text = trim(cell)
    inside = text.encode('utf-8', 'surrogateescape')
    if re.search('[\0\ud800-\udfff]', text) or len(inside) > LONGEST:
        return inside.hex()
    folded = ''.join(map(fold_character, text)).translate(SAME)
    require(folded.strip('-') and not SHORTENED.fullmatch(folded) and not SHEET_ERROR.fullmatch(folded))
    return inside.hex()


# ---- cells of every kind ---------------------------------------------------------------------

READERS = {'a': read_amount, 'n': read_number, 'd': read_day, 'b': read_boolean}


def expected(kind, cell, by=OURS):
    try:
        if kind == 'i':
            return 'value ' + read_id(cell) if trim(cell) else EMPTY
        text = fold(cell)
        return EMPTY if text is None else 'value ' + READERS[kind](text, by)
    except Refused:
        return REFUSED
