"""The results of test/bench/run as a table for people (stdout) and as JSON.

    report.py RESULTS JSON

RESULTS has one tab-separated line for each thing that run noted; see its functions note, variant, bar,
fact and time.
"""

import json
import math
import statistics
import sys


def number(text):
    """None for what is not there."""
    return None if text == "-" else float(text)


def short(value):
    """Three or four digits that a person reads."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdict(value, operator, limit):
    """Whether a value keeps its limit; None where there is none."""
    if limit is None:
        return None
    if isinstance(value, str):
        return False
    return {"<=": value <= limit, ">=": value >= limit, "=": value == limit}[operator]


class Block:
    """One comparison: variants that took turns, and what is asked of their times."""

    def __init__(self, title, size, unit="ms"):
        self.title, self.size, self.unit = title, size, unit
        self.roles, self.times, self.bars, self.facts = {}, {}, [], []

    def figure(self):
        return next(iter(self.roles))

    def is_whole(self):
        """Whether every variant was played as often as the figure; not so when the run broke off."""
        return len({len(self.times.get(name, {})) for name in self.roles}) == 1 and bool(self.times)

    def median(self, name):
        return statistics.median(self.times[name].values())

    def ratios(self, numerator, denominator):
        """The ratio of two sums of variants, round by round."""
        def total(names, round_):
            return sum(self.times[name][round_] for name in names.split("+"))
        rounds = sorted(self.times[self.figure()])
        return [total(numerator, r) / total(denominator, r) for r in rounds]

    def beside(self):
        """Floors and rivals as multiples of the figure."""
        figure = self.figure()
        words = []
        for name, role in self.roles.items():
            if name != figure:
                ratio = statistics.median(self.ratios(name, figure))
                words.append((role, name, ratio))
        return words


def read_results(path):
    blocks, meta, series = {}, {}, []
    for line in open(path, encoding="utf-8"):
        kind, *fields = line.rstrip("\n").split("\t")
        if kind == "meta":
            meta[fields[0]] = fields[1]
        elif kind == "block":
            blocks[fields[0]] = Block(*fields[1:])
        elif kind == "variant":
            blocks[fields[0]].roles[fields[1]] = fields[2]
        elif kind == "time":
            blocks[fields[0]].times.setdefault(fields[1], {})[int(fields[2])] = float(fields[3])
        elif kind == "bar":
            blocks[fields[0]].bars.append(fields[1:])
        elif kind == "fact":
            blocks[fields[0]].facts.append(fields[1:])
        elif kind == "series":
            series.append(fields)
    whole = {name: block for name, block in blocks.items() if block.is_whole()}
    return whole, meta, series


def bar_line(block, what, numerator, operator, limit, denominator, goal):
    ratios = block.ratios(numerator, denominator)
    quartiles = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
    value = statistics.median(ratios)
    return {"what": what, "value": value, "quartiles": [quartiles[0], quartiles[2]], "operator": operator,
            "limit": number(limit), "goal": number(goal), "pass": verdict(value, operator, number(limit)),
            "reaches_goal": verdict(value, operator, number(goal))}


def fact_line(what, value, operator, limit):
    try:
        value = float(value)
    except ValueError:
        pass
    return {"what": what, "value": value, "operator": operator, "limit": number(limit), "goal": None,
            "pass": verdict(value, operator, number(limit)), "reaches_goal": None}


def block_lines(block):
    lines = [bar_line(block, *bar) for bar in block.bars] + [fact_line(*fact) for fact in block.facts]
    head = {"path": block.title, "size": block.size, "figure": block.median(block.figure()), "unit": block.unit,
            "beside": [{"role": role, "name": name, "ratio": ratio} for role, name, ratio in block.beside()]}
    return [{**head, **line} for line in lines] or [head]


def slope(points):
    """The exponent of a power law, fitted by least squares on logarithms."""
    xs = [math.log(n) for n, _ in points]
    ys = [math.log(value) for _, value in points]
    x_mean, y_mean = statistics.mean(xs), statistics.mean(ys)
    return (sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys))
            / sum((x - x_mean) ** 2 for x in xs))


def growth_line(path, unit, points, operator, limit):
    value = slope(points)
    return {"path": path, "size": f"{points[0][0]:,} to {points[-1][0]:,}", "figure": None, "unit": unit,
            "beside": [{"role": "size", "name": f"{n:,}", "ratio": v} for n, v in points],
            "what": "exponent", "value": value, "operator": operator, "limit": limit, "goal": None,
            "pass": verdict(value, operator, limit), "reaches_goal": None}


def series_lines(blocks, series):
    for title, variant, operator, limit, *members in series:
        points = []
        for member in members:
            block, n = member.split(":")
            points.append((int(n), blocks[block].median(variant)))
        if len(points) > 1:
            yield growth_line(title, blocks[members[0].split(":")[0]].unit, points, operator, number(limit))


def bar_words(line):
    if "value" not in line:
        return "", "", ""
    value = line["value"]
    measured = f"{value if isinstance(value, str) else short(value)} {line['what']}"
    if "quartiles" in line:
        low, high = line["quartiles"]
        measured = f"{value:.3f} \u00b1{(high - low) / 2:.3f} {line['what']}"
    limits = []
    if line["limit"] is not None:
        limits.append(f"{line['operator']} {line['limit']:g}")
    if line["goal"] is not None:
        limits.append(f"goal {line['goal']:g}")
    word = {True: "pass", False: "MISS", None: ""}[line["pass"]]
    if line["goal"] is not None and not line["reaches_goal"]:
        word = f"{word} (not the goal)".strip()
    return measured, ", ".join(limits), word


def print_table(lines):
    rows = [("path", "size", "figure", "beside it", "measured", "limit", "")]
    before = None
    for line in lines:
        head = (line["path"], line["size"])
        if head == before:
            row = ("", "", "", "")
        else:
            figure = "" if line["figure"] is None else f"{short(line['figure'])} {line['unit']}"
            beside = ", ".join(f"{b['name']} {short(b['ratio'])}" for b in line["beside"])
            row = (*head, figure, beside)
        rows.append(row + bar_words(line))
        before = head
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for i, row in enumerate(rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        if i == 0:
            print("  ".join("-" * width for width in widths).rstrip())


def main():
    results, json_path = sys.argv[1:]
    blocks, meta, series = read_results(results)
    lines = [line for block in blocks.values() for line in block_lines(block)]
    lines += series_lines(blocks, series)
    print(", ".join(f"{key} {value}" for key, value in meta.items()))
    print("figure: median; beside it: floors and rivals as multiples of the figure, or the figure at each size;"
          " measured: medians of ratios taken round by round, \u00b1 half of the middle half")
    print()
    print_table(lines)
    missed = sum(line.get("pass") is False for line in lines)
    print(f"\n{sum(line.get('pass') is True for line in lines)} limits kept, {missed} missed")
    with open(json_path, "w", encoding="utf-8") as out:
        json.dump({"meta": meta, "lines": lines,
                   "times": {name: {"unit": block.unit,
                                    "of": {variant: list(times.values()) for variant, times in block.times.items()}}
                             for name, block in blocks.items()}}, out, indent=1)
        out.write("\n")
    print(f"written: {json_path}")


main()
