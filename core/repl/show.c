/* SPDX-License-Identifier: MIT */
/* show.c: what a map looks like to a person.
 *
 * A row of a map is a label (the key, and any text its value holds) and a measure (the value,
 * or the first integer of a struct; per-CPU values are added up). Bars are scaled to the
 * largest measure; a histogram is an array map whose slot i counts values from 2^i on. */
#include "show.h"

#include "base/buf.h"
#include "facts/facts.h"
#include "session/aggregate.h"
#include "session/decode.h"
#include "session/internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_TOP = 20, BAR = 40, REDRAWS_PER_SECOND = 5 };

struct show {
	struct session *session;
	struct show_opts opts;
};

struct row {
	const char *label;
	uint64_t measure;
};

struct rows {
	struct row *at;
	uint32_t n;
	uint64_t most, total;
	unsigned label_width;
};

/* ---- rows of a map ------------------------------------------------------------------------ */

static uint64_t
read_integer(const unsigned char *p, uint32_t size)
{
	uint64_t n = 0;

	memcpy(&n, p, size < 8 ? size : 8);
	return n;
}

static const struct kenv_struct *
value_layout(struct session *s, const struct map *m)
{
	return m->spec.value_struct ? kenv_struct_named(s->kenv, str_of(m->spec.value_struct))
				    : NULL;
}

static uint64_t
measure_one(const struct kenv_struct *k, const unsigned char *bytes, uint32_t size)
{
	for (uint32_t i = 0; k && i < k->nfields; i++)
		if (!k->fields[i].is_array && !k->fields[i].struct_name)
			return read_integer(bytes + k->fields[i].offset, k->fields[i].size);
	return read_integer(bytes, size);
}

static uint64_t
measure(struct session *s, const struct map *m, const unsigned char *bytes)
{
	const struct fact_map_type *t = fact_map_type(m->spec.type);
	const struct kenv_struct *k = value_layout(s, m);
	uint32_t each = (m->spec.value_size + 7) & ~7u;
	uint64_t sum = 0;

	if (!t || !t->per_cpu)
		return measure_one(k, bytes, m->spec.value_size);
	for (uint32_t at = 0; each && at + each <= map_transfer_size(m); at += each)
		sum += measure_one(k, bytes + at, m->spec.value_size);
	return sum;
}

static void
label_struct(struct buf *b, const struct kenv_struct *k, const unsigned char *bytes)
{
	for (uint32_t i = 0; i < k->nfields; i++) {
		const struct kenv_field *f = &k->fields[i];
		const unsigned char *p = bytes + f->offset;
		str text;

		if (i)
			buf_putc(b, ' ');
		if (f->is_array && f->size == 1 && bytes_are_text(p, f->count, &text))
			buf_str(b, text);
		else if (!f->is_array)
			buf_printf(b, "%lu", read_integer(p, f->size));
	}
}

/* The key, then the texts that the value holds. */
static const char *
label(struct session *s, struct arena *a, const struct map *m, const unsigned char *key,
      const unsigned char *bytes)
{
	const struct kenv_struct *ks = NULL, *vs = value_layout(s, m);
	struct buf b = buf_new(a);
	str text;

	if (m->spec.key_struct)
		ks = kenv_struct_named(s->kenv, str_of(m->spec.key_struct));
	if (ks)
		label_struct(&b, ks, key);
	else if (m->spec.key_size <= 8)
		buf_printf(&b, "%lu", read_integer(key, m->spec.key_size));
	else if (bytes_are_text(key, m->spec.key_size, &text))
		buf_str(&b, text);
	else
		for (uint32_t i = 0; i < m->spec.key_size; i++)
			buf_printf(&b, "%02x", key[i]);
	for (uint32_t i = 0; vs && i < vs->nfields; i++) {
		const struct kenv_field *f = &vs->fields[i];

		if (f->is_array && f->size == 1 &&
		    bytes_are_text(bytes + f->offset, f->count, &text)) {
			buf_putc(&b, ' ');
			buf_str(&b, text);
		}
	}
	return b.at;
}

static int
by_measure(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->measure != y->measure)
		return x->measure < y->measure ? 1 : -1;
	return strcmp(x->label, y->label);
}

static bool
read_rows(struct session *s, struct map *m, struct arena *a, struct rows *out, span at)
{
	struct map_entries e;

	*out = (struct rows){0};
	if (!session_map_entries(s, m, a, &e, at, lisp_diags(s->lisp)))
		return false;
	out->at = arena_array(a, struct row, e.n + 1);
	for (uint32_t i = 0; i < e.n; i++) {
		const unsigned char *bytes = e.values + (size_t)i * e.value_size;
		uint64_t n = measure(s, m, bytes);
		struct row *r = &out->at[out->n];

		if (!n && m->spec.type == BPF_MAP_TYPE_ARRAY)
			continue;
		r->measure = n;
		r->label = label(s, a, m, e.keys + (size_t)i * e.key_size, bytes);
		if (strlen(r->label) > out->label_width)
			out->label_width = (unsigned)strlen(r->label);
		if (n > out->most)
			out->most = n;
		out->total += n;
		out->n++;
	}
	qsort(out->at, out->n, sizeof *out->at, by_measure);
	return true;
}

/* ---- bars ---------------------------------------------------------------------------------- */

void
show_bar(struct buf *b, uint64_t n, uint64_t most, unsigned columns)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	uint64_t units = most ? (uint64_t)((double)n / (double)most * columns * 8 + 0.5) : 0;

	for (uint64_t i = 0; i < units / 8; i++)
		buf_puts(b, "█");
	buf_puts(b, eighths[units % 8]);
}

static void
print_bars(struct buf *b, const struct rows *rows, uint32_t top)
{
	unsigned width = rows->label_width < 40 ? rows->label_width : 40;

	for (uint32_t i = 0; i < rows->n && i < top; i++) {
		buf_printf(b, "  %-*.40s %12lu  ", (int)width, rows->at[i].label,
			   rows->at[i].measure);
		show_bar(b, rows->at[i].measure, rows->most, BAR);
		buf_putc(b, '\n');
	}
	if (rows->n > top)
		buf_printf(b, "  and %u more, %lu in all\n", rows->n - top, rows->total);
	if (!rows->n)
		buf_puts(b, "  (empty)\n");
}

static bool
option(struct show *sh, struct lisp_args args, const char *name, int64_t most, int64_t *out)
{
	value v;
	__int128 n;

	if (!arg_keyword(args, 1, name, &v))
		return true;
	if (!as_int128(v, &n) || n < 1 || n > most)
		return lisp_error(sh->session->lisp, args.call,
				  ":%s wants a number from 1 to %ld", name, (long)most);
	*out = (int64_t)n;
	return true;
}

/* A map's picture, `top` rows of it, into `b`. */
static bool
picture(struct session *s, struct map *m, uint32_t top, struct buf *b, struct arena *a, span at)
{
	struct agg_table t;
	struct rows rows;

	if (m->spec.agg) {
		if (!agg_read(s, m, a, &t, at, lisp_diags(s->lisp)))
			return false;
		show_aggregation(b, s, a, &t, top);
		return true;
	}
	if (!read_rows(s, m, a, &rows, at))
		return false;
	print_bars(b, &rows, top);
	return true;
}

static bool
show_map(struct session *s, struct map *m, uint32_t top, span at)
{
	struct arena a;
	struct buf b;
	bool ok;

	arena_init(&a);
	b = buf_new(&a);
	ok = picture(s, m, top, &b, &a, at);
	if (ok)
		session_write(s, "%s", b.n ? b.at : "");
	arena_free(&a);
	return ok;
}

bool
show_value(struct session *s, value v)
{
	struct map *m = is_symbol(v) ? session_map_named(s, as_symbol(v)->name) : NULL;

	return m && m->spec.agg && m->fd >= 0 && show_map(s, m, DEFAULT_TOP, 0);
}

static bool
fn_show(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct show *sh = ud;
	struct map *m = arg_map(sh->session, args, 0);
	int64_t top = DEFAULT_TOP;

	(void)l;
	*out = NIL;
	return m && option(sh, args, "top", 100000, &top) &&
	       show_map(sh->session, m, (uint32_t)top, args.call);
}

/* ---- histograms ------------------------------------------------------------------------------ */

/* 2^n as people read it: 512, 4K, 2M. */
static const char *
power(struct arena *a, unsigned n)
{
	static const char units[] = " KMGTPE";

	if (n < 10)
		return arena_printf(a, "%u", 1u << n);
	return arena_printf(a, "%u%c", 1u << n % 10, units[n / 10]);
}

static void
print_hist(struct buf *b, struct arena *a, const uint64_t *counts, uint32_t n)
{
	uint32_t first = 0, last = n;
	uint64_t most = 0;

	while (first < n && !counts[first])
		first++;
	while (last > first && !counts[last - 1])
		last--;
	if (first == last)
		buf_puts(b, "  (empty)\n");
	for (uint32_t i = first; i < last; i++)
		if (counts[i] > most)
			most = counts[i];
	for (uint32_t i = first; i < last; i++) {
		const char *range = arena_printf(a, "[%s, %s)", i ? power(a, i) : "0",
						 power(a, i + 1));

		buf_printf(b, "  %-14s %12lu |", range, counts[i]);
		show_bar(b, counts[i], most, BAR);
		buf_putc(b, '\n');
	}
}

static bool
fn_show_hist(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct show *sh = ud;
	struct map *m = arg_map(sh->session, args, 0);
	struct map_entries e;
	struct arena a;
	struct buf b;
	bool ok;

	if (!m)
		return false;
	*out = NIL;
	if (m->spec.agg)
		return show_map(sh->session, m, DEFAULT_TOP, args.call);
	if (m->spec.key_size != 4 || m->spec.max_entries > 64)
		return lisp_error(l, args.call,
				  "`%s` is no histogram: an array of at most 64 counters is one",
				  m->name);
	arena_init(&a);
	b = buf_new(&a);
	ok = session_map_entries(sh->session, m, &a, &e, args.call, lisp_diags(l));
	if (ok) {
		uint64_t *counts = arena_array(&a, uint64_t, 64);

		for (uint32_t i = 0; i < e.n; i++) {
			uint64_t slot = read_integer(e.keys + (size_t)i * e.key_size, 4);

			if (slot < 64)
				counts[slot] = measure(sh->session, m,
						       e.values + (size_t)i * e.value_size);
		}
		print_hist(&b, &a, counts, 64);
		session_write(sh->session, "%s", b.at);
	}
	arena_free(&a);
	*out = NIL;
	return ok;
}

/* ---- live tables ------------------------------------------------------------------------------ */

static bool
draw(struct show *sh, struct map *m, uint32_t top, unsigned *lines, span at)
{
	struct arena a;
	struct buf b;
	uint32_t head;
	bool ok;

	arena_init(&a);
	b = buf_new(&a);
	if (sh->opts.terminal && *lines)
		buf_printf(&b, "\033[%uA\033[J", *lines);
	head = b.n;
	ok = picture(sh->session, m, top, &b, &a, at);
	if (ok) {
		*lines = 0;
		for (uint32_t i = head; i < b.n; i++)
			*lines += b.at[i] == '\n';
		session_write(sh->session, "%s", b.at);
		fflush(stdout);
	}
	arena_free(&a);
	return ok;
}

/* On a terminal the table is redrawn in place; elsewhere it is printed once a second. */
static bool
fn_live_table(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct show *sh = ud;
	struct map *m = arg_map(sh->session, args, 0);
	int64_t top = DEFAULT_TOP, seconds = 5;
	uint64_t start, step, end;
	unsigned lines = 0;

	if (!m || !option(sh, args, "top", 100000, &top) ||
	    !option(sh, args, "seconds", 86400, &seconds))
		return false;
	start = session_clock_ns();
	end = start + (uint64_t)seconds * 1000000000u;
	step = 1000000000u / (sh->opts.terminal ? REDRAWS_PER_SECOND : 1);
	for (uint64_t next = start + step; next <= end; next += step) {
		uint64_t now = session_clock_ns();

		if (!session_wait_once(sh->session, next > now ? (double)(next - now) / 1e9 : 0, args.call,
				  lisp_diags(l)))
			return false;
		if (sh->session->interrupted)
			break;
		if (!sh->opts.terminal)
			session_write(sh->session, "after %.0f s:\n",
				      (double)(next - start) / 1e9);
		if (!draw(sh, m, (uint32_t)top, &lines, args.call))
			return false;
	}
	*out = NIL;
	return true;
}

void
show_define(struct session *s, const struct show_opts *o)
{
	static const struct session_fn all[] = {
		{"show", 1, -1, fn_show,
		 "(show MAP &key top)\nA map as it should look: an aggregation's numbers, statistics or "
		 "histograms;\nbars of any other map's entries, largest first."},
		{"bars", 1, -1, fn_show,
		 "(bars MAP &key top)\nThe map's entries as bars, largest first."},
		{"show-hist", 1, 1, fn_show_hist,
		 "(show-hist MAP)\nAn array of counters, slot i for values from 2^i on."},
		{"live-table", 1, -1, fn_live_table,
		 "(live-table MAP &key seconds top)\nWatch the map's largest entries change."},
	};
	struct show *sh = arena_new(&s->arena, struct show);

	*sh = (struct show){s, *o};
	session_define_effects(s, all, sizeof all / sizeof *all, sh);
}
