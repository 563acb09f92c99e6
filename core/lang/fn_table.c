/* SPDX-License-Identifier: MIT */
/* fn_table.c: equality, hashing and hash tables.
 *
 * A table keeps its entries in an array in order of insertion (which is the order of walking)
 * and finds them through an index of entry numbers, open addressing, at most half full.
 * Removing marks the entry; growing and compacting rebuild both. The entry found last is
 * remembered, so that (incf (gethash ...)) searches once. */
#include "lang/fn.h"

enum { MAX_DEPTH = 2000 };

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

bool
value_equal(value a, value b, int depth)
{
	for (;;) {
		if (vm_eql(a, b))
			return true;
		if (!is_cons(a) || !is_cons(b))
			return is_string(a) && is_string(b) &&
			       str_eq(as_string(a), as_string(b));
		if (depth > MAX_DEPTH || !value_equal(car(a), car(b), depth + 1))
			return false;
		a = cdr(a);
		b = cdr(b);
	}
}

static bool
equalp_vectors(value a, value b, int depth)
{
	if (is_vector(a) && is_vector(b)) {
		if (as_vec(a)->n != as_vec(b)->n)
			return false;
		for (uint32_t i = 0; i < as_vec(a)->n; i++)
			if (!value_equalp(as_vec(a)->at[i], as_vec(b)->at[i], depth + 1))
				return false;
		return true;
	}
	if (is_object(a, OBJ_ARRAY) && is_object(b, OBJ_ARRAY)) {
		const struct array_obj *x = OBJ(array_obj, a), *y = OBJ(array_obj, b);

		return x->rank == y->rank &&
		       memcmp(x->dims, y->dims, x->rank * sizeof *x->dims) == 0 &&
		       equalp_vectors(x->data, y->data, depth + 1);
	}
	if (is_object(a, OBJ_RECORD) && is_object(b, OBJ_RECORD)) {
		const struct record *x = OBJ(record, a), *y = OBJ(record, b);

		if (x->type != y->type || x->n != y->n)
			return false;
		for (uint32_t i = 0; i < x->n; i++)
			if (!value_equalp(x->slots[i], y->slots[i], depth + 1))
				return false;
		return true;
	}
	return false;
}

bool
value_equalp(value a, value b, int depth)
{
	if (vm_eql(a, b))
		return true;
	if (depth > MAX_DEPTH)
		return false;
	if (is_number(a) && is_number(b)) {
		__int128 x, y;

		if (as_int128(a, &x) && as_int128(b, &y))
			return x == y;
		return num_double(a) == num_double(b);
	}
	if (is_char(a) && is_char(b))
		return lower((int)char_code(a)) == lower((int)char_code(b));
	if (is_string(a) && is_string(b)) {
		str x = as_string(a), y = as_string(b);

		if (x.n != y.n)
			return false;
		for (size_t i = 0; i < x.n; i++)
			if (lower(x.p[i]) != lower(y.p[i]))
				return false;
		return true;
	}
	for (; is_cons(a) && is_cons(b); a = cdr(a), b = cdr(b))
		if (!value_equalp(car(a), car(b), depth + 1))
			return false;
	if (is_cons(a) || is_cons(b))
		return false;
	return vm_eql(a, b) || equalp_vectors(a, b, depth);
}

static uint64_t
mix(uint64_t h)
{
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

uint64_t
value_hash(value v, enum table_test test, int depth)
{
	if (is_object(v, OBJ_INT128))
		return test == TABLE_EQUALP ? mix((uint64_t)num_double(v)) :
		       mix(OBJ(int128_obj, v)->lo ^ OBJ(int128_obj, v)->hi);
	if (is_float(v)) {
		double d = as_float(v);
		uint64_t u;

		if (test == TABLE_EQUALP && d == (double)(int64_t)d)
			return mix((uint64_t)make_fixnum((int64_t)d));
		memcpy(&u, &d, sizeof u);
		return mix(d == 0 ? 0 : u);
	}
	if (test == TABLE_EQL || depth > 8)
		return is_cons(v) && test != TABLE_EQL ? 7 : mix(v);
	if (is_string(v)) {
		str s = as_string(v);
		uint64_t h = 0xcbf29ce484222325u;

		if (test == TABLE_EQUAL)
			return mix(str_hash(s));
		for (size_t i = 0; i < s.n; i++)
			h = (h ^ (uint64_t)lower((unsigned char)s.p[i])) * 0x100000001b3u;
		return mix(h);
	}
	if (is_cons(v)) {
		uint64_t h = 17;

		for (int i = 0; is_cons(v) && i < 8; v = cdr(v), i++)
			h = mix(h + value_hash(car(v), test, depth + 1));
		return h;
	}
	if (test == TABLE_EQUALP) {
		if (is_char(v))
			return mix((uint64_t)lower((int)char_code(v)));
		if (is_vector(v) || is_object(v, OBJ_RECORD))
			return 11;
	}
	return mix(v);
}

static bool
same_key(const struct table_obj *t, value a, value b)
{
	if (a == b)
		return true;
	switch (t->test) {
	case TABLE_EQL: return vm_eql(a, b);
	case TABLE_EQUAL: return value_equal(a, b, 0);
	default: return value_equalp(a, b, 0);
	}
}

value
table_new(struct lisp *l, enum table_test test)
{
	struct table_obj *t = heap_cell(l, heap_class(sizeof *t));

	*t = (struct table_obj){.header = OBJ_TABLE | l->heap.live, .test = test};
	return (value)(uintptr_t)t;
}

/* Keys that are eq to all they are eql to: integers of one word, symbols. */
static bool
is_simple(const struct table_obj *t, value key)
{
	return (is_fixnum(key) || is_symbol(key)) && t->test != TABLE_EQUALP;
}

/* Integers that lie together stay together, which the caches like. */
static uint64_t
key_hash(const struct table_obj *t, value key)
{
	uint64_t h = key >> 1;

	if (!is_simple(t, key))
		return value_hash(key, t->test, 0);
	return h ^ h >> 15 ^ h >> 33;
}

/* A word of the index: entry number + 1 below, a byte of the hash above. */
static uint32_t
index_word(uint64_t h, uint32_t entry)
{
	return (uint32_t)(mix(h) >> 56) << 24 | (entry + 1);
}

enum { ENTRY_BITS = 0xffffff };

static struct table_entry *
lookup_compared(const struct table_obj *t, value key, uint64_t h)
{
	uint32_t top = index_word(h, 0) & ~(uint32_t)ENTRY_BITS;

	for (uint64_t i = h; ; i++) {
		uint32_t w = t->index[i & t->mask];
		struct table_entry *e;

		if (!w)
			return NULL;
		e = &t->at[(w & ENTRY_BITS) - 1];
		if ((w & ~(uint32_t)ENTRY_BITS) == top && e->key != UNBOUND &&
		    same_key(t, e->key, key))
			return e;
	}
}

/* Entry of a key, or null. */
static inline struct table_entry *
lookup(struct table_obj *t, value key, uint64_t h)
{
	struct table_entry *e;

	if (!t->n)
		return NULL;
	if (!is_simple(t, key)) {
		e = lookup_compared(t, key, h);
		t->hit = e ? (uint32_t)(e - t->at) : t->hit;
		return e;
	}
	for (uint64_t i = h; ; i++) {
		uint32_t w = t->index[i & t->mask];

		if (!w)
			return NULL;
		e = &t->at[(w & ENTRY_BITS) - 1];
		if (e->key == key) {
			t->hit = (w & ENTRY_BITS) - 1;
			return e;
		}
	}
}

bool
table_get(value table, value key, value *out)
{
	struct table_obj *t = OBJ(table_obj, table);
	const struct table_entry *e = lookup(t, key, key_hash(t, key));

	if (e)
		*out = e->val;
	return e != NULL;
}

/* Room for one more: twice the live entries, without the removed ones. */
static bool
grow(struct lisp *l, struct table_obj *t)
{
	uint32_t cap = t->n < 4 ? 8 : t->n * 2, mask = 15;
	struct table_entry *at;
	uint32_t *index, n = 0;

	if (cap > ENTRY_BITS)
		return false;
	while (mask < cap * 2)
		mask = mask * 2 + 1;
	at = heap_payload(l, NULL, 0, cap * sizeof *at);
	index = at ? heap_payload(l, NULL, 0, ((size_t)mask + 1) * sizeof *index) : NULL;
	if (!index) {
		if (at)
			heap_release(l, at, cap * sizeof *at);
		return false;
	}
	memset(index, 0, ((size_t)mask + 1) * sizeof *index);
	for (uint32_t i = 0; i < t->used; i++) {
		uint64_t h, at_word;

		if (t->at[i].key == UNBOUND)
			continue;
		h = at_word = key_hash(t, t->at[i].key);
		while (index[at_word & mask])
			at_word++;
		index[at_word & mask] = index_word(h, n);
		at[n++] = t->at[i];
	}
	heap_release(l, t->at, t->cap * sizeof *t->at);
	heap_release(l, t->index, t->index ? ((size_t)t->mask + 1) * sizeof *t->index : 0);
	t->at = at;
	t->index = index;
	t->cap = cap;
	t->mask = mask;
	t->used = n;
	t->hit = 0;
	return true;
}

bool
table_put(struct lisp *l, value table, value key, value v)
{
	struct table_obj *t = OBJ(table_obj, table);
	uint64_t h = key_hash(t, key), slot;
	struct table_entry *e = lookup(t, key, h);

	if (e) {
		e->val = v;
		return true;
	}
	if (t->used == t->cap && !grow(l, t))
		return false;
	for (slot = h; t->index[slot & t->mask]; slot++)
		;
	t->index[slot & t->mask] = index_word(h, t->used);
	t->hit = t->used;
	t->at[t->used++] = (struct table_entry){key, v};
	t->n++;
	return true;
}

/* ---- functions ---------------------------------------------------------------------- */

static bool
table_arg(struct lisp *l, struct lisp_args a, uint32_t i)
{
	return is_object(a.at[i], OBJ_TABLE) || fn_wrong(l, a, i, "a hash table");
}

FN(fn_make_hash_table)
{
	value test = fn_key(a, 0, "test", NIL);
	const char *name = "eql";

	if (is_symbol(test) && test != NIL && as_symbol(test)->function != UNBOUND)
		test = as_symbol(test)->function;
	if (is_object(test, OBJ_BUILTIN))
		name = OBJ(builtin, test)->name;
	else if (test != NIL)
		return lisp_raise_value(l, l->s_type_error, a.call, test, "is no test of tables");
	*out = table_new(l, !strcmp(name, "equal") || !strcmp(name, "string=") ? TABLE_EQUAL :
			 !strcmp(name, "equalp") ? TABLE_EQUALP : TABLE_EQL);
	return true;
}

FN(fn_gethash)
{
	bool found;

	if (!table_arg(l, a, 1))
		return false;
	*out = a.n > 2 ? a.at[2] : NIL;
	found = table_get(a.at[1], a.at[0], out);
	l->values[1] = make_bool(found);
	l->nvalues = 2;
	return true;
}

/* ((setf gethash) value key table [default]) */
FN(fn_puthash)
{
	if (!table_arg(l, a, 2))
		return false;
	*out = a.at[0];
	return table_put(l, a.at[2], a.at[1], a.at[0]) ||
	       lisp_raise(l, l->s_storage_condition, a.call, "the table is too large");
}

bool
vm_puthash(struct lisp *l, value table, value key, value v)
{
	if (!is_object(table, OBJ_TABLE))
		return lisp_raise_value(l, l->s_type_error, vm_span(l), table,
					"is not a hash table");
	return table_put(l, table, key, v) ||
	       lisp_raise(l, l->s_storage_condition, vm_span(l), "the table is too large");
}

FN(fn_remhash)
{
	struct table_entry *e;
	struct table_obj *t;

	if (!table_arg(l, a, 1))
		return false;
	t = OBJ(table_obj, a.at[1]);
	e = lookup(t, a.at[0], key_hash(t, a.at[0]));
	*out = make_bool(e);
	if (e) {
		e->key = UNBOUND;
		e->val = NIL;
		t->n--;
	}
	return true;
}

FN(fn_clrhash)
{
	struct table_obj *t;

	if (!table_arg(l, a, 0))
		return false;
	t = OBJ(table_obj, a.at[0]);
	t->n = t->used = t->hit = 0;
	if (t->index)
		memset(t->index, 0, ((size_t)t->mask + 1) * sizeof *t->index);
	*out = a.at[0];
	return true;
}

FN(fn_hash_table_count)
{
	*out = table_arg(l, a, 0) ? make_fixnum(OBJ(table_obj, a.at[0])->n) : NIL;
	return *out != NIL;
}

/* The entries as (key . value) pairs, or only keys (1) or values (2). */
FN(fn_entries)
{
	value tail = NIL;
	const struct table_obj *t;

	if (!table_arg(l, a, 0))
		return false;
	*out = NIL;
	t = OBJ(table_obj, a.at[0]);
	for (uint32_t i = 0; i < t->used; i++) {
		const struct table_entry *e = &t->at[i];

		if (e->key != UNBOUND)
			fn_append(l, out, &tail, (uintptr_t)ud == 1 ? e->key :
				  (uintptr_t)ud == 2 ? e->val : cons(l, e->key, e->val));
	}
	return true;
}

/* (maphash f table): the function may change the entry it is given or remove it */
FN(fn_maphash)
{
	value r;

	if (!table_arg(l, a, 1))
		return false;
	for (uint32_t i = 0; i < OBJ(table_obj, a.at[1])->used; i++) {
		struct table_entry e = OBJ(table_obj, a.at[1])->at[i];

		if (e.key != UNBOUND && !fn_call2(l, a.at[0], e.key, e.val, &r))
			return false;
	}
	*out = NIL;
	return true;
}

FN(fn_table_test)
{
	static const char *const names[] = {"eql", "equal", "equalp"};

	if (!table_arg(l, a, 0))
		return false;
	*out = make_symbol(l, str_of(names[OBJ(table_obj, a.at[0])->test]));
	return true;
}

FN(fn_eq)
{
	*out = make_bool(a.at[0] == a.at[1]);
	return true;
}

FN(fn_eql)
{
	*out = make_bool(vm_eql(a.at[0], a.at[1]));
	return true;
}

FN(fn_equal)
{
	*out = make_bool(ud ? value_equalp(a.at[0], a.at[1], 0) : value_equal(a.at[0], a.at[1], 0));
	return true;
}

FN(fn_tree_equal)
{
	*out = make_bool(value_equal(a.at[0], a.at[1], 0));
	return true;
}

FN(fn_sxhash)
{
	*out = make_fixnum((int64_t)(value_hash(a.at[0], TABLE_EQUAL, 0) >> 4));
	return true;
}

static const struct fn_row rows[] = {
	{"make-hash-table", 0, -1, fn_make_hash_table, 0, "(make-hash-table [:test 'equal])"},
	{"gethash", 2, 3, fn_gethash, 0, "(gethash key table [default]): value and whether found"},
	{"(setf gethash)", 3, 4, fn_puthash, 0, NULL}, {"remhash", 2, 2, fn_remhash, 0, NULL},
	{"clrhash", 1, 1, fn_clrhash, 0, NULL},
	{"hash-table-count", 1, 1, fn_hash_table_count, 0, NULL},
	{"hash-table-test", 1, 1, fn_table_test, 0, NULL},
	{"hash-table-pairs", 1, 1, fn_entries, 0, "(hash-table-pairs table): (key . value)..."},
	{"hash-table-keys", 1, 1, fn_entries, 1, NULL},
	{"hash-table-values", 1, 1, fn_entries, 2, NULL},
	{"maphash", 2, 2, fn_maphash, 0, "(maphash f table): f of every key and value"},
	{"eq", 2, 2, fn_eq, 0, NULL}, {"eql", 2, 2, fn_eql, 0, NULL},
	{"equal", 2, 2, fn_equal, 0, NULL}, {"equalp", 2, 2, fn_equal, 1, NULL},
	{"tree-equal", 2, 2, fn_tree_equal, 0, NULL}, {"sxhash", 1, 1, fn_sxhash, 0, NULL},
};

void
fn_table_init(struct lisp *l)
{
	FN_DEFINE(l, rows);
}
