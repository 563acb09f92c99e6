/* SPDX-License-Identifier: MIT */
/* btf.c: reading BTF and .BTF.ext where they lie.
 *
 * A kernel's BTF holds some 130,000 records in 5 MB, of which a session looks at a hundred.
 * So opening walks the record heads once (their lengths follow from kind and count) and
 * stores one offset per id; names are hashed at the first lookup into chained buckets, two
 * arrays of one number per type. Chains run in ascending order of id. Everything else is
 * read from the buffer when asked for. */
#include "btf.h"

#include <endian.h>
#include <linux/bpf.h>

enum {
	RESOLVE_DEPTH = 64,	/* the kernel allows 32 */
	MEMBER_DEPTH = 16,	/* anonymous structs inside each other */
	TEXT_DEPTH = 24,
};

struct enumerator {
	uint32_t name, type, index;
};

struct btf {
	struct arena *arena;
	struct btf *base;
	const char *types, *strings;
	uint32_t types_len, strings_len;
	uint32_t first_id, first_string;	/* the base's counts; 1 and 0 without */
	uint32_t n;				/* records of our own */
	uint32_t *at;				/* byte offset of each in types */
	/* Made at the first lookup. Links are index + 1, 0 ends. */
	uint32_t *heads, *next, mask;
	uint32_t *enum_heads, *enum_next, enum_mask;
	struct enumerator *enumerators;
};

static const struct btf_type void_type;

/* What follows a record's head: so many bytes, and so many more for each it counts. A table
 * and no switch, since the walk over all records is bound by mispredicted branches. */
static const struct {
	uint8_t known, fixed, each;
} tails[32] = {
	[BTF_KIND_INT] = {1, 4, 0},
	[BTF_KIND_PTR] = {1, 0, 0},
	[BTF_KIND_ARRAY] = {1, sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {1, 0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {1, 0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {1, 0, sizeof(struct btf_enum)},
	[BTF_KIND_FWD] = {1, 0, 0},
	[BTF_KIND_TYPEDEF] = {1, 0, 0},
	[BTF_KIND_VOLATILE] = {1, 0, 0},
	[BTF_KIND_CONST] = {1, 0, 0},
	[BTF_KIND_RESTRICT] = {1, 0, 0},
	[BTF_KIND_FUNC] = {1, 0, 0},
	[BTF_KIND_FUNC_PROTO] = {1, 0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {1, sizeof(struct btf_var), 0},
	[BTF_KIND_DATASEC] = {1, 0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_FLOAT] = {1, 0, 0},
	[BTF_KIND_DECL_TAG] = {1, sizeof(struct btf_decl_tag), 0},
	[BTF_KIND_TYPE_TAG] = {1, 0, 0},
	[BTF_KIND_ENUM64] = {1, 0, sizeof(struct btf_enum64)},
};

static const char *
check_header(const struct btf_header *h, size_t size)
{
	if (size < sizeof *h)
		return "BTF: shorter than its header";
	if (h->magic == 0x9feb)
		return "BTF: of the other byte order";
	if (h->magic != BTF_MAGIC)
		return "BTF: no BTF magic number";
	if (h->version != BTF_VERSION)
		return "BTF: unknown version";
	if (h->hdr_len < sizeof *h || h->hdr_len > size || h->hdr_len % 4)
		return "BTF: wrong header length";
	size -= h->hdr_len;
	if (h->type_off > size || h->type_len > size - h->type_off || h->type_off % 4)
		return "BTF: types outside the data";
	if (h->str_off > size || h->str_len > size - h->str_off)
		return "BTF: strings outside the data";
	return NULL;
}

static const char *
index_records(struct btf *b)
{
	/* Kernels come at 25 bytes a record; what is reserved in vain costs page faults. */
	uint32_t cap = b->types_len / 24 + 16, off = 0, n = 0;
	uint32_t *at = arena_array(b->arena, uint32_t, cap);

	while (off < b->types_len) {
		const struct btf_type *t = (const void *)(b->types + off);
		uint32_t left = b->types_len - off;

		if (left < sizeof *t)
			return "BTF: the last type is cut off";

		uint32_t kind = btf_kind(t);
		uint32_t tail = tails[kind].fixed + tails[kind].each * btf_vlen(t);

		if (!tails[kind].known)
			return "BTF: a kind of type this version does not know";
		if (tail > left - sizeof *t)
			return "BTF: a type runs past the end";
		if (n == cap)
			at = arena_grow(b->arena, at, &cap, n + 1, sizeof *at);
		at[n++] = off;
		off += (uint32_t)sizeof *t + tail;
	}
	b->at = at;
	b->n = n;
	return NULL;
}

struct btf *
btf_open(struct arena *a, const void *data, size_t size, struct btf *base, const char **why)
{
	const struct btf_header *h = data;
	const char *wrong = (uintptr_t)data % 4 ? "BTF: not aligned to 4 bytes"
						: check_header(h, size);
	struct btf *b = NULL;

	if (!wrong) {
		b = arena_new(a, struct btf);
		b->arena = a;
		b->base = base;
		b->types = (const char *)data + h->hdr_len + h->type_off;
		b->types_len = h->type_len;
		b->strings = (const char *)data + h->hdr_len + h->str_off;
		b->strings_len = h->str_len;
		b->first_id = base ? btf_count(base) : 1;
		b->first_string = base ? base->first_string + base->strings_len : 0;
		if (b->strings_len > 0 && b->strings[b->strings_len - 1])
			wrong = "BTF: the last string has no end";
		else if (b->strings_len > 0 && !base && b->strings[0])
			wrong = "BTF: the first string is not empty";
		else
			wrong = index_records(b);
	}
	if (why)
		*why = wrong;
	return wrong ? NULL : b;
}

uint32_t
btf_count(const struct btf *b)
{
	return b->first_id + b->n;
}

uint32_t
btf_first(const struct btf *b)
{
	return b->first_id;
}

const struct btf_type *
btf_type(const struct btf *b, uint32_t id)
{
	while (b->base && id < b->first_id)
		b = b->base;
	if (id < b->first_id || id - b->first_id >= b->n)
		return &void_type;
	return (const void *)(b->types + b->at[id - b->first_id]);
}

const char *
btf_str(const struct btf *b, uint32_t offset)
{
	while (b->base && offset < b->first_string)
		b = b->base;
	offset -= b->first_string;
	return offset < b->strings_len ? b->strings + offset : "";
}

const char *
btf_name(const struct btf *b, uint32_t id)
{
	return btf_str(b, btf_type(b, id)->name_off);
}

/* ---- finding by name ------------------------------------------------------------------- */

static inline uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Names are hashed as words of eight bytes, the last one padded with zeros: hashing all of
 * them is most of what an index costs. */
static uint32_t
hash_name(str name)
{
	uint64_t h = 0, w = 0;
	size_t i = 0;

	for (; name.n - i >= 8; i += 8) {
		memcpy(&w, name.p + i, 8);
		h = mix(h, le64toh(w));
	}
	w = 0;
	memcpy(&w, name.p + i, name.n - i);
	return (uint32_t)(mix(h, le64toh(w)) >> 7);
}

/* The same of a string in the section, without looking for its end first. The lowest zero
 * byte of w is where the lowest bit of the usual (w - 01..) & ~w & 80.. stands; the section
 * ends with a zero byte, so one is always found. */
static uint32_t
hash_at(const struct btf *b, uint32_t offset)
{
	uint64_t h = 0, w, zero;

	if (offset < b->first_string || offset - b->first_string >= b->strings_len)
		return hash_name(str_of(btf_str(b, offset)));
	for (offset -= b->first_string;; offset += 8) {
		uint32_t left = b->strings_len - offset;

		w = 0;
		if (left >= 8)
			memcpy(&w, b->strings + offset, 8);
		else
			memcpy(&w, b->strings + offset, left);
		w = le64toh(w);
		zero = (w - 0x0101010101010101u) & ~w & 0x8080808080808080u;
		if (zero)
			break;
		h = mix(h, w);
	}
	w &= ((zero & -zero) >> 7) - 1;
	return (uint32_t)(mix(h, w) >> 7);
}

static uint32_t
table_size(uint32_t n)
{
	uint32_t size = 16;

	while (size < n)
		size *= 2;
	return size;
}

static void
build_index(struct btf *b)
{
	uint32_t size = table_size(b->n / 2);

	b->mask = size - 1;
	b->heads = arena_array(b->arena, uint32_t, size);
	b->next = arena_array(b->arena, uint32_t, b->n + 1);
	for (uint32_t i = b->n; i-- > 0;) {
		const struct btf_type *t = (const void *)(b->types + b->at[i]);
		uint32_t *head;

		if (!btf_str(b, t->name_off)[0])
			continue;
		head = &b->heads[hash_at(b, t->name_off) & b->mask];

		b->next[i] = *head;
		*head = i + 1;
	}
}

static uint32_t
find_from(const struct btf *b, uint32_t link, str name, uint32_t kind)
{
	for (; link; link = b->next[link - 1]) {
		const struct btf_type *t = (const void *)(b->types + b->at[link - 1]);

		if ((kind == BTF_KIND_UNKN || btf_kind(t) == kind) &&
		    str_is(name, btf_str(b, t->name_off)))
			return b->first_id + link - 1;
	}
	return 0;
}

uint32_t
btf_find(struct btf *b, str name, uint32_t kind)
{
	uint32_t id = b->base ? btf_find(b->base, name, kind) : 0;

	if (id || name.n == 0)
		return id;
	if (!b->heads)
		build_index(b);
	return find_from(b, b->heads[hash_name(name) & b->mask], name, kind);
}

uint32_t
btf_find_next(struct btf *b, uint32_t id, uint32_t kind)
{
	str name = str_of(btf_name(b, id));

	if (name.n == 0)
		return 0;
	if (b->base && id < b->first_id) {
		uint32_t more = btf_find_next(b->base, id, kind);

		if (more)
			return more;
	}
	if (!b->heads)
		build_index(b);
	if (id < b->first_id)
		return find_from(b, b->heads[hash_name(name) & b->mask], name, kind);
	return find_from(b, b->next[id - b->first_id], name, kind);
}

static void
build_enum_index(struct btf *b)
{
	uint32_t total = 0, size, k = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct btf_type *t = (const void *)(b->types + b->at[i]);

		if (btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64)
			total += btf_vlen(t);
	}
	size = table_size(total);

	b->enum_mask = size - 1;
	b->enum_heads = arena_array(b->arena, uint32_t, size);
	b->enum_next = arena_array(b->arena, uint32_t, total + 1);
	b->enumerators = arena_array(b->arena, struct enumerator, total + 1);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct btf_type *t = (const void *)(b->types + b->at[i]);
		uint32_t kind = btf_kind(t), n = btf_vlen(t);

		if (kind != BTF_KIND_ENUM && kind != BTF_KIND_ENUM64)
			continue;
		for (uint32_t j = 0; j < n; j++, k++) {
			uint32_t name = kind == BTF_KIND_ENUM
				? ((const struct btf_enum *)(t + 1))[j].name_off
				: ((const struct btf_enum64 *)(t + 1))[j].name_off;
			uint32_t *head = &b->enum_heads[hash_at(b, name) & b->enum_mask];

			b->enumerators[k] = (struct enumerator){name, b->first_id + i, j};
			b->enum_next[k] = *head;
			*head = k + 1;
		}
	}
}

bool
btf_find_enumerator(struct btf *b, str name, int64_t *value)
{
	if (b->base && btf_find_enumerator(b->base, name, value))
		return true;
	if (name.n == 0)
		return false;
	if (!b->enum_heads)
		build_enum_index(b);
	for (uint32_t k = b->enum_heads[hash_name(name) & b->enum_mask]; k;
	     k = b->enum_next[k - 1]) {
		const struct enumerator *e = &b->enumerators[k - 1];

		if (str_is(name, btf_str(b, e->name)))
			return btf_enumerator(b, e->type, e->index, &(const char *){NULL},
					      value);
	}
	return false;
}

/* ---- what a type is -------------------------------------------------------------------- */

static bool
is_modifier(uint32_t kind)
{
	return kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

uint32_t
btf_unqualified(const struct btf *b, uint32_t id)
{
	for (int depth = 0; depth < RESOLVE_DEPTH; depth++) {
		const struct btf_type *t = btf_type(b, id);

		if (!is_modifier(btf_kind(t)))
			return id;
		id = t->type;
	}
	return 0;
}

uint32_t
btf_resolve(const struct btf *b, uint32_t id)
{
	for (int depth = 0; depth < RESOLVE_DEPTH; depth++) {
		const struct btf_type *t = btf_type(b, id);

		if (!is_modifier(btf_kind(t)) && btf_kind(t) != BTF_KIND_TYPEDEF)
			return id;
		id = t->type;
	}
	return 0;
}

int64_t
btf_size(const struct btf *b, uint32_t id)
{
	int64_t n = 1;

	for (int depth = 0; depth < RESOLVE_DEPTH; depth++) {
		const struct btf_type *t = btf_type(b, id);
		int64_t one = -1;

		switch (btf_kind(t)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
		case BTF_KIND_DATASEC:
			one = t->size;
			break;
		case BTF_KIND_PTR:
			one = 8;
			break;
		case BTF_KIND_ARRAY: {
			const struct btf_array *array = (const void *)(t + 1);

			if (__builtin_mul_overflow(n, (int64_t)array->nelems, &n))
				return -1;
			id = array->type;
			continue;
		}
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
		case BTF_KIND_VAR:
			id = t->type;
			continue;
		}
		return one < 0 || __builtin_mul_overflow(n, one, &n) ? -1 : n;
	}
	return -1;
}

uint32_t
btf_target(const struct btf *b, uint32_t id)
{
	const struct btf_type *t = btf_type(b, id);

	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return t->type;
	}
	return 0;
}

bool
btf_member(const struct btf *b, uint32_t id, uint32_t i, struct btf_field *out)
{
	const struct btf_type *t = btf_type(b, id);

	if (!btf_is_composite(t) || i >= btf_vlen(t))
		return false;

	const struct btf_member *m = (const struct btf_member *)(t + 1) + i;
	bool packed = BTF_INFO_KFLAG(t->info);

	*out = (struct btf_field){
		.name = btf_str(b, m->name_off),
		.type = m->type,
		.bit_offset = packed ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset,
		.bit_size = packed ? BTF_MEMBER_BITFIELD_SIZE(m->offset) : 0,
		.index = i,
	};
	return true;
}

static bool
find_member(const struct btf *b, uint32_t id, str name, struct btf_field *out, int depth)
{
	struct btf_field f;

	id = btf_resolve(b, id);
	for (uint32_t i = 0; btf_member(b, id, i, &f); i++) {
		if (f.name[0]) {
			if (str_is(name, f.name)) {
				*out = f;
				return true;
			}
		} else if (depth < MEMBER_DEPTH &&
			   find_member(b, f.type, name, out, depth + 1)) {
			out->bit_offset += f.bit_offset;
			return true;
		}
	}
	return false;
}

bool
btf_find_member(const struct btf *b, uint32_t id, str name, struct btf_field *out)
{
	return name.n > 0 && find_member(b, id, name, out, 0);
}

bool
btf_enumerator(const struct btf *b, uint32_t id, uint32_t i, const char **name, int64_t *value)
{
	const struct btf_type *t = btf_type(b, id);

	if (i >= btf_vlen(t))
		return false;
	if (btf_kind(t) == BTF_KIND_ENUM) {
		const struct btf_enum *e = (const struct btf_enum *)(t + 1) + i;

		*name = btf_str(b, e->name_off);
		*value = BTF_INFO_KFLAG(t->info) ? e->val : (int64_t)(uint32_t)e->val;
		return true;
	}
	if (btf_kind(t) == BTF_KIND_ENUM64) {
		const struct btf_enum64 *e = (const struct btf_enum64 *)(t + 1) + i;

		*name = btf_str(b, e->name_off);
		*value = (int64_t)((uint64_t)e->val_hi32 << 32 | e->val_lo32);
		return true;
	}
	return false;
}

bool
btf_find_enum_value(const struct btf *b, uint32_t id, str name, int64_t *value)
{
	const char *s;
	int64_t v;

	id = btf_resolve(b, id);
	for (uint32_t i = 0; btf_enumerator(b, id, i, &s, &v); i++) {
		if (str_is(name, s)) {
			*value = v;
			return true;
		}
	}
	return false;
}

/* The prototype of a function, or the type itself. */
static const struct btf_type *
proto_of(const struct btf *b, uint32_t id)
{
	const struct btf_type *t = btf_type(b, id);

	if (btf_kind(t) == BTF_KIND_FUNC)
		t = btf_type(b, t->type);
	return btf_kind(t) == BTF_KIND_FUNC_PROTO ? t : &void_type;
}

bool
btf_param(const struct btf *b, uint32_t id, uint32_t i, struct btf_param_of *out)
{
	const struct btf_type *t = proto_of(b, id);

	if (i >= btf_vlen(t))
		return false;

	const struct btf_param *p = (const struct btf_param *)(t + 1) + i;

	*out = (struct btf_param_of){btf_str(b, p->name_off), p->type};
	return true;
}

uint32_t
btf_param_count(const struct btf *b, uint32_t id)
{
	return btf_vlen(proto_of(b, id));
}

uint32_t
btf_return_type(const struct btf *b, uint32_t id)
{
	return proto_of(b, id)->type;
}

/* What follows the head, when the type is of that kind. */
static const void *
tail_of(const struct btf *b, uint32_t id, uint32_t kind)
{
	const struct btf_type *t = btf_type(b, id);

	return btf_kind(t) == kind ? t + 1 : NULL;
}

const struct btf_array *
btf_array_of(const struct btf *b, uint32_t id)
{
	return tail_of(b, id, BTF_KIND_ARRAY);
}

const struct btf_var_secinfo *
btf_secinfos(const struct btf *b, uint32_t id, uint32_t *n)
{
	const struct btf_var_secinfo *v = tail_of(b, id, BTF_KIND_DATASEC);

	*n = v ? btf_vlen(btf_type(b, id)) : 0;
	return v;
}

const struct btf_decl_tag *
btf_decl_tag_of(const struct btf *b, uint32_t id)
{
	return tail_of(b, id, BTF_KIND_DECL_TAG);
}

const struct btf_var *
btf_var_of(const struct btf *b, uint32_t id)
{
	return tail_of(b, id, BTF_KIND_VAR);
}

bool
btf_int(const struct btf *b, uint32_t id, uint32_t *bits, uint32_t *encoding)
{
	const uint32_t *info = tail_of(b, id, BTF_KIND_INT);

	if (!info)
		return false;
	*bits = BTF_INT_BITS(*info);
	*encoding = BTF_INT_ENCODING(*info);
	return true;
}

bool
btf_is_signed(const struct btf *b, uint32_t id)
{
	uint32_t bits, encoding;
	const struct btf_type *t;

	id = btf_resolve(b, id);
	t = btf_type(b, id);
	if (btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64)
		return BTF_INFO_KFLAG(t->info);
	return btf_int(b, id, &bits, &encoding) && encoding & BTF_INT_SIGNED;
}

/* ---- types as text --------------------------------------------------------------------- */

/* C's declarators read inside out: what stands before the (absent) name is written going
 * down, what stands after it coming back. `tight` says a pointer is being written, so an
 * array or function under it needs parentheses. */
struct writer {
	const struct btf *b;
	struct buf *out;
	uint32_t end;		/* parameters past here are left out: prototypes may nest
				 * without end and branch at every level */
};

static void write_before(const struct writer *w, uint32_t id, bool tight, int depth);
static void write_after(const struct writer *w, uint32_t id, bool tight, int depth);

static void
write_params(const struct writer *w, uint32_t id, int depth)
{
	struct btf_param_of p;

	buf_putc(w->out, '(');
	for (uint32_t i = 0; btf_param(w->b, id, i, &p); i++) {
		buf_puts(w->out, i ? ", " : "");
		if ((p.type == 0 && i + 1 == btf_param_count(w->b, id) && !p.name[0]) ||
		    depth > TEXT_DEPTH || w->out->n > w->end) {
			buf_puts(w->out, "...");
			break;
		}
		write_before(w, p.type, false, depth + 1);
		write_after(w, p.type, false, depth + 1);
	}
	buf_puts(w->out, btf_param_count(w->b, id) ? ")" : "void)");
}

static void
write_after(const struct writer *w, uint32_t id, bool tight, int depth)
{
	const struct btf_type *t = btf_type(w->b, id);
	uint32_t kind = btf_kind(t);

	if (depth > TEXT_DEPTH)
		return;
	if (kind == BTF_KIND_PTR || is_modifier(kind)) {
		write_after(w, t->type, kind == BTF_KIND_PTR || tight, depth + 1);
	} else if (kind == BTF_KIND_ARRAY) {
		const struct btf_array *array = (const void *)(t + 1);

		buf_printf(w->out, "%s[%u]", tight ? ")" : "", array->nelems);
		write_after(w, array->type, false, depth + 1);
	} else if (kind == BTF_KIND_FUNC_PROTO) {
		buf_puts(w->out, tight ? ")" : "");
		write_params(w, id, depth);
		write_after(w, t->type, false, depth + 1);
	}
}

static void
write_head(const struct writer *w, const struct btf_type *t, bool tight, int depth)
{
	const char *name = btf_str(w->b, t->name_off);
	const char *word = "";

	switch (btf_kind(t)) {
	case BTF_KIND_UNKN:
		name = "void";
		break;
	case BTF_KIND_STRUCT:
		word = "struct ";
		break;
	case BTF_KIND_UNION:
		word = "union ";
		break;
	case BTF_KIND_FWD:
		word = BTF_INFO_KFLAG(t->info) ? "union " : "struct ";
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		word = "enum ";
		break;
	case BTF_KIND_ARRAY:
		write_before(w, ((const struct btf_array *)(t + 1))->type, false, depth + 1);
		buf_puts(w->out, tight ? " (" : "");
		return;
	case BTF_KIND_FUNC_PROTO:
		write_before(w, t->type, false, depth + 1);
		buf_puts(w->out, tight ? " (" : " ");
		return;
	}
	buf_puts(w->out, word);
	buf_puts(w->out, name[0] ? name : "{...}");
}

static void
write_before(const struct writer *w, uint32_t id, bool tight, int depth)
{
	const struct btf_type *t = btf_type(w->b, id);
	uint32_t kind = btf_kind(t), under = btf_kind(btf_type(w->b, t->type));

	if (depth > TEXT_DEPTH) {
		buf_puts(w->out, "...");
	} else if (kind == BTF_KIND_PTR) {
		write_before(w, t->type, true, depth + 1);
		if (under != BTF_KIND_PTR && under != BTF_KIND_ARRAY &&
		    under != BTF_KIND_FUNC_PROTO)
			buf_putc(w->out, ' ');
		buf_putc(w->out, '*');
	} else if (kind == BTF_KIND_TYPE_TAG) {
		write_before(w, t->type, tight, depth + 1);
	} else if (is_modifier(kind)) {
		const char *word = kind == BTF_KIND_CONST ? "const" :
				   kind == BTF_KIND_VOLATILE ? "volatile" : "restrict";
		bool after = under == BTF_KIND_PTR;

		if (!after)
			buf_printf(w->out, "%s ", word);
		write_before(w, t->type, tight, depth + 1);
		if (after)
			buf_printf(w->out, " %s", word);
	} else {
		write_head(w, t, tight, depth);
	}
}

void
btf_write_type(const struct btf *b, uint32_t id, struct buf *out)
{
	struct writer w = {b, out, out->n + 1024};

	if (btf_kind(btf_type(b, id)) == BTF_KIND_FUNC) {
		const struct btf_type *proto = proto_of(b, id);

		write_before(&w, proto->type, false, 0);
		buf_printf(out, " %s", btf_name(b, id));
		write_params(&w, id, 0);
		return;
	}
	write_before(&w, id, false, 0);
	write_after(&w, id, false, 0);
}

/* ---- .BTF.ext -------------------------------------------------------------------------- */

/* The header as far as we read it; older files end it before core_off. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t hdr_len;
	struct {
		uint32_t off, len;
	} part[BTF_EXT_KINDS];
};

static const uint32_t ext_record_size[BTF_EXT_KINDS] = {
	sizeof(struct bpf_func_info), sizeof(struct bpf_line_info),
	sizeof(struct bpf_core_relo),
};

/* The bytes of one part; null when absent or malformed (*why then). */
static const char *
ext_part(const char *data, size_t size, enum btf_ext_kind kind, uint32_t *len,
	 const char **why)
{
	struct ext_header h = {0};
	size_t head = size < sizeof h ? size : sizeof h;
	size_t need = offsetof(struct ext_header, part) + (kind + 1) * sizeof h.part[0];

	memcpy(&h, data, head);
	*why = NULL;
	if (head < 8 || h.magic != BTF_MAGIC || h.hdr_len > size || h.hdr_len < 8) {
		*why = ".BTF.ext: wrong header";
		return NULL;
	}
	if (h.hdr_len < need || h.part[kind].len == 0)
		return NULL;
	size -= h.hdr_len;
	if (h.part[kind].off > size || h.part[kind].len > size - h.part[kind].off ||
	    h.part[kind].len < 4) {
		*why = ".BTF.ext: a part lies outside the data";
		return NULL;
	}
	*len = h.part[kind].len;
	return data + h.hdr_len + h.part[kind].off;
}

bool
btf_ext_next(const void *data, size_t size, enum btf_ext_kind kind, uint32_t *cursor,
	     struct btf_ext_block *out, const char **why)
{
	uint32_t len = 0, record, head[2];
	const char *part = ext_part(data, size, kind, &len, why);
	uint32_t at = *cursor ? *cursor : 4;

	if (!part || at >= len)
		return false;
	memcpy(&record, part, 4);
	if (record < ext_record_size[kind] || record % 4 || record > 4096) {
		*why = ".BTF.ext: wrong record size";
		return false;
	}
	if (len - at < sizeof head) {
		*why = ".BTF.ext: a block is cut off";
		return false;
	}
	memcpy(head, part + at, sizeof head);
	at += sizeof head;
	if (head[1] > (len - at) / record) {
		*why = ".BTF.ext: a block runs past the end";
		return false;
	}
	*out = (struct btf_ext_block){head[0], head[1], record, part + at};
	*cursor = at + head[1] * record;
	return true;
}
