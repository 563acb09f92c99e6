/* SPDX-License-Identifier: MIT */
/* decode.c: see decode.h. */
#include "decode.h"

#include "facts/facts.h"

enum { RECORD_SLOTS = 64 };	/* more than a structure can have */

static const struct kenv_struct *
layout(struct session *s, const char *name)
{
	return name ? kenv_struct_named(s->kenv, str_of(name)) : NULL;
}

bool
bytes_are_text(const unsigned char *bytes, uint32_t size, str *text)
{
	uint32_t n = 0;

	while (n < size && bytes[n])
		n++;
	for (uint32_t i = 0; i < n; i++)
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			return false;
	for (uint32_t i = n; i < size; i++)
		if (bytes[i])
			return false;
	*text = (str){(const char *)bytes, n};
	return n > 0 && n < size;
}

static value
decode_integer(struct session *s, const unsigned char *bytes, uint32_t size, bool is_signed)
{
	uint64_t n = 0;

	memcpy(&n, bytes, size);
	if (is_signed && size < 8 && n >> (size * 8 - 1))
		n |= ~0ull << (size * 8);
	return is_signed ? make_int128(s->lisp, (int64_t)n) : make_int128(s->lisp, n);
}

static value
decode_field(struct session *s, const struct kenv_field *f, const unsigned char *bytes)
{
	uint32_t n;
	value v, *items;
	str text;

	if (f->bit_size) {
		uint64_t bits = 0;

		memcpy(&bits, bytes + f->offset, f->size);
		bits = bits >> f->bit_offset & (f->bit_size < 64 ? (1ull << f->bit_size) - 1 : ~0ull);
		return make_int128(s->lisp, bits);
	}
	if (f->is_text && bytes_are_text(bytes + f->offset, f->count, &text))
		return make_string(s->lisp, text);
	if (!f->is_array)
		return decode_bytes(s, f->struct_name, f->is_signed, bytes + f->offset, f->size);
	v = make_vector(s->lisp, NULL, f->count);
	items = vector_at(v, &n);
	for (uint32_t i = 0; i < n; i++)
		items[i] = f->size == 1 && !f->is_signed
			? make_int(s->lisp, bytes[f->offset + i])
			: decode_bytes(s, f->struct_name, f->is_signed,
				       bytes + f->offset + i * f->size, f->size);
	return v;
}

static value
decode_struct(struct session *s, const struct kenv_struct *k, const unsigned char *bytes)
{
	value slots[RECORD_SLOTS], list = NIL;

	if (k->nfields <= RECORD_SLOTS) {
		for (uint32_t i = 0; i < k->nfields; i++)
			slots[i] = decode_field(s, &k->fields[i], bytes);
		list = lisp_record(s->lisp, session_record_type(s, k), slots, k->nfields);
		if (list != NIL)
			return list;
	}
	for (uint32_t i = k->nfields; i-- > 0;) {
		const struct kenv_field *f = &k->fields[i];
		value pair = cons(s->lisp, make_symbol(s->lisp, str_of(f->name)),
				  decode_field(s, f, bytes));

		list = cons(s->lisp, pair, list);
	}
	return list;
}

value
decode_bytes(struct session *s, const char *struct_name, bool is_signed,
	     const unsigned char *bytes, uint32_t size)
{
	const struct kenv_struct *k = layout(s, struct_name);
	value v, *items;
	uint32_t n;

	if (k && k->size <= size)
		return decode_struct(s, k, bytes);
	if (size == 1 || size == 2 || size == 4 || size == 8)
		return decode_integer(s, bytes, size, is_signed);
	v = make_vector(s->lisp, NULL, size);
	items = vector_at(v, &n);
	for (uint32_t i = 0; i < n; i++)
		items[i] = make_int(s->lisp, bytes[i]);
	return v;
}

static bool
encode_integer(struct session *s, value v, unsigned char *out, uint32_t size, span at)
{
	/* Either reading of the bits, signed or unsigned, may be written. */
	__int128 n = 0, lowest = -((__int128)1 << (size * 8 - 1));
	__int128 highest = ((__int128)1 << (size * 8)) - 1;
	uint64_t low;

	if (!as_int128(v, &n) || n < lowest || n > highest)
		return lisp_error(s->lisp, at, "an integer of %u byte%s was expected here", size,
				  size == 1 ? "" : "s");
	low = (uint64_t)n;
	memcpy(out, &low, size);
	return true;
}

static bool encode_struct(struct session *s, value v, const struct kenv_struct *k,
			  unsigned char *out, span at);

static bool
encode_sequence(struct session *s, value v, const struct kenv_field *f, unsigned char *out,
		span at)
{
	uint32_t n = 0;
	value *items;

	if (is_string(v) && f->size == 1) {
		str text = as_string(v);

		if (text.n > f->count)
			return lisp_error(s->lisp, at, "`%s` holds %u bytes, the string has %zu",
					  f->name, f->count, text.n);
		memcpy(out, text.p, text.n);
		return true;
	}
	if (!is_vector(v))
		return lisp_error(s->lisp, at, "`%s` wants a vector of %u elements", f->name,
				  f->count);
	items = vector_at(v, &n);
	if (n > f->count)
		return lisp_error(s->lisp, at, "`%s` has %u elements, the vector %u", f->name,
				  f->count, n);
	for (uint32_t i = 0; i < n; i++)
		if (!encode_value(s, items[i], f->struct_name, out + i * f->size, f->size, at))
			return false;
	return true;
}

static bool
encode_field(struct session *s, value v, const struct kenv_field *f, unsigned char *bytes,
	     span at)
{
	unsigned char *out = bytes + f->offset;

	if (f->bit_size) {
		uint64_t word = 0, mask = (f->bit_size < 64 ? (1ull << f->bit_size) : 0) - 1;
		__int128 n;

		if (!as_int128(v, &n))
			return lisp_error(s->lisp, at, "`%s` wants an integer", f->name);
		memcpy(&word, out, f->size);
		word = (word & ~(mask << f->bit_offset)) | ((uint64_t)n & mask) << f->bit_offset;
		memcpy(out, &word, f->size);
		return true;
	}
	if (f->is_array)
		return encode_sequence(s, v, f, out, at);
	return encode_value(s, v, f->struct_name, out, f->size, at);
}

static bool
encode_struct(struct session *s, value v, const struct kenv_struct *k, unsigned char *out,
	      span at)
{
	uint32_t n = 0;
	const value *slots = lisp_record_slots(v, session_record_type(s, k), &n);

	for (uint32_t i = 0; slots && i < n && i < k->nfields; i++)
		if (!encode_field(s, slots[i], &k->fields[i], out, at))
			return false;
	for (; is_cons(v); v = cdr(v)) {
		value name = car(car(v));
		const struct kenv_field *f = NULL;

		for (uint32_t i = 0; i < k->nfields && is_symbol(name); i++)
			if (str_is(as_symbol(name)->name, k->fields[i].name))
				f = &k->fields[i];
		if (!f)
			return lisp_error(s->lisp, at, "struct `%s` has no such field", k->name);
		if (!encode_field(s, cdr(car(v)), f, out, at))
			return false;
	}
	return true;
}

bool
encode_value(struct session *s, value v, const char *struct_name, unsigned char *out,
	     uint32_t size, span at)
{
	const struct kenv_struct *k = layout(s, struct_name);
	struct kenv_field bytes = {.name = "this", .size = 1, .count = size, .is_array = true};

	memset(out, 0, size);
	if (k && k->size <= size && (is_cons(v) ||
				     lisp_record_slots(v, session_record_type(s, k), NULL)))
		return encode_struct(s, v, k, out, at);
	if (!is_vector(v) && (size == 1 || size == 2 || size == 4 || size == 8))
		return encode_integer(s, v, out, size, at);
	return encode_sequence(s, v, &bytes, out, at);
}

value
decode_key(struct session *s, const struct map *m, const unsigned char *bytes)
{
	return decode_bytes(s, m->spec.key_struct, false, bytes, m->spec.key_size);
}

static uint32_t
cpus_of(const struct map *m)
{
	const struct fact_map_type *t = fact_map_type(m->spec.type);
	uint32_t each = (m->spec.value_size + 7) & ~7u;

	return t && t->per_cpu && each ? map_transfer_size(m) / each : 0;
}

value
decode_value(struct session *s, const struct map *m, const unsigned char *bytes)
{
	uint32_t cpus = cpus_of(m), each = (m->spec.value_size + 7) & ~7u;
	struct arena a;
	VEC(value) items = {0};
	value v;

	if (!cpus)
		return decode_bytes(s, m->spec.value_struct, m->spec.value_signed, bytes,
				    m->spec.value_size);
	arena_init(&a);
	for (uint32_t i = 0; i < cpus; i++)
		vec_push(&a, &items, decode_bytes(s, m->spec.value_struct, m->spec.value_signed,
						  bytes + i * each, m->spec.value_size));
	v = make_vector(s->lisp, items.at, items.n);
	arena_free(&a);
	return v;
}

bool
encode_key(struct session *s, const struct map *m, value v, unsigned char *out, span at)
{
	return encode_value(s, v, m->spec.key_struct, out, m->spec.key_size, at);
}

/* An entry of a table of programs is a program, by name. */
static bool
encode_program(struct session *s, value v, unsigned char *out, span at)
{
	struct program *p = session_program_named(s, as_symbol(v)->name);

	if (!p || p->fd < 0)
		return lisp_error(s->lisp, at, "no program `%.*s` is loaded",
				  STR_ARG(as_symbol(v)->name));
	memcpy(out, &p->fd, sizeof p->fd);
	return true;
}

bool
encode_map_value(struct session *s, const struct map *m, value v, unsigned char *out, span at)
{
	uint32_t cpus = cpus_of(m), each = (m->spec.value_size + 7) & ~7u, n = 0;
	value *items = is_vector(v) && cpus ? vector_at(v, &n) : NULL;

	if (m->spec.type == BPF_MAP_TYPE_PROG_ARRAY && is_symbol(v))
		return encode_program(s, v, out, at);
	if (!cpus)
		return encode_value(s, v, m->spec.value_struct, out, m->spec.value_size, at);
	/* One value for every CPU, or the same for all. */
	for (uint32_t i = 0; i < cpus; i++)
		if (!encode_value(s, items ? (i < n ? items[i] : make_int(s->lisp, 0)) : v,
				  m->spec.value_struct, out + i * each, m->spec.value_size, at))
			return false;
	return true;
}
