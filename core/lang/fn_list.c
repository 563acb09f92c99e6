/* SPDX-License-Identifier: MIT */
/* fn_list.c: lists, association lists, property lists and lists as sets. */
#include "lang/fn.h"

static bool
is_list(value v)
{
	return v == NIL || is_cons(v);
}

static value
list_from(struct lisp *l, const value *at, uint32_t n, value tail)
{
	while (n-- > 0)
		tail = fast_cons(l, at[n], tail);
	return tail;
}

FN(fn_cons)
{
	*out = cons(l, a.at[0], a.at[1]);
	return true;
}

FN(fn_list)
{
	*out = list_from(l, a.at, a.n, NIL);
	return true;
}

FN(fn_list_star)
{
	*out = list_from(l, a.at, a.n - 1, a.at[a.n - 1]);
	return true;
}

/* car, cdr and their compositions: ud is the path, two bits a step from the right: 1 car,
 * 2 cdr. */
FN(fn_cxr)
{
	value v = a.at[0];

	for (uintptr_t path = (uintptr_t)ud; path; path >>= 2) {
		if (!is_list(v))
			return lisp_raise_value(l, l->s_type_error, a.call, v, "is not a list");
		v = (path & 3) == 1 ? car(v) : cdr(v);
	}
	*out = v;
	return true;
}

static bool
nth_cell(struct lisp *l, struct lisp_args a, value list, uint32_t n, value *out)
{
	while (n-- > 0 && is_cons(list))
		list = cdr(list);
	if (!is_list(list))
		return lisp_raise_value(l, l->s_type_error, a.call, list, "is not a list");
	*out = list;
	return true;
}

FN(fn_nthcdr)
{
	uint32_t n;

	return fn_count(l, a, 0, 0, &n) && nth_cell(l, a, a.at[1], n, out);
}

FN(fn_nth)
{
	uint32_t n;

	if (!fn_count(l, a, 0, 0, &n) || !nth_cell(l, a, a.at[1], n, out))
		return false;
	*out = car(*out);
	return true;
}

/* first ... tenth: ud is the index */
FN(fn_ordinal)
{
	if (!nth_cell(l, a, a.at[0], (uint32_t)(uintptr_t)ud, out))
		return false;
	*out = car(*out);
	return true;
}

/* (setf car) and the like: ud as for nth, or -1 for cdr */
FN(fn_set_ordinal)
{
	value cell;

	if ((intptr_t)ud < 0)
		cell = a.at[1];
	else if (!nth_cell(l, a, a.at[1], (uint32_t)(uintptr_t)ud, &cell))
		return false;
	if (!is_cons(cell))
		return fn_wrong(l, a, 1, "a list that long");
	if ((intptr_t)ud < 0)
		as_cons(cell)->cdr = a.at[0];
	else
		as_cons(cell)->car = a.at[0];
	*out = a.at[0];
	return true;
}

/* (setf cadr) and the like: ud is the path of the cons, then 1 or 2 in bits 8.. */
FN(fn_set_cxr)
{
	value cell = a.at[1];

	for (uintptr_t path = (uintptr_t)ud & 0xff; path; path >>= 2)
		cell = (path & 3) == 1 ? car(cell) : cdr(cell);
	if (!is_cons(cell))
		return fn_wrong(l, a, 1, "a list that long");
	if ((uintptr_t)ud >> 8 == 1)
		as_cons(cell)->car = a.at[0];
	else
		as_cons(cell)->cdr = a.at[0];
	*out = a.at[0];
	return true;
}

FN(fn_set_nth)
{
	uint32_t n;
	value cell;

	if (!fn_count(l, a, 1, 0, &n) || !nth_cell(l, a, a.at[2], n, &cell))
		return false;
	if (!is_cons(cell))
		return fn_wrong(l, a, 2, "a list that long");
	as_cons(cell)->car = *out = a.at[0];
	return true;
}

FN(fn_rplaca)
{
	if (!is_cons(a.at[0]))
		return fn_wrong(l, a, 0, "a cons");
	if (ud)
		as_cons(a.at[0])->cdr = a.at[1];
	else
		as_cons(a.at[0])->car = a.at[1];
	*out = a.at[0];
	return true;
}

FN(fn_last)
{
	uint32_t n;
	value lead = a.at[0], v = a.at[0];

	if (!fn_count(l, a, 1, 1, &n))
		return false;
	for (uint32_t i = 0; i < n && is_cons(lead); i++)
		lead = cdr(lead);
	for (; is_cons(lead); lead = cdr(lead))
		v = cdr(v);
	*out = v;
	return true;
}

FN(fn_butlast)
{
	uint32_t n;
	int len = list_length(a.at[0]);
	value tail = NIL, v = a.at[0];

	if (!fn_count(l, a, 1, 1, &n))
		return false;
	if (len < 0)
		return fn_wrong(l, a, 0, "a proper list");
	*out = NIL;
	for (int i = 0; i + (int)n < len; i++, v = cdr(v))
		fn_append(l, out, &tail, car(v));
	return true;
}

FN(fn_append_lists)
{
	value tail = NIL;

	*out = NIL;
	for (uint32_t i = 0; i + 1 < a.n; i++) {
		value v = a.at[i];

		for (; is_cons(v); v = cdr(v))
			fn_append(l, out, &tail, car(v));
		if (v != NIL)
			return fn_wrong(l, a, i, "a proper list");
	}
	if (a.n == 0)
		return true;
	if (tail == NIL)
		*out = a.at[a.n - 1];
	else
		as_cons(tail)->cdr = a.at[a.n - 1];
	return true;
}

FN(fn_nconc)
{
	value last = NIL;

	*out = NIL;
	for (uint32_t i = 0; i < a.n; i++) {
		if (a.at[i] == NIL)
			continue;
		if (last == NIL)
			*out = a.at[i];
		else
			as_cons(last)->cdr = a.at[i];
		for (value v = a.at[i]; is_cons(v); v = cdr(v))
			last = v;
	}
	return true;
}

FN(fn_copy_list)
{
	value tail = NIL, v = a.at[0];

	*out = NIL;
	for (; is_cons(v); v = cdr(v))
		fn_append(l, out, &tail, car(v));
	if (tail != NIL)
		as_cons(tail)->cdr = v;
	return true;
}

static value
copy_tree(struct lisp *l, value v, int depth)
{
	value head = NIL, tail = NIL;

	if (!is_cons(v) || depth > 2000)
		return v;
	for (; is_cons(v); v = cdr(v))
		fn_append(l, &head, &tail, copy_tree(l, car(v), depth + 1));
	as_cons(tail)->cdr = v;
	return head;
}

FN(fn_copy_tree)
{
	*out = copy_tree(l, a.at[0], 0);
	return true;
}

FN(fn_make_list)
{
	uint32_t n;
	value init = fn_key(a, 1, "initial-element", NIL);

	if (!fn_count(l, a, 0, 0, &n))
		return false;
	if (n > l->heap.limit / 32)
		return lisp_raise(l, l->s_storage_condition, a.call, "a list of %u is too long",
				  n);
	*out = NIL;
	while (n-- > 0)
		*out = fast_cons(l, init, *out);
	return true;
}

FN(fn_list_length)
{
	int n = list_length(a.at[0]);

	*out = n < 0 ? NIL : make_fixnum(n);
	return true;
}

/* ---- association and property lists ------------------------------------------------- */

/* assoc, rassoc (ud 1); -if variants take a predicate (ud & 2, & 4 negated) */
FN(fn_assoc)
{
	struct test_opts o;
	uintptr_t how = (uintptr_t)ud;

	if (!fn_test_opts(l, a, 2, &o))
		return false;
	*out = NIL;
	for (value v = a.at[1]; is_cons(v); v = cdr(v)) {
		value e = car(v), k, r;
		bool yes;

		if (!is_cons(e))
			continue;
		k = how & 1 ? cdr(e) : car(e);
		if (how & 2) {
			if (!fn_apply_key(l, &o, k, &k) || !fn_call1(l, a.at[0], k, &r))
				return false;
			yes = (r != NIL) != ((how & 4) != 0);
		} else if (!fn_matches(l, &o, a.at[0], k, &yes)) {
			return false;
		}
		if (yes) {
			*out = e;
			return true;
		}
	}
	return true;
}

/* member; ud as for assoc */
FN(fn_member)
{
	struct test_opts o;
	uintptr_t how = (uintptr_t)ud;

	if (!fn_test_opts(l, a, 2, &o))
		return false;
	*out = NIL;
	for (value v = a.at[1]; is_cons(v); v = cdr(v)) {
		value k = car(v), r;
		bool yes;

		if (how & 2) {
			if (!fn_apply_key(l, &o, k, &k) || !fn_call1(l, a.at[0], k, &r))
				return false;
			yes = (r != NIL) != ((how & 4) != 0);
		} else if (!fn_matches(l, &o, a.at[0], k, &yes)) {
			return false;
		}
		if (yes) {
			*out = v;
			return true;
		}
	}
	return true;
}

FN(fn_getf)
{
	*out = a.n > 2 ? a.at[2] : NIL;
	for (value v = a.at[0]; is_cons(v); v = cdr(cdr(v)))
		if (car(v) == a.at[1]) {
			*out = car(cdr(v));
			break;
		}
	return true;
}

/* (%put-property plist key value): the new list */
FN(fn_put_property)
{
	for (value v = a.at[0]; is_cons(v); v = cdr(cdr(v)))
		if (car(v) == a.at[1] && is_cons(cdr(v))) {
			as_cons(cdr(v))->car = a.at[2];
			*out = a.at[0];
			return true;
		}
	*out = cons(l, a.at[1], cons(l, a.at[2], a.at[0]));
	return true;
}

FN(fn_acons)
{
	*out = cons(l, cons(l, a.at[0], a.at[1]), a.at[2]);
	return true;
}

FN(fn_pairlis)
{
	value tail = NIL, y = a.at[1];

	*out = NIL;
	for (value x = a.at[0]; is_cons(x) && is_cons(y); x = cdr(x), y = cdr(y))
		fn_append(l, out, &tail, cons(l, car(x), car(y)));
	if (a.n > 2 && tail != NIL)
		as_cons(tail)->cdr = a.at[2];
	else if (a.n > 2)
		*out = a.at[2];
	return true;
}

/* ---- sets --------------------------------------------------------------------------- */

static bool
is_member(struct lisp *l, const struct test_opts *o, value item, value list, bool *yes)
{
	*yes = false;
	if (!fn_apply_key(l, o, item, &item))
		return false;
	for (value v = list; is_cons(v) && !*yes; v = cdr(v))
		if (!fn_matches(l, o, item, car(v), yes))
			return false;
	return true;
}

FN(fn_adjoin)
{
	struct test_opts o;
	bool yes;

	if (!fn_test_opts(l, a, 2, &o) || !is_member(l, &o, a.at[0], a.at[1], &yes))
		return false;
	*out = yes ? a.at[1] : cons(l, a.at[0], a.at[1]);
	return true;
}

enum set_op { SET_UNION, SET_INTERSECTION, SET_DIFFERENCE, SET_SUBSET, SET_XOR };

FN(fn_set)
{
	enum set_op op = (enum set_op)(uintptr_t)ud;
	struct test_opts o;
	value tail = NIL;
	bool yes;

	if (!fn_test_opts(l, a, 2, &o))
		return false;
	*out = op == SET_SUBSET ? T : NIL;
	for (value v = a.at[0]; is_cons(v); v = cdr(v)) {
		if (op == SET_UNION) {
			fn_append(l, out, &tail, car(v));
			continue;
		}
		if (!is_member(l, &o, car(v), a.at[1], &yes))
			return false;
		if (op == SET_SUBSET && !yes) {
			*out = NIL;
			return true;
		}
		if (op != SET_SUBSET && yes == (op == SET_INTERSECTION))
			fn_append(l, out, &tail, car(v));
	}
	for (value v = a.at[1]; is_cons(v) && (op == SET_UNION || op == SET_XOR); v = cdr(v)) {
		if (!is_member(l, &o, car(v), a.at[0], &yes))
			return false;
		if (!yes)
			fn_append(l, out, &tail, car(v));
	}
	return true;
}

/* (subst new old tree) */
static bool
subst(struct lisp *l, const struct test_opts *o, struct lisp_args a, value v, int depth,
      value *out)
{
	bool yes;
	value x, y;

	if (depth > 2000) {
		*out = v;
		return true;
	}
	if (!fn_matches(l, o, a.at[1], v, &yes))
		return false;
	if (yes) {
		*out = a.at[0];
		return true;
	}
	*out = v;
	if (!is_cons(v))
		return true;
	l->gc_off++;		/* partial results are held here only */
	yes = subst(l, o, a, car(v), depth + 1, &x) && subst(l, o, a, cdr(v), depth + 1, &y);
	l->gc_off--;
	if (yes && (x != car(v) || y != cdr(v)))
		*out = cons(l, x, y);
	return yes;
}

FN(fn_subst)
{
	struct test_opts o;

	return fn_test_opts(l, a, 3, &o) && subst(l, &o, a, a.at[2], 0, out);
}

/* ---- what destructuring code calls -------------------------------------------------- */

static bool
blame(struct lisp *l, value who, span at, const char *what)
{
	struct arena ar;
	str s;

	arena_init(&ar);
	s = lisp_print(l, &ar, who, false);
	lisp_raise(l, l->s_lambda_list_error, at, "%s: %.*s", what, s.n > 200 ? 200 : (int)s.n, s.p);
	arena_free(&ar);
	return false;
}

/* (%required list i who) */
FN(fn_required)
{
	value v = a.at[0];

	for (int64_t i = fixnum(a.at[1]); i > 0 && is_cons(v); i--)
		v = cdr(v);
	if (!is_cons(v))
		return blame(l, a.at[2], a.call, "too few arguments for");
	*out = car(v);
	return true;
}

/* (%no-more list i who) */
FN(fn_no_more)
{
	value v = a.at[0];

	for (int64_t i = fixnum(a.at[1]); i > 0 && is_cons(v); i--)
		v = cdr(v);
	if (v != NIL)
		return blame(l, a.at[2], a.call, "too many arguments for");
	*out = NIL;
	return true;
}

/* (%key-tail plist key): the part of the list whose car is the value */
FN(fn_key_tail)
{
	*out = NIL;
	for (value v = a.at[0]; is_cons(v); v = cdr(cdr(v)))
		if (car(v) == a.at[1]) {
			*out = cdr(v);
			break;
		}
	return true;
}

/* (%check-keys plist keys who) */
FN(fn_check_keys)
{
	value allow = NIL;

	*out = NIL;
	for (value v = a.at[0]; is_cons(v); v = cdr(cdr(v)))
		if (is_keyword(car(v)) &&
		    str_is(as_symbol(car(v))->name, "allow-other-keys"))
			allow = car(cdr(v));
	for (value v = a.at[0]; is_cons(v) && allow == NIL; v = cdr(cdr(v))) {
		value k = a.at[1];

		if (!is_cons(cdr(v)))
			return blame(l, a.at[2], a.call, "a keyword without a value for");
		while (is_cons(k) && car(k) != car(v))
			k = cdr(k);
		if (k == NIL)
			return blame(l, a.at[2], a.call, "an unknown keyword for");
	}
	return true;
}

static const struct fn_row rows[] = {
	{"cons", 2, 2, fn_cons, 0, "(cons a b): a pair"},
	{"list", 0, -1, fn_list, 0, "(list x...): a list of the arguments"},
	{"list*", 1, -1, fn_list_star, 0, "(list* x... tail)"},
	{"car", 1, 1, fn_cxr, 1, "(car list): its first element"},
	{"cdr", 1, 1, fn_cxr, 2, "(cdr list): all but its first element"},
	{"caar", 1, 1, fn_cxr, 1 | 1 << 2, NULL}, {"cadr", 1, 1, fn_cxr, 2 | 1 << 2, NULL},
	{"cdar", 1, 1, fn_cxr, 1 | 2 << 2, NULL}, {"cddr", 1, 1, fn_cxr, 2 | 2 << 2, NULL},
	{"caaar", 1, 1, fn_cxr, 1 | 1 << 2 | 1 << 4, NULL},
	{"caadr", 1, 1, fn_cxr, 2 | 1 << 2 | 1 << 4, NULL},
	{"cadar", 1, 1, fn_cxr, 1 | 2 << 2 | 1 << 4, NULL},
	{"caddr", 1, 1, fn_cxr, 2 | 2 << 2 | 1 << 4, NULL},
	{"cdaar", 1, 1, fn_cxr, 1 | 1 << 2 | 2 << 4, NULL},
	{"cdadr", 1, 1, fn_cxr, 2 | 1 << 2 | 2 << 4, NULL},
	{"cddar", 1, 1, fn_cxr, 1 | 2 << 2 | 2 << 4, NULL},
	{"cdddr", 1, 1, fn_cxr, 2 | 2 << 2 | 2 << 4, NULL},
	{"cadddr", 1, 1, fn_cxr, 2 | 2 << 2 | 2 << 4 | 1 << 6, NULL},
	{"cddddr", 1, 1, fn_cxr, 2 | 2 << 2 | 2 << 4 | 2 << 6, NULL},
	{"rest", 1, 1, fn_cxr, 2, "(rest list): all but its first element"},
	{"nth", 2, 2, fn_nth, 0, "(nth i list): element i, from 0"},
	{"nthcdr", 2, 2, fn_nthcdr, 0, "(nthcdr n list): the list without its first n"},
	{"first", 1, 1, fn_ordinal, 0, NULL}, {"second", 1, 1, fn_ordinal, 1, NULL},
	{"third", 1, 1, fn_ordinal, 2, NULL}, {"fourth", 1, 1, fn_ordinal, 3, NULL},
	{"fifth", 1, 1, fn_ordinal, 4, NULL}, {"sixth", 1, 1, fn_ordinal, 5, NULL},
	{"seventh", 1, 1, fn_ordinal, 6, NULL}, {"eighth", 1, 1, fn_ordinal, 7, NULL},
	{"ninth", 1, 1, fn_ordinal, 8, NULL}, {"tenth", 1, 1, fn_ordinal, 9, NULL},
	{"(setf car)", 2, 2, fn_set_ordinal, 0, NULL},
	{"(setf first)", 2, 2, fn_set_ordinal, 0, NULL},
	{"(setf second)", 2, 2, fn_set_ordinal, 1, NULL},
	{"(setf third)", 2, 2, fn_set_ordinal, 2, NULL},
	{"(setf fourth)", 2, 2, fn_set_ordinal, 3, NULL},
	{"(setf fifth)", 2, 2, fn_set_ordinal, 4, NULL},
	{"(setf cdr)", 2, 2, fn_set_ordinal, -1, NULL},
	{"(setf rest)", 2, 2, fn_set_ordinal, -1, NULL},
	{"(setf cadr)", 2, 2, fn_set_ordinal, 1, NULL},
	{"(setf caddr)", 2, 2, fn_set_ordinal, 2, NULL},
	{"(setf caar)", 2, 2, fn_set_cxr, 1 | 1 << 8, NULL},
	{"(setf cdar)", 2, 2, fn_set_cxr, 1 | 2 << 8, NULL},
	{"(setf cddr)", 2, 2, fn_set_cxr, 2 | 2 << 8, NULL},
	{"(setf nth)", 3, 3, fn_set_nth, 0, NULL},
	{"rplaca", 2, 2, fn_rplaca, 0, NULL}, {"rplacd", 2, 2, fn_rplaca, 1, NULL},
	{"last", 1, 2, fn_last, 0, "(last list [n]): its last n conses"},
	{"butlast", 1, 2, fn_butlast, 0, "(butlast list [n]): without its last n"},
	{"nbutlast", 1, 2, fn_butlast, 0, NULL},
	{"append", 0, -1, fn_append_lists, 0, "(append list...): one list of all elements"},
	{"nconc", 0, -1, fn_nconc, 0, "(nconc list...): append, changing its arguments"},
	{"copy-list", 1, 1, fn_copy_list, 0, NULL}, {"copy-alist", 1, 1, fn_copy_tree, 0, NULL},
	{"copy-tree", 1, 1, fn_copy_tree, 0, NULL},
	{"make-list", 1, 3, fn_make_list, 0, "(make-list n [:initial-element x])"},
	{"list-length", 1, 1, fn_list_length, 0, NULL},
	{"assoc", 2, -1, fn_assoc, 0, "(assoc key alist [:test f] [:key f]): its pair"},
	{"rassoc", 2, -1, fn_assoc, 1, NULL}, {"assoc-if", 2, -1, fn_assoc, 2, NULL},
	{"rassoc-if", 2, -1, fn_assoc, 3, NULL}, {"assoc-if-not", 2, -1, fn_assoc, 6, NULL},
	{"member", 2, -1, fn_member, 0, "(member x list [:test f] [:key f]): the tail from x"},
	{"member-if", 2, -1, fn_member, 2, NULL}, {"member-if-not", 2, -1, fn_member, 6, NULL},
	{"getf", 2, 3, fn_getf, 0, "(getf plist key [default])"},
	{"%put-property", 3, 3, fn_put_property, 0, NULL},
	{"acons", 3, 3, fn_acons, 0, NULL}, {"pairlis", 2, 3, fn_pairlis, 0, NULL},
	{"adjoin", 2, -1, fn_adjoin, 0, NULL},
	{"union", 2, -1, fn_set, SET_UNION, NULL}, {"nunion", 2, -1, fn_set, SET_UNION, NULL},
	{"intersection", 2, -1, fn_set, SET_INTERSECTION, NULL},
	{"set-difference", 2, -1, fn_set, SET_DIFFERENCE, NULL},
	{"set-exclusive-or", 2, -1, fn_set, SET_XOR, NULL},
	{"subsetp", 2, -1, fn_set, SET_SUBSET, NULL},
	{"subst", 3, -1, fn_subst, 0, "(subst new old tree)"},
	{"%required", 3, 3, fn_required, 0, NULL}, {"%no-more", 3, 3, fn_no_more, 0, NULL},
	{"%key-tail", 2, 2, fn_key_tail, 0, NULL}, {"%check-keys", 3, 3, fn_check_keys, 0, NULL},
};

void
fn_list_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
