"""Cells to try, for cells_reference.py: random ones, mutated ones, and columns in several languages."""
import datetime

from cells_reference import Convention, EPOCH, OURS

PIECES = ('0 1 2 5 9 00 05 10 12 31 60 99 123 500 1000 1234 2000 2025 5000 20250701 45839 250701 '
          '20250701090530 123456789012345 999999999999999 1.5 0.00 .5 1,234 1,2345,6789 12,34 1.234,50 '
          '2025-07-01 2025/7/1 2025.7.1 2025年7月1日 03/04/2025 09:05 23:59:59 24:00 9:05:30.25 '
          '9时5分30秒 T Z +08 +0800 -05:00 +08:00 UTC GMT+8 CST AM pm 上午 下午 '
          '万 亿 千 百 十 兆 千万 百万 万亿 萬 億 ¥ ￥ 元 圆 元整 RMB cny CN¥ 人民币 $ € HKD 美元 '
          '- + ( ) （ ） － % ％ . ， , e E+08 e-5 e400 # / : 年 月 日 号 时 分 秒 '
          'yes no Y n TRUE false t 是 否 Won Lost Closed 赢单 输单 '
          '22,368 22.368 261,96 1.078.379,97 31.12.2025 12/31/2025 7/1/25 1599494400000 '
          '€ EUR euro US$ dollars £ HK$ 円 日元 kr zar ,- .- 9.61565E+15 1E15 E+15 #N/A #### '
          '１２ ３４５ ． − – —').split() + [
              ' ', ' ', '\t', '\n', '\u00a0', '\u2009', '\u202f', '\u3000', '\ufeff', '\u200b', '\u200e',
              "'", '’', '\u2028']

SEEDS = ('1234.50', '-1,234,567.80', '1 234 567', '1.2亿', '350万', '1亿2000万', '1亿2000万5000', '3千万元',
         '¥1,200.50', '1,200元', 'RMB 12', '(1,234.50)', '5-', '12.5%', '1.2E+08', '１，２３４．５', '1.234,50',
         '3万5', '1亿5000', '5兆', '2025-07-01', '2025/7/1', '2025.7.1', '20250701', '2025年7月1日', '45839.5',
         '2025-07-01 09:05:30.123+08:00', '2011-07-07T00:37:00.000+0000', '2025年7月1日 下午3:05',
         '2025年7月1日9时5分30秒', '20250701090530Z', '03/04/2025', '2025-07-01 09:00-11:00', '24 October 2011',
         '1.078.379,97', '22,368', '22.368', '261,96', '-22.368 €', '$1,234.50', 'HK$ 5', '5 euros', '1,5万', '5,-', '31.12.2025',
         '31.12.2025 14:30', '12/31/2025', '03-04-2025', '31122025', '12312025143000', '7/1/25', '1599494400000', '31.12', '45839,5',
         '9.61565E+15', '961.6E+13', '1E+15', 'D-1', '1999-02-29', '250701', '202507', 'TRUE', '赢单', 'Closed Won', '是', 'no', '#VALUE!', '-', '\ufeff\u3000')


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


# ---- conventions and columns -------------------------------------------------------------------

CONVENTIONS = (OURS, OURS, OURS, Convention('EUR', ',', 'd'), Convention('EUR', ',', 'd'), Convention('USD', '.', 'm'),
               Convention('HKD', '.', 'd'), Convention('JPY', '.', '-'), Convention('CNY', ',', '-'), Convention('ZAR', ',', 'm'),
               Convention('GBP', '.', 'd'))


def cases(rng, count):
    """(kind, convention, cell), each cell as several kinds."""
    made = []
    for _ in range(count):
        cell, by = random_cell(rng), rng.choice(CONVENTIONS)
        made += [(kind, by, cell) for kind in ('aandbi' if rng.random() < 0.2 else 'and')]
    return made


def marked(text, language):
    """An amount written 1,234.5 as another language writes it."""
    return text.translate(str.maketrans(',.', {'english': ',.', 'german': '.,', 'french': ' ,'}[language]))


def amount_cell(rng, language):
    """As somebody writes amounts who speaks that language."""
    size = rng.choice((1, 10, 100, 1000, 1000, 10 ** 5, 10 ** 5, 10 ** 7))
    decimals = rng.choice((0, 0, 0, 1, 2, 2, 3, 3, 4))
    text = f'{rng.random() * size:,.{decimals}f}'
    if rng.random() < 0.4:
        text = text.replace(',', '')
    text = marked(text, language)
    if rng.random() < 0.1:
        text = rng.choice((f'-{text}', f'({text})', f'{text}-', f'{text}%', f'{text}万', f'￥{text}', f'{text} €', f'${text}', f' {text} ', wide(text)))
    return text


def column(rng):
    """(kind, convention, cells): mostly one language, sometimes two or three, some cells of any kind."""
    languages = rng.sample(('english', 'german', 'french'), rng.choice((1, 1, 2, 2, 3)))
    cells = []
    for _ in range(rng.randrange(1, 9)):
        roll = rng.random()
        if roll < 0.05:
            cells.append(random_cell(rng))
        elif roll < 0.1:
            cells.append(rng.choice(('', '-', '0', '1234', 'x', '1.2亿')).encode())
        else:
            cells.append(amount_cell(rng, rng.choice(languages)).encode())
    return rng.choice('aaan'), rng.choice(CONVENTIONS), cells
