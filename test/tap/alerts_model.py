#!/usr/bin/env python3
"""Two years of a company's weeks, and every alert that its rules should raise, worked out anew from the rules' words.

    alerts_model.py SEED DIRECTORY

writes DIRECTORY/load.sql, which fills a database, and DIRECTORY/expected, the rows of alerts and reviews after two years of scans:
rule, level, unit, day, values before and after, certainty to the last bit, status, day of resolution, since when there are
no data, whose alert covers it, and when the review that it opened is due.

The years hold a week 53 (2020) and, in New York, four changes to and from daylight saving. Customers go by an entered date or
by silence, come back, go again; units move, open and close in the middle of weeks; a feed stops for some weeks; everybody
leaves one group. Nothing is shared with the extension but the specification.
"""
import math
import random
import sys
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

FIRST = date(2019, 12, 30)          # a Monday
WEEKS = 106
CHURN_DAYS = 30
DARK = (FIRST + timedelta(weeks=60), FIRST + timedelta(weeks=63))   # nothing is on record in these days
DAY = timedelta(days=1)
FAR = date(9999, 1, 1)
LONG_AGO = date(1, 1, 1)

# rule, level, signal, compare, threshold, relative, spans, min_count, unit_kind, certainty, cooldown, opens_review
RULES = [
    ("churn", "red", "weekly_churn_rate", "rise", Fraction(1, 5), True, 1, 5, None, None, 14, True),
    ("churn of months", "red", "weekly_churn_rate", "rise", Fraction(1, 5), True, 4, 3, None, 2.33, 14, True),
    ("counts", "yellow", "weekly_churn_count", "rise", Fraction(3), False, 2, 0, "group", None, 0, False),
    ("points", "blue", "weekly_churn_rate", "rise", Fraction(1, 100), False, 1, 0, "region", 1.0, 30, True),
    ("high", "blue", "weekly_churn_rate", "above", Fraction(3, 100), False, 1, 4, "group", None, 14, False),
    ("relief", "blue", "weekly_churn_count", "fall", Fraction(1, 2), True, 1, 0, None, None, 21, False),
]


class Unit:
    def __init__(self, key, kind, parents, opened=LONG_AGO, closed=FAR):
        self.key, self.kind, self.opened, self.closed = key, kind, opened, closed
        self.parents = parents      # [(until, parent), ...], the last until FAR

    def parent(self, day):
        return next(parent for until, parent in self.parents if day < until)

    def is_open(self, day):
        return self.opened <= day <= self.closed


def company():
    units = {1: Unit(1, "company", [(FAR, None)])}
    for r in (2, 3, 4):
        units[r] = Unit(r, "region", [(FAR, 1)])
    for g in range(5, 17):
        units[g] = Unit(g, "group", [(FAR, 2 + g % 3)])
    # A group moves on a Wednesday, one opens on a Friday, one closes on a Thursday.
    units[5].parents = [(FIRST + timedelta(weeks=40, days=2), 4), (FAR, 2)]
    units[6].opened = FIRST + timedelta(weeks=30, days=4)
    units[7].closed = FIRST + timedelta(weeks=70, days=3)
    return units


class Customer:
    def __init__(self, unit, acquired, churned=None, purchases=()):
        self.unit, self.acquired, self.churned, self.purchases = unit, acquired, churned, sorted(purchases)

    def absences(self):
        """(went, back) as the rule has it: by an entered day for good, else by so many days of silence."""
        if self.churned is not None:
            return [(self.churned, FAR)]
        spells = []
        for i, day in enumerate(self.purchases):
            went = day + timedelta(days=CHURN_DAYS)
            back = self.purchases[i + 1] if i + 1 < len(self.purchases) else FAR
            if went < back:
                spells.append((went, back))
        return spells


def generate(rng, units):
    customers = []
    groups = [g for g in units if units[g].kind == "group"]
    for g in groups:
        rate = rng.uniform(0.5, 6)
        for _ in range(rng.randint(150, 300)):          # who stay
            customers.append(Customer(g, rng.choice([None, FIRST + timedelta(days=rng.randint(-400, 700))])))
        for week in range(WEEKS):
            monday = FIRST + timedelta(weeks=week)
            busy = 2.5 if 50 <= week < 54 and g % 4 == 0 else 1
            for _ in range(poisson(rng, rate * busy)):
                gone = monday + timedelta(days=rng.randint(0, 6))
                if rng.random() < 0.5:
                    customers.append(Customer(g, rng.choice([None, gone - timedelta(days=rng.randint(0, 500))]), gone))
                else:
                    bought = [gone - timedelta(days=CHURN_DAYS)]
                    if rng.random() < 0.4:              # comes back, perhaps on the very day, perhaps to go again
                        bought.append(gone + timedelta(days=rng.choice([0, 1, 3, 10, 40, 80])))
                    customers.append(Customer(g, rng.choice([None, bought[0] - timedelta(days=rng.randint(0, 90))]), None, bought))
    for c in customers:                                 # everybody leaves group 16 by week 80
        if c.unit == 16 and c.churned is None and not c.purchases:
            c.churned = max(FIRST + timedelta(weeks=79, days=rng.randint(0, 6)), c.acquired or LONG_AGO)
    for c in customers:                                 # the feed that stops
        c.purchases = [day for day in c.purchases if not DARK[0] <= day < DARK[1]]
    return customers


def poisson(rng, mean):
    n, p = 0, rng.random()
    while p > math.exp(-mean):
        p *= rng.random()
        n += 1
    return n


def iso(day):
    return "NULL" if day is None else "'%s'" % day.isoformat()


def write_load(path, units, customers):
    with open(path, "w") as out:
        say = lambda line: out.write(line + "\n")
        say("BEGIN;")
        say("SET LOCAL client_min_messages = warning;")
        say("SELECT regtarget.apply_profile('fmcg');")
        say("UPDATE regtarget.policies SET churn_days = %d, timezone = 'America/New_York';" % CHURN_DAYS)
        say("DELETE FROM regtarget.alert_rules;")
        for rule in RULES:
            name, level, signal, compare, threshold, relative, spans, least, kind, certainty, cooldown, opens = rule
            say("INSERT INTO regtarget.alert_rules (rule, level, signal, compare, threshold, relative, span, spans, min_count, unit_kind, certainty, "
                "cooldown_days, opens_review) VALUES ('%s', '%s', '%s', '%s', %s, %s, %s, %d, %d, %s, %s, %d, %s);" % (
                    name, level, signal, compare, float(threshold), relative, "NULL" if compare == "above" else "'week'", spans, least, "NULL" if kind is None else "'%s'" % kind,
                    "NULL" if certainty is None else certainty, cooldown, opens))
        for u in units.values():
            say("INSERT INTO regtarget.units (unit_id, code, kind, parent_id, opened_on, closed_on) VALUES (%d, 'U%d', '%s', %s, %s, %s);" % (
                u.key, u.key, u.kind, u.parents[-1][1] or "NULL", iso(None if u.opened == LONG_AGO else u.opened), iso(None if u.closed == FAR else u.closed)))
        for u in units.values():
            for until, parent in u.parents[:-1]:
                say("INSERT INTO regtarget.past_parents (unit_id, until_on, parent_id) VALUES (%d, '%s', %d);" % (u.key, until, parent))
        say("COPY regtarget.customers (customer_id, unit_id, acquired_on, churned_on) FROM stdin;")
        for key, c in enumerate(customers, 1):
            say("\t".join([str(key), str(c.unit), str(c.acquired or "\\N"), str(c.churned or "\\N")]))
        say("\\.")
        for table, part in (("deals (customer_id, unit_id, closed_on, won, amount)", 0), ("revenues (customer_id, unit_id, booked_on, amount)", 1)):
            say("COPY regtarget.%s FROM stdin;" % table)
            for key, c in enumerate(customers, 1):
                for day in c.purchases:
                    if key % 2 == part:
                        say("\t".join([str(key), str(c.unit), str(day)] + (["t"] if part == 0 else []) + ["5"]))
            say("\\.")
        # What buys nothing: a lost deal, an open one.
        say("INSERT INTO regtarget.deals (customer_id, unit_id, closed_on, won, amount) SELECT customer_id, unit_id, '%s', false, 1 FROM regtarget.customers WHERE customer_id %% 50 = 0;" % FIRST)
        say("INSERT INTO regtarget.deals (customer_id, unit_id, opened_on) SELECT customer_id, unit_id, '%s' FROM regtarget.customers WHERE customer_id %% 50 = 1;" % FIRST)
        say("COMMIT;")


class Counts:
    """Who was there at a day's start, and who went in a span, of each unit itself; cached."""

    def __init__(self, customers):
        self.spells = [(c.unit, c.acquired or LONG_AGO, c.absences()) for c in customers]
        self.purchases = sorted(day for c in customers if c.churned is None for day in c.purchases)
        self.all_purchases = sorted(day for c in customers for day in c.purchases)
        self.cache = {}

    def own(self, first, past):
        if (first, past) not in self.cache:
            active, gone = defaultdict(int), defaultdict(int)
            for unit, acquired, spells in self.spells:
                if acquired < first and not any(went < first <= back for went, back in spells):
                    active[unit] += 1
                if any(first <= went < past for went, back in spells):
                    gone[unit] += 1
            self.cache[first, past] = active, gone
        return self.cache[first, past]

    def any_facts(self, first, past):
        return any(first <= day < past for day in self.all_purchases)


def below(units, unit, day):
    keys = [unit]
    for key in keys:
        keys.extend(u.key for u in units.values() if u.parent(day) == key)
    return keys


def region_above(units, unit, day):
    """Of a unit that is no region: the nearest of kind region above it, else the one right below the top."""
    if units[unit].kind == "region":
        return None
    found, up = None, units[unit].parent(day)
    while up is not None and units[up].parent(day) is not None:
        found = up
        if units[up].kind == "region":
            break
        up = units[up].parent(day)
    return found


def certainty_of(x, active, before):
    values = [gone / there * active for there, gone in before if there > 0]
    k = len(values)
    mean = 0.0
    for v in values:
        mean += v
    if k < 4 or mean <= 0:
        return None
    mean /= k
    spread = 0.0
    for v in values:
        spread += (v - mean) * (v - mean)
    return (x - mean) / math.sqrt(max(1.0, spread / (mean * (k - 1))) * mean * (1 + 1.0 / k))


def judge(rule, counts, units, unit, monday):
    """(known, holds, before, after, certainty)"""
    _, _, signal, compare, threshold, relative, spans, least, *_ = rule
    days = timedelta(weeks=spans)
    if not counts.any_facts(monday - days, monday):
        return False, False, None, None, None
    keys = below(units, unit, monday)
    span = []
    for i in range(13):
        active, gone = counts.own(monday - days * (i + 1), monday - days * i)
        span.append((sum(active[k] for k in keys), sum(gone[k] for k in keys)))
    (active, gone), (active_before, gone_before) = span[0], span[1]
    z = certainty_of(float(gone), float(active), [(float(a), float(g)) for a, g in span[1:]])
    if compare == "above":                              # the value of the week, whatever was before
        if active == 0:
            return False, False, None, None, None
        return True, Fraction(gone, active) > threshold and gone >= least, None, float(gone) / float(active), z
    if active == 0 or active_before == 0:
        return True, False, None, None, None
    rates = signal == "weekly_churn_rate"
    after = Fraction(gone, active if rates else 1)
    before = Fraction(gone_before, active_before if rates else 1)
    by = after - before if compare == "rise" else before - after
    holds = by > 0 and by >= (threshold * before if relative else threshold) and gone >= least
    as_float = lambda n, d: float(n) / d if rates else float(n)
    return True, holds, as_float(gone_before, active_before), as_float(gone, active), z


def order(units, day):
    keys = [u.key for u in units.values() if u.parent(day) is None]
    for key in keys:
        keys.extend(sorted(u.key for u in units.values() if u.parent(day) == key))
    return keys


def expect(units, customers):
    counts = Counts(customers)
    alerts, reviews = [], set()
    for week in range(1, WEEKS):
        monday = FIRST + timedelta(weeks=week)
        for rule in sorted(RULES):
            name, level, _, _, _, _, _, _, kind, asked, cooldown, opens = rule
            for unit in order(units, monday):
                mine = [a for a in alerts if a["rule"] == name and a["unit"] == unit]
                fires = next((a for a in mine if a["resolved"] is None), None)
                judged = units[unit].is_open(monday) and (kind is None or units[unit].kind == kind)
                known, holds, before, after, z = judge(rule, counts, units, unit, monday) if judged else (True, False, None, None, None)
                if fires is not None:
                    if not known:
                        fires["no_data"] = fires["no_data"] or monday
                    elif holds:
                        fires["no_data"] = None
                        if opens and fires["unsure"] and (z is None or z >= asked) and fires["cover"] is None \
                                and units[unit].parent(monday) is not None and unit not in reviews:
                            reviews.add(unit)           # it has become certain
                            fires["review"], fires["unsure"] = monday, False
                    else:
                        fires["resolved"] = monday
                elif known and holds and not any((monday - a["day"]).days < cooldown for a in mine):
                    region = region_above(units, unit, monday)
                    cover = next((a for a in alerts if region is not None and a["rule"] == name and a["unit"] == region and a["resolved"] is None), None)
                    sure = asked is None or z is None or z >= asked
                    review = opens and sure and cover is None and units[unit].parent(monday) is not None and unit not in reviews
                    if review:
                        reviews.add(unit)
                    alerts.append({"rule": name, "level": level, "unit": unit, "day": monday, "before": before, "after": after, "z": z,
                                   "resolved": None, "no_data": None, "cover": cover, "review": monday if review else None, "unsure": not sure})
    return alerts


def write_expected(path, alerts):
    text = lambda v: "" if v is None else str(v) if not isinstance(v, float) else v.hex()
    with open(path, "w") as out:
        for a in sorted(alerts, key=lambda a: (a["rule"], a["unit"], a["day"])):
            cover = a["cover"] and "%d %s" % (a["cover"]["unit"], a["cover"]["day"])
            out.write("|".join([a["rule"], a["level"], str(a["unit"]), str(a["day"]), text(a["before"]), text(a["after"]), text(a["z"]),
                                text(a["resolved"]), text(a["no_data"]), text(cover), "" if a["review"] is None else "due %s" % (a["review"] + timedelta(weeks=1))]) + "\n")


def write_found(path, rows):
    """The server's rows in the same words: floats, which it prints so that they read back as they are, in hexadecimal."""
    with open(path, "w") as out:
        for row in rows:
            cells = row.rstrip("\n").split("|")
            for c in (4, 5, 6):
                cells[c] = float(cells[c]).hex() if cells[c] != "" else ""
            out.write("|".join(cells) + "\n")


def main():
    if sys.argv[1] == "found":
        write_found(sys.argv[2], sys.stdin)
        return
    seed, directory = int(sys.argv[1]), sys.argv[2]
    rng = random.Random(seed)
    units = company()
    customers = generate(rng, units)
    write_load(directory + "/load.sql", units, customers)
    write_expected(directory + "/expected", expect(units, customers))


if __name__ == "__main__":
    main()
