#!/usr/bin/env python3
"""Judges random panels by fractions and by going through permutations, and compares the kernel's answers.

effect_reference.py DRIVER [--cases N] [--seed S]

Nothing here is the kernel's way: a statistic is the sum over cells as effect.h words it, an assignment one of
itertools' permutations, and the ends of an interval are tried from both sides by testing what is left.
"""
import argparse
import itertools
import math
import random
import subprocess
import sys
from fractions import Fraction

MASK = (1 << 64) - 1
SEED = 0x9E3779B97F4A7C15
ALL, DRAWN = 20000, 9999


class Chance:
	def __init__(self, seed):
		self.state = seed & MASK

	def draw(self):
		self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
		z = self.state
		z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
		z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
		return z ^ (z >> 31)

	def below(self, n):
		while True:
			drawn = self.draw()
			if drawn >= (1 << 64) % n:
				return drawn % n

	def shuffle(self, elements):
		for i in range(len(elements) - 1, 0, -1):
			j = self.below(i + 1)
			elements[i], elements[j] = elements[j], elements[i]


def mean(values):
	return sum(values) / len(values)


def cell(panel, inside, outside, s, t):
	"""(adopters counted, difference of mean changes), or None."""
	def changes(units):
		return [panel[u][t] - panel[u][s] for u in units if panel[u][t] is not None and panel[u][s] is not None]
	one, other = changes(inside), changes(outside)
	return (len(one), mean(one) - mean(other)) if one and other else None


def average(cells):
	cells = [c for c in cells if c]
	return sum(n * d for n, d in cells) / sum(n for n, _ in cells) if cells else None


def groups(adopted, periods):
	return [(g, [u for u, a in enumerate(adopted) if a == g]) for g in range(1, periods) if g in adopted]


def later(adopted, t):
	return [u for u, a in enumerate(adopted) if a > t]


def effect(panel, adopted, periods):
	return average(cell(panel, group, later(adopted, t), g - 1, t)
		for g, group in groups(adopted, periods) for t in range(g, periods))


def before(panel, adopted, periods):
	return average(cell(panel, group, later(adopted, g), t, g - 1)
		for g, group in groups(adopted, periods) for t in range(g - 1))


def breaks_at(panel, adopted, periods):
	steps = []
	for r in range(1, periods):
		step = average(cell(panel, group, later(adopted, g), g - r - 1, g - r)
			for g, group in groups(adopted, periods) if g - r - 1 >= 0)
		if step is not None:
			steps.append(abs(step))
	horizon = average((c[0], Fraction(t - g + 1)) if c else None
		for g, group in groups(adopted, periods) for t in range(g, periods)
		for c in [cell(panel, group, later(adopted, t), g - 1, t)])
	return abs(effect(panel, adopted, periods)) / (max(steps) * horizon) if steps and max(steps) > 0 else None


def ways(adopted):
	n = math.factorial(len(adopted))
	for label in set(adopted):
		n //= math.factorial(adopted.count(label))
	return n


def assignments(adopted):
	if ways(adopted) <= ALL:
		return sorted(set(itertools.permutations(adopted))) if len(adopted) <= 8 else list(distinct(adopted))
	chance, labels, found = Chance(SEED), list(adopted), [tuple(adopted)]
	for _ in range(DRAWN):
		chance.shuffle(labels)
		found.append(tuple(labels))
	return found


def distinct(labels):
	"""Distinct permutations of many that are alike."""
	if not labels:
		yield ()
		return
	for label in sorted(set(labels)):
		rest = list(labels)
		rest.remove(label)
		for way in distinct(rest):
			yield (label,) + way


def share_as_large(of_all, value):
	if isinstance(value, float):
		value = max(abs(value) - 1e-11, 0)		# what is left of sums in binary
	return sum(1 for x in of_all if x is None or abs(x) >= abs(value)) / len(of_all)


def p_of(panel, adopted, periods, every, constant):
	"""p of what is left when a constant effect is taken out."""
	left = [[None if y is None else y - (constant if adopted[u] <= t else 0) for t, y in enumerate(row)]
		for u, row in enumerate(panel)]
	return share_as_large([effect(left, a, periods) for a in every], effect(left, adopted, periods))


def close(told, known, scale):
	if told is None or known is None:
		return told is None and known is None
	return abs(told - float(known)) <= 1e-9 * max(scale, abs(float(known)))


def compare(panel, adopted, periods, told):
	every = assignments(adopted)
	true = effect(panel, adopted, periods)
	early = before(panel, adopted, periods)
	scale = max([abs(float(y)) for row in panel for y in row if y is not None] or [1])
	known = {'before': early}
	if early is not None:
		known['before_p'] = share_as_large([before(panel, a, periods) for a in every], early)
	if true is not None:
		of_all = [effect(panel, a, periods) for a in every]
		there = [x for x in of_all if x is not None]
		adopters = [u for u, a in enumerate(adopted) if a < periods]
		without = [effect([[None] * periods if u == left else row for u, row in enumerate(panel)], adopted, periods)
			for left in adopters]
		without = [x for x in without if x is not None]
		known.update(effect=true, p_value=share_as_large(of_all, true),
			smallest_p=share_as_large(of_all, max(there, key=abs)),
			deviation=math.sqrt(sum((x - mean(there)) ** 2 for x in there) / len(there)),
			breaks_at=breaks_at(panel, adopted, periods),
			least=min(without, default=None), most=max(without, default=None))
	wrong = [f'{name}: {told[name]}, not {known.get(name) if known.get(name) is None else float(known.get(name))}'
		for name in told if name not in ('low', 'high') and not close(told[name], known.get(name), scale)]
	if true is not None and len(every) <= 720:
		wrong += wrong_ends(panel, adopted, periods, every, told, scale)
	return wrong


def inside(panel, adopted, periods, near, way):
	"""A place near an end, but not beyond the effect: an interval may be a point."""
	true = effect(panel, adopted, periods)
	return max(near, true) if way > 0 else min(near, true)


def wrong_ends(panel, adopted, periods, every, told, scale):
	"""Inside an end a constant effect must not be refused at 10 %, outside it must."""
	wrong = []
	for name, way in (('low', -1), ('high', 1)):
		near = Fraction(scale) / 10 ** 7
		far = Fraction(scale) * 10 ** 5
		end = told[name]
		if end is None:
			if p_of(panel, adopted, periods, every, way * far) <= 0.1:
				wrong.append(f'{name} has an end')
		elif not (p_of(panel, adopted, periods, every, inside(panel, adopted, periods, Fraction(end) - way * near, way)) > 0.1 >=
				p_of(panel, adopted, periods, every, Fraction(end) + way * near)):
			wrong.append(f'{name}: {end} is not the end')
	return wrong


def random_panel(chance):
	units, periods = chance.choice((2, 4, 5, 6, 6)), chance.choice((2, 3, 4, 4))
	missing = chance.choice((0, 0.1, 0.1, 0.4))
	values = chance.choice(((0, 1), range(-4, 5), None))
	panel = [[None if chance.random() < missing else
		Fraction(chance.choice(values)) if values else Fraction(round(chance.gauss(100, 20), 3))
		for _ in range(periods)] for _ in range(units)]
	last = chance.choice((2, periods, periods))
	adopted = [chance.randint(1, last - 1) if last > 1 and chance.random() < 0.5 else periods for _ in range(units)]
	return panel, adopted, periods


def text_of(panel, adopted, periods):
	cells = ('x' if row[t] is None else repr(float(row[t])) for t in range(periods) for row in panel)
	return f"{len(panel)} {periods}\n{' '.join(map(str, adopted))}\n{' '.join(cells)}\n"


NAMES = ('effect', 'p_value', 'smallest_p', 'low', 'high', 'deviation', 'before', 'before_p', 'breaks_at', 'least', 'most')


def main():
	parser = argparse.ArgumentParser()
	parser.add_argument('driver')
	parser.add_argument('--cases', type=int, default=300)
	parser.add_argument('--seed', type=int, default=1)
	args = parser.parse_args()
	chance = random.Random(args.seed)
	panels = [random_panel(chance) for _ in range(args.cases)]
	# One of more than 20,000 assignments, so that they are drawn; by floats, for fractions would take their time.
	many = [[Fraction(round(chance.gauss(0, 1), 3)) for _ in range(3)] for _ in range(15)]
	panels.append((many, [1] * 3 + [2] * 4 + [3] * 8, 3))
	given = ''.join(text_of(*p) for p in panels)
	# As the doubles are that the kernel reads.
	panels = [([[None if y is None else float(y) if len(panel) > 6 else Fraction(float(y)) for y in row]
		for row in panel], adopted, periods) for panel, adopted, periods in panels]
	lines = subprocess.run([args.driver], input=given, capture_output=True, text=True, check=True).stdout.splitlines()
	failed = 0 if len(lines) == len(panels) else 1
	for (panel, adopted, periods), line in zip(panels, lines):
		words = line.split()
		told = dict(zip(NAMES, (None if w == 'x' else float(w) for w in words[4:])))
		n = min(ways(adopted), ALL + 1)
		wrong = [] if [int(w) for w in words[:4]] == [sum(a < periods for a in adopted), sum(a == periods for a in adopted),
			n if n <= ALL else DRAWN + 1, int(n > ALL)] else [f'counts {words[:4]}']
		wrong += compare(panel, adopted, periods, told)
		if wrong:
			failed += 1
			if failed < 5:
				print(text_of(panel, adopted, periods), line, wrong, sep='\n')
	for seed, n in ((0, 1), (1, 5), (-7, 40), (2147483647, 1000)):
		order = list(range(n))
		Chance(seed).shuffle(order)
		told = subprocess.run([args.driver, 'order', str(seed), str(n)], capture_output=True, text=True, check=True).stdout
		if told.split() != [str(x) for x in order]:
			failed += 1
			print(f'order {seed} {n}: {told[:100]}')
	print(f'{len(panels)} panels, {failed} failed')
	return failed > 0


sys.exit(main())
