#!/usr/bin/env python3
"""Reorganisations, once more, in another language.

reorganisation_model.py SEED STEPS TODAY SCRIPT EXPECTED

A model of units that move, targets that follow, amounts that are transferred, units that go on where others ended,
and of what closing makes of it all, written from the specification: plain dictionaries, whole numbers, no database.
It makes up STEPS random steps, legal and illegal ones, writes them as a script for psql, and what psql must print:
after each step its SQLSTATE, its result and that verify() finds nothing; now and then the tree of every day on which it
changes, every target, standing and record of successions, what each period brought through its plans' tree, and what
the periods before say of each unit.
"""
import copy
import datetime
import random
import sys
from fractions import Fraction as F

from valve_model import OK, Refused, half_up, quote, refuse_if, text, webster

BAD, STATE, CAP = '22023', '55000', '23514'
CAP_OF_PLANS, PENALTY, QUARTERS = F(15, 100), F(5, 100), 2
STEPS_BETWEEN_LOOKS = 12
EARLY, LATE = datetime.date(1900, 1, 1), datetime.date(2900, 1, 1)
PERIODS = [('%dQ%d' % (y, q + 1), datetime.date(y, 3 * q + 1, 1), datetime.date(y + (q == 3), (3 * q + 3) % 12 + 1, 1))
           for y in (2024, 2025, 2026) for q in range(4)]
FIRST = 4                                       # plans are made from 2025Q1 on; 2024 is history


class Target:
    def __init__(self, unit, parent, suggested, penalty):
        self.unit, self.parent, self.suggested, self.penalty = unit, parent, suggested, penalty
        self.baseline = self.amount = suggested + penalty

    @property
    def room(self):
        return int(self.baseline * CAP_OF_PLANS)


class Plan:
    def __init__(self, q):
        self.q, self.status, self.targets = q, 'published', {}

    def children(self, unit):
        return sorted((t for t in self.targets.values() if t.parent == unit), key=lambda t: t.unit)

    def way(self, unit):
        """The targets from a unit's own up to the root's; none without one."""
        way = []
        while unit in self.targets:
            way.append(self.targets[unit])
            unit = self.targets[unit].parent
        return way


class World:
    """Everything that is on record.  Units are numbers; 0 is no unit."""

    def __init__(self, rng, today):
        self.today = today
        self.places, self.opened, self.closed = {}, {}, {}   # unit: [(day from which on, parent)], the first of all time
        for unit, parent in ((1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (7, 2), (8, 3), (9, 3), (10, 4), (11, 4), (12, 5), (13, 5), (14, 0)):
            self.places[unit] = [(EARLY, parent)]
            self.opened[unit], self.closed[unit] = EARLY, LATE
        self.deals = []                         # (unit, day, amount)
        self.successions, self.standings, self.plans, self.refused = {}, {}, [], []

    # -- the tree of a day --

    def parent(self, unit, day):
        return [p for d, p in self.places[unit] if d <= day][-1]

    def tree(self, day):
        return {u: self.parent(u, day) for u in self.places}

    def days(self):
        """Each day on which the tree is another, and the first of all."""
        return sorted({d for moves in self.places.values() for d, _ in moves})

    def refuse_circles(self):
        for day in self.days():
            tree = self.tree(day)
            for unit in tree:
                up, seen = tree[unit], 0
                while up and up != unit and seen <= len(tree):
                    up, seen = tree[up], seen + 1
                refuse_if(up == unit, CAP)

    def is_open(self, unit, day):
        return self.opened[unit] <= day <= self.closed[unit]

    def closed_until(self):
        ends = [PERIODS[p.q][2] for p in self.plans if p.status == 'closed']
        return max(ends, default=EARLY)

    # -- moves --

    def move_unit(self, unit, parent, day):
        moves = self.places[unit]
        refuse_if(moves[-1][0] >= day, STATE)
        refuse_if(moves[-1][1] == parent, STATE)
        refuse_if(not self.is_open(unit, day) or (parent and not self.is_open(parent, day)), STATE)
        refuse_if(day < self.closed_until(), STATE)
        moves.append((day, parent))
        self.refuse_circles()

    def correct(self, unit, parent):
        day, _ = self.places[unit][-1]
        self.places[unit][-1] = (day, parent)
        self.refuse_circles()

    def load(self, unit, parent, day):
        """A row of moves_in; what a refused one is refused for."""
        before, moves = copy.deepcopy(self.places), self.places[unit]
        if not self.is_open(unit, day) or (parent and not self.is_open(parent, day)):
            return 'not_open'
        at = [i for i, (d, _) in enumerate(moves) if d == day and i > 0]
        if at and moves[at[0]][1] == parent:
            return 'loaded'
        if not at and moves[-1][0] > day:
            return 'overtaken'
        if not at and moves[-1][1] == parent:
            return 'same_parent'
        if day < self.closed_until():
            return 'closed_period'
        if at:
            moves[at[0]] = (day, parent)
        else:
            moves.append((day, parent))
        try:
            self.refuse_circles()
        except Refused:
            self.places = before
            return 'cycle'
        return 'loaded'

    # -- units --

    def open_unit(self, unit, parent, day):
        self.places[unit], self.opened[unit], self.closed[unit] = [(EARLY, parent)], day, LATE

    def close_unit(self, unit, day):
        refuse_if(day < self.opened[unit], CAP)
        self.closed[unit] = day

    def follow(self, unit, predecessor, share):
        refuse_if((unit, predecessor) in self.successions, '23505')
        self.successions[unit, predecessor] = share
        back, new = set(), {p for u, p in self.successions if u == unit}
        while new:
            back |= new
            new = {p for u, p in self.successions if u in new} - back
        refuse_if(unit in back, CAP)
        known = [q for u, q in self.standings if u in back]
        if known:
            self.write_inherited(max(known) - 1)

    def forget(self, unit, predecessor):
        del self.successions[unit, predecessor]

    # -- plans --

    def published(self, q):
        found = [p for p in self.plans if p.q == q]
        return found[0] if found else None

    def members(self, q):
        """The root and the units below it that are open on the first day, none below one that is not."""
        first, tree = PERIODS[q][1], self.tree(PERIODS[q][1])

        def belongs(unit):
            return unit == 1 or (unit != 0 and self.is_open(unit, first) and belongs(tree[unit]))
        return {u: tree[u] if u != 1 else 0 for u in tree if belongs(u)}

    def publish(self, q, suggested):
        before = self.published(q - 1)
        refuse_if(before is not None and before.status == 'published' and any(r == q - 1 for _, r in self.refused), STATE)
        plan, members = Plan(q), self.members(q)
        for unit, amount in suggested.items():
            rate = self.standings.get((unit, q), (0, F(0)))[1]
            plan.targets[unit] = Target(unit, members[unit], amount, half_up(amount * rate))
        self.plans.append(plan)

    # -- R3, R4 --

    def published_target(self, unit, q):
        plan = self.published(q)
        refuse_if(plan is None or unit not in plan.targets, STATE)
        return plan

    @staticmethod
    def change(rows, figure, amount):
        for t in rows:
            t.suggested, t.baseline, t.amount = t.suggested + figure, t.baseline + figure, t.amount + amount
            refuse_if(t.suggested < 0 or t.baseline < 0, BAD)
            refuse_if(abs(t.amount - t.baseline) > t.room, CAP)

    def move_target(self, unit, parent, q):
        plan = self.published_target(unit, q)
        way, new = plan.way(unit), plan.way(parent)
        refuse_if(len(way) == 1, BAD)
        refuse_if(not new, BAD)
        refuse_if(plan.status == 'closed', STATE)
        own = way[0]
        refuse_if(own in new, CAP)
        refuse_if(own.parent == parent, STATE)
        old = [t for t in way[1:] if t not in new]
        self.change(old, -own.suggested, -(own.amount - own.penalty))
        added = [t for t in new if t not in way]
        self.change(added, own.suggested, own.amount - own.penalty)
        own.parent = parent
        return 1 + len(old) + len(added)

    def transfer(self, giver, taker, q, amount):
        plan = self.published_target(giver, q)
        way, other = plan.way(giver), plan.way(taker)
        refuse_if(not other, BAD)
        refuse_if(giver == taker, BAD)
        refuse_if(amount != amount or amount <= 0 or amount != int(amount), BAD)
        refuse_if(plan.status == 'closed', STATE)
        gives = [t for t in way if t not in other]
        takes = [t for t in other if t not in way]
        self.change(gives, -int(amount), -int(amount))
        self.change(takes, int(amount), int(amount))
        return len(gives) + len(takes)

    # -- the valve --

    def type_amount(self, unit, q, amount):
        plan = self.published(q)
        target = plan.targets[unit]
        refuse_if(abs(amount - target.baseline) > target.room, CAP)
        target.amount = amount

    def respread(self, q, unit):
        plan = self.published(q)

        def settle(parent):
            children = plan.children(parent.unit)
            if not children:
                return 0
            least, most = [t.baseline - t.room for t in children], [t.baseline + t.room for t in children]
            total = min(max(parent.amount + sum(t.penalty for t in children), sum(least)), sum(most))
            before = [t.amount for t in children]
            for target, part in zip(children, webster(total, before, least, most)):
                target.amount = part
            return sum(settle(t) for t in children) + sum(t.amount != had for t, had in zip(children, before))
        return settle(plan.targets[unit])

    def deny(self, unit, q):
        """The unit asks for a tenth less and is refused."""
        self.refused.append((unit, q))

    def bring_standing(self, unit, q, denied, rate):
        plan = self.published(q)
        refuse_if(plan is not None and unit in plan.targets and half_up(plan.targets[unit].suggested * rate) > 0, STATE)
        refuse_if((unit, q) in self.standings, '23505')
        self.standings[unit, q] = (denied, rate)
        self.write_inherited(q - 1)

    # -- credit --

    def record(self, unit, q):
        """What it brought into the last period up to this one that it has a standing for."""
        known = [p for u, p in self.standings if u == unit and p <= q]
        return self.standings[unit, max(known)] if known else None

    def inherited(self, unit, q):
        """What a unit without a record goes on with: of each predecessor its record, or what it inherits itself."""
        if self.record(unit, q) is not None:
            return None
        found = [self.record(p, q) or self.inherited(p, q) for u, p in self.successions if u == unit]
        found = [f for f in found if f is not None]
        return (max(f[0] for f in found), max(f[1] for f in found)) if found else None

    def close_one(self, plan):
        q = plan.q
        plan.status = 'closed'
        for unit in sorted(plan.targets, key=lambda u: len(plan.way(u))):
            if (unit, q + 1) in self.standings:
                continue
            before = self.standings.get((unit, q)) or self.inherited(unit, q) or (0, 0)
            run = before[0] + 1 if (unit, q) in self.refused else 0
            spared = any(self.standings[t.unit, q + 1][1] > 0 for t in plan.way(unit)[1:])
            self.standings[unit, q + 1] = (run, PENALTY if run >= QUARTERS and not spared else F(0))
        self.write_inherited(q)

    def write_inherited(self, q):
        """Into the period after q, in the tree of its first day; nobody pays below somebody who does."""
        first = PERIODS[q + 1][1]
        tree, targets = self.tree(first), set()
        for plan in (self.published(q), self.published(q + 1)):
            targets |= set(plan.targets) if plan else set()
        begun = {u for u, _ in self.standings}
        heirs = {u: self.inherited(u, q + 1) for u in tree if u not in targets | begun and self.is_open(u, first)}
        heirs = {u: record for u, record in heirs.items() if record is not None}

        def pays(unit):
            return unit != 0 and (pays(tree[unit]) or self.standings.get((unit, q + 1), heirs.get(unit, (0, 0)))[1] > 0)
        written = {(u, q + 1): (run, F(0) if pays(tree[u]) else rate) for u, (run, rate) in heirs.items()}
        self.standings.update(written)

    def close(self, q):
        refuse_if(self.published(q) is None, STATE)
        for plan in sorted(self.plans, key=lambda p: p.q):
            if plan.q <= q and plan.status == 'published':
                self.close_one(plan)
        self.write_inherited(q)

    # -- what was achieved --

    def did(self, unit, first, past, tree):
        """A unit and all below it in a tree."""
        def below(u):
            return u == unit or (u != 0 and below(tree[u]))
        return sum(a for u, d, a in self.deals if first <= d < past and below(u))

    def tree_of_period(self, q):
        """That of its first day, but where the published plan has a target, as the plan has it."""
        tree, plan = self.tree(PERIODS[q][1]), self.published(q)
        if plan is None:
            return tree
        merged = {**tree, **{u: t.parent for u, t in plan.targets.items() if t.parent != 0}}
        for unit in merged:
            up, seen = unit, 0
            while up and seen <= len(merged):
                up, seen = merged[up], seen + 1
            if up:
                return tree
        return merged

    def past(self, unit, first, past, tree):
        """With what it inherits of the days before its first."""
        own = F(self.did(unit, first, past, tree))
        for (u, p), share in self.successions.items():
            if u == unit and self.opened[u] > first:
                own += share * self.past(p, first, min(past, self.opened[u]), tree)
        return own


class Steps:
    def __init__(self, seed, today, script, expected):
        self.rng, self.script, self.expected = random.Random(seed), script, expected
        self.world, self.count, self.tally, self.prefix = World(self.rng, today), 0, {}, 'm%d_' % seed

    def say(self, *lines):
        for line in lines:
            self.script.write(line + '\n')

    def expect(self, *lines):
        for line in lines:
            self.expected.write(line + '\n')

    def step(self, sql, act, *arguments):
        """One step: its statement, what the model says of it, and that all holds."""
        self.count += 1
        self.say('-- step %d' % self.count, sql + ('' if sql.endswith('gset') else ';'), "\\echo '%d' :SQLSTATE" % self.count, VERIFIED)
        trial = copy.deepcopy(self.world)
        try:
            result, sqlstate = getattr(trial, act)(*arguments), OK
        except Refused as refused:
            result, sqlstate = None, refused.args[0]
        else:
            self.world = trial
        if result is not None:
            self.expect(str(result))
        self.expect('%d %s' % (self.count, sqlstate))
        key = (act, result if act == 'load' else sqlstate)
        self.tally[key] = self.tally.get(key, 0) + 1

    # -- the world to begin with --

    def begin(self):
        w, rng = self.world, self.rng
        self.say('\\set ON_ERROR_STOP on', 'SET client_min_messages = warning;', "SELECT regtarget.apply_profile() AS done \\gset",
                 'INSERT INTO regtarget.shared_logins VALUES (session_user);',
                 *('SELECT regtarget.add_year(%d) AS done \\gset' % y for y in (2024, 2025, 2026)),
                 'CREATE ROLE %sboss;' % self.prefix)
        for unit, moves in w.places.items():
            self.say("INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (%d, 'U%d', nullif(%d, 0));" % (unit, unit, moves[0][1]),
                     'CREATE ROLE %s%d;' % (self.prefix, unit))
        for unit in w.places:
            self.say("SELECT regtarget.grant_duty('%s%d', 'U%d', 'manager') AS done \\gset" % (self.prefix, unit, unit))
        self.say("SELECT regtarget.grant_duty('%sboss', 'U1', 'planner') AS done \\gset" % self.prefix,
                 "SELECT setval('regtarget.units_unit_id_seq', 1000) AS done \\gset")
        for unit in w.places:
            self.add_deals(unit)
        self.say(DENY.replace('model_boss', self.prefix + 'boss'), '\\set ON_ERROR_STOP off', '\\set ON_ERROR_ROLLBACK on')

    def add_deals(self, unit):
        deals = [(unit, self.some_day(2024, 2026), self.rng.randint(1, 900)) for _ in range(self.rng.randint(4, 16))]
        self.world.deals += deals
        self.say('INSERT INTO regtarget.deals (unit_id, closed_on, won, amount) VALUES %s;'
                 % ', '.join("(%d, '%s', true, %d)" % d for d in deals))

    # -- choosing --

    def some_day(self, first, last):
        return datetime.date(first, 1, 1) + datetime.timedelta(days=self.rng.randrange(365 * (last - first + 1)))

    def some_unit(self):
        return self.rng.choice(list(self.world.places))

    def some_parent(self):
        return self.rng.choice(list(self.world.places) + [0] + [2, 3, 4] * 3)

    def move_day(self):
        """Mostly after what is on record and closed, now and then on its edge; now and then ahead."""
        w, rng = self.world, self.rng
        known = [d for moves in w.places.values() for d, _ in moves if d > EARLY] + [PERIODS[FIRST][1], w.closed_until()]
        last = max(d for d in known if d < w.today)
        return rng.choice([last, last + datetime.timedelta(days=1), last + datetime.timedelta(days=rng.randint(1, 40)),
                           self.some_day(2025, 2026), rng.choice([p[1] for p in PERIODS[FIRST:]]), w.today + datetime.timedelta(days=rng.randint(5, 400))])

    def now(self):
        """The period that is not closed."""
        return max([p.q + 1 for p in self.world.plans if p.status == 'closed'], default=FIRST)

    def plan(self):
        return self.world.published(self.now())

    # -- steps --

    def code(self, unit):
        return "'U%d'" % unit if unit else 'NULL'

    def do_move_unit(self):
        unit, parent, day = self.some_unit(), self.some_parent(), self.move_day()
        self.step("SELECT regtarget.move_unit(%s, %s, '%s') AS done \\gset" % (self.code(unit), self.code(parent), day),
                  'move_unit', unit, parent, day)

    def do_correct(self):
        unit, parent = self.some_unit(), self.some_parent()
        self.step('UPDATE regtarget.units SET parent_id = nullif(%d, 0) WHERE unit_id = %d' % (parent, unit), 'correct', unit, parent)

    def do_load(self):
        w, rng = self.world, self.rng
        unit, parent, day = self.some_unit(), self.some_parent(), self.move_day()
        if len(w.places[unit]) > 1 and rng.random() < 0.5:
            day = rng.choice(w.places[unit][1:])[0]
        self.step("INSERT INTO regtarget.moves_in VALUES (%s, %s, '%s');\n" % (self.code(unit), self.code(parent), day) + LOADED,
                  'load', unit, parent, day)

    def do_open(self):
        w, rng = self.world, self.rng
        unit, q = max(w.places) + 1, self.now()
        if unit > 40 or q + 1 >= len(PERIODS):
            return
        parent = rng.choice([2, 3, 4, 5, self.some_unit()])
        day = rng.choice([PERIODS[q][1] + datetime.timedelta(days=rng.randint(1, 80)), PERIODS[q + 1][1]])
        self.step("INSERT INTO regtarget.units (unit_id, code, parent_id, opened_on) VALUES (%d, 'U%d', %d, '%s')" % (unit, unit, parent, day),
                  'open_unit', unit, parent, day)
        self.say('CREATE ROLE %s%d;' % (self.prefix, unit),
                 "SELECT regtarget.grant_duty('%s%d', 'U%d', 'manager') AS done \\gset" % (self.prefix, unit, unit))
        self.add_deals(unit)

    def do_close_unit(self):
        w, rng = self.world, self.rng
        leaves = [u for u in w.places if u > 4 and u != 14 and w.closed[u] == LATE and u not in w.tree(LATE).values()]
        if len(leaves) < 5:
            return
        unit, q = rng.choice(leaves), self.now()
        day = rng.choice([PERIODS[q][2] - datetime.timedelta(days=1), PERIODS[q][1] + datetime.timedelta(days=rng.randint(0, 60))])
        self.step("UPDATE regtarget.units SET closed_on = '%s' WHERE unit_id = %d" % (day, unit), 'close_unit', unit, day)

    def do_follow(self):
        w, rng = self.world, self.rng
        new = [u for u in w.places if w.opened[u] > EARLY] or [self.some_unit()]
        gone = [u for u in w.places if w.closed[u] < LATE] or [self.some_unit()]
        unit = rng.choice([rng.choice(new), rng.choice(new), self.some_unit()])
        predecessor = rng.choice([rng.choice(gone), rng.choice(gone), self.some_unit()])
        share = rng.choice([F(1), F(1), F(1, 2), F(1, 4), F(0)])
        self.step('INSERT INTO regtarget.successions VALUES (%d, %d, %s)' % (unit, predecessor, text(share)), 'follow', unit, predecessor, share)

    def do_forget(self):
        if self.world.successions:
            unit, predecessor = self.rng.choice(list(self.world.successions))
            self.step('DELETE FROM regtarget.successions WHERE unit_id = %d AND predecessor_id = %d' % (unit, predecessor), 'forget', unit, predecessor)

    def do_publish(self):
        w, rng, q = self.world, self.rng, self.now()
        if self.plan() or q + 1 >= len(PERIODS):
            return
        members = w.members(q)
        suggested = {1: rng.randint(5000, 50000)}

        def split(unit):
            children = [u for u in sorted(members) if members[u] == unit]
            penalty = half_up(suggested[unit] * w.standings.get((unit, q), (0, F(0)))[1])
            cuts = sorted(rng.randint(0, suggested[unit] + penalty) for _ in children[1:])
            for child, low, high in zip(children, [0] + cuts, cuts + [suggested[unit] + penalty]):
                suggested[child] = high - low
                split(child)
        split(1)
        period = PERIODS[q][0]
        rows = ', '.join('{%d, %d}' % row for row in sorted(suggested.items()))
        self.step("SELECT public.publish('%s', '{%s}') AS done \\gset" % (period, rows), 'publish', q, suggested)

    def some_q(self):
        return self.rng.choice([self.now()] * 12 + [self.now() - 1, min(self.now() + 1, len(PERIODS) - 1)])

    def do_move_target(self):
        unit, parent, q = self.some_unit(), self.some_parent() or 1, self.some_q()
        self.step("SELECT regtarget.move_target(%s, %s, '%s', 'why')" % (self.code(unit), self.code(parent), PERIODS[q][0]),
                  'move_target', unit, parent, q)

    def do_transfer(self):
        rng, plan, q = self.rng, self.plan(), self.some_q()
        giver, taker = self.some_unit(), self.some_unit()
        if plan and giver in plan.targets and rng.random() < 0.8:
            t = plan.targets[giver]
            amount = rng.choice([1, max(1, t.suggested // 20), max(1, t.suggested // 3), t.suggested, t.suggested + 1])
        else:
            amount = rng.choice([5, 0, -3, F(1, 2)])
        self.step("SELECT regtarget.transfer_target(%s, %s, '%s', %s, 'why')" % (self.code(giver), self.code(taker), PERIODS[q][0], text(F(amount))),
                  'transfer', giver, taker, q, amount)

    def do_amount(self):
        plan = self.plan()
        if plan:
            target = self.rng.choice(list(plan.targets.values()))
            amount = target.baseline + self.rng.choice([-1, 1]) * (target.room - self.rng.choice([-1, 0, 1, target.room // 2, target.room]))
            self.step('UPDATE regtarget.targets SET amount = %d WHERE unit_id = %d AND period = %s' % (amount, target.unit, quote(PERIODS[plan.q][0])),
                      'type_amount', target.unit, plan.q, amount)

    def do_respread(self):
        plan = self.plan()
        if plan:
            unit = self.rng.choice([1] + list(plan.targets))
            self.step("SELECT regtarget.respread((SELECT plan_id FROM regtarget.plans WHERE period = '%s'), 'U%d')" % (PERIODS[plan.q][0], unit),
                      'respread', plan.q, unit)

    def do_deny(self):
        """Of a unit that may ask, and whose request is not refused for its room."""
        w, plan = self.world, self.plan()
        tree = w.tree(w.today)

        def under_boss(unit):
            return unit == 1 or (unit != 0 and under_boss(tree[unit]))
        able = [t for t in plan.targets.values() if t.unit != 1 and under_boss(t.unit) and (t.unit, plan.q) not in w.refused and t.baseline >= 10
                and t.amount - t.baseline // 10 >= t.baseline - t.room] if plan else []
        if able:
            unit = self.rng.choice([max(able, key=lambda t: (w.standings.get((t.unit, plan.q), (0, 0))[0], t.unit)), self.rng.choice(able)]).unit
            self.step("SELECT public.deny('U%d', '%s%d', '%s') AS done \\gset" % (unit, self.prefix, unit, PERIODS[plan.q][1]), 'deny', unit, plan.q)

    def do_standing(self):
        """By the owner, who brings history."""
        unit, q = self.some_unit(), self.now() + self.rng.choice([0, 1])
        denied, rate = self.rng.choice([(1, F(0)), (2, PENALTY), (3, F(1, 10))])
        if q < len(PERIODS):
            self.step("INSERT INTO regtarget.standings VALUES (%d, '%s', %d, %s)" % (unit, PERIODS[q][0], denied, text(rate)),
                      'bring_standing', unit, q, denied, rate)

    def do_close(self):
        q = self.rng.choice([self.now(), self.now(), self.now() - 1])
        if q + 1 < len(PERIODS) and q >= FIRST:
            self.step("SELECT regtarget.close_period('%s') AS done \\gset" % PERIODS[q][0], 'close', q)

    # -- what there is --

    def look(self):
        w = self.world
        self.say('\\echo look')
        self.expect('look')
        for day in w.days():
            tree = w.tree(day)
            shown = "'%s'" % (day if day > EARLY else datetime.date(1901, 1, 1))
            self.say("SELECT string_agg(concat_ws('<', unit_id, parent_id), ' ' ORDER BY unit_id) FROM regtarget.unit_tree_on(%s);" % shown)
            self.expect(' '.join('%d<%d' % (u, p) if p else str(u) for u, p in sorted(tree.items())))
        self.say(LOOK)
        for plan in sorted(w.plans, key=lambda p: p.q):
            for _, t in sorted(plan.targets.items()):
                self.expect('%s|%s|%d<%d|%d|%d|%d|%d' % (PERIODS[plan.q][0], plan.status, t.unit, t.parent, t.suggested, t.penalty, t.baseline, t.amount))
        for (unit, q), (denied, rate) in sorted(w.standings.items(), key=lambda s: (s[0][1], s[0][0])):
            self.expect('standing|%d|%s|%d|%s' % (unit, PERIODS[q][0], denied, text(rate)))
        for (unit, predecessor), share in sorted(w.successions.items()):
            self.expect('succession|%d|%d|%s' % (unit, predecessor, text(share)))
        for q in range(max(FIRST, self.now() - 1), min(self.now() + 1, len(PERIODS))):
            self.look_at_period(q)

    def look_at_period(self, q):
        w, (period, first, end) = self.world, PERIODS[q]
        tree = w.tree_of_period(q)
        self.say("SELECT string_agg(concat_ws(' ', unit_id, trim_scale(actual)), ', ' ORDER BY unit_id) FROM regtarget.period_actuals('%s');" % period)
        self.expect(', '.join('%d %d' % (u, w.did(u, first, end, tree)) for u in sorted(w.places)))
        tree = w.tree(first)
        for signal, back in (('actual_previous', 1), ('actual_last_year', 4)):
            _, was, past = PERIODS[q - back]
            self.say("SELECT string_agg(concat_ws(' ', unit_id, trim_scale(value::numeric)), ', ' ORDER BY unit_id) FROM regtarget.unit_signals('%s') "
                     "WHERE signal = '%s';" % (first, signal))
            self.expect(', '.join('%d %s' % (u, text(w.past(u, was, past, tree))) for u in sorted(w.places)))

    def run(self, steps):
        self.begin()
        looked = 0
        while self.count < steps:
            plan = self.plan()
            kinds = {'move_unit': 8, 'correct': 2, 'load': 5, 'open': 3, 'close_unit': 2, 'follow': 4, 'forget': 1, 'standing': 1, 'move_target': 1, 'transfer': 1}
            if plan:
                kinds.update(move_target=14, transfer=14, amount=8, respread=4, deny=4, close=2)
            else:
                kinds.update(publish=8)
            getattr(self, 'do_' + self.rng.choices(list(kinds), list(kinds.values()))[0])()
            if self.count >= looked + STEPS_BETWEEN_LOOKS:
                self.look()
                looked = self.count
        self.look()


VERIFIED = "SELECT check_name || ': ' || detail FROM regtarget.verify() WHERE ok IS NOT TRUE;"
LOADED = ("SELECT coalesce((SELECT cause FROM regtarget.import_rejects), 'loaded');\n"
          'DELETE FROM regtarget.import_rejects')
DENY = '''
CREATE FUNCTION public.deny(unit text, role text, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    request bigint;
BEGIN
    PERFORM set_config('role', role, true);
    request := regtarget.request_adjustment(unit, -0.1, 'why', day);
    PERFORM set_config('role', 'model_boss', true);
    PERFORM regtarget.countersign(request, false);
    PERFORM set_config('role', 'none', true);
END
$$;
CREATE FUNCTION public.publish(period text, amounts numeric[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO regtarget.plans (period, root_unit_id, total, step) VALUES (period, 1, amounts[1][2], 1) RETURNING plan_id INTO made;
    INSERT INTO regtarget.targets (plan_id, unit_id, suggested) SELECT made, amounts[i][1], amounts[i][2] FROM generate_subscripts(amounts, 1) i;
    PERFORM regtarget.publish_plan(made);
END
$$;'''
LOOK = '''SELECT concat_ws('|', t.period, p.status, t.unit_id || '<' || coalesce(t.parent_unit_id, 0), trim_scale(t.suggested), trim_scale(t.penalty),
    trim_scale(t.baseline), trim_scale(t.amount)) FROM regtarget.targets t JOIN regtarget.plans p USING (plan_id) ORDER BY t.period, t.unit_id;
SELECT concat_ws('|', 'standing', unit_id, period, denied_quarters, trim_scale(penalty_rate)) FROM regtarget.standings ORDER BY period, unit_id;
SELECT concat_ws('|', 'succession', unit_id, predecessor_id, trim_scale(share)) FROM regtarget.successions ORDER BY unit_id, predecessor_id;'''


def main():
    today = datetime.date.fromisoformat(sys.argv[3])
    with open(sys.argv[4], 'w') as script, open(sys.argv[5], 'w') as expected:
        maker = Steps(int(sys.argv[1]), today, script, expected)
        maker.run(int(sys.argv[2]))
    for (act, outcome), n in sorted(maker.tally.items()):
        print('%s %s %d' % (act, outcome, n))


if __name__ == '__main__':
    main()
