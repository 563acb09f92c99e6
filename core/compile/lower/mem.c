/* SPDX-License-Identifier: MIT */
/* mem.c: memory, structs on the stack, atomics. */
#include "compile/lower/kfield.h"

/* A constant offset, or one to be added to the pointer. */
static bool
offset_arg(struct cg *c, value form, unsigned i, ref *base, int32_t *off)
{
	struct kval v = lower_arg(c, form, i);
	int64_t k;

	*off = 0;
	if (is_poison(v))
		return false;
	if (ir_is_const(c->f, v.v, &k) && k >= INT16_MIN && k <= INT16_MAX)
		*off = (int32_t)k;
	else
		*base = cg_bin(c, IR_ADD, *base, v.v);
	return true;
}

/* A lookup's result used at once cannot have been tested. */
static struct kval
pointer_arg(struct cg *c, value form, unsigned i)
{
	struct kval v = lower_arg(c, form, i);
	value f = nth(form, i);

	if (is_cons(f) && is_symbol(car(f)) &&
	    (str_is(as_symbol(car(f))->name, "map-lookup") ||
	     str_is(as_symbol(car(f))->name, "map-lookup-ptr"))) {
		struct diag *d = cg_error(c, "C0014", arg_span(form, i),
					  "the entry may be missing: test the pointer first");

		diag_help(c->ds, d, "(when-let ((p %s)) ... p ...)", "(map-lookup ...)");
		return poison(c);
	}
	return v;
}

/* (load TYPE P [OFF]); (core-load TYPE P OFF STRUCT FIELD): `core` is 1 */
struct kval
form_load(struct cg *c, value form, uint32_t core)
{
	struct lval at = {.kind = PLACE_MEM};
	struct kval p, v;

	if (!cg_type(c, nth(form, 1), arg_span(form, 1), &at.ty))
		return poison(c);
	p = pointer_arg(c, form, 2);
	if (is_poison(p))
		return p;
	at.base = p.v;
	if (list_length(form) > 3 && !offset_arg(c, form, 3, &at.base, &at.off))
		return poison(c);
	if (core && at.base == p.v && !kfield_recorded(c, form, 4, &at))
		return poison(c);
	v = cg_load_typed(c, at.base, at.off, at.ty);
	if (at.path)
		cg_core_access(c, v.v, &at);
	return v;
}

/* (store TYPE P OFF VALUE); (core-store TYPE P OFF VALUE STRUCT FIELD): `core` is 1 */
struct kval
form_store(struct cg *c, value form, uint32_t core)
{
	struct lval at = {.kind = PLACE_MEM};
	struct kval p, v;

	if (!cg_type(c, nth(form, 1), arg_span(form, 1), &at.ty))
		return poison(c);
	p = pointer_arg(c, form, 2);
	at.base = p.v;
	if (is_poison(p) || !offset_arg(c, form, 3, &at.base, &at.off))
		return poison(c);
	if (core && at.base == p.v && !kfield_recorded(c, form, 5, &at))
		return poison(c);
	v = lower_arg(c, form, 4);
	if (is_poison(v))
		return void_value(c);
	cg_store(c, at.base, at.off, at.ty.size, v.v);
	if (at.path)
		cg_core_access(c, c->f->blk.at[c->blk].last, &at);
	return void_value(c);
}

/* The type of an atomic operation's last argument, u64 when left out. */
static bool
atomic_type(struct cg *c, value form, unsigned i, kty *ty)
{
	*ty = TY_U64;
	if ((unsigned)list_length(form) <= i)
		return true;
	if (!cg_type(c, nth(form, i), arg_span(form, i), ty))
		return false;
	if (ty->size >= 4)
		return true;
	cg_error(c, "C0012", arg_span(form, i), "atomic operations work on 4 and 8 bytes");
	return false;
}

static bool
aligned(struct cg *c, span at, ref base, int32_t off, unsigned size)
{
	const struct ir_ins *in = ir_at(c->f, base);

	if (in->op == IR_SLOT)
		off += in->off;
	if (off % (int32_t)size == 0)
		return true;
	cg_error(c, "C0027", at, "an atomic operation of %u bytes at offset %d is not aligned",
		 size, off);
	return false;
}

struct kval
form_atomic_add(struct cg *c, value form, uint32_t tag)
{
	struct kval p = pointer_arg(c, form, 1), v;
	int32_t off = 0;
	kty ty;

	(void)tag;
	if (!atomic_type(c, form, 4, &ty) || is_poison(p) ||
	    !offset_arg(c, form, 2, &p.v, &off))
		return poison(c);
	v = lower_arg(c, form, 3);
	if (aligned(c, arg_span(form, 2), p.v, off, ty.size))
		cg_atomic(c, p.v, off, ty.size, v.v, BPF_ADD);
	return void_value(c);
}

struct kval
form_atomic_fetch(struct cg *c, value form, uint32_t op)
{
	struct kval p = pointer_arg(c, form, 1), v;
	int32_t off = 0;
	kty ty;

	if (!atomic_type(c, form, 4, &ty) || is_poison(p) ||
	    !offset_arg(c, form, 2, &p.v, &off))
		return poison(c);
	v = lower_arg(c, form, 3);
	if (!aligned(c, arg_span(form, 2), p.v, off, ty.size))
		return poison(c);
	return val(cg_atomic(c, p.v, off, ty.size, v.v, (int32_t)op | BPF_FETCH), ty);
}

struct kval
form_cmpxchg(struct cg *c, value form, uint32_t tag)
{
	struct kval p = pointer_arg(c, form, 1);
	int32_t off = 0;
	ref args[3], r;
	kty ty;

	(void)tag;
	if (!atomic_type(c, form, 5, &ty) || is_poison(p) ||
	    !offset_arg(c, form, 2, &p.v, &off) ||
	    !aligned(c, arg_span(form, 2), p.v, off, ty.size))
		return poison(c);
	args[0] = p.v;
	args[1] = lower_arg(c, form, 3).v;
	args[2] = lower_arg(c, form, 4).v;
	r = ir_add_n(c->f, c->blk, IR_CMPXCHG, args, 3);
	ir_at(c->f, r)->off = off;
	ir_at(c->f, r)->size = ty.size;
	return val(r, ty);
}

/* ---- stack memory ----------------------------------------------------------------------- */

static void
clear(struct cg *c, ref base, uint32_t size)
{
	uint32_t off = 0;

	for (unsigned step = 8; step; step /= 2)
		for (; off + step <= size; off += step)
			cg_store(c, base, (int32_t)off, step, ir_const(c->f, 0));
}

struct kval
cg_stack_object(struct cg *c, const char *name, int64_t size, uint32_t align, kty ty, span at)
{
	ref base;

	if (size < 0 || size > 512) {
		cg_error(c, "C0015", at, "%lld bytes do not fit on the stack, which has 512",
			 (long long)size);
		return poison(c);
	}
	base = ir_leaf(c->f, IR_SLOT, ir_slot_new(c->f, name, (uint32_t)size, align), 0,
		       PV_STACK);
	clear(c, base, (uint32_t)size);
	return val(base, ty);
}

struct kval
form_struct_alloc(struct cg *c, value form, uint32_t tag)
{
	struct kval n = lower_arg(c, form, 1);
	int64_t size;

	(void)tag;
	if (is_poison(n))
		return n;
	if (!ir_is_const(c->f, n.v, &size)) {
		cg_error(c, "C0010", arg_span(form, 1), "struct-alloc needs a constant size");
		return poison(c);
	}
	return cg_stack_object(c, "struct-alloc", size, 8, TY_PTR(0), form_span(form));
}

/* (make-NAME) */
struct kval
lower_make(struct cg *c, value form, const struct ksym *s)
{
	const struct kstruct *st = c->k->structs.at[s->index];

	if (list_length(form) != 1) {
		cg_error(c, "C0004", form_span(form), "`make-%s` takes no arguments, found %d",
			 st->pub.name, list_length(form) - 1);
		return poison(c);
	}
	return cg_stack_object(c, st->pub.name, st->pub.size, 8, TY_PTR(s->index),
			    form_span(form));
}

struct kval
form_stack_addr(struct cg *c, value form, uint32_t tag)
{
	struct binding *b = is_symbol(nth(form, 1)) ? binding_of(c, nth(form, 1)) : NULL;
	uint32_t slot;
	unsigned size;
	ref addr, v;

	(void)tag;
	if (!b || !b->var) {
		cg_error(c, "C0003", arg_span(form, 1), "stack-addr needs a variable");
		return poison(c);
	}
	size = b->typed ? b->ty.size : 8;
	v = ir_var_get(c->f, c->blk, b->var);
	b = binding_of(c, nth(form, 1));
	slot = ir_slot_new(c->f, c->f->vars.at[b->var].name, size, size);
	addr = ir_leaf(c->f, IR_SLOT, slot, 0, PV_STACK);
	cg_store(c, addr, 0, size, v);
	return val(addr, TY_PTR(0));
}

/* The widest access that `off` (in an object whose alignment is `align`) allows. */
static unsigned
widest(int64_t off, int64_t left, unsigned align)
{
	unsigned step = align;

	while (step > 1 && (off % step || left < step))
		step /= 2;
	return step;
}

static unsigned
alignment(const struct cg *c, ref base, int64_t *off)
{
	const struct ir_ins *in = ir_at(c->f, base);

	switch (in->prov) {
	case PV_STACK:
		if (in->op != IR_SLOT)
			return 1;
		*off += in->off;
		return c->f->slots.at[in->imm].align;
	case PV_MAP_VALUE: case PV_RING:
		return in->op == IR_ADD ? 1 : 8;
	default: return 1;
	}
}

struct kval
form_memset(struct cg *c, value form, uint32_t tag)
{
	struct kval p = pointer_arg(c, form, 1), byte;
	int64_t off, n, b, shift = 0;
	unsigned align;
	ref pattern;

	(void)tag;
	byte = lower_arg(c, form, 3);
	if (is_poison(p) || is_poison(byte))
		return poison(c);
	if (!cg_constant(c, nth(form, 2), &off) || !cg_constant(c, nth(form, 4), &n) ||
	    n < 0 || n > 4096) {
		cg_error(c, "C0010", form_span(form),
			 "memset needs a constant offset and count");
		return poison(c);
	}
	if (ir_is_const(c->f, byte.v, &b))
		pattern =
			ir_const(c->f, (int64_t)((uint64_t)(b & 0xff) * 0x0101010101010101u));
	else
		pattern = cg_bin(c, IR_MUL, cg_un(c, IR_ZEXT, byte.v, 1),
				 ir_const(c->f, 0x0101010101010101));
	align = alignment(c, p.v, &shift);
	for (int64_t i = 0; i < n; ) {
		unsigned step = widest(off + shift + i, n - i, align);

		cg_store(c, p.v, (int32_t)(off + i), step, pattern);
		i += step;
	}
	return void_value(c);
}

struct kval
form_memcpy(struct cg *c, value form, uint32_t tag)
{
	struct kval to = pointer_arg(c, form, 1), from = pointer_arg(c, form, 3);
	int64_t doff, soff, n, dshift = 0, sshift = 0;
	unsigned da, sa;

	(void)tag;
	if (is_poison(to) || is_poison(from))
		return poison(c);
	if (!cg_constant(c, nth(form, 2), &doff) || !cg_constant(c, nth(form, 4), &soff) ||
	    !cg_constant(c, nth(form, 5), &n) || n < 0 || n > 4096) {
		cg_error(c, "C0010", form_span(form),
			 "memcpy needs constant offsets and count");
		return poison(c);
	}
	da = alignment(c, to.v, &dshift);
	/* Packets may be read at any alignment where the machine can. */
	sa = ir_at(c->f, from.v)->prov == PV_PACKET ? 8 : alignment(c, from.v, &sshift);
	for (int64_t i = 0; i < n; ) {
		unsigned step = widest(doff + dshift + i, n - i, da);

		if (ir_at(c->f, from.v)->prov != PV_PACKET) {
			unsigned other = widest(soff + sshift + i, n - i, sa);

			step = step < other ? step : other;
		}
		cg_store(c, to.v, (int32_t)(doff + i), step,
			 cg_load(c, from.v, (int32_t)(soff + i), step));
		i += step;
	}
	return void_value(c);
}

static bool
is_struct(const struct ksym *s)
{
	return s->strukt != 0;
}

struct kval
form_sizeof(struct cg *c, value form, uint32_t tag)
{
	value name = nth(form, 1);
	uint32_t s;
	struct diag *d;
	kty ty;

	(void)tag;
	if (is_symbol(name) && kty_named(as_symbol(name)->name, &ty))
		return int_value(c, ty.size);
	s = kenv_struct_index(c->k, name);
	if (s)
		return int_value(c, c->k->structs.at[s]->pub.size);
	if (is_symbol(name) && kenv_excused(c->k, as_symbol(name)->name, c->ds))
		return poison(c);
	d = cg_error(c, "C0020", arg_span(form, 1), "no such struct%s%.*s",
		     is_symbol(name) ? ": " : "",
		     STR_ARG(is_symbol(name) ? as_symbol(name)->name : STR("")));
	if (is_symbol(name)) {
		const char *near = kenv_suggest(c->k, as_symbol(name)->name, is_struct);

		kenv_blame(c->k, as_symbol(name)->name, c->ds, d);
		if (near)
			diag_help(c->ds, d, "did you mean `%s`?", near);
	}
	return poison(c);
}

struct kval
form_struct_ref(struct cg *c, value form, uint32_t tag)
{
	struct lval p = place_of(c, form, form_span(form));

	(void)tag;
	return p.kind == PLACE_BAD ? poison(c) : place_get(c, &p);
}

struct kval
form_struct_set(struct cg *c, value form, uint32_t tag)
{
	struct lval p = place_of_field(c, form);
	struct kval v;

	(void)tag;
	if (p.kind == PLACE_BAD)
		return poison(c);
	v = lower_arg(c, form, 4);
	place_set(c, &p, v, arg_span(form, 4));
	return v;
}

struct kval
form_kernel_load(struct cg *c, value form, uint32_t tag)
{
	struct kval p;
	ref args[3], addr;
	int32_t off = 0;
	kty ty;

	(void)tag;
	if (!cg_type(c, nth(form, 1), arg_span(form, 1), &ty))
		return poison(c);
	p = lower_arg(c, form, 2);
	if (is_poison(p) || !offset_arg(c, form, 3, &p.v, &off))
		return poison(c);
	addr = ir_leaf(c->f, IR_SLOT, cg_tmp(c, SLOT_VALUE, ty.size), 0, PV_STACK);
	args[0] = addr;
	args[1] = ir_const(c->f, ty.size);
	args[2] = cg_bin(c, IR_ADD, p.v, ir_const(c->f, off));
	cg_call(c, BPF_FUNC_probe_read_kernel, args, 3, PV_SCALAR);
	return cg_load_typed(c, addr, 0, ty);
}
