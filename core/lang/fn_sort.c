/* SPDX-License-Identifier: MIT */
/* fn_sort.c: a stable merge sort over vectors, for every sequence. What is being sorted
 * stands in rooted vectors, so that the predicate may do anything. */
#include "lang/fn.h"

struct sort {
	struct lisp *l;
	value predicate, key;
	const struct builtin *compare;	/* < or > on integers: decided here */
	int sign;
};

static bool
keyed(struct sort *s, value v, value *out)
{
	*out = v;
	return s->key == NIL || fn_call1(s->l, s->key, v, out);
}

/* Is y strictly before x? */
static bool
before(struct sort *s, value x, value y, bool *yes)
{
	value r;

	if (s->key != NIL) {
		uint32_t mark;

		if (!keyed(s, y, &y))
			return false;
		mark = lisp_root(s->l, y);
		if (!keyed(s, x, &x))
			return false;
		lisp_unroot(s->l, mark);
	}
	if (s->sign && (x & y & 1)) {
		*yes = s->sign > 0 ? (int64_t)y < (int64_t)x : (int64_t)y > (int64_t)x;
		return true;
	}
	if (!fn_call2(s->l, s->predicate, y, x, &r))
		return false;
	*yes = r != NIL;
	return true;
}

static bool
merge(struct sort *s, const struct vector_obj *from, struct vector_obj *to, uint32_t lo,
      uint32_t mid, uint32_t hi)
{
	uint32_t i = lo, j = mid;

	for (uint32_t k = lo; k < hi; k++) {
		bool right = i >= mid;

		if (!right && j < hi && !before(s, from->at[i], from->at[j], &right))
			return false;
		to->at[k] = right ? from->at[j++] : from->at[i++];
	}
	return true;
}

/* Runs of 8 by insertion, then merges that go back and forth between the two vectors. */
static bool
insertion(struct sort *s, struct vector_obj *v, uint32_t lo, uint32_t hi)
{
	for (uint32_t i = lo + 1; i < hi; i++) {
		for (uint32_t j = i; j > lo; j--) {
			value t = v->at[j];
			bool yes;

			if (!before(s, v->at[j - 1], t, &yes))
				return false;
			if (!yes)
				break;
			v->at[j] = v->at[j - 1];
			v->at[j - 1] = t;
		}
	}
	return true;
}

static bool
sort_vector(struct sort *s, value v, value spare)
{
	struct vector_obj *from = as_vec(v), *to = as_vec(spare);
	uint32_t n = from->n;

	for (uint32_t lo = 0; lo < n; lo += 8)
		if (!insertion(s, from, lo, lo + 8 < n ? lo + 8 : n))
			return false;
	for (uint32_t width = 8; width < n; width *= 2) {
		struct vector_obj *t = from;

		for (uint32_t lo = 0; lo < n; lo += 2 * width) {
			uint32_t mid = lo + width < n ? lo + width : n;
			uint32_t hi = lo + 2 * width < n ? lo + 2 * width : n;

			if (!merge(s, from, to, lo, mid, hi))
				return false;
		}
		from = to;
		to = t;
	}
	if (from != as_vec(v))
		memcpy(as_vec(v)->at, from->at, n * sizeof(value));
	return true;
}

/* (sort sequence predicate [:key f]) */
FN(fn_sort)
{
	struct sort s = {.l = l, .predicate = a.at[1], .key = fn_key(a, 2, "key", NIL)};
	value v, spare, x = NIL, seq = a.at[0];
	struct seq_iter it;
	uint32_t n, mark, i = 0;
	bool ok;

	if (!is_sequence(seq))
		return fn_wrong(l, a, 0, "a sequence");
	if (is_symbol(s.predicate) && s.predicate != NIL)
		s.predicate = as_symbol(s.predicate)->function;
	if (is_object(s.predicate, OBJ_BUILTIN)) {
		const char *name = OBJ(builtin, s.predicate)->name;

		s.sign = !strcmp(name, "<") ? 1 : !strcmp(name, ">") ? -1 : 0;
	}
	n = sequence_length(seq);
	v = make_vector(l, NULL, n);
	spare = make_vector(l, NULL, n);
	if (v == NIL || spare == NIL)
		return lisp_raise(l, l->s_storage_condition, a.call, "too long to sort");
	for (it = seq_start(seq); i < n && seq_next(&it, &x); )
		as_vec(v)->at[i++] = x;
	mark = lisp_root(l, v);
	lisp_root(l, spare);
	ok = sort_vector(&s, v, spare);
	lisp_unroot(l, mark);
	if (!ok)
		return false;
	*out = seq;
	i = 0;
	if (is_string(seq)) {
		value list = NIL;

		for (i = n; i-- > 0; )
			list = fast_cons(l, as_vec(v)->at[i], list);
		return seq_from_list(l, list, seq, a.call, out);
	}
	for (; is_vector(seq) && i < n && i < as_vec(seq)->n; i++)
		as_vec(seq)->at[i] = as_vec(v)->at[i];
	for (value p = seq; is_cons(p) && i < n; p = cdr(p))
		as_cons(p)->car = as_vec(v)->at[i++];
	return true;
}

static value
as_list(struct lisp *l, value seq)
{
	value list = NIL, tail = NIL, v;

	for (struct seq_iter it = seq_start(seq); seq_next(&it, &v); )
		fn_append(l, &list, &tail, v);
	return list;
}

/* (merge type a b predicate [:key f]) */
FN(fn_merge)
{
	struct sort s = {.l = l, .predicate = a.at[3], .key = fn_key(a, 4, "key", NIL)};
	value x, y, like, tail = NIL;
	uint32_t mark;
	bool yes;

	if (!seq_prototype(l, a, 0, &like))
		return false;
	if (!is_sequence(a.at[1]) || !is_sequence(a.at[2]))
		return fn_wrong(l, a, is_sequence(a.at[1]) ? 2 : 1, "a sequence");
	x = as_list(l, a.at[1]);
	y = as_list(l, a.at[2]);
	mark = lisp_root(l, x);
	lisp_root(l, y);
	lisp_root(l, like);
	*out = NIL;
	while (is_cons(x) || is_cons(y)) {
		yes = !is_cons(x);
		if (!yes && is_cons(y) && !before(&s, car(x), car(y), &yes))
			return false;
		fn_append(l, out, &tail, car(yes ? y : x));
		if (yes)
			y = cdr(y);
		else
			x = cdr(x);
	}
	lisp_unroot(l, mark);
	return seq_from_list(l, *out, like, a.call, out);
}

static const struct fn_row rows[] = {
	{"sort", 2, 4, fn_sort, 0, "(sort sequence predicate [:key f]): in place, stable"},
	{"stable-sort", 2, 4, fn_sort, 0, NULL}, {"merge", 4, 6, fn_merge, 0, NULL},
};

void
fn_sort_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
