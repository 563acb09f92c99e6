/* SPDX-License-Identifier: MIT */
/* show_agg.c: aggregations as they should look: (show @latency).
 *
 * Sums, counts, means and extremes are rows with bars, largest first; statistics are a table;
 * histograms are blocks of rows, one block per combination of keys, the fullest last so that
 * it stands next to the prompt. */
#include "show.h"

#include "base/buf.h"

#include "session/aggregate.h"
#include "session/decode.h"

#include <stdlib.h>

enum { BAR = 40, LABEL = 40, STAT_COLUMNS = 5 };

/* 4096 as people read it when it is a power of two: 4K. */
static const char *
number(struct arena *a, const struct image_agg *agg, int64_t n)
{
	static const char units[] = " KMGTPE";
	unsigned u = 0;

	if (agg->kind == AGG_HIST)
		for (; n && n % 1024 == 0; n /= 1024)
			u++;
	return arena_printf(a, u ? "%ld%c" : "%ld", (long)n, units[u]);
}

static const char *
row_label(struct arena *a, const struct agg_table *t, uint32_t row)
{
	int64_t from, to;
	bool open_below = !agg_row_from(t->agg, row, &from);
	bool open_above = !agg_row_to(t->agg, row, t->nrows, &to);

	if (open_below)
		return arena_printf(a, "(..., %s)", number(a, t->agg, to));
	if (open_above)
		return arena_printf(a, "[%s, ...)", number(a, t->agg, from));
	if (t->agg->kind == AGG_HIST && to == from + 1)
		return arena_printf(a, "[%s]", number(a, t->agg, from));
	if (t->agg->kind == AGG_HIST && row == 1)
		return "[0]";
	return arena_printf(a, "[%s, %s)", number(a, t->agg, from), number(a, t->agg, to));
}

/* From the first row that counts something to the last. */
static void
histogram(struct buf *b, struct arena *a, const struct agg_table *t, const struct agg_group *g)
{
	uint32_t first = 0, last = t->nrows;
	uint64_t most = 0;

	while (first < t->nrows && !g->rows[first])
		first++;
	while (last > first && !g->rows[last - 1])
		last--;
	if (first == last)
		buf_puts(b, "  (empty)\n");
	for (uint32_t i = first; i < last; i++)
		if (g->rows[i] > most)
			most = g->rows[i];
	for (uint32_t i = first; i < last; i++) {
		buf_printf(b, "  %-16s %12lu |", row_label(a, t, i), g->rows[i]);
		show_bar(b, g->rows[i], most, BAR);
		buf_putc(b, '\n');
	}
}

struct order {
	const struct agg_table *t;
	int sign;
};

static int
by_measure(const void *x, const void *y, void *ud)
{
	const struct order *o = ud;
	uint64_t a = agg_measure(o->t, x), b = agg_measure(o->t, y);

	if (a == b)
		return 0;
	if (o->t->agg->is_signed && o->t->agg->kind < AGG_STATS)
		return (int64_t)a < (int64_t)b ? o->sign : -o->sign;
	return a < b ? o->sign : -o->sign;
}

static unsigned
label_width(struct arena *a, const struct agg_table *t, uint32_t n)
{
	unsigned width = 0;

	for (uint32_t i = 0; i < n; i++) {
		size_t w = strlen(agg_label(a, t, &t->at[i]));

		if (w > width)
			width = (unsigned)w;
	}
	return width < LABEL ? width : LABEL;
}

static void
numbers(struct buf *b, struct arena *a, const struct agg_table *t, uint32_t n)
{
	unsigned width = label_width(a, t, n);
	uint64_t most = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t m = agg_measure(t, &t->at[i]);

		if (m > most && !(t->agg->is_signed && (int64_t)m < 0))
			most = m;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t m = agg_measure(t, &t->at[i]);

		buf_printf(b, t->agg->is_signed ? "  %-*.40s %12ld  " : "  %-*.40s %12lu  ",
			   (int)width, agg_label(a, t, &t->at[i]), m);
		if (t->agg->nkeys && !(t->agg->is_signed && (int64_t)m < 0))
			show_bar(b, m, most, BAR);
		buf_putc(b, '\n');
	}
}

static void
statistics(struct buf *b, struct session *s, struct arena *a, const struct agg_table *t,
	   uint32_t n)
{
	static const char *const heads[STAT_COLUMNS] = {"count", "avg", "min", "max", "sum"};
	unsigned width = label_width(a, t, n);

	buf_printf(b, "  %-*s", (int)width, "");
	for (int i = 0; i < STAT_COLUMNS; i++)
		buf_printf(b, " %12s", heads[i]);
	buf_putc(b, '\n');
	for (uint32_t i = 0; i < n; i++) {
		value v = agg_value(s, t, &t->at[i]);

		if (!t->at[i].n)
			continue;
		buf_printf(b, "  %-*.40s", (int)width, agg_label(a, t, &t->at[i]));
		for (; is_cons(v); v = cdr(v)) {
			value x = cdr(car(v));

			if (is_float(x))
				buf_printf(b, " %12.1f", as_float(x));
			else
				buf_printf(b, " %12.*s",
					   STR_ARG(lisp_print(s->lisp, a, x, true)));
		}
		buf_putc(b, '\n');
	}
}

void
show_aggregation(struct buf *b, struct session *s, struct arena *a, const struct agg_table *t,
		 uint32_t top)
{
	bool hist = t->nrows != 0;
	struct order o = {t, hist ? -1 : 1};
	uint32_t n = t->n < top ? t->n : top;
	struct agg_table some = *t;

	if (t->n > 1)
		qsort_r(t->at, t->n, sizeof *t->at, by_measure, &o);
	if (!t->n)
		buf_puts(b, "  (empty)\n");
	if (hist)
		some.at += t->n - n;	/* the fullest are last */
	for (uint32_t i = 0; hist && i < n; i++) {
		if (t->agg->nkeys)
			buf_printf(b, "%s%s\n", i ? "\n" : "", agg_label(a, t, &some.at[i]));
		histogram(b, a, t, &some.at[i]);
	}
	if (!hist && t->agg->kind == AGG_STATS)
		statistics(b, s, a, t, n);
	else if (!hist)
		numbers(b, a, t, n);
	if (t->n > n)
		buf_printf(b, "  and %u more\n", t->n - n);
}
