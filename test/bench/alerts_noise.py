#!/usr/bin/env python3
"""How often each shipped rule fires by chance alone, and how soon it sees a doubling: the figures of doc/alerts.md.

    alerts_noise.py [YEARS]

Nothing changes in the companies that are simulated here, but for the doublings: whatever fires is noise. Each figure is of YEARS
unit-years (2000). Reviews are decided within the week, which is when most can be opened.
"""
import math
import random
import statistics
import sys

YEARS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
rng = random.Random(15)


def poisson(mean):
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    n, p, limit = 0, rng.random(), math.exp(-mean)
    while p > limit:
        p *= rng.random()
        n += 1
    return n


def certainty(x, before):
    mean = sum(before) / len(before)
    if mean <= 0:
        return None
    spread = sum((v - mean) ** 2 for v in before)
    return (x - mean) / math.sqrt(max(1.0, spread / (mean * (len(before) - 1))) * mean * (1 + 1 / len(before)))


def churn(counts, spans, least, asked, cooldown=14):
    """Weeks in which the rule raises an alert, and in which it opens a review, after as many weeks as certainty looks back."""
    raised, reviewed, fires, quiet_until = [], [], False, -1
    for week in range(13 * spans, len(counts) + 1):
        total = lambda i: sum(counts[week - spans * (i + 1):week - spans * i])
        x, last = total(0), total(1)
        holds = x > last and 5 * (x - last) >= last and x >= least
        if not holds:
            fires = False
        elif fires or week >= quiet_until:
            if not fires:
                raised.append(week)
                quiet_until = week + cooldown // 7
            z = certainty(x, [total(i) for i in range(1, 13)])
            fires = not (asked is None or z is None or z >= asked)
            if not fires:                           # a review that is decided resolves its alert
                reviewed.append(week)
    return raised, reviewed


def churn_figures(rate, spans, least, asked):
    warm = 13 * spans
    alerts = reviews = 0
    for _ in range(YEARS // 4):
        raised, reviewed = churn([poisson(rate) for _ in range(warm + 208)], spans, least, asked)
        alerts += len(raised)
        reviews += len(reviewed)
    delays = []
    for _ in range(YEARS):
        _, reviewed = churn([poisson(rate) for _ in range(warm + 20)] + [poisson(2 * rate) for _ in range(26)], spans, least, asked)
        delays.append(next((week - warm - 20 for week in reviewed if week > warm + 20), 99))
    seen = sum(d <= 12 for d in delays) / len(delays)
    return alerts / (YEARS // 4 * 4), reviews / (YEARS // 4 * 4), statistics.median(delays), seen


def health_falls(heads):
    """Months a year in which health is ten points below the month before: profile standard, four deals a head and month."""
    clamp = lambda v, worst, best: min(1, max(0, (v - worst) / (best - worst)))
    falls = 0
    years = max(200, YEARS // 5)
    for _ in range(years):
        months = []
        for _ in range(19):
            closed = poisson(4 * heads)
            won = sum(rng.random() < 0.35 for _ in range(closed))
            months.append((poisson(55 * heads), closed, won, sum(rng.lognormvariate(math.log(200000) - 0.5, 1) for _ in range(won)), poisson(0.02 * heads)))
        scores = []
        for m in range(6, 19):
            visits, closed, won, amount, left = (sum(column) for column in zip(*months[m - 6:m]))
            points = [clamp(visits / heads / 6, 10, 100), clamp(amount / heads / 6, 100000, 600000), clamp(left / heads, 0.25, 0)]
            if closed:
                points.append(clamp(won / closed, 0.10, 0.60))
            scores.append(100 * sum(points) / len(points))
        falls += sum(after <= before - 10 for before, after in zip(scores, scores[1:]))
    return falls / years


def slow_paces(deals):
    """The share of quarters in which pace is below 0.8 in a week of the second half, of so many deals a quarter, the target met on average."""
    slow = 0
    for _ in range(YEARS):
        days = sorted((rng.random(), rng.lognormvariate(-0.5, 1)) for _ in range(poisson(deals)))
        slow += any(sum(amount for day, amount in days if day <= at) / deals < 0.8 * at for at in (7 / 13, 8 / 13, 9 / 13, 10 / 13, 11 / 13, 12 / 13))
    return slow / YEARS


def main():
    rates = (1, 2, 5, 7, 10, 20, 50)
    for name, spans, least, asked in (("standard", 1, 5, None), ("fmcg", 1, 5, 2.33), ("industrial", 4, 3, 2.33)):
        print("churn,", name)
        for rate in rates:
            print("  %3d a week: alerts %5.1f, reviews %5.1f a unit and year; a doubling after %s weeks, within twelve %3.0f %%"
                  % ((rate,) + tuple(f if i != 3 else 100 * f for i, f in enumerate(churn_figures(rate, spans, least, asked)))))
    print("churn by certainty, one week, at least 5, 7 a week")
    for asked in (None, 1.64, 2.0, 2.33, 3.0):
        print("  certainty", asked, ": alerts %.1f, reviews %.1f, doubling after %s weeks, within twelve %.2f" % churn_figures(7, 1, 5, asked))
    print("churn by min_count, one week, no certainty, 7 a week")
    for least in (5, 10, 15):
        print("  min_count", least, ": alerts %.1f, reviews %.1f, doubling after %s weeks, within twelve %.2f" % churn_figures(7, 1, least, None))
    print("churn by spans, at least 5, no certainty, 7 a week")
    for spans in (1, 2, 4):
        print("  spans", spans, ": alerts %.1f, reviews %.1f, doubling after %s weeks, within twelve %.2f" % churn_figures(7, spans, 5, None))
    print("health_fall")
    for heads in (5, 10, 20, 50, 200):
        print("  %3d heads: %.2f months a year" % (heads, health_falls(heads)))
    print("slow_pace")
    for deals in (10, 30, 100, 300, 1000):
        print("  %4d deals a quarter: %3.0f %% of the quarters" % (deals, 100 * slow_paces(deals)))


if __name__ == "__main__":
    main()
