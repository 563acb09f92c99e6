/* SPDX-License-Identifier: MIT */
/* records.c: the side of (defstruct NAME ...) that is seen at the prompt. What maps and rings
 * deliver as struct NAME are structures of type NAME-record: (NAME-record-FIELD record) reads
 * a field and is a place, (make-NAME-record :FIELD value ...) makes one, (decode-NAME bytes)
 * and (encode-NAME record) go from bytes and back. A struct with more fields than a structure
 * can have slots is a list ((field . value) ...) instead. */
#include "decode.h"

struct record_field {
	value type;		/* NAME-record */
	uint32_t index;
	const char *struct_name;
	str name;
};

static bool
fn_record_field(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_field *f = ud;
	value *slots = lisp_record_slots(args.at[0], f->type, NULL);

	if (slots) {
		*out = slots[f->index];
		return true;
	}
	for (value r = args.at[0]; is_cons(r) && is_cons(car(r)); r = cdr(r)) {
		value name = car(car(r));

		if (is_symbol(name) && str_eq(as_symbol(name)->name, f->name)) {
			*out = cdr(car(r));
			return true;
		}
	}
	return lisp_error(l, args.call, "this is no record of struct `%s`", f->struct_name);
}

static bool
fn_set_record_field(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_field *f = ud;
	value *slots = lisp_record_slots(args.at[1], f->type, NULL);

	*out = args.at[0];
	if (!slots)
		return lisp_error(l, args.call, "this is no record of struct `%s`", f->struct_name);
	slots[f->index] = args.at[0];
	return true;
}

struct record_type {
	struct session *session;
	const char *name;
	value type;
};

/* As it comes from a kernel that never wrote it: zeros. */
static value
zero_record(struct session *s, const struct kenv_struct *k)
{
	struct arena a;
	value v;

	arena_init(&a);
	v = decode_bytes(s, k->name, false, arena_alloc(&a, k->size), k->size);
	arena_free(&a);
	return v;
}

/* (make-NAME-record :FIELD value ...) */
static bool
fn_make(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_type *t = ud;
	const struct kenv_struct *k = kenv_struct_named(t->session->kenv, str_of(t->name));
	value *slots;

	*out = zero_record(t->session, k);
	slots = lisp_record_slots(*out, t->type, NULL);
	if (!slots)
		return lisp_error(l, args.call, "struct `%s` has too many fields", t->name);
	for (uint32_t i = 0; i < args.n; i += 2) {
		uint32_t f = 0;

		while (f < k->nfields && !(is_keyword(args.at[i]) &&
					   str_is(as_symbol(args.at[i])->name, k->fields[f].name)))
			f++;
		if (f == k->nfields || i + 1 == args.n)
			return lisp_error(l, args.call, f == k->nfields
					  ? "argument %u is no field of struct `%s`"
					  : "argument %u of `make-%s-record` lacks its value", i + 1,
					  t->name);
		slots[f] = args.at[i + 1];
	}
	return true;
}

static bool
fn_is_record(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_type *t = ud;

	(void)l;
	*out = lisp_record_slots(args.at[0], t->type, NULL) ? T : NIL;
	return true;
}

/* (encode-NAME record): a vector of bytes. */
static bool
fn_encode(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_type *t = ud;
	const struct kenv_struct *k = kenv_struct_named(t->session->kenv, str_of(t->name));
	struct arena a;
	unsigned char *bytes;
	value *items;
	bool ok;

	if (!lisp_record_slots(args.at[0], t->type, NULL) && !is_cons(args.at[0]))
		return lisp_error(l, args.call, "this is no record of struct `%s`", t->name);
	arena_init(&a);
	bytes = arena_alloc(&a, k->size);
	items = arena_array(&a, value, k->size);
	ok = encode_value(t->session, args.at[0], k->name, bytes, k->size, args.call);
	for (uint32_t i = 0; i < k->size; i++)
		items[i] = make_int(l, bytes[i]);
	*out = ok ? make_vector(l, items, k->size) : NIL;
	arena_free(&a);
	return ok;
}

static bool
decode_vector(struct session *s, const struct kenv_struct *k, value v, span at, value *out)
{
	uint32_t n = 0;
	value *items = vector_at(v, &n);
	struct arena a;
	unsigned char *bytes;
	bool ok = true;

	if (n < k->size)
		return lisp_error(s->lisp, at, "struct `%s` has %u bytes, the vector %u", k->name,
				  k->size, n);
	arena_init(&a);
	bytes = arena_alloc(&a, k->size);
	for (uint32_t i = 0; ok && i < k->size; i++)
		ok = encode_value(s, items[i], NULL, bytes + i, 1, at);
	if (ok)
		*out = decode_bytes(s, k->name, false, bytes, k->size);
	arena_free(&a);
	return ok;
}

/* A record is decoded already, and returned as it is. */
static bool
fn_decode(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_type *t = ud;
	struct session *s = t->session;
	const struct kenv_struct *k = kenv_struct_named(s->kenv, str_of(t->name));
	__int128 small;

	*out = args.at[0];
	if (lisp_record_slots(args.at[0], t->type, NULL) || is_cons(args.at[0]))
		return true;
	/* Records of 1, 2, 4 and 8 bytes come as integers where nobody said what they are. */
	if (as_int128(args.at[0], &small) && k->size <= 8) {
		uint64_t word = (uint64_t)small;

		*out = decode_bytes(s, k->name, false, (unsigned char *)&word, k->size);
		return true;
	}
	if (!is_vector(args.at[0]))
		return lisp_error(l, args.call, "a vector of bytes is needed");
	return decode_vector(s, k, args.at[0], args.call, out);
}

/* (sizeof STRUCT-OR-TYPE), as in programs: for the sizes of maps, and of records to decode. */
bool
session_sizeof(struct lisp *l, void *ud, value form, value *out)
{
	struct session *s = ud;
	value name = car(cdr(form));
	uint32_t size;

	*out = NIL;
	if (list_length(form) != 2 || !is_symbol(name))
		return lisp_error(l, form_span(form), "this form is (sizeof STRUCT-OR-TYPE)");
	size = kenv_sizeof(s->kenv, as_symbol(name)->name);
	if (!size)
		return lisp_error(l, car_span(cdr(form)), "no such struct: %.*s",
				  STR_ARG(as_symbol(name)->name));
	*out = make_int(l, size);
	return true;
}

value
session_record_type(struct session *s, const struct kenv_struct *k)
{
	value names = NIL;
	struct record_type_of r = {k, NIL};

	for (uint32_t i = 0; i < s->record_types.n; i++)
		if (s->record_types.at[i].layout == k)
			return s->record_types.at[i].type;
	for (uint32_t i = k->nfields; i-- > 0;)
		names = cons(s->lisp, make_symbol(s->lisp, str_of(k->fields[i].name)), names);
	r.type = make_symbol(s->lisp, str_of(arena_printf(&s->arena, "%s-record", k->name)));
	lisp_define_record(s->lisp, r.type, names);
	vec_push(&s->arena, &s->record_types, r);
	return r.type;
}

static void
define_field(struct session *s, const struct kenv_struct *k, uint32_t i, value type)
{
	struct arena *a = &s->arena;
	struct record_field *f = arena_new(a, struct record_field);
	char *name = arena_printf(a, "%s-record-%s", k->name, k->fields[i].name);

	*f = (struct record_field){type, i, arena_strdup(a, k->name),
				   str_of(arena_strdup(a, k->fields[i].name))};
	lisp_define(s->lisp, name, 1, 1, fn_record_field, f, NULL);
	lisp_define(s->lisp, arena_printf(a, "(setf %s)", name), 2, 2, fn_set_record_field, f, NULL);
}

void
session_define_record(struct session *s, str name)
{
	const struct kenv_struct *k = kenv_struct_named(s->kenv, name);
	struct arena *a = &s->arena;
	struct record_type *t;

	if (!k)
		return;
	t = arena_new(a, struct record_type);
	*t = (struct record_type){s, arena_strndup(a, name.p, name.n), session_record_type(s, k)};
	lisp_define(s->lisp, arena_printf(a, "decode-%s", t->name), 1, 1, fn_decode, t, NULL);
	lisp_define(s->lisp, arena_printf(a, "encode-%s", t->name), 1, 1, fn_encode, t, NULL);
	lisp_define(s->lisp, arena_printf(a, "make-%s-record", t->name), 0, -1, fn_make, t, NULL);
	lisp_define(s->lisp, arena_printf(a, "%s-record-p", t->name), 1, 1, fn_is_record, t, NULL);
	for (uint32_t i = 0; i < k->nfields; i++)
		define_field(s, k, i, t->type);
}
