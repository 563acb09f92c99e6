/* SPDX-License-Identifier: MIT */
/* fn_array.c: making vectors and arrays, fill pointers, arrays of several dimensions: a vector
 * of all elements, row by row, and the dimensions. */
#include "lang/fn.h"

#include "base/utf8.h"

#include <stdio.h>

enum { MAX_RANK = 8 };

/* ---- indices --------------------------------------------------------------------------- */

static struct array_obj *
as_array(value v)
{
	return is_object(v, OBJ_ARRAY) ? OBJ(array_obj, v) : NULL;
}

/* How far into the elements the indices from argument `from` on lead. */
static bool
element_of(struct lisp *l, struct lisp_args a, const struct array_obj *o, uint32_t from,
	   uint32_t *at)
{
	uint32_t n = a.n - from;

	if (n != o->rank)
		return lisp_raise(l, l->s_program_error, a.call,
				  "an array of %u dimensions has %u indices, here %s %u", o->rank,
				  o->rank, n == 1 ? "is" : "are", n);
	*at = 0;
	for (uint32_t i = 0; i < n; i++) {
		value index = a.at[from + i];

		if (!is_fixnum(index) || fixnum(index) < 0 || fixnum(index) >= o->dims[i]) {
			char text[64];

			snprintf(text, sizeof text, "is no index of a dimension of %u", o->dims[i]);
			return lisp_raise_value(l, l->s_type_error, a.call, index, text);
		}
		*at = *at * o->dims[i] + (uint32_t)fixnum(index);
	}
	return true;
}

/* (aref array i...) */
FN(fn_aref)
{
	struct array_obj *o = as_array(a.at[0]);
	uint32_t at;

	if (!o && a.n == 2)
		return vm_aref(l, a.at[0], a.at[1], out);
	if (!o)
		return fn_wrong(l, a, 0, "an array of so many dimensions");
	if (!element_of(l, a, o, 1, &at))
		return false;
	*out = as_vec(o->data)->at[at];
	return true;
}

/* ((setf aref) value array i...) */
FN(fn_set_aref)
{
	struct array_obj *o = as_array(a.at[1]);
	uint32_t at;

	*out = a.at[0];
	if (!o && a.n == 3)
		return vm_set_aref(l, a.at[1], a.at[2], a.at[0]);
	if (!o)
		return fn_wrong(l, a, 1, "an array of so many dimensions");
	if (!element_of(l, a, o, 2, &at))
		return false;
	as_vec(o->data)->at[at] = a.at[0];
	return true;
}

static value
elements(value v)
{
	return as_array(v) ? as_array(v)->data : v;
}

FN(fn_row_major_aref)
{
	return vm_aref(l, elements(a.at[0]), a.at[1], out);
}

FN(fn_set_row_major_aref)
{
	*out = a.at[0];
	return vm_set_aref(l, elements(a.at[1]), a.at[2], a.at[0]);
}

FN(fn_row_major_index)
{
	struct array_obj *o = as_array(a.at[0]);
	uint32_t at;

	if (!o) {
		*out = a.n == 2 ? a.at[1] : NIL;
		return a.n == 2 || fn_wrong(l, a, 0, "an array of so many dimensions");
	}
	if (!element_of(l, a, o, 1, &at))
		return false;
	*out = make_fixnum(at);
	return true;
}

/* ---- what an array is ------------------------------------------------------------------- */

/* Size of dimension i; of vectors with a fill pointer, their room. */
static bool
dimension(value v, uint32_t i, uint32_t *out)
{
	struct array_obj *o = as_array(v);

	if (o && i < o->rank)
		*out = o->dims[i];
	else if (!o && i == 0 && is_vector(v))
		*out = as_vec(v)->fill ? as_vec(v)->cap : as_vec(v)->n;
	else if (!o && i == 0 && is_string(v))
		*out = sequence_length(v);
	else
		return false;
	return true;
}

FN(fn_array_dimension)
{
	uint32_t i, n;

	if (!fn_count(l, a, 1, 0, &i) || !dimension(a.at[0], i, &n))
		return fn_wrong(l, a, 0, "an array of so many dimensions");
	*out = make_fixnum(n);
	return true;
}

FN(fn_array_dimensions)
{
	value tail = NIL;
	uint32_t n;

	*out = NIL;
	if (!as_array(a.at[0]) && !is_vector(a.at[0]) && !is_string(a.at[0]))
		return fn_wrong(l, a, 0, "an array");
	for (uint32_t i = 0; dimension(a.at[0], i, &n); i++)
		fn_append(l, out, &tail, make_fixnum(n));
	return true;
}

FN(fn_array_rank)
{
	uint32_t rank = 0, n;

	if (!as_array(a.at[0]) && !is_vector(a.at[0]) && !is_string(a.at[0]))
		return fn_wrong(l, a, 0, "an array");
	while (dimension(a.at[0], rank, &n))
		rank++;
	*out = make_fixnum(rank);
	return true;
}

FN(fn_array_total_size)
{
	uint32_t n;

	if (!dimension(elements(a.at[0]), 0, &n))
		return fn_wrong(l, a, 0, "an array");
	*out = make_fixnum(n);
	return true;
}

FN(fn_array_in_bounds)
{
	uint32_t n;

	*out = T;
	for (uint32_t i = 1; i < a.n; i++)
		if (!dimension(a.at[0], i - 1, &n) || !is_fixnum(a.at[i]) ||
		    fixnum(a.at[i]) < 0 || fixnum(a.at[i]) >= n)
			*out = NIL;
	return true;
}

/* adjustable-array-p; array-has-fill-pointer-p with ud */
FN(fn_array_grows)
{
	*out = make_bool(is_string(a.at[0]) || (is_vector(a.at[0]) && as_vec(a.at[0])->fill) ||
			 (!ud && is_object(a.at[0], OBJ_VECTOR)));
	return true;
}

/* ---- making them ------------------------------------------------------------------------ */

FN(fn_vector)
{
	*out = make_vector(l, a.at, a.n);
	return true;
}

/* Nested sequences as elements, row by row. */
static bool
fill_from(struct lisp *l, struct lisp_args a, const uint32_t *dims, uint32_t rank,
	  value contents, value data, uint32_t *at)
{
	struct seq_iter it;
	uint32_t n = 0;
	value v;

	if (rank == 0) {
		as_vec(data)->at[(*at)++] = contents;
		return true;
	}
	if (!is_sequence(contents) || sequence_length(contents) != dims[0])
		return lisp_raise_value(l, l->s_type_error, a.call, contents,
					"does not hold as many elements as the dimension");
	for (it = seq_start(contents); n < dims[0] && seq_next(&it, &v); n++)
		if (!fill_from(l, a, dims + 1, rank - 1, v, data, at))
			return false;
	return true;
}

static bool
dimensions(struct lisp *l, struct lisp_args a, value v, uint32_t dims[MAX_RANK], uint32_t *rank,
	   uint32_t *total)
{
	struct lisp_args one = {&v, 1, a.call};
	uint64_t n = 1;

	*rank = 0;
	if (v != NIL && !is_cons(v)) {
		*rank = 1;
		return fn_count(l, one, 0, 0, dims) && ((*total = dims[0]), true);
	}
	for (value rest = v; is_cons(rest); rest = cdr(rest)) {
		v = car(rest);
		if (*rank == MAX_RANK)
			return lisp_error(l, a.call, "arrays have at most %d dimensions", MAX_RANK);
		if (!fn_count(l, one, 0, 0, &dims[(*rank)++]))
			return false;
		n *= dims[*rank - 1];
		if (n > INT32_MAX)
			return lisp_error(l, a.call, "so large an array does not fit in the heap");
	}
	*total = (uint32_t)n;
	return true;
}

static bool
make_text(struct lisp *l, struct lisp_args a, uint32_t n, value *out)
{
	value c = fn_key(a, 1, "initial-element", make_char(' ')), fill;
	value contents = fn_key(a, 1, "initial-contents", UNBOUND), v;
	struct seq_iter it;
	char text[4];

	fill = fn_key(a, 1, "fill-pointer", NIL);
	if (is_fixnum(fill) && fixnum(fill) >= 0 && fixnum(fill) < n)
		n = (uint32_t)fixnum(fill);
	*out = string_new(l, (str){0}, n);
	if (*out == NIL || !is_char(c))
		return *out == NIL ? lisp_raise(l, l->s_storage_condition, a.call, "too long") :
				     lisp_error(l, a.call, "a string holds characters");
	it = seq_start(contents == UNBOUND ? NIL : contents);
	for (uint32_t i = 0; i < n; i++) {
		if (contents != UNBOUND && (!seq_next(&it, &v) || !is_char(v)))
			return lisp_error(l, a.call, "the contents are not %u characters", n);
		string_append(l, *out, (str){text, utf8_encode(char_code(contents == UNBOUND ?
								       c : v), text)});
	}
	return true;
}

static bool
is_text_type(value type)
{
	str name = is_symbol(type) ? as_symbol(type)->name : STR("");

	return str_is(name, "character") || str_is(name, "base-char") ||
	       str_is(name, "standard-char");
}

static value
with_dimensions(struct lisp *l, value data, const uint32_t *dims, uint32_t rank)
{
	struct array_obj *o = heap_cell(l, heap_class(sizeof *o + rank * sizeof *dims));

	*o = (struct array_obj){.header = OBJ_ARRAY | l->heap.live, .data = data, .rank = rank};
	memcpy(o->dims, dims, rank * sizeof *dims);
	return (value)(uintptr_t)o;
}

/* (make-array dimensions &key initial-element initial-contents fill-pointer element-type) */
FN(fn_make_array)
{
	value init = fn_key(a, 1, "initial-element", make_fixnum(0));
	value contents = fn_key(a, 1, "initial-contents", UNBOUND);
	value fill = fn_key(a, 1, "fill-pointer", NIL);
	uint32_t dims[MAX_RANK], rank, n, at = 0;

	if (fn_key(a, 1, "displaced-to", NIL) != NIL)
		return lisp_error(l, a.call, "there are no displaced arrays here; subseq copies");
	if (!dimensions(l, a, a.at[0], dims, &rank, &n))
		return false;
	if (rank == 1 && is_text_type(fn_key(a, 1, "element-type", NIL)))
		return make_text(l, a, n, out);
	*out = vector_new(l, n, n, fill != NIL);
	if (*out == NIL)
		return lisp_raise(l, l->s_storage_condition, a.call,
				  "an array of %u elements does not fit in the heap", n);
	for (uint32_t i = 0; i < n; i++)
		as_vec(*out)->at[i] = init;
	if (contents != UNBOUND && !fill_from(l, a, dims, rank, contents, *out, &at))
		return false;
	if (is_fixnum(fill) && fixnum(fill) >= 0 && fixnum(fill) <= n)
		as_vec(*out)->n = (uint32_t)fixnum(fill);
	if (rank != 1)
		*out = with_dimensions(l, *out, dims, rank);
	return true;
}

static bool
grow(struct lisp *l, struct lisp_args a, value v, uint32_t n, value init)
{
	struct vector_obj *o = as_vec(v);

	for (uint32_t i = o->n; i < n && i < o->cap; i++)
		o->at[i] = init;
	while (o->n < n)
		if (!vector_push(l, v, init))
			return lisp_raise(l, l->s_storage_condition, a.call,
					  "the vector is too long");
	o->n = n;
	return true;
}

/* Elements that are in both shapes keep their indices. */
static bool
reshape(struct lisp *l, struct lisp_args a, struct array_obj *o, const uint32_t *dims, uint32_t n,
	value init)
{
	value data = vector_new(l, n, n, false);

	if (data == NIL)
		return lisp_raise(l, l->s_storage_condition, a.call, "the array is too large");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t rest = i, from = 0, scale = 1;
		bool there = true;

		for (uint32_t d = o->rank; d-- > 0; ) {
			there &= rest % dims[d] < o->dims[d];
			from += rest % dims[d] * scale;
			scale *= o->dims[d];
			rest /= dims[d];
		}
		as_vec(data)->at[i] = there ? as_vec(o->data)->at[from] : init;
	}
	o->data = data;
	memcpy(o->dims, dims, o->rank * sizeof *dims);
	return true;
}

/* (adjust-array array dimensions [:initial-element x] [:fill-pointer n]): the same, changed */
FN(fn_adjust_array)
{
	value init = fn_key(a, 2, "initial-element", make_fixnum(0));
	value fill = fn_key(a, 2, "fill-pointer", NIL);
	uint32_t dims[MAX_RANK], rank, n;
	struct array_obj *o = as_array(a.at[0]);

	if (!dimensions(l, a, a.at[1], dims, &rank, &n))
		return false;
	*out = a.at[0];
	if (o)
		return rank == o->rank ? reshape(l, a, o, dims, n, init) :
					 fn_wrong(l, a, 1, "as many dimensions");
	if (!is_vector(a.at[0]) || rank != 1)
		return fn_wrong(l, a, 0, "a vector that can be adjusted");
	if (!grow(l, a, a.at[0], n, init))
		return false;
	if (is_fixnum(fill) && fixnum(fill) >= 0 && fixnum(fill) <= n)
		as_vec(a.at[0])->n = (uint32_t)fixnum(fill);
	return true;
}

/* (make-sequence type n [:initial-element x]) */
FN(fn_make_sequence)
{
	value like, init = fn_key(a, 2, "initial-element", UNBOUND), list = NIL;
	uint32_t n;

	if (!seq_prototype(l, a, 0, &like) || !fn_count(l, a, 1, 0, &n))
		return false;
	if (init == UNBOUND)
		init = is_string(like) ? make_char(' ') : is_vector(like) ? make_fixnum(0) : NIL;
	for (uint32_t i = 0; i < n; i++)
		list = cons(l, init, list);
	return seq_from_list(l, list, like, a.call, out);
}

/* ---- fill pointers ---------------------------------------------------------------------- */

FN(fn_fill_pointer)
{
	if (!is_string(a.at[0]) && (!is_vector(a.at[0]) || !as_vec(a.at[0])->fill))
		return fn_wrong(l, a, 0, "a vector with a fill pointer");
	*out = make_fixnum(sequence_length(a.at[0]));
	return true;
}

/* vector-push, vector-push-extend */
FN(fn_vector_push)
{
	value v = a.at[1];

	if (is_string(v) && is_char(a.at[0])) {
		char text[4];

		*out = make_fixnum(sequence_length(v));
		return string_append(l, v, (str){text, utf8_encode(char_code(a.at[0]), text)});
	}
	if (!is_vector(v) || !as_vec(v)->fill)
		return fn_wrong(l, a, 1, "a vector with a fill pointer");
	*out = make_fixnum(as_vec(v)->n);
	if (!ud && as_vec(v)->n == as_vec(v)->cap) {
		*out = NIL;
		return true;
	}
	return vector_push(l, v, a.at[0]) ||
	       lisp_raise(l, l->s_storage_condition, a.call, "the vector is too long");
}

FN(fn_vector_pop)
{
	if (!is_vector(a.at[0]) || !as_vec(a.at[0])->n)
		return fn_wrong(l, a, 0, "a vector with something in it");
	*out = as_vec(a.at[0])->at[--as_vec(a.at[0])->n];
	return true;
}

FN(fn_set_fill_pointer)
{
	uint32_t n;

	if (!is_vector(a.at[1]) || !fn_count(l, a, 0, 0, &n) || n > as_vec(a.at[1])->cap)
		return fn_wrong(l, a, 0, "a fill pointer of that vector");
	as_vec(a.at[1])->n = n;
	*out = a.at[0];
	return true;
}

static const struct fn_row rows[] = {
	{"aref", 1, -1, fn_aref, 0, "(aref array i...)"},
	{"(setf aref)", 2, -1, fn_set_aref, 0, NULL},
	{"row-major-aref", 2, 2, fn_row_major_aref, 0, NULL},
	{"(setf row-major-aref)", 3, 3, fn_set_row_major_aref, 0, NULL},
	{"array-row-major-index", 1, -1, fn_row_major_index, 0, NULL},
	{"array-dimension", 2, 2, fn_array_dimension, 0, NULL},
	{"array-dimensions", 1, 1, fn_array_dimensions, 0, "(array-dimensions array)"},
	{"array-rank", 1, 1, fn_array_rank, 0, NULL},
	{"array-total-size", 1, 1, fn_array_total_size, 0, NULL},
	{"array-in-bounds-p", 1, -1, fn_array_in_bounds, 0, NULL},
	{"adjustable-array-p", 1, 1, fn_array_grows, 0, NULL},
	{"array-has-fill-pointer-p", 1, 1, fn_array_grows, 1, NULL},
	{"vector", 0, -1, fn_vector, 0, "(vector x...)"},
	{"make-array", 1, -1, fn_make_array, 0,
	 "(make-array n [:initial-element x]) or (make-array '(rows columns) ...)"},
	{"adjust-array", 2, -1, fn_adjust_array, 0, NULL},
	{"make-sequence", 2, -1, fn_make_sequence, 0, NULL},
	{"vector-push", 2, 2, fn_vector_push, 0, NULL},
	{"vector-push-extend", 2, 3, fn_vector_push, 1, "(vector-push-extend x vector)"},
	{"vector-pop", 1, 1, fn_vector_pop, 0, NULL},
	{"fill-pointer", 1, 1, fn_fill_pointer, 0, NULL},
	{"(setf fill-pointer)", 2, 2, fn_set_fill_pointer, 0, NULL},
};

void
fn_array_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
