#!/usr/bin/env python3
"""Compares the apportionment kernel with an independent exact computation.

Nothing here follows the kernel's way.  Weights become integers over a common
power of two.  The continuous solution is found by sorting the exact points
where a part meets a bound, rounded, and put right by a heap of single steps;
small splits start from the floors, which is the definition itself, and there
both ways must agree.
"""
import argparse
import csv
import decimal
import heapq
import random
import subprocess
import sys
from fractions import Fraction

MAX_STEPS = 10 ** 16
NONE = 2 ** 63 - 1
OK, BAD_WEIGHT, BAD_RANGE, CROSSED, FLOORS, CEILINGS, NO_WEIGHT = range(7)
MAX_PASSES = 100


class Case:
    """One split; floors and ceilings are lists or None."""

    def __init__(self, weights, total, floors=None, ceilings=None):
        self.weights, self.total = weights, total
        self.floors, self.ceilings = floors, ceilings

    def bounds(self):
        n = len(self.weights)
        return self.floors or [0] * n, self.ceilings or [NONE] * n

    def line(self):
        which = (self.floors is not None) + 2 * (self.ceilings is not None)
        words = [len(self.weights), self.total, which]
        words += [float(w).hex() for w in self.weights]
        return ' '.join(map(str, words + (self.floors or []) + (self.ceilings or [])))


# ---- the exact computation -----------------------------------------------------------------


class Step:
    """The k-th step of part i; the order is the definition's."""
    __slots__ = ('odd', 'weight', 'i')

    def __init__(self, k, weight, i):
        self.odd, self.weight, self.i = 2 * k - 1, weight, i

    def __lt__(self, other):
        mine, yours = self.odd * other.weight, other.odd * self.weight
        return mine < yours or (mine == yours and self.i < other.i)


class Last(Step):
    """The same, latest first."""
    __slots__ = ()

    def __lt__(self, other):
        return Step.__lt__(other, self)


def whole(weights):
    """The weights as integers of the same proportions."""
    ratios = [w.as_integer_ratio() for w in weights]
    common = max([d for _, d in ratios], default=1)
    return [a * (common // d) for a, d in ratios]


def adjust(parts, weights, low, high, total):
    """Give or take single steps, in order, until the parts add up."""
    missing = total - sum(parts)
    if missing > 0:
        heap = [Step(p + 1, w, i) for i, (p, w) in enumerate(zip(parts, weights))
                if w and p < high[i]]
    else:
        heap = [Last(p, w, i) for i, (p, w) in enumerate(zip(parts, weights))
                if w and p > low[i]]
    heapq.heapify(heap)
    for _ in range(abs(missing)):
        i = heap[0].i
        parts[i] += 1 if missing > 0 else -1
        if missing > 0 and parts[i] < high[i]:
            heapq.heapreplace(heap, Step(parts[i] + 1, weights[i], i))
        elif missing < 0 and parts[i] > low[i]:
            heapq.heapreplace(heap, Last(parts[i], weights[i], i))
        else:
            heapq.heappop(heap)
    return parts


def fill_level(weights, low, high, total):
    """The multiplier at which the unrounded parts add up to the total."""
    def amount(level):
        return sum(min(max(level * w, a), b) for w, a, b in zip(weights, low, high) if w)

    total -= sum(a for w, a in zip(weights, low) if not w)
    turns = sorted({Fraction(x, w) for w, a, b in zip(weights, low, high) if w for x in (a, b)})
    first, last = 0, len(turns) - 1
    while last - first > 1:
        middle = (first + last) // 2
        if amount(turns[middle]) <= total:
            first = middle
        else:
            last = middle
    below, above = turns[first], turns[last]
    at_below, at_above = amount(below), amount(above)
    if at_above == at_below:
        return below
    return below + (above - below) * Fraction(total - at_below) / (at_above - at_below)


def exact_parts(case):
    floors, ceilings = case.bounds()
    total = case.total
    weights = whole(case.weights)
    low = list(floors)
    high = [min(c, total) if w else a for w, a, c in zip(weights, low, ceilings)]
    spare = total - sum(low)
    if spare == 0:
        return low
    if case.floors is None and case.ceilings is None:
        level = Fraction(total, sum(weights))
    else:
        level = fill_level(weights, low, high, total)
    up, down = level.numerator, level.denominator
    rounded = [min(max((2 * up * w + down) // (2 * down), a), b)
               for w, a, b in zip(weights, low, high)]
    parts = adjust(rounded, weights, low, high, total)
    if spare <= 60:
        assert parts == adjust(list(low), weights, low, high, total), 'the reference is wrong'
    return parts


def expected(case):
    """(status, culprit, amount, parts)"""
    floors, ceilings = case.bounds()
    total = case.total
    if not 0 <= total <= MAX_STEPS:
        return BAD_RANGE, -1, 0, []
    for i, w in enumerate(case.weights):
        if not 0 <= w < float('inf'):
            return BAD_WEIGHT, i, 0, []
    for i, (a, b) in enumerate(zip(floors, ceilings)):
        if not 0 <= a <= MAX_STEPS or b < 0:
            return BAD_RANGE, i, 0, []
        if a > b:
            return CROSSED, i, 0, []
    if sum(floors) > total:
        return FLOORS, -1, min(sum(floors) - total, NONE), []
    if not any(case.weights) and total > sum(floors):
        return NO_WEIGHT, -1, total - sum(floors), []
    room = sum(min(b, total) if w else a for w, a, b in zip(case.weights, floors, ceilings))
    if room < total:
        return CEILINGS, -1, total - room, []
    return OK, -1, 0, exact_parts(case)


# ---- random cases --------------------------------------------------------------------------


def random_weights(r, n):
    kind = r.randrange(12)
    if kind == 0:
        w = [r.random() for _ in range(n)]
    elif kind <= 2:
        w = [10.0 ** r.uniform(-8, 8) for _ in range(n)]
    elif kind == 3:
        w = [10.0 ** r.uniform(-300, 300) for _ in range(n)]
    elif kind == 4:
        w = [float(r.randint(1, 4)) for _ in range(n)]
    elif kind == 5:
        w = [r.choice([1.0, 0.1, 1e-5, 3.0, 1e300, 5e-324])] * n
    elif kind == 6:
        w = [float(r.randint(0, 100)) for _ in range(n)]
    elif kind == 7:
        w = [r.randint(1, 9999) / 100 for _ in range(n)]
    elif kind == 8:
        w = [r.choice([1.0, 1.0 + 2.0 ** -52, 1.0 - 2.0 ** -53, 3.0]) for _ in range(n)]
    elif kind == 9:
        w = [2.0 ** r.randint(-30, 30) for _ in range(n)]
    elif kind == 10:  # on both sides of where normal numbers begin
        w = [r.randint(1, 2 ** r.randint(1, 57)) * 5e-324 for _ in range(n)]
    else:
        w = [r.choice([1.7e308, 1e308, r.uniform(1, 1.7) * 1e308]) for _ in range(n)]
    if r.random() < 0.3:
        w = [r.choice([0.0, 0.0, -0.0]) if r.random() < 0.2 else x for x in w]
    return w


def random_total(r, n):
    kind = r.randrange(8)
    if kind == 0:
        return r.randint(0, 5)
    if kind == 1:
        return r.randint(0, 4 * n + 1)
    if kind == 2:
        return n * r.randint(0, 10000) + r.choice([0, 0, 1, n // 2])
    if kind == 3:
        return min(MAX_STEPS, 2 ** r.randint(0, 53) + r.randint(-1, 1))
    if kind == 4:
        return r.choice([MAX_STEPS, MAX_STEPS - 1, 10 ** r.randint(0, 16)])
    return min(MAX_STEPS, int(10 ** r.uniform(0, 16)))


def random_bounds(r, weights, total):
    n = len(weights)
    whole_sum = sum(map(Fraction, weights)) or 1
    fair = [int(Fraction(w) * total / whole_sum) for w in weights]
    style = r.randrange(6)
    floors, ceilings = [0] * n, [NONE] * n
    for i in range(n):
        about = r.choice([fair[i], fair[i], total // n, r.randint(0, total)])
        a = int(about * r.uniform(0, 1.2)) if r.random() < 0.4 else 0
        b = int(about * r.uniform(0.5, 3)) + r.randint(0, 2) if r.random() < 0.4 else NONE
        if style == 4:
            a = min(a, fair[i])
        if style == 5 and r.random() < 0.7:
            a = b = max(0, min(MAX_STEPS, fair[i] + r.randint(-1, 1)))
        floors[i] = min(a, MAX_STEPS)
        ceilings[i] = max(a, b)
    if style == 2:
        return floors, None
    if style == 3:
        return None, ceilings
    return floors, ceilings


def spoil(r, case):
    """Break one rule of the input."""
    n = len(case.weights)
    floors, ceilings = case.bounds()
    case.floors, case.ceilings = list(floors), list(ceilings)
    i = r.randrange(n)
    kind = r.randrange(7)
    if kind == 0:
        case.weights[i] = r.choice([float('nan'), float('inf'), -1.0, -5e-324, -float('inf')])
    elif kind == 1:
        case.floors[i] = -1
    elif kind == 2:
        case.ceilings[i] = r.choice([-1, -2 ** 63])
    elif kind == 3:
        case.floors[i] = MAX_STEPS + 1
    elif kind == 4:
        case.floors[i], case.ceilings[i] = 7, 6
    elif kind == 5:
        case.total = r.choice([-1, MAX_STEPS + 1, -2 ** 63, NONE])
    else:
        case.floors = [MAX_STEPS] * n
        case.ceilings = [NONE] * n
    return case


def random_case(r):
    n = r.randint(1, 12) if r.random() < 0.97 else r.randint(13, 200)
    weights = random_weights(r, n)
    case = Case(weights, random_total(r, n))
    if r.random() < 0.5:
        case.floors, case.ceilings = random_bounds(r, weights, case.total)
    if r.random() < 0.02:
        spoil(r, case)
    return case


# ---- comparing -----------------------------------------------------------------------------


class Driver:
    def __init__(self, program):
        self.program = program
        self.passes = 0

    def ask(self, cases):
        text = '\n'.join(c.line() for c in cases) + '\n'
        done = subprocess.run([self.program], input=text, stdout=subprocess.PIPE, check=True,
                              universal_newlines=True)
        answers = []
        for line in done.stdout.splitlines():
            status, culprit, amount, passes, *parts = map(int, line.split())
            self.passes = max(self.passes, passes)
            if passes > MAX_PASSES:
                fail('more than %d passes' % MAX_PASSES, cases[len(answers)], passes, MAX_PASSES)
            answers.append((status, culprit, amount, parts))
        assert len(answers) == len(cases), 'the driver lost a case'
        return answers


def fail(what, case, got, want):
    print('%s\n  case: %s\n  got:  %s\n  want: %s' % (what, case.line(), got, want))
    sys.exit(1)


def check_raised(driver, r, cases, answers):
    """Raising the total lowers nobody."""
    raised = [Case(c.weights, min(MAX_STEPS, c.total + r.choice([1, 1, 2, 10, 10 ** 9])),
                   c.floors, c.ceilings) for c in cases]
    for case, old, new in zip(raised, answers, driver.ask(raised)):
        if old[0] == new[0] == OK and any(b < a for a, b in zip(old[3], new[3])):
            fail('raising the total lowered a part', case, new[3], old[3])


def check_permuted(driver, r, cases, answers):
    """Permuting the rows permutes the parts; only steps of equal rank move."""
    orders, permuted = [], []
    for case in cases:
        order = list(range(len(case.weights)))
        r.shuffle(order)
        pick = lambda xs: xs and [xs[i] for i in order]
        orders.append(order)
        permuted.append(Case(pick(case.weights), case.total, pick(case.floors),
                             pick(case.ceilings)))
    for case, order, old, new in zip(permuted, orders, answers, driver.ask(permuted)):
        if old[0] == BAD_WEIGHT or old[1] >= 0:
            continue
        if old[0] != new[0] or old[2] != new[2]:
            fail('permuting the rows changed the status', case, new, old)
        moved = [(old[3][i], new[3][k], case.weights[k]) for k, i in enumerate(order[:len(new[3])])]
        ranks = {Fraction(2 * max(a, b) - 1) / Fraction(w) for a, b, w in moved if a != b}
        if len(ranks) > 1 or any(abs(a - b) > 1 for a, b, _ in moved):
            fail('permuting the rows changed parts', case, new[3], old[3])


def compare(driver, seed, count):
    r = random.Random(seed)
    statuses = [0] * 7
    done = 0
    while done < count:
        cases = [random_case(r) for _ in range(min(2000, count - done))]
        answers = driver.ask(cases)
        for case, got in zip(cases, answers):
            want = expected(case)
            statuses[want[0]] += 1
            if got != want:
                fail('the kernel and the reference differ', case, got, want)
        some = len(cases) // 4
        check_raised(driver, r, cases[:some], answers[:some])
        check_permuted(driver, r, cases[-some:], answers[-some:])
        done += len(cases)
    print('%d random splits agree (seed %d); by status %s; at most %d passes'
          % (done, seed, statuses, driver.passes))
    if count >= 20000 and 0 in statuses:
        print('a status was never seen')
        sys.exit(1)


def steps(text, step, otherwise):
    if text == '':
        return otherwise
    amount = decimal.Decimal(text) / step
    assert amount == int(amount), 'not a multiple of the step'
    return int(amount)


def check_vectors(driver, path):
    decimal.getcontext().prec = 60
    groups = {}
    with open(path, newline='') as file:
        for row in csv.DictReader(file):
            groups.setdefault(row['case'], []).append(row)
    for name, rows in groups.items():
        step = decimal.Decimal(rows[0]['step'])
        case = Case([float(row['weight']) for row in rows], steps(rows[0]['total'], step, 0),
                    [steps(row['at_least'], step, 0) for row in rows],
                    [steps(row['at_most'], step, NONE) for row in rows])
        want = [steps(row['expected'], step, 0) for row in rows]
        if expected(case) != (OK, -1, 0, want):
            fail('the reference misses the vector "%s"' % name, case, expected(case), want)
        bare = [Case(case.weights, case.total)] if not any(case.floors) and \
            set(case.ceilings) == {NONE} else []
        for answer in driver.ask([case] + bare):
            if answer != (OK, -1, 0, want):
                fail('the kernel misses the vector "%s"' % name, case, answer, want)
    print('%d vectors agree' % len(groups))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('driver', help='the built apportion_driver')
    parser.add_argument('--cases', type=int, default=100000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--vectors', help='compare with the vectors of this file instead')
    options = parser.parse_args()
    driver = Driver(options.driver)
    if options.vectors:
        check_vectors(driver, options.vectors)
    else:
        compare(driver, options.seed, options.cases)


if __name__ == '__main__':
    main()
