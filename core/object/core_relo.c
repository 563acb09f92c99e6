/* SPDX-License-Identifier: MIT */
/* core_relo.c: resolving CO-RE records.
 *
 * The access string is walked through the local types, which gives a path of names and array
 * indexes (a spec). Types of the target with the same name (up to a `___flavour`) and kind
 * are candidates; a candidate matches when the path can be walked there with compatible types.
 * All that match must give the same value. The value then replaces the immediate or offset
 * that the compiler wrote, after checking that this is what it wrote. */
#include "core_relo.h"

#include <stdlib.h>

enum { MAX_DEPTH = 64, MAX_RECURSION = 32 };

struct step {
	uint32_t type;		/* the type entered by this step */
	uint32_t index;
	const char *name;	/* of a member; null: an array element */
};

struct spec {
	const struct btf *btf;
	uint32_t root;
	struct step steps[MAX_DEPTH];
	uint32_t n;
	uint64_t bit_offset;
	struct btf_field last;	/* of the last step when it is a member */
	uint32_t enumerator;	/* for ENUMVAL: index in the enum */
};

struct value {
	uint64_t v;
	uint32_t field_size;	/* of the field accessed, 0 unknown */
	uint32_t field_type;
	bool unchecked;		/* compilers differ here: do not compare with the insn */
};

/* ---- names ------------------------------------------------------------------------------- */

/* Without `___flavour`. */
static str
essential(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = n; i-- > 1;)
		if (i + 3 < n && !memcmp(name + i, "___", 3) && name[i - 1] != '_' &&
		    name[i + 3] != '_')
			return (str){name, i};
	return (str){name, n};
}

static bool
same_name(const char *a, const char *b)
{
	return str_eq(essential(a), essential(b));
}

static bool
is_enum(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64;
}

static bool
same_kind(const struct btf_type *a, const struct btf_type *b)
{
	return btf_kind(a) == btf_kind(b) || (is_enum(a) && is_enum(b));
}

/* ---- walking the local types ---------------------------------------------------------------- */

static bool
next_index(const char **p, uint32_t *i)
{
	char *end;
	unsigned long v = strtoul(*p, &end, 10);

	if (end == *p || v > UINT32_MAX || (*end && *end != ':'))
		return false;
	*i = (uint32_t)v;
	*p = *end ? end + 1 : end;
	return true;
}

/* One more accessor of a field path; anonymous members leave no step. */
static bool
enter(struct spec *s, uint32_t *type, uint32_t i)
{
	const struct btf_type *t = btf_type(s->btf, *type);
	const struct btf_array *arr = btf_array_of(s->btf, *type);
	int64_t size;

	if (btf_is_composite(t)) {
		if (!btf_member(s->btf, *type, i, &s->last))
			return false;
		s->bit_offset += s->last.bit_offset;
		if (s->last.name[0])
			s->steps[s->n++] = (struct step){*type, i, s->last.name};
		*type = btf_resolve(s->btf, s->last.type);
		return true;
	}
	if (!arr)
		return false;
	*type = btf_resolve(s->btf, arr->type);
	size = btf_size(s->btf, *type);
	if (size < 0)
		return false;
	s->steps[s->n++] = (struct step){*type, i, NULL};
	s->bit_offset += (uint64_t)i * (uint64_t)size * 8;
	return true;
}

static bool
field_spec(struct spec *s, const char *p)
{
	uint32_t type = btf_resolve(s->btf, s->root), i;
	int64_t size = btf_size(s->btf, type);

	if (!next_index(&p, &i) || size < 0)
		return false;
	s->bit_offset = (uint64_t)i * (uint64_t)size * 8;
	s->steps[s->n++] = (struct step){type, i, NULL};
	while (*p)
		if (s->n >= MAX_DEPTH - 1 || !next_index(&p, &i) || !enter(s, &type, i))
			return false;
	return true;
}

static bool
is_type_kind(uint32_t kind)
{
	return kind == BPF_CORE_TYPE_ID_LOCAL || kind == BPF_CORE_TYPE_ID_TARGET ||
	       kind == BPF_CORE_TYPE_EXISTS || kind == BPF_CORE_TYPE_SIZE ||
	       kind == BPF_CORE_TYPE_MATCHES;
}

static bool
is_enum_kind(uint32_t kind)
{
	return kind == BPF_CORE_ENUMVAL_EXISTS || kind == BPF_CORE_ENUMVAL_VALUE;
}

static bool
local_spec(const struct core_request *rq, struct spec *s)
{
	const char *p = rq->access, *name;
	int64_t v;

	*s = (struct spec){.btf = rq->local, .root = btf_unqualified(rq->local, rq->type)};
	if (is_type_kind(rq->kind))
		return !strcmp(p, "0");
	if (is_enum_kind(rq->kind))
		return next_index(&p, &s->enumerator) && !*p &&
		       btf_enumerator(s->btf, btf_resolve(s->btf, s->root), s->enumerator, &name,
				      &v);
	return field_spec(s, p);
}

/* ---- compatibility ---------------------------------------------------------------------------- */

/* May a field of type `l` be read as `t`? */
static bool
field_compatible(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t)
{
	for (int depth = 0; depth < MAX_RECURSION; depth++) {
		const struct btf_type *lt, *tt;

		l = btf_resolve(lb, l);
		t = btf_resolve(tb, t);
		lt = btf_type(lb, l);
		tt = btf_type(tb, t);
		if (btf_is_composite(lt) && btf_is_composite(tt))
			return true;
		if (!same_kind(lt, tt))
			return false;
		switch (btf_kind(lt)) {
		case BTF_KIND_PTR: case BTF_KIND_INT: case BTF_KIND_FLOAT:
			return true;
		case BTF_KIND_FWD: case BTF_KIND_ENUM: case BTF_KIND_ENUM64:
			return !btf_name(lb, l)[0] || !btf_name(tb, t)[0] ||
			       same_name(btf_name(lb, l), btf_name(tb, t));
		case BTF_KIND_ARRAY:
			l = btf_array_of(lb, l)->type;
			t = btf_array_of(tb, t)->type;
			continue;
		default:
			return false;
		}
	}
	return false;
}

/* Are the types the same in shape, whatever their names and members? */
static bool
type_compatible(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t, int depth)
{
	const struct btf_type *lt, *tt;
	struct btf_param_of lp, tp;

	l = btf_resolve(lb, l);
	t = btf_resolve(tb, t);
	lt = btf_type(lb, l);
	tt = btf_type(tb, t);
	if (depth > MAX_RECURSION || !same_kind(lt, tt))
		return false;
	switch (btf_kind(lt)) {
	case BTF_KIND_PTR:
		return type_compatible(lb, btf_target(lb, l), tb, btf_target(tb, t), depth + 1);
	case BTF_KIND_ARRAY:
		return type_compatible(lb, btf_array_of(lb, l)->type, tb,
				       btf_array_of(tb, t)->type, depth + 1);
	case BTF_KIND_FUNC_PROTO:
		if (btf_vlen(lt) != btf_vlen(tt))
			return false;
		for (uint32_t i = 0; btf_param(lb, l, i, &lp) && btf_param(tb, t, i, &tp); i++)
			if (!type_compatible(lb, lp.type, tb, tp.type, depth + 1))
				return false;
		return type_compatible(lb, btf_return_type(lb, l), tb, btf_return_type(tb, t),
				       depth + 1);
	default:
		return true;
	}
}

static bool type_matches(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t,
			 bool behind_pointer, int depth);

/* Every enumerator of the local enum is in the target's. */
static bool
enum_matches(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t)
{
	const char *ln, *tn;
	int64_t v;

	for (uint32_t i = 0; btf_enumerator(lb, l, i, &ln, &v); i++) {
		bool found = false;

		for (uint32_t k = 0; !found && btf_enumerator(tb, t, k, &tn, &v); k++)
			found = same_name(ln, tn);
		if (!found)
			return false;
	}
	return true;
}

/* Every member of the local struct is in the target's, with a matching type. */
static bool
members_match(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t, int depth)
{
	struct btf_field lf, tf;

	for (uint32_t i = 0; btf_member(lb, l, i, &lf); i++) {
		bool found = false;

		if (lf.name[0])
			found = btf_find_member(tb, t, str_of(lf.name), &tf) &&
				type_matches(lb, lf.type, tb, tf.type, false, depth + 1);
		for (uint32_t k = 0; !lf.name[0] && !found && btf_member(tb, t, k, &tf); k++)
			found = !tf.name[0] &&
				type_matches(lb, lf.type, tb, tf.type, false, depth + 1);
		if (!found)
			return false;
	}
	return true;
}

static bool
proto_matches(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t, int depth)
{
	struct btf_param_of lp, tp;

	if (btf_param_count(lb, l) != btf_param_count(tb, t))
		return false;
	for (uint32_t i = 0; btf_param(lb, l, i, &lp) && btf_param(tb, t, i, &tp); i++)
		if (!type_matches(lb, lp.type, tb, tp.type, false, depth + 1))
			return false;
	return type_matches(lb, btf_return_type(lb, l), tb, btf_return_type(tb, t), false,
			    depth + 1);
}

/* BPF_CORE_TYPE_MATCHES: names and members too; behind a pointer a name is enough. */
static bool
type_matches(const struct btf *lb, uint32_t l, const struct btf *tb, uint32_t t,
	     bool behind_pointer, int depth)
{
	const struct btf_type *lt, *tt;
	uint32_t bits[2], encoding[2];

	l = btf_resolve(lb, l);
	t = btf_resolve(tb, t);
	lt = btf_type(lb, l);
	tt = btf_type(tb, t);
	if (depth > MAX_RECURSION)
		return false;
	if (btf_name(lb, l)[0] && btf_name(tb, t)[0] &&
	    !same_name(btf_name(lb, l), btf_name(tb, t)) && btf_kind(lt) != BTF_KIND_INT)
		return false;
	if (behind_pointer && (btf_kind(lt) == BTF_KIND_FWD || btf_kind(tt) == BTF_KIND_FWD))
		return true;
	if (!same_kind(lt, tt))
		return false;
	switch (btf_kind(lt)) {
	case BTF_KIND_INT:
		return btf_int(lb, l, &bits[0], &encoding[0]) &&
		       btf_int(tb, t, &bits[1], &encoding[1]) && bits[0] == bits[1] &&
		       ((encoding[0] ^ encoding[1]) & BTF_INT_SIGNED) == 0;
	case BTF_KIND_ENUM: case BTF_KIND_ENUM64:
		return enum_matches(lb, l, tb, t);
	case BTF_KIND_STRUCT: case BTF_KIND_UNION:
		return behind_pointer || members_match(lb, l, tb, t, depth);
	case BTF_KIND_PTR:
		return type_matches(lb, btf_target(lb, l), tb, btf_target(tb, t), true,
				    depth + 1);
	case BTF_KIND_ARRAY:
		return btf_array_of(lb, l)->nelems == btf_array_of(tb, t)->nelems &&
		       type_matches(lb, btf_array_of(lb, l)->type, tb,
				    btf_array_of(tb, t)->type, false, depth + 1);
	case BTF_KIND_FUNC_PROTO:
		return proto_matches(lb, l, tb, t, depth);
	default:
		return true;
	}
}

/* ---- walking a candidate ------------------------------------------------------------------- */

static bool
match_member(const struct spec *local, const struct step *step, struct spec *s, uint32_t *type)
{
	struct btf_field lf;

	if (!btf_member(local->btf, step->type, step->index, &lf) ||
	    !btf_find_member(s->btf, *type, str_of(step->name), &s->last) ||
	    !field_compatible(local->btf, lf.type, s->btf, s->last.type))
		return false;
	s->bit_offset += s->last.bit_offset;
	s->steps[s->n++] = (struct step){*type, s->last.index, step->name};
	*type = btf_resolve(s->btf, s->last.type);
	return true;
}

static bool
match_fields(const struct spec *local, struct spec *s)
{
	uint32_t type = btf_resolve(s->btf, s->root);
	int64_t size = btf_size(s->btf, type);

	s->bit_offset = (uint64_t)local->steps[0].index * (uint64_t)(size < 0 ? 0 : size) * 8;
	s->steps[s->n++] = (struct step){type, local->steps[0].index, NULL};
	for (uint32_t i = 1; i < local->n; i++) {
		const struct step *step = &local->steps[i];
		const struct btf_array *arr;

		if (step->name) {
			if (!match_member(local, step, s, &type))
				return false;
			continue;
		}
		arr = btf_array_of(s->btf, type);
		/* An array of no length at the end of a struct takes any index. */
		if (!arr || (arr->nelems && step->index >= arr->nelems))
			return false;
		type = btf_resolve(s->btf, arr->type);
		size = btf_size(s->btf, type);
		if (size < 0)
			return false;
		s->bit_offset += (uint64_t)step->index * (uint64_t)size * 8;
		s->steps[s->n++] = (struct step){type, step->index, NULL};
	}
	return true;
}

static bool
match_enumerator(const struct spec *local, struct spec *s)
{
	const char *want, *name;
	int64_t v;

	uint32_t lt = btf_resolve(local->btf, local->root), tt = btf_resolve(s->btf, s->root);

	if (!is_enum(btf_type(s->btf, tt)) ||
	    !btf_enumerator(local->btf, lt, local->enumerator, &want, &v))
		return false;
	for (uint32_t i = 0; btf_enumerator(s->btf, tt, i, &name, &v); i++) {
		if (same_name(want, name)) {
			s->enumerator = i;
			return true;
		}
	}
	return false;
}

static bool
match(const struct core_request *rq, const struct spec *local, uint32_t candidate,
      struct spec *s)
{
	*s = (struct spec){.btf = rq->target, .root = candidate};
	if (rq->kind == BPF_CORE_TYPE_MATCHES)
		return type_matches(rq->local, local->root, rq->target, candidate, false, 0);
	if (is_type_kind(rq->kind))
		return type_compatible(rq->local, local->root, rq->target, candidate, 0);
	if (is_enum_kind(rq->kind))
		return match_enumerator(local, s);
	return match_fields(local, s);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The aligned unit of 1 to 8 bytes that holds a bit field, as compilers load it. */
static bool
bitfield_unit(const struct spec *s, uint32_t *byte_off, uint32_t *byte_size)
{
	uint64_t bit = s->bit_offset, size;
	int64_t n = btf_size(s->btf, s->last.type);

	if (n <= 0 || n > 8)
		return false;
	size = (uint64_t)n;
	while (bit + s->last.bit_size > (bit / 8 / size * size + size) * 8) {
		if (size >= 8)
			return false;
		size *= 2;
	}
	*byte_off = (uint32_t)(bit / 8 / size * size);
	*byte_size = (uint32_t)size;
	return true;
}

static bool
element_value(const struct core_request *rq, const struct spec *s, struct value *out)
{
	uint32_t type = s->steps[s->n - 1].type;
	int64_t size = btf_size(s->btf, type);

	out->field_type = type;
	out->field_size = size < 0 ? 0 : (uint32_t)size;
	if (rq->kind == BPF_CORE_FIELD_BYTE_OFFSET)
		out->v = s->bit_offset / 8;
	else if (rq->kind == BPF_CORE_FIELD_BYTE_SIZE && size >= 0)
		out->v = (uint64_t)size;
	else
		return false;
	return true;
}

static bool
field_value(const struct core_request *rq, const struct spec *s, struct value *out)
{
	uint32_t off = (uint32_t)(s->bit_offset / 8), size, bits = s->last.bit_size;
	int64_t n = btf_size(s->btf, s->last.type);

	if (!s->steps[s->n - 1].name)
		return element_value(rq, s, out);
	if (bits) {
		out->unchecked = true;
		if (!bitfield_unit(s, &off, &size))
			return false;
	} else {
		if (n < 0)
			return false;
		size = (uint32_t)n;
		bits = size * 8;
	}
	switch (rq->kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
		out->v = off;
		out->field_size = size;
		out->field_type = btf_resolve(s->btf, s->last.type);
		break;
	case BPF_CORE_FIELD_BYTE_SIZE:
		out->v = size;
		break;
	case BPF_CORE_FIELD_SIGNED:
		out->v = btf_is_signed(s->btf, s->last.type);
		out->unchecked = true;
		break;
	case BPF_CORE_FIELD_LSHIFT_U64:
		out->v = 64 - (s->bit_offset + bits - (uint64_t)off * 8);
		break;
	default:
		out->v = 64 - bits;
	}
	return true;
}

/* The value of the record for one spec; `s` null: for a target that lacks it. */
static bool
value_of(const struct core_request *rq, const struct spec *s, struct value *out)
{
	const char *name;
	int64_t v;

	*out = (struct value){0};
	switch (rq->kind) {
	case BPF_CORE_FIELD_EXISTS: case BPF_CORE_TYPE_EXISTS: case BPF_CORE_TYPE_MATCHES:
	case BPF_CORE_ENUMVAL_EXISTS:
		out->v = s != NULL;
		return true;
	case BPF_CORE_TYPE_ID_LOCAL: case BPF_CORE_TYPE_ID_TARGET:
		out->v = s ? s->root : 0;
		out->unchecked = true;	/* ids change when BTF is linked */
		return s != NULL;
	case BPF_CORE_TYPE_SIZE:
		v = s ? btf_size(s->btf, s->root) : -1;
		out->v = (uint64_t)v;
		return v >= 0;
	case BPF_CORE_ENUMVAL_VALUE:
		if (!s || !btf_enumerator(s->btf, btf_resolve(s->btf, s->root), s->enumerator,
					  &name, &v))
			return false;
		out->v = (uint64_t)v;
		return true;
	default:
		return s && field_value(rq, s, out);
	}
}

/* ---- the instruction --------------------------------------------------------------------------- */

static void
poison(struct bpf_insn *in)
{
	int n = insn_is_wide(in) ? 2 : 1;

	for (int i = 0; i < n; i++)
		in[i] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = CORE_POISON};
}

static bool
set_size(struct bpf_insn *in, uint32_t size)
{
	static const struct { uint8_t size, code; } sizes[] = {
		{1, BPF_B}, {2, BPF_H}, {4, BPF_W}, {8, BPF_DW},
	};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		if (sizes[i].size != size)
			continue;
		in->code = (uint8_t)((in->code & ~0x18) | sizes[i].code);
		return true;
	}
	return false;
}

/* A field that changed its size is loaded in its new size when that cannot change what the
 * value means: pointers, and integers without a sign. */
static bool
resize(const struct core_request *rq, const struct value *was, const struct value *now)
{
	uint32_t kind = btf_kind(btf_type(rq->local, was->field_type));

	if (now->field_size == was->field_size)
		return true;
	if (kind != btf_kind(btf_type(rq->target, now->field_type)) ||
	    (kind != BTF_KIND_PTR && kind != BTF_KIND_INT) ||
	    btf_is_signed(rq->local, was->field_type) ||
	    btf_is_signed(rq->target, now->field_type))
		return false;
	return set_size(rq->insn, now->field_size);
}

static enum core_result
patch(const struct core_request *rq, const struct value *was, const struct value *now,
      const char **why)
{
	struct bpf_insn *in = rq->insn;
	bool check = !was->unchecked;

	*why = "the instruction does not hold the value that its record speaks of";
	switch (BPF_CLASS(in->code)) {
	case BPF_ALU: case BPF_ALU64:
		if (BPF_SRC(in->code) != BPF_K || (check && (uint32_t)in->imm != (uint32_t)was->v))
			return CORE_BAD;
		in->imm = (__s32)now->v;
		return CORE_DONE;
	case BPF_LDX: case BPF_ST: case BPF_STX:
		if (check && (uint64_t)(int64_t)in->off != was->v)
			return CORE_BAD;
		*why = "an offset of the kernel's type does not fit into an instruction";
		if (now->v > INT16_MAX)
			return CORE_BAD;
		in->off = (__s16)now->v;
		if (!resize(rq, was, now)) {
			poison(in);
			return CORE_POISONED;
		}
		return CORE_DONE;
	case BPF_LD:
		if (!insn_is_wide(in) || (check && (uint32_t)in[0].imm != (uint32_t)was->v))
			return CORE_BAD;
		in[0].imm = (__s32)(uint32_t)now->v;
		in[1].imm = (__s32)(now->v >> 32);
		return CORE_DONE;
	}
	return CORE_BAD;
}

/* All candidates that match must agree. Returns how many there are. */
static uint32_t
resolve(const struct core_request *rq, const struct spec *local, struct value *out, bool *agree)
{
	const char *name = btf_name(rq->local, local->root);
	uint32_t n = 0;

	*agree = true;
	if (!name[0])
		return 0;
	for (uint32_t id = btf_find(rq->target, essential(name), BTF_KIND_UNKN); id;
	     id = btf_find_next(rq->target, id, BTF_KIND_UNKN)) {
		const struct btf_type *tt = btf_type(rq->target, id);
		struct value v;
		struct spec s;

		if (!same_kind(btf_type(rq->local, local->root), tt) ||
		    !match(rq, local, id, &s) || !value_of(rq, &s, &v))
			continue;
		if (n++ == 0)
			*out = v;
		else if (v.v != out->v && rq->kind != BPF_CORE_TYPE_ID_TARGET)
			*agree = false;
	}
	return n;
}

enum core_result
core_relocate(const struct core_request *rq, const char **why)
{
	struct spec local;
	struct value was, now;
	bool agree;

	*why = "the record does not fit the program's own types";
	if (rq->kind > BPF_CORE_TYPE_MATCHES || !local_spec(rq, &local) ||
	    !value_of(rq, &local, &was))
		return CORE_BAD;
	if (rq->kind == BPF_CORE_TYPE_ID_LOCAL)
		return patch(rq, &was, &was, why);
	if (!resolve(rq, &local, &now, &agree) && !value_of(rq, NULL, &now)) {
		poison(rq->insn);
		return CORE_POISONED;
	}
	*why = "several types of the kernel have that name and they differ";
	return agree ? patch(rq, &was, &now, why) : CORE_BAD;
}
