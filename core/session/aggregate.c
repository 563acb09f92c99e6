/* SPDX-License-Identifier: MIT */
/* aggregate.c: see aggregate.h. */
#include "aggregate.h"

#include "base/buf.h"
#include "decode.h"

enum { HIST_ROWS = 66 };

static bool
is_histogram(const struct image_agg *agg)
{
	return agg->kind == AGG_HIST || agg->kind == AGG_LHIST;
}

static uint32_t
row_count(const struct image_agg *agg)
{
	if (agg->kind == AGG_HIST)
		return HIST_ROWS;
	return (uint32_t)((agg->hi - agg->lo + agg->step - 1) / agg->step) + 2;
}

/* ---- merging ------------------------------------------------------------------------------ */

static uint64_t
word(const unsigned char *p, unsigned i)
{
	uint64_t w;

	memcpy(&w, p + i * 8, 8);
	return w;
}

static bool
is_less(const struct image_agg *agg, uint64_t a, uint64_t b)
{
	return agg->is_signed ? (int64_t)a < (int64_t)b : a < b;
}

static void
add_extremes(const struct image_agg *agg, struct agg_group *g, uint64_t least, uint64_t most)
{
	if (!g->n || is_less(agg, least, g->least))
		g->least = least;
	if (!g->n || is_less(agg, g->most, most))
		g->most = most;
}

/* One processor's slot into the group. */
static void
merge(const struct image_agg *agg, struct agg_group *g, const unsigned char *p, uint64_t row)
{
	switch (agg->kind) {
	case AGG_COUNT: case AGG_SUM: g->sum += word(p, 0); break;
	case AGG_AVG:
		g->sum += word(p, 0);
		g->n += word(p, 1);
		break;
	case AGG_MIN: case AGG_MAX:
		if (word(p, 1))
			add_extremes(agg, g, word(p, 0), word(p, 0));
		g->n += word(p, 1);
		break;
	case AGG_STATS:
		if (word(p, 0))
			add_extremes(agg, g, word(p, 2), word(p, 3));
		g->n += word(p, 0);
		g->sum += word(p, 1);
		break;
	default: g->rows[row] += word(p, 0);
	}
}

static bool
same_keys(const struct agg_group *g, const unsigned char *key, uint32_t size)
{
	return !g->key || memcmp(g->key, key, size) == 0;
}

bool
agg_read(struct session *s, struct map *m, struct arena *a, struct agg_table *out, span at,
	 struct diags *ds)
{
	const struct image_agg *agg = m->spec.agg;
	uint32_t each = (m->spec.value_size + 7) & ~7u, keys;
	struct map_entries e;

	*out = (struct agg_table){.agg = agg};
	if (!session_map_entries(s, m, a, &e, at, ds))
		return false;
	if (is_histogram(agg))
		out->nrows = row_count(agg);
	if (agg->nkeys)
		out->keys = kenv_struct_named(s->kenv, str_of(m->spec.key_struct));
	/* The row is behind the keys, so entries of a group are neighbours. */
	keys = e.key_size - (agg->nkeys && out->nrows ? 8 : 0);
	out->at = arena_array(a, struct agg_group, e.n + 1);
	for (uint32_t i = 0; i < e.n; i++) {
		const unsigned char *key = e.keys + (size_t)i * e.key_size;
		struct agg_group *g = out->n ? &out->at[out->n - 1] : NULL;
		uint64_t row = 0;

		if (out->nrows)
			memcpy(&row, agg->nkeys ? key + keys : key, agg->nkeys ? 8 : 4);
		if (!g || (agg->nkeys && !same_keys(g, key, keys))) {
			g = &out->at[out->n++];
			g->key = agg->nkeys ? key : NULL;
			g->rows = arena_array(a, uint64_t, out->nrows);
		}
		for (uint32_t off = 0; off + each <= e.value_size; off += each)
			if (!out->nrows || row < out->nrows)
				merge(agg, g, e.values + (size_t)i * e.value_size + off, row);
	}
	return true;
}

/* ---- as Lisp values ----------------------------------------------------------------------- */

static value
number(struct session *s, const struct agg_table *t, uint64_t bits)
{
	return t->agg->is_signed ? make_int128(s->lisp, (int64_t)bits)
				 : make_int128(s->lisp, bits);
}

static value
mean(struct session *s, const struct agg_table *t, const struct agg_group *g)
{
	double sum = t->agg->is_signed ? (double)(int64_t)g->sum : (double)g->sum;

	if (!g->n)
		return NIL;
	if (!t->agg->is_signed && g->sum % g->n == 0)
		return make_int128(s->lisp, g->sum / g->n);
	return make_float(s->lisp, sum / (double)g->n);
}

static value
field_value(struct session *s, const struct kenv_field *f, const unsigned char *key)
{
	const unsigned char *p = key + f->offset;

	if (f->is_array)
		return make_string(s->lisp, (str){(const char *)p,
						  strnlen((const char *)p, f->count)});
	return decode_bytes(s, f->struct_name, f->is_signed, p, f->size);
}

value
agg_key(struct session *s, const struct agg_table *t, const struct agg_group *g)
{
	value list = NIL;

	if (!g->key)
		return NIL;
	for (uint32_t i = t->agg->nkeys; i-- > 0;) {
		value v = field_value(s, &t->keys->fields[i], g->key);

		if (t->agg->nkeys == 1)
			return v;
		list = cons(s->lisp, v, list);
	}
	return list;
}

static value
pair(struct session *s, const char *name, value v, value rest)
{
	value head = cons(s->lisp, make_symbol(s->lisp, str_of(name)), v);

	return cons(s->lisp, head, rest);
}

static value
histogram(struct session *s, const struct agg_table *t, const struct agg_group *g)
{
	value list = NIL;

	for (uint32_t i = t->nrows; i-- > 0;) {
		int64_t from, to;
		value row;

		if (!g->rows[i])
			continue;
		row = cons(s->lisp, make_int128(s->lisp, g->rows[i]), NIL);
		row = cons(s->lisp, agg_row_to(t->agg, i, t->nrows, &to) ? make_int(s->lisp, to)
									  : NIL, row);
		row = cons(s->lisp, agg_row_from(t->agg, i, &from) ? make_int(s->lisp, from) : NIL,
			   row);
		list = cons(s->lisp, row, list);
	}
	return list;
}

value
agg_value(struct session *s, const struct agg_table *t, const struct agg_group *g)
{
	value v;

	switch (t->agg->kind) {
	case AGG_COUNT: case AGG_SUM: return number(s, t, g->sum);
	case AGG_AVG: return mean(s, t, g);
	case AGG_MIN: return g->n ? number(s, t, g->least) : NIL;
	case AGG_MAX: return g->n ? number(s, t, g->most) : NIL;
	case AGG_STATS:
		v = pair(s, "sum", number(s, t, g->sum), NIL);
		v = pair(s, "max", number(s, t, g->most), v);
		v = pair(s, "min", number(s, t, g->least), v);
		v = pair(s, "avg", mean(s, t, g), v);
		return pair(s, "count", make_int128(s->lisp, g->n), v);
	default: return histogram(s, t, g);
	}
}

/* ---- as text ------------------------------------------------------------------------------ */

static void
label_field(struct buf *b, const struct kenv_field *f, const unsigned char *key)
{
	const unsigned char *p = key + f->offset;
	int64_t n;

	if (f->is_array) {
		for (uint32_t i = 0; i < f->count && p[i]; i++)
			buf_putc(b, p[i] < 0x20 || p[i] == 0x7f ? '.' : (char)p[i]);
	} else if (f->size == 8 && !f->struct_name) {
		memcpy(&n, p, 8);
		buf_printf(b, f->is_signed ? "%ld" : "%lu", n);
	} else {
		for (uint32_t i = 0; i < f->size; i++)
			buf_printf(b, "%02x", p[i]);
	}
}

const char *
agg_label(struct arena *a, const struct agg_table *t, const struct agg_group *g)
{
	struct buf b = buf_new(a);

	for (uint32_t i = 0; g->key && i < t->agg->nkeys; i++) {
		if (i)
			buf_puts(&b, ", ");
		label_field(&b, &t->keys->fields[i], g->key);
	}
	return b.n ? b.at : "";
}

uint64_t
agg_measure(const struct agg_table *t, const struct agg_group *g)
{
	uint64_t sum = 0;

	switch (t->agg->kind) {
	case AGG_AVG:
		if (!g->n)
			return 0;
		return t->agg->is_signed ? (uint64_t)((int64_t)g->sum / (int64_t)g->n)
					 : g->sum / g->n;
	case AGG_MIN: return g->least;
	case AGG_MAX: return g->most;
	case AGG_STATS: return g->n;
	case AGG_HIST: case AGG_LHIST:
		for (uint32_t i = 0; i < t->nrows; i++)
			sum += g->rows[i];
		return sum;
	default: return g->sum;
	}
}

bool
agg_row_from(const struct image_agg *agg, uint32_t row, int64_t *from)
{
	if (agg->kind == AGG_HIST)
		*from = row < 2 ? 0 : (int64_t)(1ull << (row - 2));
	else
		*from = agg->lo + ((int64_t)row - 1) * agg->step;
	if (agg->kind == AGG_LHIST && *from > agg->hi)
		*from = agg->hi;
	return row > 0;
}

bool
agg_row_to(const struct image_agg *agg, uint32_t row, uint32_t nrows, int64_t *to)
{
	if (row + 1 == nrows)
		return false;
	agg_row_from(agg, row + 1, to);
	if (row == 0)
		*to = agg->kind == AGG_HIST ? 0 : agg->lo;
	return true;
}
