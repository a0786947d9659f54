#!/usr/bin/env python3
"""The valve and the credit record, once more, in another language.

valve_model.py SEED STEPS SCRIPT EXPECTED

A model of publishing, requests, signatures, applying, spreading, closing and standings, written from
the specification and from nothing else: plain dictionaries, exact fractions, no database.  It makes up
STEPS random steps by random roles over several quarters, legal and illegal ones, writes them as a
script for psql, and what psql must print: each step's SQLSTATE and result and, now and then, every plan,
target, request, signature, filing, standing and change of an amount.
"""
import copy
import heapq
import random
import sys
from fractions import Fraction as F

OK, SIGN = '00000', ('manager', 'planner')
UNKNOWN, DENIED, BAD, STATE, CAP, RANGE = '42704', '42501', '22023', '55000', '23514', '22003'
FOREVER = 10 ** 9
STEPS_BETWEEN_LOOKS = 50


class Refused(Exception):
    """A step that must fail with this SQLSTATE."""


def refuse_if(condition, sqlstate):
    if condition:
        raise Refused(sqlstate)


def floor(x):
    return x.numerator // x.denominator


def ceil(x):
    return -floor(-x)


def towards_zero(x):
    return floor(x) if x >= 0 else -floor(-x)


def half_up(x):
    return floor(x + F(1, 2))


def text(x):
    """A fraction with finitely many decimals, as numeric prints it without trailing zeros."""
    x, decimals = F(x), 0
    while (x * 10 ** decimals).denominator != 1:
        decimals += 1
    digits = str(abs(x * 10 ** decimals)).rjust(decimals + 1, '0')
    whole = digits if decimals == 0 else digits[:-decimals] + '.' + digits[-decimals:]
    return ('-' if x < 0 else '') + whole


# ---- S4, S5 ------------------------------------------------------------------------------------------

def webster(total, weights, least, most):
    """Sainte-Lague within bounds, in whole steps; ties go to the earlier part."""
    n = range(len(weights))
    refuse_if(any(least[i] > most[i] for i in n), BAD)
    refuse_if(sum(least) > total or sum(most) < total, BAD)
    able = [i for i in n if weights[i] > 0]
    refuse_if(total - sum(least[i] for i in n if i not in able) > sum(most[i] for i in able), BAD)

    def parts(multiplier):
        return [min(max(half_up(weights[i] * multiplier), least[i]), most[i]) for i in n]

    low, high = F(0), F(1)
    if able:
        while sum(parts(high)) < total:
            high *= 2
        for _ in range(200):
            middle = (low + high) / 2
            if sum(parts(middle)) <= total:
                low = middle
            else:
                high = middle
            if total - sum(parts(low)) <= 2 * len(weights):
                break
    part = parts(low)
    queue = [(-F(weights[i]) / (2 * part[i] + 1), i) for i in able]
    heapq.heapify(queue)
    left = total - sum(part)
    while left > 0:
        _, i = heapq.heappop(queue)
        if part[i] >= most[i]:
            continue
        part[i] += 1
        left -= 1
        heapq.heappush(queue, (-F(weights[i]) / (2 * part[i] + 1), i))
    return part


# ---- the world ---------------------------------------------------------------------------------------

class Target:
    def __init__(self, unit, parent):
        self.unit, self.parent = unit, parent
        self.suggested = self.penalty = self.baseline = self.amount = 0
        self.answer = None


class Plan:
    def __init__(self, name, period, root, mode, label):
        self.name, self.period, self.root, self.mode, self.label = name, period, root, mode, label
        self.status, self.total, self.step, self.targets = 'draft', F(0), F(1), {}


class Request:
    def __init__(self, **columns):
        self.__dict__.update(columns)


class World:
    """Everything that is on record."""

    def __init__(self, rng, prefix):
        self.prefix, self.clock = prefix, 0
        self.parent = {'CN': None, 'R1': 'CN', 'R2': 'CN', 'R3': 'CN', 'R1A': 'R1', 'R1B': 'R1', 'R1C': 'R1',
                       'R2A': 'R2', 'R2B': 'R2', 'R3A': 'R3', 'R1A1': 'R1A', 'R1A2': 'R1A', 'R1A3': 'R1A',
                       'R3A1': 'R3A', 'R3A2': 'R3A', 'HK': None, 'HKA': 'HK'}
        self.ids = {unit: i + 1 for i, unit in enumerate(self.parent)}
        self.closed_in = {}     # unit to the index of its last period
        self.market = {unit: rng.choice([0, 1, 3, 10, 10, 10, 20, 30, 100]) for unit in self.parent}
        self.market['R1'] = self.market['R1B'] = self.market['R1A2'] = self.market['R3A1'] = self.market['R2A'] = 7
        self.periods = ['%dQ%d' % (y, q) for y in (2025, 2026) for q in (1, 2, 3, 4)]
        self.policies = [{'cap': rng.choice([F(15, 100), F(15, 100), F(1, 10), F(333, 1000), F(1, 200)]),
                          'rate': rng.choice([F(5, 100), F(5, 100), F(75, 1000), F(333, 10000)]),
                          'quarters': rng.choice([1, 2, 2, 3]), 'silence': rng.random() < 0.6,
                          'regret': rng.choice([0, 2, 30]), 'levels': rng.choice([None, None, 1, 2])}
                         for _ in self.periods]
        self.roles, self.supers, self.member_of, self.duties = [], set(), {}, set()
        self.bounds, self.standings = {}, {}
        self.plans, self.requests, self.filings, self.history = [], [], [], []

    # -- units, roles, duties --

    def above(self, unit):
        """The units above, nearest first."""
        found = []
        while self.parent[unit] is not None:
            unit = self.parent[unit]
            found.append(unit)
        return found

    def upwards(self, unit):
        return [unit] + self.above(unit)

    def children(self, unit):
        return [u for u in self.ids if self.parent[u] == unit]

    def is_open(self, unit, q):
        return self.closed_in.get(unit, FOREVER) >= q

    def names(self, role):
        return {role} | self.member_of.get(role, set())

    def at(self, role, unit):
        return {d for r, u, d in self.duties if u == unit and r in self.names(role)}

    def over(self, role, unit):
        return set().union(*[self.at(role, u) for u in self.upwards(unit)])

    def plans_unit(self, role, unit):
        return role in self.supers or 'planner' in self.over(role, unit)

    def plans_top(self, role):
        return role in self.supers or any('planner' in self.at(role, u) for u in self.ids if self.parent[u] is None)

    def has_any(self, role):
        return role in self.supers or any(r in self.names(role) for r, _, _ in self.duties)

    def sees(self, role, unit):
        return role in self.supers or bool(self.over(role, unit))

    def sees_plan(self, role, plan):
        """The row of a plan: whoever plans a part of it or it all; open to them, whoever has any duty there."""
        is_open = plan.mode == 'live' and plan.status != 'draft'
        return role in self.supers or any(
            r in self.names(role) and (is_open or d == 'planner') and (plan.root in self.upwards(u) or u in self.upwards(plan.root))
            for r, u, d in self.duties)

    def sees_target(self, role, plan, unit):
        duties = self.over(role, unit)
        return role in self.supers or unit in plan.targets and (
            'planner' in duties or bool(duties) and plan.mode == 'live' and plan.status != 'draft')

    def need_privileges(self, role):
        refuse_if(not self.has_any(role), DENIED)

    def signer_left(self, unit, requester):
        """Has the unit a manager or planner other than the requester?"""
        return any(u == unit and d in SIGN and r != requester and r in self.roles for r, u, d in self.duties)

    # -- periods and plans --

    def rate(self, unit, period):
        return self.standings.get((unit, period), (0, F(0)))[1]

    def published(self, period, also_closed=True):
        states = ('published', 'closed') if also_closed else ('published',)
        return [p for p in self.plans if p.period == period and p.mode == 'live' and p.status in states]

    def cap(self, plan):
        return self.policies[self.periods.index(plan.period)]['cap']

    def room(self, plan, target):
        return floor(self.cap(plan) * target.baseline)

    def settle(self, plan, target):
        """T2: what follows from `suggested` in a draft."""
        target.penalty = 0 if plan.mode == 'sandbox' else half_up(target.suggested * self.rate(target.unit, plan.period))
        target.baseline = target.amount = target.suggested + target.penalty

    def plan_called(self, name):
        found = [p for p in self.plans if p.name == name]
        refuse_if(not found, UNKNOWN)
        return found[0]

    def log(self, plan, target, before, why, request=None):
        if target.amount != before:
            self.history.append((plan, target.unit, why, request, before * plan.step, target.amount * plan.step))

    # -- S: allocating --

    def members(self, root, q):
        found, queue = {root: None}, [root]
        while queue:
            unit = queue.pop(0)
            for child in self.children(unit):
                if self.is_open(child, q):
                    found[child] = unit
                    queue.append(child)
        return found

    def split(self, plan, total, step):
        q = self.periods.index(plan.period)
        members = self.members(plan.root, q)
        bounds = {} if plan.mode == 'sandbox' else {u: b for (u, p), b in self.bounds.items() if p == plan.period}

        def least(unit):
            return ceil(F(bounds.get(unit, (0, None))[0] or 0) / step)

        def most(unit):
            bound = bounds.get(unit, (None, None))[1]
            return FOREVER ** 3 if bound is None else floor(F(bound) / step)

        plan.targets = {unit: Target(unit, parent) for unit, parent in members.items()}
        root = plan.targets[plan.root]
        root.suggested = total
        refuse_if(not least(plan.root) <= total <= most(plan.root), BAD)
        for unit in members:
            target = plan.targets[unit]
            self.settle(plan, target)
            below = sorted((u for u in members if members[u] == unit), key=self.ids.get)
            if not below:
                continue
            values = [self.market[u] for u in below]
            if len(below) == 1 or target.baseline == 0:
                weights = [1] * len(below)
            else:
                refuse_if(sum(values) == 0, BAD)
                weights = [half_up(F(v, sum(values)) * 2 ** 40) for v in values]
            for u, part in zip(below, webster(target.baseline, weights, [least(u) for u in below], [most(u) for u in below])):
                plan.targets[u].suggested = part

    def allocate(self, role, name, period, total, mode, root, step, label=None):
        self.need_privileges(role)
        refuse_if(period not in self.periods, UNKNOWN)
        refuse_if(root is None, BAD)            # two units have no parent
        refuse_if(root not in self.ids, UNKNOWN)
        refuse_if(not self.plans_unit(role, root), DENIED)
        refuse_if(mode not in ('live', 'shadow', 'sandbox'), BAD)
        refuse_if(total is None or step <= 0, BAD)
        refuse_if(step < F(1, 10000), RANGE)
        refuse_if(total >= 10 ** 15, RANGE)
        refuse_if(total < 0 or (total / step).denominator != 1, BAD)
        q = self.periods.index(period)
        refuse_if(not self.is_open(root, q), BAD)
        drafts = [p for p in self.plans if (p.period, p.mode, p.root, p.label) == (period, mode, root, label)
                  and p.status in ('draft', 'proposed') and mode != 'sandbox']
        plan = drafts[-1] if drafts else Plan(name, period, root, mode, label)
        trial = copy.copy(plan)
        self.split(trial, int(total / step), step)
        taken = {u for p in self.published(period) for u in p.targets}
        refuse_if(mode == 'live' and taken & set(trial.targets), STATE)
        plan.targets, plan.total, plan.step, plan.status = trial.targets, total, step, 'draft'
        if not drafts:
            self.plans.append(plan)

    def type_suggested(self, role, name, unit, amount):
        """By hand, as superuser."""
        plan = self.plan_called(name)
        if unit not in plan.targets:
            return
        target = plan.targets[unit]
        refuse_if(plan.status in ('published', 'closed') and target.suggested * plan.step != amount, STATE)
        if plan.status in ('published', 'closed'):
            # Nothing else is in the statement: nothing changes, which a closed plan refuses, too.
            refuse_if(plan.status == 'closed', STATE)
            return
        q = self.periods.index(plan.period)
        refuse_if(plan.root not in self.upwards(unit) or not self.is_open(unit, q), CAP)
        refuse_if(amount < 0, CAP)
        refuse_if((amount / plan.step).denominator != 1, BAD)
        target.parent = None if unit == plan.root else self.parent[unit]
        target.suggested = int(amount / plan.step)
        self.settle(plan, target)

    # -- T: proposing, publishing, answering, typing an amount --

    def decides_over(self, role, unit):
        """A planner above it; of a unit that has none above, while no planner stands there, its own."""
        above = self.above(unit)
        if role in self.supers or not above or 'planner' in set().union(*[self.at(role, u) for u in above]):
            return True
        return not any(u in above and d == 'planner' and r in self.roles for r, u, d in self.duties)

    def named_plan(self, role, name, publish=False):
        self.need_privileges(role)
        plan = self.plan_called(name)
        refuse_if(not self.sees_plan(role, plan), UNKNOWN)
        refuse_if(not self.plans_unit(role, plan.root), DENIED)
        refuse_if(publish and plan.mode == 'live' and not self.decides_over(role, plan.root), DENIED)
        refuse_if(plan.mode != 'live', BAD)
        return plan

    def propose(self, role, name):
        plan = self.named_plan(role, name)
        refuse_if(plan.status != 'draft', STATE)
        plan.status = 'proposed'

    def tree_holds(self, plan, q):
        """Is each unit where the plan has it, and open? None missing from the middle?"""
        for target in plan.targets.values():
            way = self.upwards(target.unit)
            if plan.root not in way or target.parent != (None if target.unit == plan.root else self.parent[target.unit]):
                return False
            if not all(self.is_open(u, q) for u in way[:way.index(plan.root) + 1]):
                return False
        for unit in self.ids:
            if plan.root in self.above(unit) and unit not in plan.targets \
                    and any(unit in self.above(t) for t in plan.targets) and any(self.parent[t] == self.parent[unit] for t in plan.targets):
                return False
        return True

    def publish(self, role, name):
        plan = self.named_plan(role, name, True)
        q = self.periods.index(plan.period)
        refuse_if(plan.status not in ('draft', 'proposed'), STATE)
        refuse_if(not self.tree_holds(plan, q), STATE)
        refuse_if(any(set(p.targets) & set(plan.targets) for p in self.published(plan.period)), STATE)
        if q > 0:
            before = self.periods[q - 1]
            refuse_if(self.published(before, False) and any(r.period == before for r in self.requests), STATE)
        for target in plan.targets.values():
            due = half_up(target.suggested * self.rate(target.unit, plan.period))
            refuse_if(target.penalty != due, STATE)
            below = [t.suggested for t in plan.targets.values() if t.parent == target.unit]
            refuse_if(below and sum(below) != target.baseline, STATE)
        top = [t.suggested for t in plan.targets.values() if t.parent not in plan.targets]
        refuse_if(sum(top) * plan.step != plan.total, STATE)
        plan.status = 'published'

    def answer(self, role, name, unit, accept):
        self.need_privileges(role)
        plan = self.plan_called(name)
        refuse_if(unit not in plan.targets or not self.sees_target(role, plan, unit), UNKNOWN)
        refuse_if('manager' not in self.at(role, unit), DENIED)
        refuse_if(accept is None, BAD)
        refuse_if(plan.mode != 'live' or plan.status not in ('proposed', 'published'), STATE)
        plan.targets[unit].answer = accept

    def type_amount(self, role, name, unit, amount):
        """A plain UPDATE, by a superuser or by whom the DBA lets."""
        refuse_if(role not in self.supers and (role != self.prefix + 'view' or not self.has_any(role)), DENIED)
        plan = self.plan_called(name)
        if unit not in plan.targets or plan.status in ('draft', 'proposed'):
            refuse_if(unit in plan.targets and amount is None, CAP)
            if unit in plan.targets:
                self.type_suggested(role, name, unit, plan.targets[unit].suggested * plan.step)
            return
        target = plan.targets[unit]
        refuse_if(amount is not None and abs(amount) >= 10 ** 15, RANGE)
        refuse_if(amount is not None and (amount / plan.step).denominator != 1, BAD)
        refuse_if(plan.status == 'closed', STATE)
        refuse_if(amount is None or abs(amount / plan.step - target.baseline) > self.room(plan, target), CAP)
        before, target.amount = target.amount, int(amount / plan.step)
        self.log(plan, target, before, 'update')

    # -- V: the valve --

    def request(self, role, name, unit, change, month, reason='why'):
        """month: its index in the period and the period's; None: a day in no month."""
        self.need_privileges(role)
        refuse_if(unit not in self.ids, UNKNOWN)
        refuse_if(month is None, UNKNOWN)
        q, m = month
        period = self.periods[q]
        refuse_if('manager' not in self.at(role, unit), DENIED)
        refuse_if(change is None or change == 0 or reason is None, BAD)
        found = [p for p in self.published(period) if unit in p.targets]
        if found:
            steps = towards_zero(change * found[0].targets[unit].baseline)
            refuse_if(steps == 0, BAD)
        refuse_if(not found or found[0].status != 'published', STATE)
        plan, target = found[0], found[0].targets[unit]
        refuse_if(any(self.published(p) for p in self.periods[q + 1:]), STATE)
        refuse_if(any(r.plan is plan and r.unit == unit and r.month == m and r.status in ('requested', 'approved', 'applied')
                      for r in self.requests), STATE)
        signers = [u for u in self.above(unit) if self.signer_left(u, role)][:self.policies[q]['levels']]
        refuse_if(not signers, STATE)
        refuse_if(abs(target.amount + steps - target.baseline) > self.room(plan, target), CAP)
        self.requests.append(Request(
            name=name, plan=plan, unit=unit, period=period, month=m, change=change, granted=None, by=role, status='requested',
            at=self.clock, ended=None, before=target.amount, after=target.amount + steps,
            signatures=[{'unit': u, 'approved': None, 'granted': None, 'by': None} for u in signers]))

    def request_called(self, name):
        found = [r for r in self.requests if r.name == name]
        refuse_if(not found, UNKNOWN)
        return found[0]

    def may_sign(self, role, request, unit):
        if self.at(role, unit) & set(SIGN):
            return True
        above = self.parent[unit]
        return not self.signer_left(unit, request.by) and above is not None and bool(self.over(role, above) & set(SIGN))

    def countersign(self, role, name, approve, granted):
        self.need_privileges(role)
        request = self.request_called(name)
        mine = [s for s in request.signatures if self.may_sign(role, request, s['unit'])]
        refuse_if(not mine and not self.sees(role, request.unit), UNKNOWN)
        refuse_if(request.by == role, DENIED)
        refuse_if(not mine, DENIED)
        refuse_if(approve is None, BAD)
        if granted is not None:
            refuse_if(not approve or granted * request.change <= 0 or abs(granted) > abs(request.change), BAD)
            refuse_if(towards_zero(granted * request.plan.targets[request.unit].baseline) == 0, BAD)
        refuse_if(request.status != 'requested', STATE)
        mine = [s for s in mine if s['approved'] is None]
        refuse_if(not mine, STATE)
        for signature in mine:
            signature.update(approved=approve, granted=granted, by=role)
        if not approve:
            request.status = 'rejected'
        elif all(s['approved'] for s in request.signatures):
            request.status = 'approved'
            request.granted = min((F(s['granted'] or request.change) for s in request.signatures), key=abs)
        return request.status

    def withdraw(self, role, name):
        self.need_privileges(role)
        request = self.request_called(name)
        refuse_if(not self.sees(role, request.unit), UNKNOWN)
        refuse_if('manager' not in self.at(role, request.unit), DENIED)
        refuse_if(request.status not in ('requested', 'approved'), STATE)
        request.status, request.ended = 'withdrawn', self.clock

    def spread(self, plan, parent, total, below, changed):
        """Split `total` over the children by what they have, within their caps; then below each."""
        children = sorted((t for t in plan.targets.values() if t.parent == parent.unit), key=lambda t: self.ids[t.unit])
        if not children:
            return
        least = [t.baseline - self.room(plan, t) for t in children]
        most = [t.baseline + self.room(plan, t) for t in children]
        total = min(max(total, sum(least)), sum(most))
        before = [t.amount for t in children]
        for target, amount in zip(children, webster(total, before, least, most)):
            target.amount = amount
        for target, had in zip(children, before):
            below(target, had)
            if target.amount != had:
                changed.append((target, had))

    def pass_down(self, plan, parent, change, changed):
        if change != 0:
            have = sum(t.amount for t in plan.targets.values() if t.parent == parent.unit)
            self.spread(plan, parent, have + change, lambda t, had: self.pass_down(plan, t, t.amount - had, changed), changed)

    def settle_below(self, plan, parent, changed):
        penalties = sum(t.penalty for t in plan.targets.values() if t.parent == parent.unit)
        self.spread(plan, parent, parent.amount + penalties, lambda t, had: self.settle_below(plan, t, changed), changed)

    def apply(self, role, name):
        self.need_privileges(role)
        request = self.request_called(name)
        refuse_if(not self.sees(role, request.unit), UNKNOWN)
        refuse_if(not self.plans_unit(role, request.unit), DENIED)
        refuse_if(request.status != 'approved', STATE)
        plan = request.plan
        target = plan.targets[request.unit]
        steps = towards_zero(request.granted * target.baseline)
        refuse_if(abs(target.amount + steps - target.baseline) > self.room(plan, target), CAP)
        request.before, target.amount = target.amount, target.amount + steps
        request.after, request.status, request.ended = target.amount, 'applied', self.clock
        changed = [(target, request.before)]
        self.pass_down(plan, target, steps, changed)
        for t, had in changed:
            self.log(plan, t, had, 'adjustment', request)
        self.filings.append({'request': request, 'acknowledged': None})
        return text(target.amount * plan.step)

    def respread(self, role, name, unit):
        self.need_privileges(role)
        refuse_if(unit not in self.ids, UNKNOWN)
        plan = self.plan_called(name)
        shown = unit in plan.targets and self.sees_target(role, plan, unit)
        refuse_if(not shown and not self.sees_plan(role, plan), UNKNOWN)
        refuse_if(not shown and self.sees(role, unit), UNKNOWN)
        refuse_if(not self.plans_unit(role, unit), DENIED)
        refuse_if(plan.status != 'published', STATE)
        changed = []
        self.settle_below(plan, plan.targets[unit], changed)
        for t, had in changed:
            self.log(plan, t, had, 'respread')
        return str(len(changed))

    def acknowledge(self, role, name, reference):
        self.need_privileges(role)
        filing = [f for f in self.filings if f['request'].name == name]
        refuse_if(not filing or not self.sees(role, filing[0]['request'].unit), UNKNOWN)
        refuse_if('finance' not in self.over(role, filing[0]['request'].unit), DENIED)
        refuse_if(reference is None, BAD)
        refuse_if(filing[0]['acknowledged'] is not None, STATE)
        filing[0]['acknowledged'] = role

    # -- C: closing --

    def verdict(self, unit, q):
        """'no' (one was approved), 'yes', or 'none': the run is broken."""
        policy = self.policies[q]
        counts = False
        for r in self.requests:
            if r.unit != unit or r.period != self.periods[q] or r.change > 0:
                continue
            if r.granted is not None:
                return 'no'
            if r.status == 'rejected':
                counts = True
            elif r.status == 'withdrawn':
                counts = counts or policy['regret'] == 0 or any(s['approved'] is not None for s in r.signatures)
            else:
                counts = counts or policy['silence']
        return 'yes' if counts else 'none'

    def close_one(self, q):
        period, after = self.periods[q], self.periods[q + 1]
        units = {u for p in self.published(period) for u in p.targets}
        for r in self.requests:
            if r.period == period and r.status in ('requested', 'approved'):
                r.status, r.ended = 'lapsed', self.clock
        for p in self.published(period):
            p.status = 'closed'
        self.standings.update(self.judge(q, units))

    def judge(self, q, units):
        """The standings of the next period, from the tops down."""
        period, after, policy = self.periods[q], self.periods[q + 1], self.policies[q]
        new = {}

        def pays(unit):
            return new.get((unit, after), self.standings.get((unit, after), (0, F(0))))[1] > 0

        for unit in sorted(units, key=lambda u: len(self.above(u))):
            if (unit, after) in self.standings:
                continue
            run = self.standings.get((unit, period), (0, 0))[0] + 1 if self.verdict(unit, q) == 'yes' else 0
            spared = any(pays(u) for u in self.above(unit))
            new[unit, after] = (run, policy['rate'] if run >= policy['quarters'] and not spared else F(0))
        return new

    def close(self, role, period):
        self.need_privileges(role)
        refuse_if(period not in self.periods, UNKNOWN)
        refuse_if(not self.plans_top(role), DENIED)
        refuse_if(not self.published(period), STATE)
        for q in range(self.periods.index(period) + 1):
            if self.published(self.periods[q], False):
                refuse_if(q + 1 == len(self.periods), STATE)
                self.close_one(q)

    def bring_standing(self, role, unit, period, denied, rate):
        """By the owner, who brings history."""
        for p in self.published(period):
            refuse_if(unit in p.targets and half_up(p.targets[unit].suggested * rate) > 0, STATE)
        refuse_if((unit, period) in self.standings, '23505')
        self.standings[unit, period] = (denied, rate)

    # -- X: duties --

    def change_duty(self, role, whom, unit, duty, grant):
        self.need_privileges(role)
        known = whom in self.roles or (not grant and any(r == whom and self.sees(role, u) for r, u, _ in self.duties))
        refuse_if(not known or unit not in self.ids, UNKNOWN)
        top = self.upwards(unit)[-1]
        refuse_if(role not in self.supers and 'planner' not in self.at(role, top), DENIED)
        refuse_if(duty not in ('planner', 'manager', 'finance', 'viewer'), BAD)
        if grant:
            self.duties.add((whom, unit, duty))
        else:
            self.duties.discard((whom, unit, duty))

    def drop_role(self, role, whom):
        self.roles.remove(whom)

    def move_unit(self, role, unit, parent):
        self.parent[unit] = parent

    def close_unit(self, role, unit, q):
        self.closed_in[unit] = q

    def set_bounds(self, role, unit, period, least, most):
        self.bounds[unit, period] = (least, most)

    def drop_plan(self, role, name):
        plan = self.plan_called(name)
        refuse_if(plan.status in ('published', 'closed'), STATE)
        self.plans.remove(plan)

    def tamper(self, role, sqlstate):
        refuse_if(True, sqlstate if role in self.supers else DENIED)


# ---- steps as statements --------------------------------------------------------------------------------

def quote(value):
    return 'NULL' if value is None else "'%s'" % str(value).replace("'", "''")


def number(value):
    return 'NULL' if value is None else text(value)


def variable(name):
    """The id that psql keeps under this name; of nothing, an id that does not exist."""
    return '-1' if name is None else ':' + name


def target_id(plan, unit):
    return 'coalesce((SELECT target_id FROM regtarget.targets WHERE plan_id = %s AND unit_id = (SELECT unit_id FROM regtarget.units WHERE code = %s)), -1)' \
        % (variable(plan), quote(unit))


class Steps:
    """Makes up steps, has the model take them, and writes script and expected output."""

    def __init__(self, seed, script, expected):
        self.rng = random.Random(seed)
        self.prefix = 's%d_' % (seed % 1000000)
        self.world = World(self.rng, self.prefix)
        self.script, self.expected, self.count, self.names = script, expected, 0, 0
        self.tally = {}

    def say(self, *lines):
        for line in lines:
            self.script.write(line + '\n')

    def expect(self, *lines):
        for line in lines:
            self.expected.write(line + '\n')

    def fresh(self, letter):
        self.names += 1
        return '%s%d' % (letter, self.names)

    def step(self, role, sql, act, *arguments, keep=None):
        """One step: its statement, and what the model says of it."""
        self.count += 1
        self.say('-- step %d' % self.count, 'SET ROLE %s;' % role, sql + (' \\gset' if keep else ';'),
                 "\\echo '%d' :SQLSTATE" % self.count, 'RESET ROLE;')
        trial = copy.deepcopy(self.world)
        try:
            result = getattr(trial, act)(role, *arguments)
            sqlstate = OK
        except Refused as refused:
            result, sqlstate = None, refused.args[0]
        else:
            self.world = trial
        if result is not None:
            self.expect(result)
        self.expect('%d %s' % (self.count, sqlstate))
        self.tally[act, sqlstate] = self.tally.get((act, sqlstate), 0) + 1

    # -- the world to begin with --

    def begin(self):
        w, p = self.world, self.prefix
        self.say('\\set ON_ERROR_STOP on', '\\set VERBOSITY verbose', 'SELECT regtarget.apply_profile() AS done \\gset',
                 'INSERT INTO regtarget.shared_logins VALUES (session_user);',
                 'DELETE FROM regtarget.factors;', "INSERT INTO regtarget.factors (signal) VALUES ('market');",
                 'SELECT regtarget.add_year(2025) AS done \\gset', 'SELECT regtarget.add_year(2026) AS done \\gset',
                 "DELETE FROM regtarget.months WHERE month = '2025-05';")
        for unit, parent in w.parent.items():
            self.say('INSERT INTO regtarget.units (unit_id, code, parent_id) VALUES (%d, %s, %s);'
                     % (w.ids[unit], quote(unit), w.ids.get(parent, 'NULL')),
                     "INSERT INTO regtarget.signals (unit_id, signal, as_of, value) VALUES (%d, 'market', '2024-01-01', %d);"
                     % (w.ids[unit], w.market[unit]))
        for period, policy in zip(w.periods, w.policies):
            self.say('INSERT INTO regtarget.policies (effective_from, cap, penalty_rate, penalty_quarters, silence_counts, regret_days, sign_levels) '
                     "SELECT lower(during), %s, %s, %d, %s, %d, %s FROM regtarget.periods WHERE period = '%s';"
                     % (text(policy['cap']), text(policy['rate']), policy['quarters'], policy['silence'], policy['regret'],
                        policy['levels'] or 'NULL', period))
        for role, duties in (
                ('boss', 'CN planner'), ('p1', 'R1 planner'), ('p2', 'R2 planner'), ('p3', 'R3 planner'), ('m1', 'R1 manager'),
                ('m2', 'R2 manager'), ('m3', 'R3 manager'), ('m1a', 'R1A manager'), ('m1c', 'R1C manager'), ('m3a', 'R3A manager'),
                ('m1a1', 'R1A1 manager'), ('m1a2', 'R1A2 manager'), ('m1a3', 'R1A3 manager'), ('m3a1', 'R3A1 manager'),
                ('fin', 'CN finance'), ('fin1', 'R1 finance'), ('view', 'CN viewer'), ('two', 'R1B manager, R1 planner'),
                ('multi', 'R2A manager, R2B manager'), ('nobody', ''), ('hk', 'HK planner'), ('mhka', 'HKA manager'),
                ('su', 'R2 manager, R3 planner'), ('grp', 'R1C manager'), ('mem', ''), ('gone1', 'R3 manager'), ('gone2', 'R1A manager')):
            role = p + role
            w.roles.append(role)
            self.say('CREATE ROLE %s%s;' % (role, ' SUPERUSER' if role == p + 'su' else ''))
            for duty in filter(None, duties.split(', ')):
                unit, kind = duty.split()
                w.duties.add((role, unit, kind))
                self.say("SELECT regtarget.grant_duty(%s, %s, %s) AS done \\gset" % (quote(role), quote(unit), quote(kind)))
        w.supers = {'postgres', p + 'su'}
        w.member_of = {p + 'mem': {p + 'grp'}}
        self.say('GRANT %sgrp TO %smem;' % (p, p), 'GRANT UPDATE (amount) ON regtarget.targets TO %sview;' % p,
                 '\\set ON_ERROR_STOP off', '\\set ON_ERROR_ROLLBACK on')

    # -- choosing --

    def some_role(self):
        return self.rng.choice(self.world.roles + ['postgres'])

    def role_with(self, test):
        """Mostly somebody who may; now and then anybody."""
        able = [r for r in self.world.roles + ['postgres'] if test(r)]
        return self.rng.choice(able) if able and self.rng.random() < 0.9 else self.some_role()

    def some_unit(self):
        return self.rng.choice(list(self.world.ids))

    def now(self):
        """The quarter that most of it is about: the last that is published and not closed, or the next."""
        w = self.world
        for q in range(len(w.periods) - 1, -1, -1):
            if w.published(w.periods[q]):
                return q if w.published(w.periods[q], False) else min(q + 1, len(w.periods) - 1)
        return 0

    def some_period(self):
        w, q = self.world, self.now()
        return w.periods[self.rng.choice([q, q, q, q, min(q + 1, 7), max(q - 1, 0), self.rng.randrange(8)])]

    def some_plan(self, *states):
        plans = [p for p in self.world.plans if not states or p.status in states] or self.world.plans
        if self.rng.random() < 0.7:
            plans = [p for p in plans if p.mode == 'live' and p.period == self.world.periods[self.now()]] or plans
        return self.rng.choice(plans[-4:] if self.rng.random() < 0.8 else plans) if plans else None

    def some_request(self, *states):
        requests = [r for r in self.world.requests if not states or r.status in states]
        if not requests or self.rng.random() < 0.05:
            requests = self.world.requests
        return self.rng.choice(requests[-12:] if self.rng.random() < 0.9 else requests) if requests else None

    # -- kinds of steps --

    def do_allocate(self):
        rng = self.rng
        step = rng.choice([F(1, 100), F(1), F(1, 4), F(10000), F(1, 10000), F(7)])
        total = rng.choice([0, 1, 40, 997] if rng.random() < 0.1 else [5000, 12345, 100000, 1000003, 98765432, 9876543210]) * step
        oddity = rng.random()
        if oddity < 0.03:
            total, step = rng.choice([(-step, step), (total + step / 2, step), (total, F(0)), (F(10) ** 15, step), (F(3), F(1, 100000))])
        root = rng.choice(['CN'] * 20 + ['R3', 'R1A', 'HK', 'HK', None, 'XX'])
        period = self.some_period() if rng.random() < 0.97 else '2031Q1'
        mode = rng.choice(['live'] * 24 + ['shadow', 'sandbox', 'dead'])
        role = self.role_with(lambda r: root in self.world.ids and self.world.plans_unit(r, root))
        name = self.fresh('p')
        drafts = [p for p in self.world.plans if (p.period, p.mode, p.root, p.label) == (period, mode, root, None)
                  and p.status in ('draft', 'proposed') and mode != 'sandbox']
        if drafts:
            name = drafts[-1].name
        self.step(role, "SELECT DISTINCT plan_id AS %s FROM regtarget.allocate_targets(%s, %s, %s, %s, %s)"
                  % (name, quote(period), number(total), quote(mode), quote(root), number(step)),
                  'allocate', name, period, total, mode, root, step, keep=True)

    def do_plan_step(self, function, act, *states):
        plan = self.some_plan(*states) if self.rng.random() < 0.9 else self.rng.choice(self.world.plans or [None])
        name = plan.name if plan and self.rng.random() < 0.97 else None
        role = self.role_with(lambda r: plan and self.world.plans_unit(r, plan.root))
        self.step(role, 'SELECT regtarget.%s(%s) AS done' % (function, variable(name)), act, name, keep=True)

    def do_propose(self):
        self.do_plan_step('propose_plan', 'propose', 'draft')

    def do_publish(self):
        self.do_plan_step('publish_plan', 'publish', 'draft', 'proposed')

    def do_answer(self):
        plan, unit = self.some_plan('proposed', 'published'), self.some_unit()
        accept = self.rng.choice([True, False, None] if self.rng.random() < 0.1 else [True, False])
        role = self.role_with(lambda r: 'manager' in self.world.at(r, unit))
        name = plan.name if plan else None
        self.step(role, 'SELECT regtarget.answer_target(%s, %s) AS done' % (self.target(name, unit), accept if accept is not None else 'NULL'),
                  'answer', name, unit, accept, keep=True)

    def target(self, plan, unit):
        """Ids are looked up beforehand, because the role may not see them."""
        self.say('SELECT %s AS target_id \\gset' % target_id(plan, unit))
        return ':target_id'

    def size(self, plan, target):
        """A change in odd places: just inside and outside the cap, just a step, less than one, anything."""
        rng = self.rng
        cap = self.world.cap(plan)
        kind = rng.random()
        sign = rng.choice([1, -1, -1])
        if kind < 0.25 and target.baseline > 0:
            room = self.world.room(plan, target) - sign * (target.amount - target.baseline)
            change = F(room + rng.choice([0, 0, 1, 2]), target.baseline)
            change = F(ceil(change * 10 ** 12), 10 ** 12)
        elif kind < 0.35 and target.baseline > 0:
            change = F(rng.choice([99, 100, 101]), 100 * target.baseline)
            change = F(ceil(change * 10 ** 12), 10 ** 12)
        elif kind < 0.40:
            change = rng.choice([F(0), F(5), F(1, 10 ** 15), F(1)])
        else:
            change = F(rng.randint(1, max(1, int(cap * 1000))), 1000) * rng.choice([F(1), F(1), F(1, 2), F(3333, 10000)])
        if target.baseline > 0 and floor(change * target.baseline) == 0 and rng.random() < 0.8:
            change = F(ceil(F(3 * 10 ** 12, 2 * target.baseline)), 10 ** 12)
        return sign * change

    def fits(self, request):
        target = request.plan.targets[request.unit]
        steps = towards_zero(request.granted * target.baseline)
        return abs(target.amount + steps - target.baseline) <= self.world.room(request.plan, target)

    def do_request(self):
        w, rng = self.world, self.rng
        q = self.now() if rng.random() < 0.93 else rng.randrange(8)
        m = rng.randrange(3)
        busy = {r.unit for r in w.requests if (r.period, r.month) == (w.periods[q], m) and r.status in ('requested', 'approved', 'applied')}
        managed = {u for _, u, d in w.duties if d == 'manager'}
        units = [u for u in w.ids if u in managed - busy and any(u in p.targets and p.targets[u].baseline > 0 for p in w.published(w.periods[q]))]
        unit = rng.choice(units) if units and rng.random() < 0.85 else self.some_unit()
        plans = [p for p in w.published(w.periods[q]) if unit in p.targets]
        change = self.size(plans[0], plans[0].targets[unit]) if plans else F(-1, 10)
        reason = 'it rains'
        if rng.random() < 0.02:
            change = None
        if rng.random() < 0.01:
            reason = None
        month, year = (q % 4) * 3 + m + 1, 2025 + q // 4
        day = '%d-%02d-%02d' % (year, month, rng.choice([1, 15, 28]))
        at = (q, m)
        if day.startswith('2025-05'):
            at = None
        if rng.random() < 0.02:
            day, at = '2031-01-01', None
        named = 'XX' if rng.random() < 0.02 else unit
        role = self.role_with(lambda r: 'manager' in w.at(r, unit))
        name = self.fresh('a')
        sql = number(change)
        if change is not None and rng.random() < 0.01:
            sql, change = rng.choice(["'NaN'", "'Infinity'"]), F(0)
        self.step(role, "SELECT regtarget.request_adjustment(%s, %s, %s, %s) AS %s" % (quote(named), sql, quote(reason), quote(day), name),
                  'request', name, named, change, at, reason, keep=True)

    def do_countersign(self):
        w, rng = self.world, self.rng
        request = self.some_request('requested')
        name = request.name if request and rng.random() < 0.98 else None
        role = self.role_with(lambda r: request and any(w.may_sign(r, request, s['unit']) for s in request.signatures))
        approve = rng.choice([True] * 13 + [False] * 6 + [None])
        granted = None
        if request and rng.random() < 0.35:
            granted = request.change * rng.choice([F(1, 2), F(3, 10), F(1), F(9, 10), F(11, 10), F(-1, 2), F(0), F(1, 10 ** 9)])
        self.say('SELECT NULL AS status \\gset')
        self.step(role, 'SELECT regtarget.countersign(%s, %s, %s, %s) AS status'
                  % (variable(name), 'NULL' if approve is None else approve, quote(rng.choice([None, 'as it must be'])), number(granted)),
                  'countersign', name, approve, granted)

    def do_withdraw(self):
        request = self.some_request('requested', 'requested', 'approved')
        name = request.name if request and self.rng.random() < 0.98 else None
        role = self.role_with(lambda r: request and 'manager' in self.world.at(r, request.unit))
        self.step(role, 'SELECT regtarget.withdraw_adjustment(%s) AS done' % variable(name), 'withdraw', name, keep=True)

    def do_apply(self):
        request = self.some_request('approved')
        name = request.name if request and self.rng.random() < 0.98 else None
        role = self.role_with(lambda r: request and self.world.plans_unit(r, request.unit))
        self.step(role, 'SELECT trim_scale(amount) FROM regtarget.apply_adjustment(%s)' % variable(name), 'apply', name)

    def do_respread(self):
        plan, unit = self.some_plan('published'), self.some_unit()
        name = plan.name if plan and self.rng.random() < 0.98 else None
        role = self.role_with(lambda r: self.world.plans_unit(r, unit))
        self.step(role, 'SELECT regtarget.respread(%s, %s)' % (variable(name), quote(unit)), 'respread', name, unit)

    def do_acknowledge(self):
        filings = [f for f in self.world.filings if f['acknowledged'] is None or self.rng.random() < 0.1]
        filing = self.rng.choice(filings) if filings else None
        name = filing['request'].name if filing else None
        role = self.role_with(lambda r: filing and 'finance' in self.world.over(r, filing['request'].unit))
        self.say('SELECT coalesce((SELECT filing_id FROM regtarget.filings WHERE adjustment_id = %s), -1) AS filing_id \\gset' % variable(name))
        reference = None if self.rng.random() < 0.05 else 'F-%d' % self.count
        self.step(role, 'SELECT regtarget.acknowledge_filing(:filing_id, %s) AS done' % quote(reference), 'acknowledge', name, reference, keep=True)

    def do_close(self):
        w = self.world
        period = self.rng.choice([w.periods[self.now()]] * 7 + [self.some_period(), self.some_period(), '2031Q1'])
        role = self.role_with(w.plans_top)
        self.step(role, 'SELECT regtarget.close_period(%s) AS done' % quote(period), 'close', period, keep=True)

    def do_amount(self):
        w, rng = self.world, self.rng
        plan = self.some_plan('published')
        if plan is None:
            return
        unit = rng.choice(list(plan.targets))
        target = plan.targets[unit]
        room = w.room(plan, target)
        amount = (target.baseline + rng.choice([room, -room, room + 1, -room - 1, rng.randint(-room, room), rng.randint(-room, room)])) * plan.step
        if rng.random() < 0.08:
            amount = rng.choice([amount + plan.step / 2, None, ceil(F(10) ** 15 / plan.step) * plan.step])
        view = self.prefix + 'view'
        roles = ['postgres', self.prefix + 'su', 'postgres', self.prefix + 'boss', self.prefix + 'm1']
        if 'viewer' in w.over(view, unit):
            roles += [view, view]
        role = rng.choice([r for r in roles if r == 'postgres' or r in w.roles])
        self.step(role, "UPDATE regtarget.targets SET amount = %s WHERE plan_id = %s AND unit_id = %d"
                  % ("'NaN'" if amount is None else number(amount), variable(plan.name), w.ids[unit]), 'type_amount', plan.name, unit, amount)

    def do_suggested(self):
        rng = self.rng
        plan = self.some_plan(*(['draft', 'proposed'] if rng.random() < 0.7 else []))
        if plan is None:
            return
        unit = rng.choice(list(plan.targets))
        amount = (plan.targets[unit].suggested + rng.choice([0, 0, 1, -1, 5])) * plan.step
        self.step('postgres', 'UPDATE regtarget.targets SET suggested = %s WHERE plan_id = %s AND unit_id = %d'
                  % (number(amount), variable(plan.name), self.world.ids[unit]), 'type_suggested', plan.name, unit, amount)

    def do_duty(self):
        w, rng = self.world, self.rng
        grant = rng.random() < 0.6
        held = sorted(w.duties)
        if grant or not held:
            whom, unit, duty = rng.choice(w.roles), self.some_unit(), rng.choice(['manager', 'manager', 'planner', 'finance', 'viewer'])
        else:
            whom, unit, duty = rng.choice(held)
        keep = self.prefix + 'boss'
        if (whom, unit) == (keep, 'CN'):
            return
        if rng.random() < 0.05:
            whom, unit, duty = rng.choice([('no_such_role', unit, duty), (whom, 'XX', duty), (whom, unit, 'king')])
        role = self.role_with(lambda r: unit in w.ids and (r in w.supers or 'planner' in w.at(r, w.upwards(unit)[-1])))
        self.step(role, 'SELECT regtarget.%s_duty(%s, %s, %s) AS done' % ('grant' if grant else 'revoke', quote(whom), quote(unit), quote(duty)),
                  'change_duty', whom, unit, duty, grant, keep=True)

    def do_standing(self):
        w, rng = self.world, self.rng
        q = min(self.now() + rng.choice([0, 1, 1, 1]), 7)
        counted = [u for u in w.ids if w.verdict(u, self.now()) == 'yes']
        unit, denied, rate = rng.choice(counted) if counted and rng.random() < 0.6 else self.some_unit(), rng.randrange(3), rng.choice([F(0), F(0), F(5, 100), F(1, 1000)])
        self.step('postgres', 'INSERT INTO regtarget.standings VALUES (%d, %s, %d, %s)' % (w.ids[unit], quote(w.periods[q]), denied, number(rate)),
                  'bring_standing', unit, w.periods[q], denied, rate)

    def do_unit(self):
        w, rng = self.world, self.rng
        if rng.random() < 0.5:
            unit = rng.choice(['R1C', 'R2B', 'R1A3', 'R3A2', 'R1B'])
            parent = rng.choice([u for u in ('R1', 'R2', 'R3', 'R1A') if u != unit and unit not in w.upwards(u)])
            self.step('postgres', 'UPDATE regtarget.units SET parent_id = %d WHERE unit_id = %d' % (w.ids[parent], w.ids[unit]),
                      'move_unit', unit, parent)
        else:
            unit, q = rng.choice(['R1C', 'R2B', 'R1A3', 'R3A2']), self.now()
            self.step('postgres', "UPDATE regtarget.units SET closed_on = (SELECT upper(during) - 1 FROM regtarget.periods WHERE period = %s) "
                      "WHERE unit_id = %d" % (quote(w.periods[q]), w.ids[unit]), 'close_unit', unit, q)

    def do_bounds(self):
        w, rng = self.world, self.rng
        unit, q = self.some_unit(), min(self.now() + rng.choice([0, 1]), 7)
        plan = self.some_plan()
        amount = plan.targets[unit].suggested * plan.step if plan and unit in plan.targets else F(100)
        least = rng.choice([None, amount * F(9, 10), amount * F(1, 2), amount])
        most = rng.choice([None, amount * F(11, 10), amount * 2]) if rng.random() < 0.7 else None
        least, most = (None if x is None else F(round(x * 10 ** 5), 10 ** 5) for x in (least, most))
        if most is not None and least is not None and least > most:
            least = None
        self.step('postgres', 'INSERT INTO regtarget.bounds VALUES (%s, %d, %s, %s) ON CONFLICT (period, unit_id) DO UPDATE '
                  'SET at_least = EXCLUDED.at_least, at_most = EXCLUDED.at_most' % (quote(w.periods[q]), w.ids[unit], number(least), number(most)),
                  'set_bounds', unit, w.periods[q], least, most)

    def do_drop_plan(self):
        plan = self.some_plan()
        if plan:
            self.step('postgres', 'DELETE FROM regtarget.plans WHERE plan_id = %s' % variable(plan.name), 'drop_plan', plan.name)

    def do_drop_role(self):
        whom = self.rng.choice(['gone1', 'gone2'])
        if self.prefix + whom in self.world.roles and self.rng.random() < 0.3:
            whom = self.prefix + whom
            self.say('DROP OWNED BY %s;' % whom)
            self.step('postgres', 'DROP ROLE %s' % whom, 'drop_role', whom)

    def do_tamper(self):
        w, rng = self.world, self.rng
        statements = []
        if w.requests:
            a = variable(rng.choice(w.requests).name)
            statements += ["UPDATE regtarget.adjustments SET status = 'applied' WHERE adjustment_id = %s" % a,
                           "UPDATE regtarget.adjustments SET status = 'withdrawn', ended_at = now() WHERE adjustment_id = %s" % a,
                           "UPDATE regtarget.signatures SET approved = true, signed_by = 'x', signed_at = now() WHERE adjustment_id = %s" % a,
                           'DELETE FROM regtarget.adjustments WHERE adjustment_id = %s' % a,
                           'DELETE FROM regtarget.signatures WHERE adjustment_id = %s' % a,
                           'INSERT INTO regtarget.filings (adjustment_id, unit_id, amount_before, amount_after, filed_at) VALUES (%s, 1, 1, 1, now())' % a]
        live = [p for p in w.plans if p.status in ('published', 'closed')]
        if live:
            p = variable(rng.choice(live).name)
            statements += ["UPDATE regtarget.plans SET status = 'draft' WHERE plan_id = %s" % p,
                           'DELETE FROM regtarget.targets WHERE plan_id = %s' % p,
                           'UPDATE regtarget.targets SET cap = 0.99 WHERE plan_id = %s' % p,
                           "UPDATE regtarget.ledger SET at = now() WHERE unit_id = 0", 'DELETE FROM regtarget.ledger',
                           "INSERT INTO regtarget.ledger SELECT unit_id, entry + 1000, at, actor, action, details, hash, hash FROM regtarget.ledger WHERE unit_id = 0",
                           'TRUNCATE regtarget.ledger', 'TRUNCATE regtarget.signatures', 'TRUNCATE regtarget.filings, regtarget.adjustments']
        if w.standings:
            statements += ['UPDATE regtarget.standings SET denied_quarters = 0', 'DELETE FROM regtarget.standings']
        if statements:
            statement = rng.choice(statements)
            roles = ['postgres', 'postgres', self.prefix + 'su']
            if 'targets' not in statement and 'plans' not in statement:
                roles += [self.prefix + 'view', self.prefix + 'm1', self.prefix + 'fin']
            self.step(rng.choice(roles), statement, 'tamper', STATE)

    def look(self):
        """Every row that matters, in words, from the server and from the model."""
        w = self.world
        self.say('\\echo look', LOOK)
        self.expect('look')
        rank = {id(p): i + 1 for i, p in enumerate(w.plans)}
        request_rank = {id(r): i + 1 for i, r in enumerate(w.requests)}
        lines = []
        for p in w.plans:
            lines.append('plan|%d|%s|%s|%s|%s|%s|%s' % (rank[id(p)], p.period, p.root, p.mode, p.status, text(p.total), text(p.step)))
            for t in sorted(p.targets.values(), key=lambda t: w.ids[t.unit]):
                amounts = '|'.join(text(x * p.step) for x in (t.suggested, t.penalty, t.baseline, t.amount))
                lines.append('target|%d|%s|%s|%s|%s' % (rank[id(p)], t.unit, t.parent or '', amounts,
                                                        {None: '', True: 't', False: 'f'}[t.answer]))
        for r in w.requests:
            step = r.plan.step
            signed = ', '.join('%s %s %s %s' % (s['unit'], {None: '-', True: 'approved', False: 'refused'}[s['approved']],
                                                '-' if s['granted'] is None else text(s['granted']), s['by'] or '-') for s in r.signatures)
            q = w.periods.index(r.period)
            lines.append('request|%d|%d|%s|%d-%02d|%s|%s|%s|%s|%s|%s|%s' % (
                request_rank[id(r)], rank[id(r.plan)], r.unit, 2025 + q // 4, q % 4 * 3 + r.month + 1, text(r.change), r.status,
                '' if r.granted is None else text(r.granted), text(r.before * step), text(r.after * step), r.by, signed))
        for i, f in enumerate(w.filings):
            r = f['request']
            lines.append('filing|%d|%d|%s|%s|%s|%s' % (i + 1, request_rank[id(r)], r.unit, text(r.before * r.plan.step),
                                                      text(r.after * r.plan.step), f['acknowledged'] or ''))
        for (unit, period), (denied, rate) in sorted(w.standings.items(), key=lambda s: (s[0][1], w.ids[s[0][0]])):
            lines.append('standing|%s|%s|%d|%s' % (unit, period, denied, text(rate)))
        for unit in w.ids:
            for plan, u, why, request, before, after in w.history:
                if u == unit:
                    lines.append('change|%s|%d|%s|%s|%s|%s' % (unit, rank[id(plan)], why, '' if request is None else request_rank[id(request)],
                                                              text(before), text(after)))
        for duty in sorted(w.duties, key=lambda d: (d[0], w.ids[d[1]], d[2])):
            lines.append('duty|%s|%s|%s' % duty)
        for line in lines:
            self.expect(line)
        self.expect('verified')
        self.look_ahead()

    def look_ahead(self):
        """What closing now would mean for whoever has a target in the quarter."""
        w, q = self.world, self.now()
        units = {u for p in w.published(w.periods[q]) for u in p.targets}
        self.say('SELECT %s FROM regtarget.credit_outlook(%s) o ORDER BY o.unit_id;' % (OUTLOOK, quote(w.periods[q])))
        for unit in sorted(units, key=w.ids.get):
            verdict = w.verdict(unit, q)
            before = w.standings.get((unit, w.periods[q]), (0, 0))[0]
            now, refused = before + 1 if verdict == 'yes' else 0, 0 if verdict == 'no' else before + 1
            if q + 1 < len(w.periods) and (unit, w.periods[q + 1]) in w.standings:
                # What is written for the next quarter already stays, whatever this one comes to.
                now = refused = w.standings[(unit, w.periods[q + 1])][0]
            self.expect('outlook|%d|%d|%s|%d|%d' % (w.ids[unit], before, 't' if verdict == 'yes' else 'f', now, refused))

    # -- all of it --

    def any_step(self):
        w, rng = self.world, self.rng
        q = self.now()
        asked = [r for r in w.requests if r.period == w.periods[q]]
        kinds = {'propose': 2, 'answer': 3, 'suggested': 1, 'bounds': 1, 'standing': 1.5, 'duty': 3, 'unit': 0.7, 'tamper': 2,
                 'respread': 1, 'drop_role': 0.5, 'withdraw': 1, 'apply': 1, 'acknowledge': 1, 'countersign': 2, 'request': 2}
        if not w.published(w.periods[q], False):
            kinds.update(allocate=14, publish=14, close=0.5, bounds=2)
        else:
            kinds.update(request=26, respread=4, amount=7, allocate=2, publish=2, drop_plan=0.5, close=min(10, max(0.5, len(asked) - 8) / 2) if q < 7 else 0.5)
            if any(r.status == 'requested' for r in asked):
                kinds.update(countersign=45, withdraw=4)
            if any(r.status == 'approved' and self.fits(r) for r in asked):
                kinds.update(apply=16)
            if any(f['acknowledged'] is None for f in w.filings):
                kinds.update(acknowledge=4)
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if not w.plans and rng.random() < 0.8:
            kind = 'allocate'
        getattr(self, 'do_' + kind)()

    def group(self):
        """Several steps in one transaction, which is committed or not."""
        before = copy.deepcopy(self.world)
        self.say('BEGIN%s;' % self.rng.choice(['', ' ISOLATION LEVEL REPEATABLE READ', ' ISOLATION LEVEL SERIALIZABLE']))
        for _ in range(self.rng.randint(1, 4)):
            self.any_step()
        if self.rng.random() < 0.4:
            self.say('ROLLBACK;')
            self.world = before
        else:
            self.say('COMMIT;')

    def run(self, steps):
        self.begin()
        looked = 0
        while self.count < steps:
            if self.rng.random() < 0.1:
                self.group()
            else:
                self.any_step()
            self.world.clock += 1
            if self.count >= looked + STEPS_BETWEEN_LOOKS:
                self.look()
                looked = self.count
        self.look()


CODE = '(SELECT u.code FROM regtarget.units u WHERE u.unit_id = %s)'
OUTLOOK = "concat_ws('|', 'outlook', o.unit_id, o.denied_before, o.counts, o.denied_now, o.denied_if_refused)"
LOOK = '\n'.join([
    'WITH p AS (SELECT *, rank() OVER (ORDER BY plan_id) AS rank FROM regtarget.plans),',
    'a AS (SELECT *, rank() OVER (ORDER BY adjustment_id) AS rank FROM regtarget.adjustments)',
    'SELECT line FROM (',
    "SELECT 1 AS part, rank AS i, 0::bigint AS j, concat_ws('|', 'plan', rank, period, " + CODE % 'root_unit_id'
    + ', mode, status, trim_scale(total), trim_scale(step)) AS line FROM p',
    "UNION ALL SELECT 1, p.rank, t.unit_id, concat_ws('|', 'target', p.rank, " + CODE % 't.unit_id' + ", coalesce(" + CODE % 't.parent_unit_id'
    + ", ''), trim_scale(t.suggested), trim_scale(t.penalty), trim_scale(t.baseline), trim_scale(t.amount),",
    " coalesce((SELECT w.accepted::text::\"char\"::text FROM regtarget.answers w WHERE w.target_id = t.target_id ORDER BY w.answer_id DESC LIMIT 1), ''))",
    ' FROM p JOIN regtarget.targets t ON t.plan_id = p.plan_id',
    "UNION ALL SELECT 2, a.rank, 0, concat_ws('|', 'request', a.rank, p.rank, " + CODE % 'a.unit_id' + ", a.month, trim_scale(a.change), a.status,",
    " coalesce(trim_scale(a.granted)::text, ''), trim_scale(a.amount_before), trim_scale(a.amount_after), a.requested_by,",
    " (SELECT string_agg(concat_ws(' ', " + CODE % 's.unit_id' + ", CASE s.approved WHEN true THEN 'approved' WHEN false THEN 'refused' ELSE '-' END,",
    "  coalesce(trim_scale(s.granted)::text, '-'), coalesce(s.signed_by, '-')), ', ' ORDER BY s.level)",
    '  FROM regtarget.signatures s WHERE s.adjustment_id = a.adjustment_id))',
    ' FROM a JOIN regtarget.targets t ON t.target_id = a.target_id JOIN p ON p.plan_id = t.plan_id',
    "UNION ALL SELECT 3, rank() OVER (ORDER BY f.filing_id), 0, concat_ws('|', 'filing', rank() OVER (ORDER BY f.filing_id), a.rank, "
    + CODE % 'f.unit_id' + ", trim_scale(f.amount_before), trim_scale(f.amount_after), coalesce(f.acknowledged_by, ''))",
    ' FROM regtarget.filings f JOIN a ON a.adjustment_id = f.adjustment_id',
    "UNION ALL SELECT 4, rank() OVER (ORDER BY lower(q.during)), s.unit_id, concat_ws('|', 'standing', " + CODE % 's.unit_id'
    + ', s.period, s.denied_quarters, trim_scale(s.penalty_rate)) FROM regtarget.standings s JOIN regtarget.periods q ON q.period = s.period',
    "UNION ALL SELECT 5, h.unit_id, h.entry, concat_ws('|', 'change', h.unit, p.rank, h.why, coalesce(a.rank::text, ''), trim_scale(h.before), trim_scale(h.after))",
    ' FROM regtarget.target_history h JOIN p ON p.plan_id = h.plan_id LEFT JOIN a ON a.adjustment_id = h.adjustment_id',
    "UNION ALL SELECT 6, rank() OVER (ORDER BY d.role::text COLLATE \"C\", d.unit_id, d.duty), 0, concat_ws('|', 'duty', d.role, " + CODE % 'd.unit_id'
    + ', d.duty) FROM regtarget.duties d',
    ') AS look ORDER BY part, i, j;',
    "SELECT coalesce(string_agg(check_name || ': ' || detail, E'\\n'), 'verified') FROM regtarget.verify() WHERE ok IS NOT TRUE;"])


def main():
    seed, steps = int(sys.argv[1]), int(sys.argv[2])
    with open(sys.argv[3], 'w') as script, open(sys.argv[4], 'w') as expected:
        maker = Steps(seed, script, expected)
        maker.run(steps)
    for (act, sqlstate), n in sorted(maker.tally.items()):
        print('%s %s %d' % (act, sqlstate, n))


if __name__ == '__main__':
    main()
