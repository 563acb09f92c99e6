/* SPDX-License-Identifier: MIT */
/* map.c: maps and ring buffers. */
#include "compile/lower/lower.h"

#include "base/suggest.h"

static bool
is_map(const struct ksym *s)
{
	return s->map != 0;
}

const struct kmap *
cg_map(struct cg *c, value name, span at)
{
	const struct ksym *s = is_symbol(name) ? kenv_peek(c->k, as_symbol(name)) : NULL;
	const char *near;
	struct diag *d;

	if (s && s->map)
		return c->k->maps.at[s->map - 1];
	if (!is_symbol(name)) {
		cg_error(c, "C0005", at, "the name of a map is needed here");
		return NULL;
	}
	if (kenv_excused(c->k, as_symbol(name)->name, c->ds))
		return NULL;
	d = cg_error(c, "C0005", at, "unknown map `%.*s`", STR_ARG(as_symbol(name)->name));
	kenv_blame(c->k, as_symbol(name)->name, c->ds, d);
	near = kenv_suggest(c->k, as_symbol(name)->name, is_map);
	if (near)
		diag_help(c->ds, d, "did you mean `%s`?", near);
	else
		diag_help(c->ds, d, "maps are declared with (defmap NAME :type T ...)");
	return NULL;
}

/* The map as an operand; the program's image gets it when it has not yet. */
ref
cg_map_ref(struct cg *c, const struct kmap *m)
{
	uint32_t id = kenv_sym(c->k, m->name)->map, i;

	if (!id)		/* hidden maps of globals have no symbol of their own */
		for (id = 1; c->k->maps.at[id - 1] != m; id++)
			;
	while (c->map_ids.n < id)
		vec_push(c->a, &c->map_ids, 0);
	if (!c->map_ids.at[id - 1]) {
		for (i = 0; i < c->image->maps.n; i++)
			if (strcmp(c->image->maps.at[i]->lisp_name, m->spec.lisp_name) == 0)
				break;
		if (i == c->image->maps.n) {
			struct image_map *copy = arena_new(c->image->arena, struct image_map);

			*copy = m->spec;
			vec_push(c->image->arena, &c->image->maps, copy);
		}
		c->map_ids.at[id - 1] = i + 1;
	}
	return ir_leaf(c->f, IR_MAP, c->map_ids.at[id - 1] - 1, 0, PV_MAP);
}

static bool
points_to_memory(const struct cg *c, struct kval v)
{
	uint8_t prov = ir_at(c->f, v.v)->prov;

	return v.ty.kind == KT_PTR || prov == PV_STACK || prov == PV_MAP_VALUE ||
	       prov == PV_RING;
}

static ref
in_memory(struct cg *c, unsigned kind, kty ty, struct kval v, span at)
{
	uint32_t slot = cg_tmp(c, kind, ty.size);
	ref addr = ir_leaf(c->f, IR_SLOT, slot, 0, PV_STACK);

	if (v.lit)
		cg_convert(c, v, ty, at);	/* says when the number does not fit */
	cg_store(c, addr, 0, ty.size, v.v);
	return addr;
}

ref
cg_key(struct cg *c, const struct kmap *m, struct kval v, span at)
{
	if (is_poison(v))
		return ir_const(c->f, 0);
	if (m->key.kind != KT_INT ||
	    (points_to_memory(c, v) && ir_at(c->f, v.v)->prov != PV_SCALAR)) {
		if (v.lit || (v.ty.kind == KT_INT && ir_at(c->f, v.v)->op == IR_CONST))
			cg_error(c, "C0018", at,
				 "the key of `%s` is %u bytes: a pointer to it is "
				 "needed",
				 m->spec.lisp_name, m->spec.key_size);
		return v.v;
	}
	return in_memory(c, SLOT_KEY, m->key, v, at);
}

ref
cg_value(struct cg *c, const struct kmap *m, struct kval v, span at)
{
	if (is_poison(v))
		return ir_const(c->f, 0);
	if (m->value.kind != KT_INT || m->value_struct) {
		if (v.lit || ir_at(c->f, v.v)->op == IR_CONST)
			cg_error(c, "C0018", at,
				 "a value of `%s` is %u bytes: a pointer to it is "
				 "needed",
				 m->spec.lisp_name, m->spec.value_size);
		return v.v;
	}
	return in_memory(c, SLOT_VALUE, m->value, v, at);
}

static ref
lookup(struct cg *c, const struct kmap *m, ref key)
{
	ref args[2] = {cg_map_ref(c, m), key};
	bool sock =
		m->spec.type == BPF_MAP_TYPE_SOCKMAP || m->spec.type == BPF_MAP_TYPE_SOCKHASH;

	return cg_describe(c, cg_call(c, BPF_FUNC_map_lookup_elem, args, 2,
				      sock ? PV_KERNEL : PV_MAP_VALUE),
			   "entry of ", m->spec.lisp_name);
}

/* Key argument i of a map form: memory, or a value to be put there. */
static ref
key_arg(struct cg *c, const struct kmap *m, value form, unsigned i, bool pointer)
{
	struct kval v = lower_arg(c, form, i);

	return pointer ? v.v : cg_key(c, m, v, arg_span(form, i));
}

static bool
has_entries(struct cg *c, const struct kmap *m, span at)
{
	if (m->spec.type != BPF_MAP_TYPE_RINGBUF && m->spec.type != FACT_MAP_USER_RINGBUF)
		return true;
	cg_error(c, "C0012", at, "`%s` is a ring buffer: it has no entries", m->spec.lisp_name);
	return false;
}

struct kval
form_map_lookup(struct cg *c, value form, uint32_t pointer)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));
	ref key;

	if (!m || !has_entries(c, m, arg_span(form, 1)))
		return poison(c);
	key = key_arg(c, m, form, 2, pointer);
	return val(lookup(c, m, key), TY_PTR(m->value_struct));
}

static ref
flags_arg(struct cg *c, value form, unsigned i)
{
	return (unsigned)list_length(form) > i ? lower_arg(c, form, i).v : ir_const(c->f, 0);
}

struct kval
form_map_update(struct cg *c, value form, uint32_t pointer)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));
	struct kval k, v;
	ref args[4];

	if (!m || !has_entries(c, m, arg_span(form, 1)))
		return poison(c);
	k = lower_arg(c, form, 2);
	v = lower_arg(c, form, 3);
	args[3] = flags_arg(c, form, 4);
	args[0] = cg_map_ref(c, m);
	args[1] = pointer ? k.v : cg_key(c, m, k, arg_span(form, 2));
	args[2] = pointer ? v.v : cg_value(c, m, v, arg_span(form, 3));
	return val(cg_call(c, BPF_FUNC_map_update_elem, args, 4, PV_SCALAR), TY_U64);
}

struct kval
form_map_delete(struct cg *c, value form, uint32_t pointer)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));
	ref args[2];

	if (!m || !has_entries(c, m, arg_span(form, 1)))
		return poison(c);
	args[1] = key_arg(c, m, form, 2, pointer);
	args[0] = cg_map_ref(c, m);
	return val(cg_call(c, BPF_FUNC_map_delete_elem, args, 2, PV_SCALAR), TY_U64);
}

/* Scalars: the value, or 0. Otherwise the pointer, or 0. */
struct kval
map_get(struct cg *c, const struct kmap *m, struct kval key, span at)
{
	ref p = lookup(c, m, cg_key(c, m, key, at));
	uint32_t join, found, none, var;

	if (m->value.kind != KT_INT || m->value_struct)
		return val(p, TY_PTR(m->value_struct));
	join = ir_join_new(c->f, c->blk);
	found = ir_blk_new(c->f);
	none = ir_blk_new(c->f);
	var = ir_var_new(c->f, NULL, c->f->at);
	ir_br(c->f, c->blk, CC_NE, p, ir_const(c->f, 0), found, none);
	cg_begin(c, found);
	ir_var_set(c->f, c->blk, var, cg_load_typed(c, p, 0, m->value).v);
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, none);
	ir_var_set(c->f, c->blk, var, ir_const(c->f, 0));
	ir_jmp(c->f, c->blk, join);
	cg_begin(c, join);
	return val(ir_var_get(c->f, c->blk, var), m->value);
}

struct kval
form_getmap(struct cg *c, value form, uint32_t tag)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));

	(void)tag;
	if (!m || !has_entries(c, m, arg_span(form, 1)))
		return poison(c);
	return map_get(c, m, lower_arg(c, form, 2), arg_span(form, 2));
}

static void
add_to(struct cg *c, const struct kmap *m, ref p, ref delta)
{
	/* The kernel has atomic operations on 4 and 8 bytes only. */
	if (m->value.size < 4)
		cg_store(c, p, 0, m->value.size,
			 cg_bin(c, IR_ADD, cg_load(c, p, 0, m->value.size), delta));
	else
		cg_atomic(c, p, 0, m->value.size, delta, BPF_ADD);
}

static void
add_if_there(struct cg *c, const struct kmap *m, ref key, ref delta, uint32_t done,
	     uint32_t none)
{
	ref p = lookup(c, m, key);
	uint32_t found = ir_blk_new(c->f);

	ir_br(c->f, c->blk, CC_NE, p, ir_const(c->f, 0), found, none);
	cg_begin(c, found);
	add_to(c, m, p, delta);
	ir_jmp(c->f, c->blk, done);
}

/* Arrays have every entry. Elsewhere an absent entry is created with the delta as its value;
 * when another CPU was faster the creation fails, and the entry it made is added to, so that
 * no increment is lost. */
void
incf_map(struct cg *c, const struct kmap *m, struct kval key, span at, ref delta)
{
	uint32_t done, none;
	bool array = m->spec.type == BPF_MAP_TYPE_ARRAY ||
		     m->spec.type == BPF_MAP_TYPE_PERCPU_ARRAY;
	bool percpu = m->spec.type == BPF_MAP_TYPE_PERCPU_HASH ||
		      m->spec.type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
	ref k, args[4], failed;

	if (m->value.kind != KT_INT) {
		cg_error(c, "C0012", at, "entries of `%s` are not integers", m->spec.lisp_name);
		return;
	}
	done = ir_join_new(c->f, c->blk);
	none = array ? done : ir_blk_new(c->f);
	k = cg_key(c, m, key, at);
	add_if_there(c, m, k, delta, done, none);
	if (!array) {
		uint32_t again = ir_blk_new(c->f);

		cg_begin(c, none);
		args[0] = cg_map_ref(c, m);
		args[1] = k;
		args[2] = cg_value(c, m, val(delta, m->value), at);
		args[3] = ir_const(c->f, percpu ? BPF_ANY : BPF_NOEXIST);
		failed = cg_call(c, BPF_FUNC_map_update_elem, args, 4, PV_SCALAR);
		if (percpu) {
			ir_jmp(c->f, c->blk, done);
		} else {
			ir_br(c->f, c->blk, CC_EQ, failed, ir_const(c->f, 0), done, again);
			cg_begin(c, again);
			add_if_there(c, m, k, delta, done, done);
		}
	}
	cg_begin(c, done);
}

struct kval
form_incf_map(struct cg *c, value form, uint32_t tag)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));
	struct kval key, d;

	(void)tag;
	if (!m || !has_entries(c, m, arg_span(form, 1)))
		return poison(c);
	key = lower_arg(c, form, 2);
	d = list_length(form) == 4 ? lower_arg(c, form, 3) : int_value(c, 1);
	incf_map(c, m, key, arg_span(form, 2), d.v);
	return void_value(c);
}

/* ---- special maps ----------------------------------------------------------------------- */

static const struct kmap *
map_of_type(struct cg *c, value form, unsigned i, uint32_t type, const char *name)
{
	const struct kmap *m = cg_map(c, nth(form, i), arg_span(form, i));
	struct diag *d;

	if (!m || m->spec.type == type)
		return m;
	d = cg_error(c, "C0012", arg_span(form, i),
		     "`%s` is a map of type `%s`, here `:%s` is needed", m->spec.lisp_name,
		     fact_map_type(m->spec.type)->name, name);
	diag_label(c->ds, d, m->spec.at, "defined here");
	return NULL;
}

struct kval
form_tail_call(struct cg *c, value form, uint32_t tag)
{
	bool with_ctx = list_length(form) == 4;
	const struct kmap *m;
	ref args[3];

	(void)tag;
	m = map_of_type(c, form, with_ctx ? 2 : 1, BPF_MAP_TYPE_PROG_ARRAY, "prog-array");
	if (!m)
		return poison(c);
	args[2] = lower_arg(c, form, with_ctx ? 3 : 2).v;
	args[0] = with_ctx ? lower_arg(c, form, 1).v : c->ctx;
	args[1] = cg_map_ref(c, m);
	cg_call(c, BPF_FUNC_tail_call, args, 3, PV_SCALAR);
	return void_value(c);
}

struct kval
form_get_stackid(struct cg *c, value form, uint32_t tag)
{
	bool with_ctx = list_length(form) == 4;
	const struct kmap *m;
	ref args[3];

	(void)tag;
	m = map_of_type(c, form, with_ctx ? 2 : 1, BPF_MAP_TYPE_STACK_TRACE, "stack-trace");
	if (!m)
		return poison(c);
	args[0] = with_ctx ? lower_arg(c, form, 1).v : c->ctx;
	args[1] = cg_map_ref(c, m);
	args[2] = flags_arg(c, form, with_ctx ? 3 : 2);
	return val(cg_call(c, BPF_FUNC_get_stackid, args, 3, PV_SCALAR), TY_U64);
}

static ref
reserve(struct cg *c, value form, unsigned i, ref flags)
{
	const struct kmap *m = map_of_type(c, form, i, BPF_MAP_TYPE_RINGBUF, "ringbuf");
	struct kval size = lower_arg(c, form, i + 1);
	ref args[3];

	if (!m || is_poison(size))
		return 0;
	if (!ir_is_const(c->f, size.v, NULL)) {
		struct diag *d = cg_error(c, "C0010", arg_span(form, i + 1),
					  "the size of a record must be constant");

		diag_help(c->ds, d, "ringbuf-output copies records of any size");
		return 0;
	}
	args[0] = cg_map_ref(c, m);
	args[1] = size.v;
	args[2] = flags;
	return cg_describe(c, cg_call(c, BPF_FUNC_ringbuf_reserve, args, 3, PV_RING),
			   "record of ", m->spec.lisp_name);
}

struct kval
form_ringbuf_reserve(struct cg *c, value form, uint32_t tag)
{
	ref r = reserve(c, form, 1, flags_arg(c, form, 3));

	(void)tag;
	return r ? val(r, TY_PTR(0)) : poison(c);
}

struct kval
form_ringbuf_done(struct cg *c, value form, uint32_t helper)
{
	ref args[2] = {lower_arg(c, form, 1).v, 0};

	args[1] = flags_arg(c, form, 2);
	cg_call(c, helper, args, 2, PV_SCALAR);
	return void_value(c);
}

struct kval
form_ringbuf_output(struct cg *c, value form, uint32_t tag)
{
	const struct kmap *m = map_of_type(c, form, 1, BPF_MAP_TYPE_RINGBUF, "ringbuf");
	ref args[4];

	(void)tag;
	if (!m)
		return poison(c);
	args[1] = lower_arg(c, form, 2).v;
	args[2] = lower_arg(c, form, 3).v;
	args[3] = flags_arg(c, form, 4);
	args[0] = cg_map_ref(c, m);
	return val(cg_call(c, BPF_FUNC_ringbuf_output, args, 4, PV_SCALAR), TY_U64);
}

struct kval
form_with_ringbuf(struct cg *c, value form, uint32_t tag)
{
	value spec = nth(form, 1);
	uint32_t mark = c->binds.n, done, body;
	ref flags = ir_const(c->f, 0), rec, args[2];

	(void)tag;
	if (list_length(spec) < 3 || !is_symbol(car(spec))) {
		cg_error(c, "C0001", arg_span(form, 1), "with-ringbuf begins (VAR MAP SIZE)");
		return poison(c);
	}
	if (list_length(spec) == 5 && is_keyword(nth(spec, 3)))
		flags = lower_arg(c, spec, 4).v;
	rec = reserve(c, spec, 1, flags);
	if (!rec)
		return poison(c);
	done = ir_join_new(c->f, c->blk);
	body = ir_blk_new(c->f);
	ir_br(c->f, c->blk, CC_NE, rec, ir_const(c->f, 0), body, done);
	cg_begin(c, body);
	cg_bind(c, car(spec), car_span(spec), TY_PTR(0), false, rec);
	lower_body(c, cdr(cdr(form)));
	cg_unbind(c, mark);
	args[0] = rec;
	args[1] = flags;
	cg_call(c, BPF_FUNC_ringbuf_submit, args, 2, PV_SCALAR);
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, done);
	return void_value(c);
}
