/* SPDX-License-Identifier: MIT */
/* place.c: what can be assigned to. A place's subforms are evaluated once, also when
 * it is both read and written. */
#include "compile/lower/kfield.h"

#include "base/suggest.h"

static struct lval
bad_place(void)
{
	return (struct lval){.kind = PLACE_BAD};
}

static struct lval
memory_place(ref base, int32_t off, kty ty)
{
	return (struct lval){.kind = PLACE_MEM, .base = base, .off = off, .ty = ty};
}

/* base + off + index * size, the index constant where it can be. */
static void
add_index(struct cg *c, struct lval *p, struct kval index, uint32_t size)
{
	int64_t k;
	ref scaled;

	if (ir_is_const(c->f, index.v, &k) && k >= 0 && k * size <= INT16_MAX) {
		p->off += (int32_t)(k * size);
		return;
	}
	scaled = cg_bin(c, IR_MUL, index.v, ir_const(c->f, size));
	p->base = cg_bin(c, IR_ADD, p->base, scaled);
}

static struct lval
struct_field(struct cg *c, const struct kstruct *st, uint32_t i, struct kval ptr, bool indexed,
	     struct kval index)
{
	const struct kenv_field *f = &st->fields.at[i];
	struct lval p = memory_place(ptr.v, (int32_t)f->offset, TY_VOID);

	if (indexed)
		add_index(c, &p, index, f->size);
	if (f->struct_name || (f->is_array && !indexed)) {
		p.ty = TY_PTR(f->struct_name ? kenv_struct_index(c->k, make_symbol(c->l,
						str_of(f->struct_name))) : 0);
		return p;
	}
	p.ty = TY_INT((uint8_t)f->size, f->is_signed);
	p.bit_off = f->bit_offset;
	p.bit_size = f->bit_size;
	return p;
}

/* (NAME-FIELD ptr [index]) */
struct lval
field_place(struct cg *c, value form, const struct ksym *s)
{
	const struct kstruct *st = c->k->structs.at[s->index];
	const struct kenv_field *f = &st->fields.at[s->sub];
	int n = list_length(cdr(form));
	struct kval ptr, index = {0};

	if (n < 1 || n > 2 || (n == 2 && !f->is_array)) {
		struct diag *d = cg_error(c, "C0004", form_span(form),
			"`%s-%s` takes a pointer%s, found %d arguments", st->pub.name, f->name,
			f->is_array ? " and an index" : "", n);

		diag_label(c->ds, d, s->at, "defined here");
		return bad_place();
	}
	ptr = lower_arg(c, form, 1);
	if (is_poison(ptr))
		return bad_place();
	if (st->is_kernel && ptr.ty.of && ptr.ty.of != s->index) {
		cg_error(c, "C0018", arg_span(form, 1), "this points to a %s, not to a %s",
			 c->k->structs.at[ptr.ty.of]->pub.name, st->pub.name);
		return bad_place();
	}
	if (n == 2)
		index = lower_arg(c, form, 2);
	if (st->is_kernel)
		return kfield_place(c, ptr, s->index, kenv_c_name(c->a, str_of(f->name)), n == 2,
				    index, form_span(form));
	return struct_field(c, st, s->sub, ptr, n == 2, index);
}

struct lval
header_place(struct cg *c, value form, const struct ksym *s)
{
	struct kheader_field f = c->k->headers.at[s->index];
	struct lval p;
	struct kval ptr;

	if (list_length(cdr(form)) != 1) {
		cg_error(c, "C0004", form_span(form),
			 "a header field takes one pointer, found %d "
			 "arguments",
			 list_length(cdr(form)));
		return bad_place();
	}
	ptr = lower_arg(c, form, 1);
	if (is_poison(ptr))
		return bad_place();
	p = memory_place(ptr.v, f.off, TY_INT(f.size, false));
	p.net = f.net && f.size > 1;
	return p;
}

static struct lval
variable_place(struct cg *c, value sym, span at)
{
	struct binding *b = binding_of(c, sym);
	const struct ksym *k = kenv_peek(c->k, as_symbol(sym));
	struct kval v;

	if (b && !b->var)
		return place_of(c, b->expansion, at);
	if (b)
		return (struct lval){.kind = PLACE_VAR, .bind = (uint32_t)(b - c->binds.at),
				     .ty = b->ty};
	if (k && k->global) {
		const struct kglobal *g = &c->k->globals.at[k->global - 1];
		struct lval p = memory_place(cg_global(c, g), 0, g->type);

		if (c->k->maps.at[g->map]->spec.read_only) {
			cg_error(c, "C0013", at, "`%.*s` is constant", STR_ARG(g->name->name));
			return bad_place();
		}
		p.shared = true;
		return p;
	}
	v = lower_at(c, sym, at);	/* says what is wrong, unless it is a constant */
	if (!is_poison(v))
		cg_error(c, "C0013", at, "`%.*s` is a constant", STR_ARG(as_symbol(sym)->name));
	return bad_place();
}

static struct lval
getmap_place(struct cg *c, value form)
{
	const struct kmap *m = cg_map(c, nth(form, 1), arg_span(form, 1));
	struct lval p = {.kind = PLACE_MAP, .map = m};

	if (!m)
		return bad_place();
	p.key = lower_arg(c, form, 2);
	p.at = arg_span(form, 2);
	p.ty = m->value_struct || m->value.kind == KT_VOID ? TY_PTR(m->value_struct)
							   : m->value;
	return p;
}

/* (load T p [off]) as a place: (store T p off v) */
static struct lval
load_place(struct cg *c, value form)
{
	int n = list_length(cdr(form));
	struct lval p;
	kty ty;

	if (n < 2 || n > 3 || !cg_type(c, nth(form, 1), arg_span(form, 1), &ty))
		return bad_place();
	p = memory_place(lower_arg(c, form, 2).v, 0, ty);
	if (n == 3)
		add_index(c, &p, lower_arg(c, form, 3), 1);
	return p;
}

/* (struct-ref STRUCT ptr FIELD [index]) */
static struct lval
struct_ref_place(struct cg *c, value form, bool indexed)
{
	uint32_t s = kenv_struct_index(c->k, nth(form, 1));
	struct buf list = buf_new(c->a);
	const struct kstruct *st;
	struct suggest near;
	struct diag *d;
	struct kval ptr, index;
	str name;

	if (!s || !is_symbol(nth(form, 3))) {
		cg_error(c, "C0020", arg_span(form, 1), "no such struct");
		return bad_place();
	}
	st = c->k->structs.at[s];
	name = as_symbol(nth(form, 3))->name;
	near = suggest_start(name);
	for (uint32_t i = 0; i < st->fields.n; i++) {
		suggest_offer(&near, str_of(st->fields.at[i].name));
		if (!str_is(name, st->fields.at[i].name))
			continue;
		ptr = lower_arg(c, form, 2);
		index = indexed ? lower_arg(c, form, 4) : ptr;
		return st->is_kernel ? kfield_place(c, ptr, s, kenv_c_name(c->a, name), indexed,
						    index, form_span(form))
				     : struct_field(c, st, i, ptr, indexed, index);
	}
	d = cg_error(c, "C0008", arg_span(form, 3), "struct `%s` has no field `%.*s`",
		     st->pub.name, STR_ARG(name));
	if (near.best.p)
		diag_help(c->ds, d, "did you mean `%.*s`?", STR_ARG(near.best));
	for (uint32_t i = 0; i < st->fields.n; i++)
		kenv_list_name(&list, str_of(st->fields.at[i].name));
	diag_note(c->ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
	return bad_place();
}

struct lval
place_of_field(struct cg *c, value form)
{
	return struct_ref_place(c, form, false);
}

static struct lval
find_place(struct cg *c, value form, span at)
{
	const struct ksym *k;
	str head;

	if (is_symbol(form) && !is_nil(form))
		return variable_place(c, form, at);
	if (is_cons(form) && is_symbol(car(form))) {
		if (!lower_expand(c, &form))
			return bad_place();
		if (!is_cons(form))
			return place_of(c, form, at);
		head = as_symbol(car(form))->name;
		k = kenv_peek(c->k, as_symbol(car(form)));
		if (k && k->fn == KF_FIELD)
			return field_place(c, form, k);
		if (k && k->fn == KF_HEADER)
			return header_place(c, form, k);
		if (str_is(head, "getmap") && list_length(form) == 3)
			return getmap_place(c, form);
		if (str_is(head, "ctx") || str_is(head, "ctx-load"))
			return ctx_place(c, form);
		if (str_is(head, "load"))
			return load_place(c, form);
		if (str_is(head, "struct-ref"))
			return struct_ref_place(c, form, list_length(form) > 4);
		if (str_is(head, "the") && list_length(form) == 3)
			return place_of(c, nth(form, 2), at);
	}
	cg_error(c, "C0013", at, "this cannot be assigned to");
	diag_note(c->ds, *vec_last(&c->ds->all),
		  "places are variables, struct and header fields, (getmap m k), (ctx field), "
		  "(load type p off)");
	return bad_place();
}

/* What is computed for a place, and its loads and stores, stand where the place is written:
 * that is what a fault in them is about. */
struct lval
place_of(struct cg *c, value form, span at)
{
	span outer = c->f->at;
	struct lval p;

	if (is_cons(form) && at)
		c->f->at = at;
	p = find_place(c, form, at);
	p.where = c->f->at;
	c->f->at = outer;
	return p;
}

static ref
bit_mask(struct cg *c, unsigned bits)
{
	return ir_const(c->f, bits >= 64 ? -1 : (int64_t)((1ull << bits) - 1));
}

static struct kval
get(struct cg *c, const struct lval *p)
{
	struct kval v;

	switch (p->kind) {
	case PLACE_VAR: {
		const struct binding *b = &c->binds.at[p->bind];

		return val(ir_var_get(c->f, c->blk, b->var), b->ty);
	}
	case PLACE_MEM:
		if (p->path)
			return kfield_get(c, p);
		if (p->ty.kind == KT_PTR)	/* an embedded struct or array: its address */
			return val(cg_bin(c, IR_ADD, p->base, ir_const(c->f, p->off)), p->ty);
		if (p->bit_size) {
			ref r = cg_bin(c, IR_LSHR, cg_load(c, p->base, p->off, p->ty.size),
				       ir_const(c->f, p->bit_off));

			return val(cg_bin(c, IR_AND, r, bit_mask(c, p->bit_size)), p->ty);
		}
		v = cg_load_typed(c, p->base, p->off, p->ty);
		if (p->net)
			v.v = cg_un(c, IR_BSWAP, v.v, p->ty.size);
		return v;
	case PLACE_MAP: return map_get(c, p->map, p->key, p->at);
	default: return poison(c);
	}
}

struct kval
place_get(struct cg *c, const struct lval *p)
{
	span outer = c->f->at;
	struct kval v;

	if (p->where && p->kind == PLACE_MEM)
		c->f->at = p->where;
	v = get(c, p);
	c->f->at = outer;
	return v;
}

static void
set_variable(struct cg *c, const struct lval *p, struct kval v, span at)
{
	struct binding *b = &c->binds.at[p->bind];

	ir_var_set(c->f, c->blk, b->var, b->typed ? cg_convert(c, v, b->ty, at) : v.v);
}

static void
set_bits(struct cg *c, const struct lval *p, struct kval v)
{
	ref mask = bit_mask(c, p->bit_size), old = cg_load(c, p->base, p->off, p->ty.size),
	    hole;
	uint64_t m = (uint64_t)ir_at(c->f, mask)->imm << p->bit_off;

	hole = cg_bin(c, IR_AND, old, ir_const(c->f, (int64_t)~m));
	v.v = cg_bin(c, IR_SHL, cg_bin(c, IR_AND, v.v, mask), ir_const(c->f, p->bit_off));
	cg_store(c, p->base, p->off, p->ty.size, cg_bin(c, IR_OR, hole, v.v));
}

static void
set(struct cg *c, const struct lval *p, struct kval v, span at)
{
	int64_t x;

	if (is_poison(v) || p->kind == PLACE_BAD)
		return;
	switch (p->kind) {
	case PLACE_VAR: set_variable(c, p, v, at); return;
	case PLACE_MAP: {
		ref args[4] = {cg_map_ref(c, p->map), cg_key(c, p->map, p->key, p->at),
			       cg_value(c, p->map, v, at), ir_const(c->f, 0)};

		cg_call(c, BPF_FUNC_map_update_elem, args, 4, PV_SCALAR);
		return;
	}
	default: break;
	}
	if (p->kernel || (p->path && (p->bit_size || p->text))) {
		cg_error(c, "C0013", at, "kernel memory cannot be written");
		return;
	}
	if (p->ty.kind == KT_PTR) {
		cg_error(c, "C0013", at,
			 "an embedded struct or array cannot be assigned as a whole");
		return;
	}
	if (v.lit && ir_is_const(c->f, v.v, &x))
		v.v = cg_convert(c, v, p->ty, at);
	if (p->bit_size) {
		set_bits(c, p, v);
		return;
	}
	if (p->net)
		v.v = cg_un(c, IR_BSWAP, v.v, p->ty.size);
	cg_store(c, p->base, p->off, p->ty.size, v.v);
	if (p->path)
		cg_core_access(c, c->f->blk.at[c->blk].last, p);
}

void
place_set(struct cg *c, const struct lval *p, struct kval v, span at)
{
	span outer = c->f->at;

	if (p->where && p->kind == PLACE_MEM)
		c->f->at = p->where;
	set(c, p, v, at);
	c->f->at = outer;
}

struct kval
form_setf(struct cg *c, value form, uint32_t tag)
{
	struct kval v = void_value(c);

	(void)tag;
	if (list_length(cdr(form)) % 2) {
		cg_error(c, "C0001", form_span(form), "setf takes pairs of place and value");
		return poison(c);
	}
	for (value at = cdr(form); is_cons(at); at = cdr(cdr(at))) {
		struct lval p;
		value five;

		if (!cg_user_place(c, car(at), car_span(at), &five))
			return poison(c);
		if (five != NIL) {
			v = cg_set_user_place(c, five, car(cdr(at)), form_span(form));
			continue;
		}
		p = place_of(c, car(at), car_span(at));
		v = lower_arg(c, at, 1);
		place_set(c, &p, v, arg_span(at, 1));
	}
	return v;
}

struct kval
form_incf(struct cg *c, value form, uint32_t negate)
{
	value five, delta = is_cons(cdr(cdr(form))) ? nth(form, 2) : make_int(c->l, 1);
	struct lval p;
	struct kval d, v;

	if (!cg_user_place(c, nth(form, 1), arg_span(form, 1), &five))
		return poison(c);
	if (five != NIL)
		return cg_add_user_place(c, five, delta, negate, form_span(form));
	p = place_of(c, nth(form, 1), arg_span(form, 1));
	d = is_cons(cdr(cdr(form))) ? lower_arg(c, form, 2) : int_value(c, 1);
	if (p.kind == PLACE_BAD || is_poison(d))
		return poison(c);
	if (p.kind == PLACE_MAP) {
		incf_map(c, p.map, p.key, p.at, negate ? cg_un(c, IR_NEG, d.v, 0) : d.v);
		return void_value(c);
	}
	if (p.shared && p.ty.kind == KT_INT && p.ty.size >= 4) {
		cg_atomic(c, p.base, 0, p.ty.size, negate ? cg_un(c, IR_NEG, d.v, 0) : d.v,
			  BPF_ADD);
		return place_get(c, &p);
	}
	v = place_get(c, &p);
	v.lit = false;
	v.v = cg_bin(c, negate ? IR_SUB : IR_ADD, v.v, d.v);
	place_set(c, &p, v, form_span(form));
	return v;
}
