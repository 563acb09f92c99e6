/* SPDX-License-Identifier: MIT */
/* fn_seq.c: what lists, vectors and strings have in common. */
#include "lang/fn.h"

#include "base/utf8.h"

#include <stdio.h>

bool
is_sequence(value v)
{
	return v == NIL || is_cons(v) || is_string(v) || is_vector(v);
}

static uint32_t
string_length(const struct string_obj *s)
{
	uint32_t n = 0;

	if (!(s->header & FLAG_WIDE))
		return s->n;
	for (uint32_t i = 0; i < s->n; n++) {
		unsigned len = utf8_len(s->p + i, s->n - i);

		i += len ? len : 1;
	}
	return n;
}

uint32_t
sequence_length(value v)
{
	if (is_string(v))
		return string_length(as_str_obj(v));
	if (is_vector(v))
		return as_vec(v)->n;
	return (uint32_t)(list_length(v) < 0 ? 0 : list_length(v));
}

struct seq_iter
seq_start(value v)
{
	return (struct seq_iter){v, v, 0};
}

bool
seq_next(struct seq_iter *it, value *out)
{
	if (is_cons(it->list)) {
		*out = car(it->list);
		it->list = cdr(it->list);
		return true;
	}
	if (is_vector(it->seq)) {
		if (it->i >= as_vec(it->seq)->n)
			return false;
		*out = as_vec(it->seq)->at[it->i++];
		return true;
	}
	if (is_string(it->seq)) {
		const struct string_obj *s = as_str_obj(it->seq);
		unsigned len;

		if (it->i >= s->n)
			return false;
		len = utf8_len(s->p + it->i, s->n - it->i);
		*out = make_char(len ? utf8_decode(s->p + it->i, len) :
				 (unsigned char)s->p[it->i]);
		it->i += len ? len : 1;
		return true;
	}
	return false;
}

bool
seq_from_list(struct lisp *l, value list, value like, span at, value *out)
{
	if (is_string(like)) {
		value s = make_string(l, STR(""));

		for (; is_cons(list); list = cdr(list)) {
			char text[4];
			uint32_t cp;

			if (!is_char(car(list)))
				return lisp_raise_value(l, l->s_type_error, at, car(list),
							"is not a character");
			cp = char_code(car(list));
			if (!string_append(l, s, (str){text, utf8_encode(cp, text)}))
				return lisp_raise(l, l->s_storage_condition, at,
						  "the string is too long");
		}
		*out = s;
	} else if (is_vector(like)) {
		uint32_t i = 0;
		value v = make_vector(l, NULL, (uint32_t)list_length(list));

		if (v == NIL)
			return lisp_raise(l, l->s_storage_condition, at,
					  "the vector is too long");
		for (; is_cons(list); list = cdr(list))
			as_vec(v)->at[i++] = car(list);
		*out = v;
	} else {
		*out = list;
	}
	return true;
}

/* ---- access ------------------------------------------------------------------------- */

/* Byte offset of character i; false past the end. */
static bool
char_offset(const struct string_obj *s, uint32_t i, uint32_t *at)
{
	uint32_t p = 0;

	if (!(s->header & FLAG_WIDE)) {
		*at = i;
		return i < s->n;
	}
	for (; i > 0 && p < s->n; i--) {
		unsigned len = utf8_len(s->p + p, s->n - p);

		p += len ? len : 1;
	}
	*at = p;
	return p < s->n;
}

static bool
out_of_range(struct lisp *l, value v, value index)
{
	char text[64];

	snprintf(text, sizeof text, "is no index of a sequence of %u elements",
		 sequence_length(v));
	return lisp_raise_value(l, l->s_type_error, vm_span(l), index, text);
}

bool
vm_aref(struct lisp *l, value v, value index, value *out)
{
	uint32_t i = (uint32_t)fixnum(index), at;

	if (!is_sequence(v) || v == NIL)
		return lisp_raise_value(l, l->s_type_error, vm_span(l), v,
					"is not a vector or string");
	if (!is_fixnum(index) || fixnum(index) < 0 || fixnum(index) > INT32_MAX)
		return out_of_range(l, v, index);
	if (is_vector(v)) {
		if (i >= as_vec(v)->n)
			return out_of_range(l, v, index);
		*out = as_vec(v)->at[i];
	} else if (is_string(v)) {
		const struct string_obj *s = as_str_obj(v);
		struct seq_iter it = {v, v, 0};

		if (!char_offset(s, i, &at))
			return out_of_range(l, v, index);
		it.i = at;
		seq_next(&it, out);
	} else {
		for (value p = v; ; p = cdr(p), i--) {
			if (!is_cons(p))
				return out_of_range(l, v, index);
			if (i == 0) {
				*out = car(p);
				break;
			}
		}
	}
	return true;
}

bool
vm_set_aref(struct lisp *l, value v, value index, value x)
{
	uint32_t i = (uint32_t)fixnum(index), at;

	if (!is_sequence(v) || v == NIL)
		return lisp_raise_value(l, l->s_type_error, vm_span(l), v,
					"is not a vector or string");
	if (!is_fixnum(index) || fixnum(index) < 0 || fixnum(index) > INT32_MAX)
		return out_of_range(l, v, index);
	if (is_vector(v)) {
		if (i >= as_vec(v)->n)
			return out_of_range(l, v, index);
		as_vec(v)->at[i] = x;
	} else if (is_string(v)) {
		struct string_obj *s = as_str_obj(v);
		char text[4];
		unsigned len;

		if (!is_char(x))
			return lisp_raise_value(l, l->s_type_error, vm_span(l), x,
						"is not a character");
		if (!char_offset(s, i, &at))
			return out_of_range(l, v, index);
		len = utf8_encode(char_code(x), text);
		if (len != 1 || s->p[at] & 0x80)
			return lisp_raise(l, l->s_type_error, vm_span(l),
					  "only ASCII characters of a string can be replaced");
		s->p[at] = text[0];
	} else {
		for (value p = v; ; p = cdr(p), i--) {
			if (!is_cons(p))
				return out_of_range(l, v, index);
			if (i == 0) {
				as_cons(p)->car = x;
				break;
			}
		}
	}
	return true;
}

FN(fn_aref)
{
	return vm_aref(l, a.at[0], a.at[1], out);
}

FN(fn_set_aref)
{
	*out = a.at[0];
	return vm_set_aref(l, a.at[1], a.at[2], a.at[0]);
}

FN(fn_length)
{
	if (!is_sequence(a.at[0]) || (is_cons(a.at[0]) && list_length(a.at[0]) < 0))
		return fn_wrong(l, a, 0, "a proper sequence");
	*out = make_fixnum(sequence_length(a.at[0]));
	return true;
}

/* ---- searching and removing --------------------------------------------------------- */

enum seq_op { SEQ_FIND, SEQ_POSITION, SEQ_COUNT, SEQ_REMOVE, SEQ_SUBSTITUTE };
/* added to the op: the first argument is a predicate, negated */
enum { SEQ_IF = 8, SEQ_NOT = 16 };

struct seq_search {
	enum seq_op op;
	bool pred, negate, from_end;
	struct test_opts o;
	uint32_t start, end, limit;
	value item, fresh, seq;
};

static bool
search_args(struct lisp *l, uintptr_t how, struct lisp_args a, struct seq_search *s)
{
	uint32_t first = (how & 7) == SEQ_SUBSTITUTE ? 1 : 0;
	value start, end, count;

	*s = (struct seq_search){.op = (enum seq_op)(how & 7), .pred = how & SEQ_IF,
				 .negate = how & SEQ_NOT};
	s->fresh = a.at[0];
	s->item = a.at[first];
	s->seq = a.at[first + 1];
	if (!fn_test_opts(l, a, first + 2, &s->o))
		return false;
	if (!is_sequence(s->seq))
		return fn_wrong(l, a, first + 1, "a sequence");
	start = fn_key(a, first + 2, "start", NIL);
	end = fn_key(a, first + 2, "end", NIL);
	count = fn_key(a, first + 2, "count", NIL);
	s->from_end = fn_key(a, first + 2, "from-end", NIL) != NIL;
	s->start = is_fixnum(start) ? (uint32_t)fixnum(start) : 0;
	s->end = is_fixnum(end) ? (uint32_t)fixnum(end) : UINT32_MAX;
	s->limit = is_fixnum(count) ? (fixnum(count) < 0 ? 0 : (uint32_t)fixnum(count)) :
		   UINT32_MAX;
	return true;
}

static bool
search_hit(struct lisp *l, struct seq_search *s, value v, uint32_t i, bool *yes)
{
	value r;

	*yes = false;
	if (i < s->start || i >= s->end || s->limit == 0)
		return true;
	if (s->pred) {
		if (!fn_apply_key(l, &s->o, v, &v) || !fn_call1(l, s->item, v, &r))
			return false;
		*yes = (r != NIL) != s->negate;
		return true;
	}
	return fn_matches(l, &s->o, s->item, v, yes);
}

/* find position count, with -if and -if-not */
FN(fn_find)
{
	struct seq_search s;
	struct seq_iter it;
	uint32_t i = 0, count = 0;
	value v;
	bool yes;

	if (!search_args(l, (uintptr_t)ud, a, &s))
		return false;
	*out = NIL;
	for (it = seq_start(s.seq); seq_next(&it, &v); i++) {
		if (!search_hit(l, &s, v, i, &yes))
			return false;
		if (!yes)
			continue;
		count++;
		*out = s.op == SEQ_FIND ? v : make_fixnum(i);
		if (s.op != SEQ_COUNT && !s.from_end)
			return true;
	}
	if (s.op == SEQ_COUNT)
		*out = make_fixnum(count);
	return true;
}

/* Of a limited number of hits from the end: how many at the front are none. */
static bool
last_hits(struct lisp *l, struct seq_search *s, uint32_t *skip)
{
	uint32_t limit = s->limit, hits = 0, i = 0;
	struct seq_iter it;
	bool yes;
	value v;

	s->limit = UINT32_MAX;
	for (it = seq_start(s->seq); seq_next(&it, &v); i++) {
		if (!search_hit(l, s, v, i, &yes))
			return false;
		hits += yes;
	}
	s->limit = limit;
	*skip = hits > limit ? hits - limit : 0;
	return true;
}

/* remove delete substitute, with -if and -if-not */
FN(fn_remove)
{
	struct seq_search s;
	struct seq_iter it;
	value v, tail = NIL;
	uint32_t i = 0, skip = 0;
	bool yes;

	if (!search_args(l, (uintptr_t)ud, a, &s))
		return false;
	*out = NIL;
	if (s.from_end && s.limit != UINT32_MAX && !last_hits(l, &s, &skip))
		return false;
	for (it = seq_start(s.seq); seq_next(&it, &v); i++) {
		if (!search_hit(l, &s, v, i, &yes))
			return false;
		if (yes && skip) {
			skip--;
			yes = false;
		}
		if (yes && s.limit != UINT32_MAX)
			s.limit--;
		if (!yes || s.op == SEQ_SUBSTITUTE)
			fn_append(l, out, &tail, yes ? s.fresh : v);
	}
	return seq_from_list(l, *out, s.seq, a.call, out);
}

FN(fn_remove_duplicates)
{
	struct test_opts o;
	value list = NIL, tail = NIL, v, kept = NIL;
	struct seq_iter it;
	uint32_t mark;
	bool first = fn_key(a, 1, "from-end", NIL) != NIL;	/* of equal ones the first stays */

	if (!is_sequence(a.at[0]))
		return fn_wrong(l, a, 0, "a sequence");
	if (!fn_test_opts(l, a, 1, &o))
		return false;
	for (it = seq_start(a.at[0]); seq_next(&it, &v); )
		fn_append(l, &list, &tail, v);
	mark = lisp_root(l, list);
	*out = tail = NIL;
	for (; is_cons(list); list = cdr(list)) {
		bool yes = false;

		kept = car(list);
		if (!fn_apply_key(l, &o, kept, &v))
			return false;
		for (value p = first ? *out : cdr(list); is_cons(p) && !yes; p = cdr(p))
			if (!fn_matches(l, &o, v, car(p), &yes))
				return false;
		if (!yes)
			fn_append(l, out, &tail, kept);
	}
	lisp_unroot(l, mark);
	return seq_from_list(l, *out, a.at[0], a.call, out);
}

/* ---- parts and wholes --------------------------------------------------------------- */

/* (subseq seq start [end]) */
FN(fn_subseq)
{
	uint32_t start, end, n, i = 0, from, to;
	struct seq_iter it;
	value v, tail = NIL, s = a.at[0];

	if (!is_sequence(s))
		return fn_wrong(l, a, 0, "a sequence");
	n = sequence_length(s);
	if (!fn_count(l, a, 1, 0, &start) || !fn_count(l, a, 2, n, &end))
		return false;
	if (start > end || end > n)
		return lisp_raise(l, l->s_type_error, a.call,
				  "%u to %u is no part of a sequence of %u elements", start,
				  end, n);
	if (is_string(s)) {
		char_offset(as_str_obj(s), start, &from);
		char_offset(as_str_obj(s), end, &to);
		*out = make_string(l, (str){as_str_obj(s)->p + from, to - from});
		return *out != NIL || lisp_raise(l, l->s_storage_condition, a.call, "too long");
	}
	if (is_vector(s)) {
		*out = make_vector(l, as_vec(s)->at + start, end - start);
		return *out != NIL || lisp_raise(l, l->s_storage_condition, a.call, "too long");
	}
	*out = NIL;
	for (it = seq_start(s); i < end && seq_next(&it, &v); i++)
		if (i >= start)
			fn_append(l, out, &tail, v);
	return true;
}

FN(fn_copy_seq)
{
	value v, tail = NIL;
	struct seq_iter it;

	if (!is_sequence(a.at[0]))
		return fn_wrong(l, a, 0, "a sequence");
	*out = NIL;
	for (it = seq_start(a.at[0]); seq_next(&it, &v); )
		fn_append(l, out, &tail, v);
	return seq_from_list(l, *out, a.at[0], a.call, out);
}

FN(fn_reverse)
{
	struct seq_iter it;
	value v;

	if (!is_sequence(a.at[0]))
		return fn_wrong(l, a, 0, "a sequence");
	*out = NIL;
	for (it = seq_start(a.at[0]); seq_next(&it, &v); )
		*out = fast_cons(l, v, *out);
	return seq_from_list(l, *out, a.at[0], a.call, out);
}

FN(fn_nreverse)
{
	value prev = NIL, v = a.at[0], next;

	if (!is_cons(v))
		return fn_reverse(l, ud, a, out);
	for (; is_cons(v); v = next) {
		next = cdr(v);
		as_cons(v)->cdr = prev;
		prev = v;
	}
	*out = prev;
	return true;
}

/* An empty sequence of the type, for seq_from_list. */
bool
seq_prototype(struct lisp *l, struct lisp_args a, uint32_t i, value *out)
{
	value type = is_cons(a.at[i]) ? car(a.at[i]) : a.at[i];
	str name = is_symbol(type) ? as_symbol(type)->name : STR("");

	if (str_is(name, "string") || str_is(name, "simple-string") ||
	    str_is(name, "simple-base-string"))
		*out = make_string(l, STR(""));
	else if (str_is(name, "vector") || str_is(name, "simple-vector") ||
		 str_is(name, "array") || str_is(name, "simple-array"))
		*out = make_vector(l, NULL, 0);
	else if (str_is(name, "list") || str_is(name, "cons") || type == NIL)
		*out = NIL;
	else
		return fn_wrong(l, a, i, "a type of sequence");
	return true;
}

/* (concatenate type sequence...) */
FN(fn_concatenate)
{
	value like, v, tail = NIL;

	if (!seq_prototype(l, a, 0, &like))
		return false;
	*out = is_string(like) ? like : NIL;
	for (uint32_t i = 1; i < a.n; i++) {
		struct seq_iter it = seq_start(a.at[i]);

		if (!is_sequence(a.at[i]))
			return fn_wrong(l, a, i, "a sequence");
		if (is_string(like) && is_string(a.at[i])) {
			if (!string_append(l, like, as_string(a.at[i])))
				return lisp_raise(l, l->s_storage_condition, a.call,
						  "the string is too long");
			continue;
		}
		while (seq_next(&it, &v)) {
			char text[4];

			if (!is_string(like))
				fn_append(l, out, &tail, v);
			else if (!is_char(v))
				return lisp_raise_value(l, l->s_type_error, a.call, v,
							"is not a character");
			else
				string_append(l, like, (str){text,
					      utf8_encode(char_code(v), text)});
		}
	}
	return is_string(like) || seq_from_list(l, *out, like, a.call, out);
}

/* (fill seq item [:start i] [:end j]) */
FN(fn_fill)
{
	value start = fn_key(a, 2, "start", make_fixnum(0)), end = fn_key(a, 2, "end", NIL);
	uint32_t n = sequence_length(a.at[0]), i = 0;
	uint32_t to = is_fixnum(end) && fixnum(end) < n ? (uint32_t)fixnum(end) : n;

	*out = a.at[0];
	for (value v = a.at[0]; is_cons(v); v = cdr(v), i++)
		if (i >= (uint32_t)fixnum(start) && i < to)
			as_cons(v)->car = a.at[1];
	for (i = (uint32_t)fixnum(start); !is_cons(a.at[0]) && i < to; i++)
		if (!vm_set_aref(l, a.at[0], make_fixnum(i), a.at[1]))
			return false;
	return true;
}

/* (replace to from [:start1 :end1 :start2 :end2]) */
FN(fn_replace)
{
	value s1 = fn_key(a, 2, "start1", make_fixnum(0)), e1 = fn_key(a, 2, "end1", NIL);
	value s2 = fn_key(a, 2, "start2", make_fixnum(0)), e2 = fn_key(a, 2, "end2", NIL), v;
	uint32_t i = (uint32_t)fixnum(s1), j = (uint32_t)fixnum(s2);
	uint32_t n1 = e1 == NIL ? sequence_length(a.at[0]) : (uint32_t)fixnum(e1);
	uint32_t n2 = e2 == NIL ? sequence_length(a.at[1]) : (uint32_t)fixnum(e2);

	*out = a.at[0];
	for (; i < n1 && j < n2; i++, j++)
		if (!vm_aref(l, a.at[1], make_fixnum(j), &v) ||
		    !vm_set_aref(l, a.at[0], make_fixnum(i), v))
			return false;
	return true;
}

/* (search needle haystack): position or nil; (mismatch a b) with ud */
FN(fn_search)
{
	struct test_opts o;
	uint32_t n, m;
	value x, y;
	bool yes;

	if (!is_sequence(a.at[0]) || !is_sequence(a.at[1]))
		return fn_wrong(l, a, is_sequence(a.at[0]), "a sequence");
	if (!fn_test_opts(l, a, 2, &o))
		return false;
	n = sequence_length(a.at[0]);
	m = sequence_length(a.at[1]);
	if (is_string(a.at[0]) && is_string(a.at[1]) && o.test == NIL && o.key == NIL && !ud &&
	    a.n == 2 && !(as_str_obj(a.at[1])->header & FLAG_WIDE)) {
		str needle = as_string(a.at[0]), hay = as_string(a.at[1]);
		const char *p = needle.n ? memmem(hay.p, hay.n, needle.p, needle.n) : hay.p;

		*out = p ? make_fixnum(p - hay.p) : NIL;
		return true;
	}
	*out = NIL;
	for (uint32_t i = 0; ud ? i == 0 : i + n <= m; i++) {
		uint32_t j = 0;

		for (; j < n && i + j < m; j++) {
			if (!vm_aref(l, a.at[0], make_fixnum(j), &x) ||
			    !fn_apply_key(l, &o, x, &x) ||
			    !vm_aref(l, a.at[1], make_fixnum(i + j), &y) ||
			    !fn_matches(l, &o, x, y, &yes))
				return false;
			if (!yes)
				break;
		}
		if (ud) {
			*out = j == n && j == m ? NIL : make_fixnum(j);
			return true;
		}
		if (j == n) {
			*out = make_fixnum(i);
			return true;
		}
	}
	return true;
}

/* (coerce x type) */
FN(fn_coerce)
{
	str name = is_symbol(a.at[1]) ? as_symbol(a.at[1])->name : STR("");
	value like, v, tail = NIL;
	struct seq_iter it;

	*out = a.at[0];
	if (a.at[1] == T)
		return true;
	if (str_is(name, "float") || str_is(name, "double-float") ||
	    str_is(name, "single-float")) {
		if (!is_number(a.at[0]))
			return fn_wrong(l, a, 0, "a number");
		*out = make_float(l, num_double(a.at[0]));
		return true;
	}
	if (str_is(name, "integer") && is_integer(a.at[0]))
		return true;
	if (str_is(name, "character")) {
		if (is_char(a.at[0]))
			return true;
		if (is_string(a.at[0]) && sequence_length(a.at[0]) == 1)
			return vm_aref(l, a.at[0], make_fixnum(0), out);
		return fn_wrong(l, a, 0, "a character");
	}
	if (str_is(name, "function"))
		return true;
	if (!seq_prototype(l, a, 1, &like))
		return false;
	if (!is_sequence(a.at[0]))
		return fn_wrong(l, a, 0, "a sequence");
	if ((is_string(like) && is_string(a.at[0])) || (is_vector(like) && is_vector(a.at[0])) ||
	    (like == NIL && !is_string(a.at[0]) && !is_vector(a.at[0])))
		return true;
	*out = NIL;
	for (it = seq_start(a.at[0]); seq_next(&it, &v); )
		fn_append(l, out, &tail, v);
	return seq_from_list(l, *out, like, a.call, out);
}

#define FAMILY(name, op, fn, n) \
	{name, n, -1, fn, op, NULL}, {name "-if", n, -1, fn, (op) | SEQ_IF, NULL}, \
	{name "-if-not", n, -1, fn, (op) | SEQ_IF | SEQ_NOT, NULL}

static const struct fn_row rows[] = {
	{"length", 1, 1, fn_length, 0, "(length sequence)"},
	{"elt", 2, 2, fn_aref, 0, "(elt sequence i)"},
	{"svref", 2, 2, fn_aref, 0, NULL},
	{"char", 2, 2, fn_aref, 0, "(char string i)"}, {"schar", 2, 2, fn_aref, 0, NULL},
	{"(setf elt)", 3, 3, fn_set_aref, 0, NULL},
	{"(setf svref)", 3, 3, fn_set_aref, 0, NULL}, {"(setf char)", 3, 3, fn_set_aref, 0, NULL},
	{"(setf schar)", 3, 3, fn_set_aref, 0, NULL},
	FAMILY("find", SEQ_FIND, fn_find, 2), FAMILY("position", SEQ_POSITION, fn_find, 2),
	FAMILY("count", SEQ_COUNT, fn_find, 2), FAMILY("remove", SEQ_REMOVE, fn_remove, 2),
	FAMILY("delete", SEQ_REMOVE, fn_remove, 2),
	FAMILY("substitute", SEQ_SUBSTITUTE, fn_remove, 3),
	FAMILY("nsubstitute", SEQ_SUBSTITUTE, fn_remove, 3),
	{"remove-duplicates", 1, -1, fn_remove_duplicates, 0, NULL},
	{"delete-duplicates", 1, -1, fn_remove_duplicates, 0, NULL},
	{"subseq", 2, 3, fn_subseq, 0, "(subseq sequence start [end])"},
	{"copy-seq", 1, 1, fn_copy_seq, 0, NULL},
	{"reverse", 1, 1, fn_reverse, 0, "(reverse sequence)"},
	{"nreverse", 1, 1, fn_nreverse, 0, NULL},
	{"concatenate", 1, -1, fn_concatenate, 0, "(concatenate type sequence...)"},
	{"fill", 2, -1, fn_fill, 0, NULL}, {"replace", 2, -1, fn_replace, 0, NULL},
	{"search", 2, -1, fn_search, 0, "(search needle haystack): where, or nil"},
	{"mismatch", 2, -1, fn_search, 1, NULL},
	{"coerce", 2, 2, fn_coerce, 0, "(coerce x type)"},
};

void
fn_seq_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
