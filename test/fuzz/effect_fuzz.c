/*
 * libFuzzer: a panel made of bytes, and the proof of what is said of its effect.
 *
 * All assignments are made again by recursion, and of each the statistic is taken as effect.h words it, cell by cell
 * and unit by unit in long double.  What is told must be what they say: effect, shares, deviation, drift, the effect
 * with one left out, and an interval at whose ends so many constant effects are refused as may be.  Whatever must not
 * change the answer does not: how the work is cut, what the scratch had in it, the order of units, the sign of the
 * values, and what all units share.  Memory is allocated to the byte, so that the sanitizers see every slip.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "effect.h"
#include "fuzz.h"

#define MOST_UNITS	12
#define MOST_PERIODS 6
#define MOST_VALUES (MOST_UNITS * MOST_PERIODS)

/* As effect.c has it: what is left of sums in binary, as a part of the largest change. */
#define TIE 1e-9L

/* What is left of the input, and what says the rest. */
typedef struct source
{
	bytes		input;
	uint64_t	chance;
} source;

typedef struct trial
{
	int			units;
	int			periods;
	double		certainty;
	bool		whole_numbers;	/* so small that ties are ties, and all others far from being one */
	int			adopted[MOST_UNITS];
	double		value[MOST_VALUES]; /* [t * units + u], as in a panel */
	bool		known[MOST_VALUES];
	long double exact[MOST_VALUES]; /* the same values */
	long double adoption[MOST_VALUES];	/* 1 where the unit has truly adopted by then, else 0 */
	long double slack;			/* nobody can tell closer what a statistic is */
	long double tie;
	size_t		assignments;
	bool		drawn;
} trial;

/* A mean over cells under way. */
typedef struct mean
{
	long double n;
	long double sum;
	long double length;
} mean;

typedef struct judged
{
	long double effect;			/* NaN: none */
	long double of_adoption;
	long double before;
} judged;

static judged of_all[RGK_ALL_ASSIGNMENTS];

#define REQUIRE(t, condition) \
	do { if (!(condition)) give_up((t), #condition); } while (0)

static void
give_up(const trial *t, const char *what)
{
	fprintf(stderr, "violated: %s\nunits %d periods %d certainty %g assignments %zu slack %Lg\n", what, t->units, t->periods,
			t->certainty, t->assignments, t->slack);
	for (int u = 0; u < t->units; u++)
	{
		fprintf(stderr, "%d:", t->adopted[u]);
		for (int i = u; i < t->units * t->periods; i += t->units)
			t->known[i] ? fprintf(stderr, " %.17g", t->value[i]) : fprintf(stderr, " x");
		fprintf(stderr, "\n");
	}
	abort();
}

static void *
copy_of(const void *from, size_t size)
{
	return memcpy(allocate(size), from, size);
}

/* A panel has more cells than a short input has bytes: what those do not say is drawn, from what they said. */
static source
begin_source(const uint8_t *data, size_t size)
{
	source		from = {.input = {data, size}};

	for (size_t i = 0; i < size; i++)
		from.chance = (from.chance ^ data[i]) * UINT64_C(0x100000001B3);
	return from;
}

static uint64_t
say(source *from, size_t count)
{
	uint64_t	value = 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | (from->input.left > 0 ? take(&from->input, 1) : rgk_draw(&from->chance) >> 56);
	return value;
}

/* ---------- a panel of bytes ---------- */

/* Of every size; so large that a figure is beyond all doubles they are not. */
static double
take_value(source *from, unsigned kind)
{
	uint64_t	bits;
	double		value;

	switch (kind)
	{
		case 0:
			return (double) (say(from, 1) & 1);
		case 1:
			return (double) (say(from, 1) % 9) - 4;
		case 2:
			return (double) (say(from, 2) % 40001) / 100;
		case 3:
			return 1e12 + (double) say(from, 1) / 4;
		case 4:
			return ldexp((double) say(from, 2) - 32768, (int) (say(from, 1) % 64) - 32);
		default:
			bits = say(from, 8);
			memcpy(&value, &bits, sizeof(value));
			return isfinite(value) && fabs(value) < 0x1p1000 ? value : 0;
	}
}

/* The most that a value of the panel is, and the most that one of its units has changed. */
static void
measure(trial *t)
{
	long double largest = 0;
	long double change = 0;

	for (int u = 0; u < t->units; u++)
	{
		long double low = INFINITY;
		long double high = -INFINITY;

		for (int i = u; i < t->units * t->periods; i += t->units)
		{
			if (!t->known[i])
				continue;
			low = fminl(low, t->value[i]);
			high = fmaxl(high, t->value[i]);
		}
		change = fmaxl(change, high - low);
		largest = fmaxl(largest, fmaxl(high, -low));
	}
	t->tie = TIE * change;
	/* Besides ties, what is lost of values when they become whole steps, and of figures below all normal doubles. */
	t->slack = 4 * t->tie + largest * 0x1p-53L + 0x1p-1070L;
}

static trial
take_trial(source *from)
{
	static const double certainties[] = {0.9, 0.5, 0.8, 0.95, 0.99};
	trial		t = {0};
	uint64_t	units = say(from, 1);
	unsigned	kind = (unsigned) (say(from, 1) % 6);
	unsigned	missing = (unsigned) (say(from, 1) % 4);
	int			last;

	t.units = (int) (units > 252 ? MOST_UNITS - units % 4 : units > 200 ? 6 + units % 2 : units % 6);
	t.periods = 2 + (int) (say(from, 1) % (MOST_PERIODS - 1));
	t.certainty = certainties[say(from, 1) % 5];
	t.whole_numbers = kind < 2;
	last = 1 + (int) (say(from, 1) % (uint64_t) t.periods);
	for (int u = 0; u < t.units; u++)
	{
		uint64_t	when = say(from, 1);

		t.adopted[u] = when % 2 ? t.periods : 1 + (int) (when / 2 % (uint64_t) last);
	}
	for (int i = 0; i < t.units * t.periods; i++)
	{
		t.known[i] = missing == 0 || say(from, 1) % (1 + 3 * missing) != 0;
		t.value[i] = t.known[i] ? take_value(from, kind) : 0;
		t.exact[i] = t.value[i];
		t.adoption[i] = t.adopted[i % t.units] <= i / t.units;
	}
	measure(&t);
	return t;
}

/* ---------- a statistic, as it is worded ---------- */

/* Adds the cell of those labelled `group`, from period s to t, against those with labels above `others`. */
static void
add_cell(const trial *t, const long double *value, const int *label, mean *m, int group, int others, int s, int e)
{
	long double in = 0;
	long double out = 0;
	int			n_in = 0;
	int			n_out = 0;

	for (int u = 0; u < t->units; u++)
	{
		int			from = s * t->units + u;
		int			to = e * t->units + u;

		if (!t->known[from] || !t->known[to])
			continue;
		if (label[u] == group)
		{
			in += value[to] - value[from];
			n_in++;
		}
		else if (label[u] > others)
		{
			out += value[to] - value[from];
			n_out++;
		}
	}
	if (n_in == 0 || n_out == 0)
		return;
	m->n += n_in;
	m->sum += n_in * (in / n_in - out / n_out);
	m->length += n_in * (e - s);
}

static mean
mean_after(const trial *t, const long double *value, const int *label)
{
	mean		m = {0};

	for (int g = 1; g < t->periods; g++)
		for (int e = g; e < t->periods; e++)
			add_cell(t, value, label, &m, g, e, g - 1, e);
	return m;
}

static mean
mean_before(const trial *t, const long double *value, const int *label)
{
	mean		m = {0};

	for (int g = 2; g < t->periods; g++)
		for (int s = 0; s < g - 1; s++)
			add_cell(t, value, label, &m, g, g, s, g - 1);
	return m;
}

static long double
average(mean m)
{
	return m.n > 0 ? m.sum / m.n : (long double) NAN;
}

static judged
judge(const trial *t, const int *label)
{
	return (judged) {
		.effect = average(mean_after(t, t->exact, label)),
		.of_adoption = average(mean_after(t, t->adoption, label)),
		.before = average(mean_before(t, t->exact, label))
	};
}

/* The largest step that ends some periods before adoption. */
static long double
largest_step(const trial *t)
{
	long double largest = 0;

	for (int distance = 1; distance < t->periods; distance++)
	{
		mean		m = {0};

		for (int g = distance + 1; g < t->periods; g++)
			add_cell(t, t->exact, t->adopted, &m, g, g, g - distance - 1, g - distance);
		largest = fmaxl(largest, fabsl(average(m)));	/* a NaN is no number and loses */
	}
	return largest;
}

/* ---------- every assignment ---------- */

/* One unit after the other takes a label of those that are left. */
static void
judge_from(trial *t, int *label, int *left, int u)
{
	if (u == t->units)
	{
		of_all[t->assignments++] = judge(t, label);
		return;
	}
	for (int l = t->periods; l > 0; l--)
	{
		if (left[l] == 0)
			continue;
		left[l]--;
		label[u] = l;
		judge_from(t, label, left, u + 1);
		left[l]++;
	}
}

static void
judge_all(trial *t)
{
	int			label[MOST_UNITS];
	int			left[MOST_PERIODS + 1] = {0};
	uint64_t	ways = 1;
	uint64_t	chance = RGK_ASSIGNMENT_SEED;

	for (int u = 0; u < t->units; u++)
	{
		ways *= (uint64_t) u + 1;
		left[t->adopted[u]]++;
	}
	for (int l = 0; l <= t->periods; l++)
		for (int k = 2; k <= left[l]; k++)
			ways /= (uint64_t) k;
	t->drawn = ways > RGK_ALL_ASSIGNMENTS;
	if (!t->drawn)
	{
		judge_from(t, label, left, 0);
		REQUIRE(t, t->assignments == ways);
		return;
	}
	memcpy(label, t->adopted, sizeof(label));
	for (t->assignments = 0; t->assignments <= RGK_DRAWN_ASSIGNMENTS; t->assignments++)
	{
		of_all[t->assignments] = judge(t, label);
		rgk_shuffle(&chance, label, (size_t) t->units);
	}
}

/* ---------- the kernel ---------- */

static rgk_effect
ask(const trial *t, size_t most, int scratch_of)
{
	size_t		units = (size_t) t->units;
	size_t		periods = (size_t) t->periods;
	size_t		size = rgk_effect_scratch(units, periods);
	double	   *value = copy_of(t->value, units * periods * sizeof(double));
	bool	   *known = copy_of(t->known, units * periods * sizeof(bool));
	int		   *adopted = copy_of(t->adopted, units * sizeof(int));
	rgk_effect_panel panel = {.units = units, .periods = periods, .value = value, .known = known, .adopted = adopted};
	void	   *scratch = memset(allocate(size), scratch_of, size);
	rgk_effect_work *work = rgk_effect_begin(&panel, t->certainty, scratch);
	rgk_effect	told;

	while (rgk_effect_more(work, most))
		;
	rgk_effect_end(work, &told);
	free(scratch);
	free(value);
	free(known);
	free(adopted);
	return told;
}

static bool
close_to(rgk_figure told, long double known, long double slack)
{
	return isnan(known) ? !told.known : told.known && fabsl(told.value - known) <= slack;
}

/* Assignments that count against a constant effect: what is left of them is as large as what is left of the true one. */
static size_t
count_against(const trial *t, const judged *truth, long double constant, long double slack)
{
	size_t		n = 0;

	for (size_t i = 0; i < t->assignments; i++)
		n += isnan(of_all[i].effect) || fabsl(of_all[i].effect - constant * of_all[i].of_adoption) >=
			fabsl(truth->effect - constant) + slack;
	return n;
}

static size_t
count_early(const trial *t, const judged *truth, long double slack)
{
	size_t		n = 0;

	for (size_t i = 0; i < t->assignments; i++)
		n += isnan(of_all[i].before) || fabsl(of_all[i].before) >= fabsl(truth->before) + slack;
	return n;
}

static size_t
count_largest(const trial *t, long double slack)
{
	long double largest = 0;
	size_t		n = 0;

	for (size_t i = 0; i < t->assignments; i++)
		largest = fmaxl(largest, fabsl(of_all[i].effect));
	for (size_t i = 0; i < t->assignments; i++)
		n += isnan(of_all[i].effect) || fabsl(of_all[i].effect) >= largest + slack;
	return n;
}

/* A share of the assignments, between those that are larger for sure and those that may be as large. */
static void
check_share(const trial *t, rgk_figure share, size_t least, size_t most)
{
	double		n = share.value * (double) t->assignments;

	REQUIRE(t, share.known && fabs(n - nearbyint(n)) < 1e-6);
	REQUIRE(t, nearbyint(n) >= (double) least && nearbyint(n) <= (double) most && n >= 1 - 1e-6);
}

/* ---------- what must be so ---------- */

static void
check_deviation(const trial *t, const rgk_effect *told)
{
	long double sum = 0;
	long double squares = 0;
	size_t		n = 0;

	for (size_t i = 0; i < t->assignments; i++)
	{
		sum += isnan(of_all[i].effect) ? 0 : of_all[i].effect;
		n += !isnan(of_all[i].effect);
	}
	for (size_t i = 0; i < t->assignments; i++)
		squares += isnan(of_all[i].effect) ? 0 : (of_all[i].effect - sum / n) * (of_all[i].effect - sum / n);
	REQUIRE(t, close_to(told->deviation, sqrtl(squares / n), t->slack));
}

static void
check_drift(const trial *t, const rgk_effect *told, const judged *truth)
{
	long double step = largest_step(t);
	mean		after = mean_after(t, t->exact, t->adopted);
	long double horizon = after.length / after.n;

	if (step < t->tie / 2)
		REQUIRE(t, !told->breaks_at.known);
	else if (step > 2 * t->slack)
		REQUIRE(t, told->breaks_at.known && fabsl(told->breaks_at.value * step * horizon - fabsl(truth->effect)) <=
				t->slack * (1 + told->breaks_at.value * horizon));
}

static void
check_one_left_out(const trial *t, const rgk_effect *told)
{
	long double least = NAN;
	long double most = NAN;

	for (int u = 0; u < t->units; u++)
	{
		trial		without = *t;
		long double effect;

		if (t->adopted[u] >= t->periods)
			continue;
		for (int i = u; i < t->units * t->periods; i += t->units)
			without.known[i] = false;
		effect = judge(&without, t->adopted).effect;
		least = fminl(least, effect);
		most = fmaxl(most, effect);
	}
	REQUIRE(t, close_to(told->least, least, t->slack) && close_to(told->most, most, t->slack));
}

/* An end is the last constant effect that is not refused; where there is none, one far out is not refused either. */
static void
check_end(const trial *t, const judged *truth, rgk_figure end, int way)
{
	size_t		refused = (size_t) floor((1 - t->certainty) * (double) t->assignments + 1e-9);
	long double far = way * (t->slack * 0x1p40L);

	if (!end.known)
		REQUIRE(t, count_against(t, truth, far, -t->slack) > refused);
	else
	{
		REQUIRE(t, way * (end.value - truth->effect) >= -t->slack);
		REQUIRE(t, count_against(t, truth, end.value, -t->slack) > refused);
		REQUIRE(t, count_against(t, truth, end.value, t->slack) <= refused);
	}
}

static void
check_told(const trial *t, const rgk_effect *told)
{
	judged		truth = judge(t, t->adopted);
	size_t		adopters = 0;

	for (int u = 0; u < t->units; u++)
		adopters += t->adopted[u] < t->periods;
	REQUIRE(t, told->assignments == t->assignments && told->drawn == t->drawn);
	REQUIRE(t, told->adopters == adopters && told->others == (size_t) t->units - adopters);
	REQUIRE(t, close_to(told->effect, truth.effect, t->slack) && close_to(told->before, truth.before, t->slack));
	REQUIRE(t, told->before_p.known == told->before.known && told->p_value.known == told->effect.known);
	if (told->before.known)
		check_share(t, told->before_p, count_early(t, &truth, t->slack), count_early(t, &truth, -t->slack));
	if (!told->effect.known)
	{
		REQUIRE(t, rgk_effect_verdict(told) == RGK_CANNOT_BE_SHOWN);
		return;
	}
	check_share(t, told->p_value, count_against(t, &truth, 0, t->slack), count_against(t, &truth, 0, -t->slack));
	check_share(t, told->smallest_p, count_largest(t, t->slack), count_largest(t, -t->slack));
	REQUIRE(t, told->smallest_p.value <= told->p_value.value && told->p_value.value <= 1);
	check_deviation(t, told);
	check_drift(t, told, &truth);
	check_one_left_out(t, told);
	check_end(t, &truth, told->low, -1);
	check_end(t, &truth, told->high, 1);
}

/* Alike to the last bit, or but for what is left of sums. */
static bool
alike(rgk_figure one, rgk_figure other, long double slack)
{
	return one.known == other.known && (!one.known || fabsl((long double) one.value - other.value) <= slack);
}

/* `sign` is -1 where the second panel is the first turned upside down. */
static void
check_same(const trial *t, const rgk_effect *one, const rgk_effect *other, int sign, long double slack)
{
	rgk_effect	turned = *other;

	if (sign < 0)
	{
		turned.low = other->high;
		turned.high = other->low;
		turned.least = other->most;
		turned.most = other->least;
	}
	turned.effect.value *= sign;
	turned.before.value *= sign;
	turned.low.value *= sign;
	turned.high.value *= sign;
	turned.least.value *= sign;
	turned.most.value *= sign;
	REQUIRE(t, one->assignments == other->assignments && one->drawn == other->drawn);
	REQUIRE(t, alike(one->effect, turned.effect, slack) && alike(one->before, turned.before, slack));
	REQUIRE(t, alike(one->p_value, turned.p_value, 0) && alike(one->smallest_p, turned.smallest_p, 0));
	REQUIRE(t, alike(one->before_p, turned.before_p, 0));
	REQUIRE(t, alike(one->least, turned.least, slack) && alike(one->most, turned.most, slack));
	REQUIRE(t, alike(one->breaks_at, turned.breaks_at, slack * one->breaks_at.value));
	REQUIRE(t, alike(one->low, turned.low, slack * 1e6L) && alike(one->high, turned.high, slack * 1e6L));
	REQUIRE(t, alike(one->deviation, turned.deviation, fmaxl(slack, 1e-12L * one->deviation.value)));
}

/* Signs turned round; units in the other order. */
static trial
turned(const trial *t, bool signs, bool units)
{
	trial		other = *t;

	for (int u = 0; u < t->units; u++)
	{
		int			to = units ? t->units - 1 - u : u;

		other.adopted[to] = t->adopted[u];
		for (int p = 0; p < t->periods; p++)
		{
			other.known[p * t->units + to] = t->known[p * t->units + u];
			other.value[p * t->units + to] = t->value[p * t->units + u] * (signs ? -1 : 1);
		}
	}
	return other;
}

/* What a unit always has, and what a period brings to all, is no effect. */
static trial
shifted(const trial *t, source *from)
{
	trial		other = *t;

	for (int i = 0; i < t->units; i++)
	{
		double		own = (double) (say(from, 1) % 16);

		for (int p = 0; p < t->periods; p++)
			other.value[p * t->units + i] += own;
	}
	for (int p = 0; p < t->periods; p++)
	{
		double		shared = (double) (say(from, 1) % 16);

		for (int i = 0; i < t->units; i++)
			other.value[p * t->units + i] += shared;
	}
	return other;
}

/* The same panel again, or another that must give the same answer; in pieces, and with something else in the scratch. */
static void
check_another(const trial *t, const rgk_effect *told, size_t most, source *from)
{
	unsigned	way = (unsigned) (say(from, 1) % 4);
	bool		upside_down = way == 1;
	bool		backwards = way == 2 && !t->drawn;
	bool		moved = way == 3 && t->whole_numbers;
	trial		other = moved ? shifted(t, from) : turned(t, upside_down, backwards);
	rgk_effect	again = ask(&other, most, 0xff);

	check_same(t, told, &again, upside_down ? -1 : 1, moved ? 1e-9L : 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	source		from = begin_source(data, size);
	size_t		most = 1 + say(&from, 1);
	trial		t = take_trial(&from);
	rgk_effect	told = ask(&t, SIZE_MAX, 0);

	judge_all(&t);
	check_told(&t, &told);
	check_another(&t, &told, most, &from);
	return 0;
}
