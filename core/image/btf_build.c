/* SPDX-License-Identifier: MIT */
/* btf_build.c: building BTF and .BTF.ext.
 *
 * Types are appended to one growing buffer in their final form; an id is the number of the
 * record. Strings and plain records are kept once, found again through two hash tables of
 * chained indices. */
#include "btf.h"

#include <assert.h>
#include <linux/bpf.h>

enum { BUCKETS = 256 };

struct entry {
	uint32_t key;		/* string offset; or type id */
	uint32_t hash, next;	/* index + 1 */
};

struct table {
	VEC(struct entry) all;
	uint32_t heads[BUCKETS];
};

struct btf_builder {
	struct arena *arena;
	struct buf types, strings;
	VEC(uint32_t) at;	/* offset of each record in types; [0] is void */
	struct table known_strings, known_types;
};

struct btf_builder *
btf_builder_new(struct arena *a)
{
	struct btf_builder *bb = arena_new(a, struct btf_builder);

	bb->arena = a;
	bb->types = buf_new(a);
	bb->strings = buf_new(a);
	buf_putc(&bb->strings, 0);
	vec_push(a, &bb->at, 0);
	return bb;
}

static void
remember(struct btf_builder *bb, struct table *t, uint64_t hash, uint32_t key)
{
	uint32_t *head = &t->heads[hash % BUCKETS];

	vec_push(bb->arena, &t->all, ((struct entry){key, (uint32_t)(hash >> 32), *head}));
	*head = t->all.n;
}

uint32_t
btf_add_str(struct btf_builder *bb, const char *s)
{
	if (!s || !s[0])
		return 0;

	size_t n = strlen(s);
	uint64_t hash = str_hash((str){s, n});

	for (uint32_t i = bb->known_strings.heads[hash % BUCKETS]; i;) {
		const struct entry *e = &bb->known_strings.all.at[i - 1];

		if (e->hash == (uint32_t)(hash >> 32) &&
		    strcmp(bb->strings.at + e->key, s) == 0)
			return e->key;
		i = e->next;
	}

	uint32_t offset = bb->strings.n;

	buf_bytes(&bb->strings, s, n + 1);
	remember(bb, &bb->known_strings, hash, offset);
	return offset;
}

const char *
btf_identifier(struct arena *a, const char *name)
{
	size_t n = strlen(name);
	bool digit = name[0] >= '0' && name[0] <= '9';
	char *out = arena_alloc(a, n + 2), *p = out;

	if (digit)
		*p++ = '_';
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		*p++ = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		       (c >= '0' && c <= '9') ? c : '_';
	}
	return out;
}

static uint32_t
info_of(uint32_t kind, bool flag)
{
	return kind << 24 | (uint32_t)flag << 31;
}

static uint32_t
append(struct btf_builder *bb, const void *record, size_t size)
{
	vec_push(bb->arena, &bb->at, bb->types.n);
	buf_bytes(&bb->types, record, size);
	return bb->at.n - 1;
}

static str
record_of(const struct btf_builder *bb, uint32_t id)
{
	uint32_t start = bb->at.at[id];
	uint32_t end = id + 1 < bb->at.n ? bb->at.at[id + 1] : bb->types.n;

	return (str){bb->types.at + start, end - start};
}

/* The same record again has the same id. */
static uint32_t
append_once(struct btf_builder *bb, const void *record, size_t size)
{
	uint64_t hash = str_hash((str){record, size});

	for (uint32_t i = bb->known_types.heads[hash % BUCKETS]; i;) {
		const struct entry *e = &bb->known_types.all.at[i - 1];

		if (e->hash == (uint32_t)(hash >> 32) &&
		    str_eq(record_of(bb, e->key), (str){record, size}))
			return e->key;
		i = e->next;
	}

	uint32_t id = append(bb, record, size);

	remember(bb, &bb->known_types, hash, id);
	return id;
}

/* Kinds that append_once() is used for. */
static bool
is_plain(uint32_t kind)
{
	return kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT || kind == BTF_KIND_ARRAY ||
	       kind == BTF_KIND_PTR || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPEDEF ||
	       kind == BTF_KIND_TYPE_TAG || kind == BTF_KIND_FWD;
}

struct btf_builder *
btf_builder_from(struct arena *a, const void *raw, size_t size, const char **why)
{
	struct btf *b = btf_open(a, raw, size, NULL, why);
	const struct btf_header *h = raw;

	if (!b)
		return NULL;

	struct btf_builder *bb = arena_new(a, struct btf_builder);
	const char *types = (const char *)raw + h->hdr_len + h->type_off;
	const char *strings = (const char *)raw + h->hdr_len + h->str_off;

	bb->arena = a;
	bb->types = buf_new(a);
	bb->strings = buf_new(a);
	buf_bytes(&bb->types, types, h->type_len);
	buf_bytes(&bb->strings, strings, h->str_len);
	if (h->str_len == 0)
		buf_putc(&bb->strings, 0);
	vec_push(a, &bb->at, 0);
	for (uint32_t id = 1; id < btf_count(b); id++)
		vec_push(a, &bb->at, (uint32_t)((const char *)btf_type(b, id) - types));
	for (uint32_t id = 1; id < btf_count(b); id++) {
		if (is_plain(btf_kind(btf_type(b, id))))
			remember(bb, &bb->known_types, str_hash(record_of(bb, id)), id);
	}
	for (uint32_t at = 1; at < h->str_len;) {
		str s = str_of(strings + at);

		remember(bb, &bb->known_strings, str_hash(s), at);
		at += (uint32_t)s.n + 1;
	}
	return bb;
}

/* Appends a part to the newest type, which must be of one of the two kinds. */
static struct btf_type *
extend(struct btf_builder *bb, uint32_t kind, uint32_t other, const void *part, size_t size)
{
	buf_bytes(&bb->types, part, size);

	struct btf_type *t = (void *)(bb->types.at + *vec_last(&bb->at));

	(void)kind;	/* only asserted */
	(void)other;

	assert((btf_kind(t) == kind || btf_kind(t) == other) &&
	       "members follow the type they belong to");
	assert(btf_vlen(t) < BTF_MAX_VLEN);
	(void)kind;		/* release builds do without the assertion */
	(void)other;
	t->info++;
	return t;
}

uint32_t
btf_add_int(struct btf_builder *bb, const char *name, uint32_t bytes, uint32_t encoding)
{
	struct {
		struct btf_type t;
		uint32_t info;
	} r = {{btf_add_str(bb, name), info_of(BTF_KIND_INT, false), {bytes}},
	       encoding << 24 | bytes * 8};

	return append_once(bb, &r, sizeof r);
}

uint32_t
btf_add_float(struct btf_builder *bb, const char *name, uint32_t bytes)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(BTF_KIND_FLOAT, false), {bytes}};

	return append_once(bb, &t, sizeof t);
}

uint32_t
btf_add_array(struct btf_builder *bb, uint32_t elem, uint32_t index_type, uint32_t n)
{
	struct {
		struct btf_type t;
		struct btf_array array;
	} r = {{0, info_of(BTF_KIND_ARRAY, false), {0}}, {elem, index_type, n}};

	return append_once(bb, &r, sizeof r);
}

uint32_t
btf_add_ref(struct btf_builder *bb, uint32_t kind, uint32_t to)
{
	struct btf_type t = {0, info_of(kind, false), {to}};

	return append_once(bb, &t, sizeof t);
}

uint32_t
btf_add_typedef(struct btf_builder *bb, const char *name, uint32_t to)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(BTF_KIND_TYPEDEF, false), {to}};

	return append_once(bb, &t, sizeof t);
}

uint32_t
btf_add_type_tag(struct btf_builder *bb, const char *tag, uint32_t to)
{
	struct btf_type t = {btf_add_str(bb, tag), info_of(BTF_KIND_TYPE_TAG, false), {to}};

	return append_once(bb, &t, sizeof t);
}

uint32_t
btf_add_fwd(struct btf_builder *bb, const char *name, bool is_union)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(BTF_KIND_FWD, is_union), {0}};

	return append_once(bb, &t, sizeof t);
}

/* ---- structs, enums -------------------------------------------------------------------- */

uint32_t
btf_add_composite(struct btf_builder *bb, uint32_t kind, const char *name, uint32_t bytes)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(kind, false), {bytes}};

	return append(bb, &t, sizeof t);
}

void
btf_add_member(struct btf_builder *bb, const char *name, uint32_t type, uint32_t bit_offset)
{
	struct btf_member m = {btf_add_str(bb, name), type, bit_offset};

	extend(bb, BTF_KIND_STRUCT, BTF_KIND_UNION, &m, sizeof m);
}

/* The flag of the struct makes the upper eight bits of every member's offset a width; plain
 * members have 0 there already. */
void
btf_add_bitfield(struct btf_builder *bb, const char *name, uint32_t type, uint32_t bit_offset,
		 uint32_t bits)
{
	struct btf_member m = {btf_add_str(bb, name), type, bits << 24 | bit_offset};

	extend(bb, BTF_KIND_STRUCT, BTF_KIND_UNION, &m, sizeof m)->info |= 1U << 31;
}

uint32_t
btf_add_enum(struct btf_builder *bb, const char *name, uint32_t bytes, bool is_signed)
{
	uint32_t kind = bytes == 8 ? BTF_KIND_ENUM64 : BTF_KIND_ENUM;
	struct btf_type t = {btf_add_str(bb, name), info_of(kind, is_signed), {bytes}};

	return append(bb, &t, sizeof t);
}

void
btf_add_enumerator(struct btf_builder *bb, const char *name, int64_t value)
{
	const struct btf_type *t = (const void *)(bb->types.at + *vec_last(&bb->at));
	uint32_t at = btf_add_str(bb, name);
	uint32_t low = (uint32_t)value, high = (uint32_t)((uint64_t)value >> 32);

	if (btf_kind(t) == BTF_KIND_ENUM64) {
		struct btf_enum64 e = {at, low, high};

		extend(bb, BTF_KIND_ENUM64, BTF_KIND_ENUM64, &e, sizeof e);
	} else {
		struct btf_enum e = {at, (int32_t)low};

		extend(bb, BTF_KIND_ENUM, BTF_KIND_ENUM, &e, sizeof e);
	}
}

/* ---- functions, variables -------------------------------------------------------------- */

uint32_t
btf_add_func_proto(struct btf_builder *bb, uint32_t returns)
{
	struct btf_type t = {0, info_of(BTF_KIND_FUNC_PROTO, false), {returns}};

	return append(bb, &t, sizeof t);
}

void
btf_add_param(struct btf_builder *bb, const char *name, uint32_t type)
{
	struct btf_param p = {btf_add_str(bb, name), type};

	extend(bb, BTF_KIND_FUNC_PROTO, BTF_KIND_FUNC_PROTO, &p, sizeof p);
}

uint32_t
btf_add_func(struct btf_builder *bb, const char *name, uint32_t proto, uint32_t linkage)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(BTF_KIND_FUNC, false) | linkage,
			     {proto}};

	return append(bb, &t, sizeof t);
}

uint32_t
btf_add_var(struct btf_builder *bb, const char *name, uint32_t type, uint32_t linkage)
{
	struct {
		struct btf_type t;
		struct btf_var var;
	} r = {{btf_add_str(bb, name), info_of(BTF_KIND_VAR, false), {type}}, {linkage}};

	return append(bb, &r, sizeof r);
}

uint32_t
btf_add_datasec(struct btf_builder *bb, const char *name, uint32_t bytes)
{
	struct btf_type t = {btf_add_str(bb, name), info_of(BTF_KIND_DATASEC, false),
			     {bytes}};

	return append(bb, &t, sizeof t);
}

void
btf_add_datasec_var(struct btf_builder *bb, uint32_t var, uint32_t offset, uint32_t bytes)
{
	struct btf_var_secinfo v = {var, offset, bytes};

	extend(bb, BTF_KIND_DATASEC, BTF_KIND_DATASEC, &v, sizeof v);
}

uint32_t
btf_add_decl_tag(struct btf_builder *bb, const char *tag, uint32_t type, int32_t component)
{
	struct {
		struct btf_type t;
		struct btf_decl_tag decl;
	} r = {{btf_add_str(bb, tag), info_of(BTF_KIND_DECL_TAG, false), {type}},
	       {component}};

	return append(bb, &r, sizeof r);
}

void
btf_make_extern(struct btf_builder *bb, uint32_t id, uint32_t type)
{
	struct btf_type *t = (void *)(bb->types.at + bb->at.at[id]);

	if (btf_kind(t) == BTF_KIND_FUNC) {
		t->info = info_of(BTF_KIND_FUNC, false) | BTF_FUNC_EXTERN;
	} else if (btf_kind(t) == BTF_KIND_VAR) {
		((struct btf_var *)(t + 1))->linkage = BTF_VAR_GLOBAL_EXTERN;
		t->type = type;
	}
}

/* ---- serialised ------------------------------------------------------------------------ */

const void *
btf_serialise(const struct btf_builder *bb, uint32_t *size)
{
	struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof h,
		.type_len = bb->types.n,
		.str_off = bb->types.n,
		.str_len = bb->strings.n,
	};
	char *out;

	*size = (uint32_t)sizeof h + bb->types.n + bb->strings.n;
	out = arena_alloc(bb->arena, *size);
	memcpy(out, &h, sizeof h);
	if (bb->types.n)
		memcpy(out + sizeof h, bb->types.at, bb->types.n);
	memcpy(out + sizeof h + bb->types.n, bb->strings.at, bb->strings.n);
	return out;
}

/* The records of one kind in one section. */
static uint32_t
ext_records(const struct btf_ext_section *s, enum btf_ext_kind kind, const void **records)
{
	switch (kind) {
	case BTF_EXT_FUNC:
		*records = s->funcs;
		return s->nfuncs;
	case BTF_EXT_LINE:
		*records = s->lines;
		return s->nlines;
	case BTF_EXT_CORE:
		*records = s->cores;
		return s->ncores;
	case BTF_EXT_KINDS:
		break;
	}
	return 0;
}

static void
write_part(struct buf *out, const struct btf_ext_section *sections, uint32_t n,
	   enum btf_ext_kind kind, uint32_t record)
{
	uint32_t start = out->n;

	for (uint32_t i = 0; i < n; i++) {
		const void *records = NULL;
		uint32_t count = ext_records(&sections[i], kind, &records);
		uint32_t head[2] = {sections[i].name, count};

		if (count == 0)
			continue;
		if (out->n == start)
			buf_bytes(out, &record, sizeof record);
		buf_bytes(out, head, sizeof head);
		buf_bytes(out, records, (size_t)count * record);
	}
	/* Readers want at least the record size, even of nothing. */
	if (out->n == start && kind != BTF_EXT_CORE)
		buf_bytes(out, &record, sizeof record);
}

const void *
btf_ext_serialise(struct arena *a, const struct btf_ext_section *sections, uint32_t n,
		  uint32_t *size)
{
	static const uint32_t record[BTF_EXT_KINDS] = {
		sizeof(struct bpf_func_info), sizeof(struct bpf_line_info),
		sizeof(struct bpf_core_relo),
	};
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len;
		uint32_t part[BTF_EXT_KINDS][2];
	} h = {BTF_MAGIC, BTF_VERSION, 0, sizeof h, {{0}}};
	struct buf out = buf_new(a);

	buf_bytes(&out, &h, sizeof h);
	for (int kind = 0; kind < BTF_EXT_KINDS; kind++) {
		uint32_t start = out.n;

		write_part(&out, sections, n, (enum btf_ext_kind)kind, record[kind]);
		h.part[kind][0] = start - (uint32_t)sizeof h;
		h.part[kind][1] = out.n - start;
	}
	memcpy(out.at, &h, sizeof h);
	*size = out.n;
	return out.at;
}
