/* SPDX-License-Identifier: MIT */
/* records.c: the side of (defstruct NAME ...) that is seen at the prompt: (decode-NAME bytes)
 * makes a record of what a ring buffer or a map delivered, (NAME-record-FIELD record) reads
 * it. Map entries whose map says its struct are records already. */
#include "decode.h"

struct record_field {
	const char *struct_name;
	str name;
};

static bool
fn_record_field(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_field *f = ud;

	for (value r = args.at[0]; is_cons(r) && is_cons(car(r)); r = cdr(r)) {
		value name = car(car(r));

		if (is_symbol(name) && str_eq(as_symbol(name)->name, f->name)) {
			*out = cdr(car(r));
			return true;
		}
	}
	return lisp_error(l, args.call, "this is no record of struct `%s`", f->struct_name);
}

struct record_type {
	struct session *session;
	const char *name;
};

/* A record is decoded already, and returned as it is. */
static bool
fn_decode(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	const struct record_type *t = ud;
	struct session *s = t->session;
	const struct kenv_struct *k = kenv_struct_named(s->kenv, str_of(t->name));
	struct arena a;
	unsigned char *bytes;
	__int128 small;
	uint32_t n = 0;
	value *items;
	bool ok = true;

	if (is_cons(args.at[0])) {
		*out = args.at[0];
		return true;
	}
	/* Records of 1, 2, 4 and 8 bytes come as integers where nobody said what they are. */
	if (as_int128(args.at[0], &small) && k->size <= 8) {
		uint64_t word = (uint64_t)small;

		*out = decode_bytes(s, k->name, false, (unsigned char *)&word, k->size);
		return true;
	}
	if (!is_vector(args.at[0]))
		return lisp_error(l, args.call, "a vector of bytes is needed");
	items = vector_at(args.at[0], &n);
	if (n < k->size)
		return lisp_error(l, args.call, "struct `%s` has %u bytes, the vector %u", k->name,
				  k->size, n);
	arena_init(&a);
	bytes = arena_alloc(&a, k->size);
	for (uint32_t i = 0; ok && i < k->size; i++)
		ok = encode_value(s, items[i], NULL, bytes + i, 1, args.call);
	if (ok)
		*out = decode_bytes(s, k->name, false, bytes, k->size);
	arena_free(&a);
	return ok;
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
	*t = (struct record_type){s, arena_strndup(a, name.p, name.n)};
	lisp_define(s->lisp, arena_printf(a, "decode-%s", t->name), 1, 1, fn_decode, t, NULL);
	for (uint32_t i = 0; i < k->nfields; i++) {
		struct record_field *f = arena_new(a, struct record_field);

		*f = (struct record_field){t->name, str_of(arena_strdup(a, k->fields[i].name))};
		lisp_define(s->lisp, arena_printf(a, "%s-record-%s", t->name, f->name.p), 1, 1,
			    fn_record_field, f, NULL);
	}
}
