/* SPDX-License-Identifier: MIT */
/* fn_map.c: mapcar and family, every and some, reduce. */
#include "lang/fn.h"

enum map_kind { MAP_CAR, MAP_C, MAP_CAN, MAP_LIST, MAP_L, MAP_CON };

enum { MAX_LISTS = 16 };

/* mapcar mapc mapcan maplist mapl mapcon over any number of lists */
FN(fn_map)
{
	enum map_kind kind = (enum map_kind)(uintptr_t)ud;
	value lists[MAX_LISTS], args[MAX_LISTS], tail = NIL, r;
	uint32_t n = a.n - 1;

	if (n > MAX_LISTS)
		return lisp_error(l, a.call, "more than %d lists", MAX_LISTS);
	for (uint32_t i = 0; i < n; i++) {
		lists[i] = a.at[i + 1];
		if (lists[i] != NIL && !is_cons(lists[i]))
			return fn_wrong(l, a, i + 1, "a list");
	}
	*out = kind == MAP_C || kind == MAP_L ? a.at[1] : NIL;
	for (;;) {
		for (uint32_t i = 0; i < n; i++) {
			if (!is_cons(lists[i]))
				return true;
			args[i] = kind >= MAP_LIST ? lists[i] : car(lists[i]);
			lists[i] = cdr(lists[i]);
		}
		if (n == 1 ? !fn_call1(l, a.at[0], args[0], &r) :
		    !lisp_apply(l, a.at[0], args, n, &r))
			return false;
		if (kind == MAP_CAR || kind == MAP_LIST) {
			fn_append(l, out, &tail, r);
		} else if ((kind == MAP_CAN || kind == MAP_CON) && r != NIL) {
			if (tail == NIL)
				*out = r;
			else
				as_cons(tail)->cdr = r;
			for (tail = r; is_cons(cdr(tail)); )
				tail = cdr(tail);
		}
	}
}

/* every some notany notevery: bit 0 the truth that stops, bit 1 the result is negated */
FN(fn_every)
{
	uintptr_t how = (uintptr_t)ud;
	bool stop = how & 1, negate = how & 2;
	struct seq_iter it[MAX_LISTS];
	value args[MAX_LISTS], r;
	uint32_t n = a.n - 1;

	if (n > MAX_LISTS)
		return lisp_error(l, a.call, "more than %d sequences", MAX_LISTS);
	for (uint32_t i = 0; i < n; i++) {
		if (!is_sequence(a.at[i + 1]))
			return fn_wrong(l, a, i + 1, "a sequence");
		it[i] = seq_start(a.at[i + 1]);
	}
	for (;;) {
		for (uint32_t i = 0; i < n; i++)
			if (!seq_next(&it[i], &args[i])) {
				*out = make_bool(!stop != negate);
				return true;
			}
		if (n == 1 ? !fn_call1(l, a.at[0], args[0], &r) :
		    !lisp_apply(l, a.at[0], args, n, &r))
			return false;
		if ((r != NIL) == stop) {
			*out = stop && !negate ? r : make_bool(stop != negate);
			return true;
		}
	}
}

/* (map type function sequence...) */
FN(fn_map_to)
{
	struct seq_iter it[MAX_LISTS];
	value args[MAX_LISTS], r, tail = NIL, type = a.at[0], like = NIL;
	uint32_t n = a.n - 2;

	if (n > MAX_LISTS)
		return lisp_error(l, a.call, "more than %d sequences", MAX_LISTS);
	for (uint32_t i = 0; i < n; i++) {
		if (!is_sequence(a.at[i + 2]))
			return fn_wrong(l, a, i + 2, "a sequence");
		it[i] = seq_start(a.at[i + 2]);
	}
	*out = NIL;
	for (;;) {
		for (uint32_t i = 0; i < n; i++)
			if (!seq_next(&it[i], &args[i]))
				goto done;
		if (!lisp_apply(l, a.at[1], args, n, &r))
			return false;
		if (type != NIL)
			fn_append(l, out, &tail, r);
	}
done:
	if (is_cons(type))
		type = car(type);
	if (is_symbol(type) && str_is(as_symbol(type)->name, "string"))
		like = make_string(l, STR(""));
	else if (is_symbol(type) && (str_is(as_symbol(type)->name, "vector") ||
				     str_starts(as_symbol(type)->name, "simple-")))
		like = make_vector(l, NULL, 0);
	return seq_from_list(l, *out, like, a.call, out);
}

/* (map-into sequence function sequence...): vectors and lists */
FN(fn_map_into)
{
	struct seq_iter it[MAX_LISTS];
	value args[MAX_LISTS], r, cell = a.at[0];
	uint32_t n = a.n - 2;

	if (n > MAX_LISTS || (!is_cons(cell) && !is_vector(cell)))
		return fn_wrong(l, a, 0, "a list or vector");
	for (uint32_t i = 0; i < n; i++)
		it[i] = seq_start(a.at[i + 2]);
	*out = a.at[0];
	for (uint32_t at = 0; is_cons(cell) || (is_vector(a.at[0]) && at < as_vec(a.at[0])->n);
	     at++) {
		for (uint32_t i = 0; i < n; i++)
			if (!seq_next(&it[i], &args[i]))
				return true;
		if (!lisp_apply(l, a.at[1], args, n, &r))
			return false;
		if (is_cons(cell)) {
			as_cons(cell)->car = r;
			cell = cdr(cell);
		} else if (at < as_vec(a.at[0])->n) {
			as_vec(a.at[0])->at[at] = r;
		}
	}
	return true;
}

/* (reduce f sequence [:initial-value x] [:key f] [:from-end t] [:start i] [:end j]) */
FN(fn_reduce)
{
	struct test_opts o;
	value init = fn_key(a, 2, "initial-value", UNBOUND), v, list = NIL;
	bool back = fn_key(a, 2, "from-end", NIL) != NIL, first = init == UNBOUND;
	value start = fn_key(a, 2, "start", make_fixnum(0)), end = fn_key(a, 2, "end", NIL);
	struct seq_iter it;
	uint32_t mark, i = 0;
	bool ok = true;

	if (!fn_test_opts(l, a, 2, &o))
		return false;
	if (!is_sequence(a.at[1]))
		return fn_wrong(l, a, 1, "a sequence");
	it = seq_start(a.at[1]);
	if (back) {
		while (seq_next(&it, &v))
			list = fast_cons(l, v, list);
		it = seq_start(list);
	}
	mark = lisp_root(l, list);
	*out = first ? NIL : init;
	for (; ok && seq_next(&it, &v); i++) {
		if (!back && (i < (uint32_t)fixnum(start) ||
			      (end != NIL && i >= (uint32_t)fixnum(end))))
			continue;
		ok = fn_apply_key(l, &o, v, &v);
		if (!ok)
			break;
		if (first)
			*out = v;
		else
			ok = back ? fn_call2(l, a.at[0], v, *out, &v) :
			     fn_call2(l, a.at[0], *out, v, &v);
		if (ok)
			*out = v;
		first = false;
	}
	lisp_unroot(l, mark);
	if (ok && first)
		return lisp_apply(l, a.at[0], NULL, 0, out);
	return ok;
}

static const struct fn_row rows[] = {
	{"mapcar", 2, -1, fn_map, MAP_CAR, "(mapcar f list...): the results, as a list"},
	{"mapc", 2, -1, fn_map, MAP_C, "(mapc f list...): for effect"},
	{"mapcan", 2, -1, fn_map, MAP_CAN, "(mapcan f list...): the results, joined"},
	{"maplist", 2, -1, fn_map, MAP_LIST, NULL}, {"mapl", 2, -1, fn_map, MAP_L, NULL},
	{"mapcon", 2, -1, fn_map, MAP_CON, NULL},
	{"every", 2, -1, fn_every, 0, "(every f sequence...)"},
	{"some", 2, -1, fn_every, 1, "(some f sequence...): the first true result"},
	{"notany", 2, -1, fn_every, 3, NULL}, {"notevery", 2, -1, fn_every, 2, NULL},
	{"map", 3, -1, fn_map_to, 0, "(map type f sequence...)"},
	{"map-into", 3, -1, fn_map_into, 0, NULL},
	{"reduce", 2, -1, fn_reduce, 0, "(reduce f sequence [:initial-value x] [:key f])"},
};

void
fn_map_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
