/* SPDX-License-Identifier: MIT */
/* datum.c: making values and looking into them. */
#include "lang/machine.h"

#include "base/utf8.h"

#include <stdlib.h>

/* ---- conses and their places -------------------------------------------------------- */

value
cons(struct lisp *l, value a, value d)
{
	return fast_cons(l, a, d);
}

value
cons_at(struct lisp *l, value a, value d, span at)
{
	value v = fast_cons(l, a, d);

	as_cons(v)->header |= (uint64_t)at << 32;
	return v;
}

span
form_span(value v)
{
	return is_cons(v) ? (span)(as_cons(v)->header >> 32) : 0;
}

span
car_span(value v)
{
	uint64_t h;
	span s;

	if (!is_cons(v))
		return 0;
	s = form_span(as_cons(v)->car);
	if (s)
		return s;
	h = as_cons(v)->header;
	s = (span)(h >> 32);
	return s && !(h & FLAG_PLAIN) ? s + 1 : s;
}

int
list_length(value v)
{
	value slow = v;
	int n = 0;

	while (is_cons(v)) {
		v = cdr(v);
		if ((++n & 1) == 0)
			slow = cdr(slow);
		if (v == slow && is_cons(v))
			return -1;
	}
	return v == NIL ? n : -1;
}

/* ---- numbers ------------------------------------------------------------------------ */

bool
is_integer(value v)
{
	return is_fixnum(v) || is_object(v, OBJ_INT128);
}

bool
is_float(value v)
{
	return is_object(v, OBJ_FLOAT);
}

bool
as_int128(value v, __int128 *out)
{
	if (is_fixnum(v)) {
		*out = fixnum(v);
		return true;
	}
	if (!is_object(v, OBJ_INT128))
		return false;
	*out = (__int128)(((unsigned __int128)OBJ(int128_obj, v)->hi << 64) |
			  OBJ(int128_obj, v)->lo);
	return true;
}

double
as_float(value v)
{
	return OBJ(float_obj, v)->d;
}

value
make_int128(struct lisp *l, __int128 n)
{
	struct int128_obj *o;

	if (n == (int64_t)n && fits_fixnum((int64_t)n))
		return make_fixnum((int64_t)n);
	o = heap_cell(l, CLASS_24);
	o->header = OBJ_INT128 | l->heap.live;
	o->lo = (uint64_t)n;
	o->hi = (uint64_t)((unsigned __int128)n >> 64);
	return (value)(uintptr_t)o;
}

value
make_int(struct lisp *l, int64_t n)
{
	return fits_fixnum(n) ? make_fixnum(n) : make_int128(l, n);
}

value
make_float(struct lisp *l, double d)
{
	struct float_obj *o = heap_cell(l, CLASS_16);

	o->header = OBJ_FLOAT | l->heap.live;
	o->d = d;
	return (value)(uintptr_t)o;
}

/* ---- strings ------------------------------------------------------------------------ */

bool
is_string(value v)
{
	return is_object(v, OBJ_STRING);
}

str
as_string(value v)
{
	return (str){as_str_obj(v)->p, as_str_obj(v)->n};
}

void
string_check_wide(struct string_obj *s)
{
	uint64_t high = 0;

	for (uint32_t i = 0; i < s->n; i++)
		high |= (unsigned char)s->p[i];
	s->header = (s->header & ~(uint64_t)FLAG_WIDE) | (high & 0x80 ? FLAG_WIDE : 0);
}

/* NIL when memory does not allow it: callers that take sizes from the program check. */
value
string_new(struct lisp *l, str s, uint32_t cap)
{
	struct string_obj *o;
	size_t need = sizeof *o + (cap > s.n ? cap : s.n);

	if (s.n > UINT32_MAX / 2)
		return NIL;
	if (need <= HEAP_CELL_MAX) {
		unsigned cls = heap_class(need);

		o = heap_cell(l, cls);
		o->cap = (uint32_t)(heap_sizes[cls] - sizeof *o);
		o->p = o->inline_;
	} else {
		char *p = heap_payload(l, NULL, 0, need - sizeof *o);

		if (!p)
			return NIL;
		o = heap_cell(l, heap_class(sizeof *o));
		o->cap = (uint32_t)(need - sizeof *o);
		o->p = p;
	}
	o->header = OBJ_STRING | l->heap.live;
	o->n = (uint32_t)s.n;
	if (s.n)
		memcpy(o->p, s.p, s.n);
	string_check_wide(o);
	return (value)(uintptr_t)o;
}

value
make_string(struct lisp *l, str s)
{
	return string_new(l, s, 0);
}

bool
string_append(struct lisp *l, value v, str s)
{
	struct string_obj *o = as_str_obj(v);

	if (s.n > UINT32_MAX / 4 || o->n > UINT32_MAX / 4)
		return false;
	if (o->n + s.n > o->cap) {
		uint32_t cap = (o->n + (uint32_t)s.n) * 2;
		bool inside = o->p == o->inline_;
		char *p = heap_payload(l, inside ? NULL : o->p, inside ? 0 : o->cap, cap);

		if (!p)
			return false;
		if (inside)
			memcpy(p, o->inline_, o->n);
		o->p = p;
		o->cap = cap;
	}
	memcpy(o->p + o->n, s.p, s.n);
	o->n += (uint32_t)s.n;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			o->header |= FLAG_WIDE;
	return true;
}

void
string_clear(value v)
{
	as_str_obj(v)->n = 0;
	as_str_obj(v)->header &= ~(uint64_t)FLAG_WIDE;
}

/* ---- vectors and records ------------------------------------------------------------ */

bool
is_vector(value v)
{
	return is_object(v, OBJ_VECTOR);
}

value *
vector_at(value v, uint32_t *n)
{
	*n = as_vec(v)->n;
	return as_vec(v)->at;
}

value
vector_new(struct lisp *l, uint32_t n, uint32_t cap, bool fill)
{
	struct vector_obj *o;
	size_t bytes;

	if (cap < n)
		cap = n;
	bytes = (size_t)cap * sizeof(value);
	if (sizeof *o + bytes <= HEAP_CELL_MAX) {
		o = heap_cell(l, heap_class(sizeof *o + bytes));
		o->at = o->inline_;
	} else {
		value *at = heap_payload(l, NULL, 0, bytes);

		if (!at)
			return NIL;
		o = heap_cell(l, heap_class(sizeof *o));
		o->at = at;
	}
	o->header = OBJ_VECTOR | l->heap.live;
	o->n = n;
	o->cap = cap;
	o->fill = fill;
	for (uint32_t i = 0; i < cap; i++)
		o->at[i] = NIL;
	return (value)(uintptr_t)o;
}

value
make_vector(struct lisp *l, const value *at, uint32_t n)
{
	value v = vector_new(l, n, n, false);

	if (at && v != NIL)
		memcpy(as_vec(v)->at, at, n * sizeof *at);
	return v;
}

bool
vector_push(struct lisp *l, value v, value x)
{
	struct vector_obj *o = as_vec(v);

	if (o->n == o->cap) {
		uint32_t cap = o->cap ? o->cap * 2 : 8;
		bool inside = o->at == o->inline_;
		value *at;

		if (cap < o->cap)
			return false;
		at = heap_payload(l, inside ? NULL : o->at, inside ? 0 : o->cap * sizeof *at,
				  cap * sizeof *at);
		if (!at)
			return false;
		if (inside)
			memcpy(at, o->inline_, o->n * sizeof *at);
		for (uint32_t i = o->n; i < cap; i++)
			at[i] = NIL;
		o->at = at;
		o->cap = cap;
	}
	o->at[o->n++] = x;
	return true;
}

value
record_new(struct lisp *l, value type, uint32_t n)
{
	struct record *r;
	size_t size = sizeof *r + n * sizeof(value);

	if (size > HEAP_CELL_MAX)
		return NIL;
	r = heap_cell(l, heap_class(size));
	r->header = OBJ_RECORD | l->heap.live;
	r->type = type;
	r->at = 0;
	r->n = n;
	for (uint32_t i = 0; i < n; i++)
		r->slots[i] = NIL;
	return (value)(uintptr_t)r;
}

value
lisp_record(struct lisp *l, value type, const value *slots, uint32_t n)
{
	value v = record_new(l, type, n);

	if (v != NIL && n)
		memcpy(OBJ(record, v)->slots, slots, n * sizeof *slots);
	return v;
}

value *
lisp_record_slots(value v, value type, uint32_t *n)
{
	struct record *r = OBJ(record, v);

	if (!is_object(v, OBJ_RECORD) || r->type != type)
		return NULL;
	if (n)
		*n = r->n;
	return r->slots;
}

void
lisp_define_record(struct lisp *l, value type, value names)
{
	lisp_set_property(l, type, l->s_slots, names);
}

value
box_new(struct lisp *l, value v)
{
	struct box *b = heap_cell(l, CLASS_16);

	b->header = OBJ_BOX | l->heap.live;
	b->v = v;
	return (value)(uintptr_t)b;
}
