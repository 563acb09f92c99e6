/* SPDX-License-Identifier: MIT */
/* kfield.c: fields of the kernel's structs, by name, along chains:
 *
 *     (task-struct-real-parent p)          after (import-kernel-struct task_struct ...)
 *     (kernel-ref p real-parent comm)      from a pointer whose struct is known
 *     (kernel-ref task-struct p mm owner)  from any
 *
 * A chain goes through members of embedded and anonymous structs and unions, elements of
 * arrays, and pointers, each of which is read on the way. A pointer that the verifier knows
 * by its BTF type (provenance btf: typed context arguments, results of kernel functions, and
 * what was read through such pointers) is read by plain loads, where a fault reads as zero;
 * any other by probe_read_kernel, which behaves the same.
 *
 * Every access is CO-RE: the path of members is kept with the instruction, and an object file
 * carries it (emit/core.c), so that a loader can put in another kernel's offsets. */
#include "compile/lower/kfield.h"

#include "base/suggest.h"

struct walk {
	struct btf *b;
	struct kval base;
	uint32_t type;			/* what is at the place; 0: an absent member */
	uint32_t bits, bit_size;	/* the place, from base; of a bit field */
	struct core_path *path;
	bool direct;			/* plain loads will do */
	bool probing;			/* only asking whether it is there */
	bool absent;
	kty absent_type;
};

/* ---- paths ------------------------------------------------------------------------------ */

uint32_t
kfield_core_type(struct cg *c, const struct btf *b, uint32_t id)
{
	struct core_type t = {.id = id, .kind = btf_kind(btf_type(b, id)),
			      .name = btf_name(b, id), .size = (uint32_t)btf_size(b, id)};

	for (uint32_t i = 0; i < c->core_types.n; i++)
		if (c->core_types.at[i].id == id)
			return i;
	vec_push(c->a, &c->core_types, t);
	return c->core_types.n - 1;
}

static uint32_t
core_member(struct cg *c, uint32_t type, const struct core_member *m)
{
	struct core_type *t = &c->core_types.at[type];

	for (uint32_t i = 0; i < t->members.n; i++)
		if (strcmp(t->members.at[i].name, m->name) == 0)
			return i;
	vec_push(c->a, &t->members, *m);
	return t->members.n - 1;
}

static struct core_path *
new_path(struct cg *c, const struct btf *b, uint32_t id)
{
	struct core_path *p = arena_new(c->a, struct core_path);

	p->root = kfield_core_type(c, b, id);
	return p;
}

static void
add_step(struct cg *c, struct core_path *p, struct core_step s)
{
	vec_push(c->a, &p->steps, s);
}

static bool
same_path(const struct core_path *a, const struct core_path *b)
{
	if (a->root != b->root || a->steps.n != b->steps.n)
		return false;
	for (uint32_t i = 0; i < a->steps.n; i++) {
		const struct core_step *x = &a->steps.at[i], *y = &b->steps.at[i];

		if (x->type != y->type || x->member != y->member || x->element != y->element)
			return false;
	}
	return true;
}

/* Its number + 1 in the function, for ir_ins.core and field leaves; 0: cannot be recorded,
 * since nobody could find a type without a name. */
static uint32_t
core_of(struct cg *c, uint32_t kind, const struct core_path *path)
{
	struct ir_core want = {kind, path};

	if (!*c->core_types.at[path->root].name)
		return 0;
	for (uint32_t i = 0; i < c->f->cores.n; i++)
		if (c->f->cores.at[i].kind == kind &&
		    same_path(c->f->cores.at[i].path, path))
			return i + 1;
	vec_push(c->f->arena, &c->f->cores, want);
	return c->f->cores.n;
}

static ref
core_value(struct cg *c, uint32_t kind, const struct core_path *path, int64_t here)
{
	uint32_t core = core_of(c, kind, path);

	return core ? ir_leaf(c->f, IR_FIELD, here, (int32_t)core, PV_SCALAR)
		    : ir_const(c->f, here);
}

/* ---- types ------------------------------------------------------------------------------ */

kty
kfield_type(struct cg *c, const struct btf *b, uint32_t id, enum ir_prov *prov)
{
	const char *tag;
	uint32_t t = btf_resolve(b, id), to = kenv_pointee(b, t, &tag);
	int64_t size = btf_size(b, t);

	*prov = PV_SCALAR;
	if (to) {
		*prov = strcmp(tag, "user") == 0 ? PV_USER
			: strcmp(tag, "percpu") == 0 ? PV_KERNEL : PV_BTF;
		return TY_PTR(kenv_kernel_struct(c->k, to));
	}
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return TY_POISON;
	return TY_INT((uint8_t)size, btf_is_signed(b, t));
}

static bool
is_text(const struct btf *b, uint32_t id)
{
	const struct btf_array *a = btf_array_of(b, id);
	uint32_t t = a ? btf_resolve(b, a->type) : 0;

	return a && a->nelems && btf_kind(btf_type(b, t)) == BTF_KIND_INT &&
	       strcmp(btf_name(b, t), "char") == 0;
}

/* ---- walking ---------------------------------------------------------------------------- */

static void
no_such_field(struct cg *c, struct walk *w, const char *name, span at)
{
	struct suggest near = suggest_start(str_of(name));
	struct diag *d = cg_error(c, "C0008", at, "struct `%s` has no field `%s`",
				  *btf_name(w->b, w->type) ? btf_name(w->b, w->type)
							   : "without a name", name);
	struct btf_field f;

	for (uint32_t i = 0; btf_member(w->b, w->type, i, &f); i++)
		suggest_offer(&near, str_of(f.name));
	if (near.best.p)
		diag_help(c->ds, d, "did you mean `%.*s`?", STR_ARG(near.best));
	diag_note(c->ds, d, "this kernel's; where kernels differ, ask (core-field-exists %s %s)",
		  btf_name(w->b, w->type), name);
}

/* The loader puts in what its kernel has; here the code is never reached. */
static bool
walk_absent(struct cg *c, struct walk *w, const char *name, span at)
{
	struct core_member m = {.name = arena_strdup(c->a, name), .absent = true,
				.size = w->absent_type.kind == KT_INT ? w->absent_type.size : 8,
				.type = 0};

	if (!w->probing && !c->absent) {
		no_such_field(c, w, name, at);
		return false;
	}
	add_step(c, w->path, (struct core_step){kfield_core_type(c, w->b, w->type), 0, false});
	vec_last(&w->path->steps)->member =
		core_member(c, vec_last(&w->path->steps)->type, &m);
	w->type = 0;
	w->absent = true;
	return true;
}

static bool
walk_field(struct cg *c, struct walk *w, const char *name, span at)
{
	struct btf_field f;
	struct core_member m;
	uint32_t type;

	if (w->absent || !btf_is_composite(btf_type(w->b, w->type))) {
		cg_error(c, "C0008", at, "`%s` is asked of something that has no fields", name);
		return false;
	}
	if (!btf_find_member(w->b, w->type, str_of(name), &f))
		return walk_absent(c, w, name, at);
	m = (struct core_member){.name = f.name, .type = f.type, .bit_offset = f.bit_offset,
				 .bit_size = f.bit_size};
	type = kfield_core_type(c, w->b, w->type);
	add_step(c, w->path, (struct core_step){type, core_member(c, type, &m), false});
	w->bits += f.bit_offset;
	w->bit_size = f.bit_size;
	w->type = btf_resolve(w->b, f.type);
	return true;
}

static ref
element_size(struct cg *c, const struct walk *w, const struct btf_array *arr, int64_t here)
{
	uint32_t t = btf_resolve(w->b, arr->type);

	if (!btf_is_composite(btf_type(w->b, t)))
		return ir_const(c->f, here);
	return core_value(c, BPF_CORE_TYPE_SIZE, new_path(c, w->b, t), here);
}

static bool
walk_index(struct cg *c, struct walk *w, struct kval index, span at)
{
	const struct btf_array *arr = btf_array_of(w->b, w->type);
	int64_t k = 0, size = arr ? btf_size(w->b, arr->type) : -1;

	if (w->absent)
		return true;
	if (size < 0) {
		cg_error(c, "C0004", at, "only arrays have an index");
		return false;
	}
	if (!ir_is_const(c->f, index.v, &k)) {
		/* The verifier follows no variable offset into what it knows by type. */
		w->base.v = cg_bin(c, IR_ADD, w->base.v,
				   cg_bin(c, IR_MUL, index.v, element_size(c, w, arr, size)));
		w->direct = false;
		k = 0;
	} else if (k < 0 || (arr->nelems && k >= arr->nelems)) {
		cg_error(c, "C0010", at, "this array has %u elements", arr->nelems);
		return false;
	}
	add_step(c, w->path, (struct core_step){0, (uint32_t)k, true});
	w->bits += (uint32_t)(k * size * 8);
	w->type = btf_resolve(w->b, arr->type);
	return true;
}

static void
walk_start(struct cg *c, struct walk *w, struct kval ptr, uint32_t type)
{
	w->base = ptr;
	w->type = btf_resolve(w->b, type);
	w->bits = w->bit_size = 0;
	w->path = new_path(c, w->b, w->type);
	w->direct = ir_at(c->f, ptr.v)->prov == PV_BTF;
}

/* The aligned unit that holds a bit field's bits, as libbpf chooses it. */
static void
bit_unit(struct lval *p, const struct walk *w)
{
	uint32_t size = p->ty.size, off = w->bits / 8 / size * size;

	while (size < 8 && w->bits + w->bit_size - off * 8 > size * 8) {
		size *= 2;
		off = w->bits / 8 / size * size;
	}
	p->ty.size = (uint8_t)size;
	p->off = (int32_t)off;
	p->bit_off = (uint8_t)(w->bits - off * 8);
	p->bit_size = (uint8_t)w->bit_size;
}

static struct lval
walk_end(struct cg *c, const struct walk *w, span at)
{
	struct lval p = {.kind = PLACE_MEM, .base = w->base.v, .off = (int32_t)(w->bits / 8),
			 .path = w->path, .kernel = !w->direct, .where = at};
	enum ir_prov prov;
	uint32_t t = w->type;

	if (w->absent) {
		p.ty = w->absent_type.kind == KT_INT ? w->absent_type : TY_INT(8, true);
		return p;
	}
	if (btf_is_composite(btf_type(w->b, t))) {
		p.ty = TY_PTR(kenv_kernel_struct(c->k, t));
		return p;
	}
	if (btf_array_of(w->b, t)) {
		p.ty = TY_PTR(0);
		p.text = is_text(w->b, t) ? btf_array_of(w->b, t)->nelems : 0;
		return p;
	}
	p.ty = kfield_type(c, w->b, t, &prov);
	if (p.ty.kind == KT_PTR) {
		p.of = p.ty.of;
		p.prov = (uint8_t)(w->direct ? prov : prov == PV_BTF ? PV_SCALAR : prov);
		p.ty = TY_U64;
	} else if (p.ty.kind == KT_POISON) {
		cg_error(c, "C0008", at, "values of this type cannot be read");
		p.kind = PLACE_BAD;
	}
	if (w->bit_size)
		bit_unit(&p, w);
	return p;
}

/* What the place points to becomes the new start. */
static bool
walk_through(struct cg *c, struct walk *w, span at)
{
	const char *tag;
	uint32_t to = w->absent ? 0 : kenv_pointee(w->b, w->type, &tag);
	struct lval p;

	if (!to)
		return true;
	p = walk_end(c, w, at);
	if (p.kind == PLACE_BAD)
		return false;
	walk_start(c, w, kfield_get(c, &p), to);
	return true;
}

struct lval
kfield_place(struct cg *c, struct kval ptr, uint32_t strukt, const char *field, bool indexed,
	     struct kval index, span at)
{
	struct walk w = {.b = kenv_vmlinux(c->k, at, c->ds)};

	if (!w.b)
		return (struct lval){.kind = PLACE_BAD};
	walk_start(c, &w, ptr, c->k->structs.at[strukt]->btf_id);
	if (!walk_field(c, &w, field, at) || (indexed && !walk_index(c, &w, index, at)))
		return (struct lval){.kind = PLACE_BAD};
	return walk_end(c, &w, at);
}

/* ---- reading ---------------------------------------------------------------------------- */

struct kval
kfield_address(struct cg *c, const struct lval *p)
{
	ref off = core_value(c, BPF_CORE_FIELD_BYTE_OFFSET, p->path, p->off);
	struct kval v = val(p->base, p->ty.kind == KT_PTR ? p->ty : TY_PTR(0));

	if (p->path->steps.n)
		v.v = cg_bin(c, IR_ADD, p->base, off);
	if (p->kernel && ir_at(c->f, v.v)->prov == PV_BTF)
		ir_at(c->f, v.v)->prov = PV_KERNEL;
	return v;
}

/* A bit field to the left end of 64 bits, then to the right one. */
static ref
shift_bits(struct cg *c, const struct lval *p, ref unit)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	int64_t left = 64 - p->bit_off - p->bit_size;
#else
	int64_t left = (8 - p->ty.size) * 8 + p->bit_off;
#endif
	ref r = cg_bin(c, IR_SHL, unit,
		       core_value(c, BPF_CORE_FIELD_LSHIFT_U64, p->path, left));

	r = cg_bin(c, p->ty.is_signed ? IR_ASHR : IR_LSHR, r,
		   core_value(c, BPF_CORE_FIELD_RSHIFT_U64, p->path, 64 - p->bit_size));
	if (!p->ty.is_signed)
		ir_at(c->f, r)->bits = p->bit_size;
	return r;
}

static struct kval
get_text(struct cg *c, const struct lval *p)
{
	struct kval v = cg_stack_object(c, "text of a field", p->text, 8, TY_PTR(0), p->where);
	ref args[3];

	if (is_poison(v))
		return v;
	args[0] = v.v;
	args[1] = ir_const(c->f, p->text);
	args[2] = kfield_address(c, p).v;
	cg_call(c, BPF_FUNC_probe_read_kernel_str, args, 3, PV_SCALAR);
	return v;
}

static struct kval
get_probed(struct cg *c, const struct lval *p)
{
	uint32_t size = p->bit_size ? 8 : p->ty.size;
	ref slot = ir_leaf(c->f, IR_SLOT, cg_tmp(c, SLOT_VALUE, size), 0, PV_STACK), args[3];

	args[0] = slot;
	args[2] = kfield_address(c, p).v;
	if (!p->bit_size) {
		args[1] = ir_const(c->f, size);
		cg_call(c, BPF_FUNC_probe_read_kernel, args, 3, PV_SCALAR);
		return cg_load_typed(c, slot, 0, p->ty);
	}
	cg_store(c, slot, 0, 8, ir_const(c->f, 0));
	args[1] = core_value(c, BPF_CORE_FIELD_BYTE_SIZE, p->path, p->ty.size);
	cg_call(c, BPF_FUNC_probe_read_kernel, args, 3, PV_SCALAR);
	return val(shift_bits(c, p, cg_load(c, slot, 0, 8)), p->ty);
}

static struct kval
get_direct(struct cg *c, const struct lval *p)
{
	struct lval at = *p;
	struct kval v;

	if (p->off > INT16_MAX) {
		at.base = kfield_address(c, p).v;
		at.off = 0;
	}
	if (p->bit_size)
		v = val(cg_load(c, at.base, at.off, p->ty.size), p->ty);
	else
		v = cg_load_typed(c, at.base, at.off, p->ty);
	if (at.base == p->base)
		cg_core_access(c, v.v, p);
	if (p->bit_size)
		v.v = shift_bits(c, p, v.v);
	return v;
}

/* The access an instruction is part of; a sign extension may stand after the load. */
void
cg_core_access(struct cg *c, ref r, const struct lval *p)
{
	struct ir_ins *in = ir_at(c->f, r);

	if (in->op != IR_LOAD && in->op != IR_STORE)
		in = ir_at(c->f, in->u.arg[0]);
	in->core = core_of(c, BPF_CORE_FIELD_BYTE_OFFSET, p->path);
}

struct kval
kfield_get(struct cg *c, const struct lval *p)
{
	struct kval v;

	if (p->text)
		return get_text(c, p);
	if (p->ty.kind == KT_PTR)
		return kfield_address(c, p);
	v = p->kernel ? get_probed(c, p) : get_direct(c, p);
	if (p->prov || p->of) {
		v.ty = TY_PTR(p->of);
		ir_at(c->f, v.v)->prov = p->prov;
	}
	return v;
}

/* ---- forms ------------------------------------------------------------------------------ */

/* FIELD, (FIELD INDEX), or (FIELD TYPE): of that type where this kernel has none. */
static bool
walk_step(struct cg *c, struct walk *w, value step, span at)
{
	value name = is_cons(step) ? car(step) : step, more = is_cons(step) ? cdr(step) : NIL;
	struct kval index;

	if (!is_symbol(name) || is_nil(name) || (is_cons(more) && !is_nil(cdr(more)))) {
		cg_error(c, "C0001", at, "a field is NAME or (NAME INDEX)");
		return false;
	}
	w->absent_type = TY_INT(8, true);
	if (is_cons(more) && is_symbol(car(more)) &&
	    kty_named(as_symbol(car(more))->name, &w->absent_type))
		more = NIL;
	if (!walk_field(c, w, kenv_c_name(c->a, as_symbol(name)->name), at))
		return false;
	if (!is_cons(more))
		return true;
	index = lower_at(c, car(more), car_span(more));
	return !is_poison(index) && walk_index(c, w, index, car_span(more));
}

static bool
walk_steps(struct cg *c, struct walk *w, value steps)
{
	for (bool first = true; is_cons(steps); steps = cdr(steps), first = false) {
		if (!first && !walk_through(c, w, car_span(steps)))
			return false;
		if (!walk_step(c, w, car(steps), car_span(steps)))
			return false;
	}
	return true;
}

/* A struct or union of the kernel by its name; 0 after saying that there is none. */
static uint32_t
kernel_type(struct cg *c, struct btf *b, value name, span at, bool quiet)
{
	const char *c_name = is_symbol(name) ? kenv_c_name(c->a, as_symbol(name)->name) : "";
	uint32_t id = btf_find(b, str_of(c_name), BTF_KIND_STRUCT);

	if (!id)
		id = btf_find(b, str_of(c_name), BTF_KIND_UNION);
	if (!id)
		id = btf_resolve(b, btf_find(b, str_of(c_name), BTF_KIND_TYPEDEF));
	if (!id && !quiet)
		cg_error(c, "C0020", at, "the kernel has no struct `%s`", c_name);
	return id;
}

/* `core-load` and its like name the field that they access and where it once was. */
bool
kfield_recorded(struct cg *c, value form, unsigned at, struct lval *p)
{
	struct diags quiet = {.arena = c->a};
	struct walk w = {.b = kenv_vmlinux(c->k, arg_span(form, at), &quiet)};
	value strukt = nth(form, at), field = nth(form, at + 1);
	struct kval none = {.v = ir_const(c->f, 0), .ty = TY_PTR(0)};
	uint32_t own = kenv_struct_index(c->k, strukt), type;
	struct btf_field f;
	const char *name;

	if (!is_symbol(strukt) || !is_symbol(field)) {
		cg_error(c, "C0001", arg_span(form, is_symbol(strukt) ? at + 1 : at),
			 "the names of a struct and of its field are needed");
		return false;
	}
	if (!w.b || (own && !c->k->structs.at[own]->is_kernel))
		return true;
	type = kernel_type(c, w.b, strukt, arg_span(form, at), true);
	if (!type)
		return true;
	walk_start(c, &w, none, type);
	name = kenv_c_name(c->a, as_symbol(field)->name);
	if (!btf_find_member(w.b, w.type, str_of(name), &f)) {
		diag_warning(c->ds, "C0008", arg_span(form, at + 1), "this kernel's struct `%s` has no "
			     "field `%s`; offset %d is used as it is",
			     btf_name(w.b, w.type), name, p->off);
		return true;
	}
	if (!walk_field(c, &w, name, arg_span(form, at + 1)))
		return false;
	if (p->off != (int32_t)(w.bits / 8)) {
		diag_warning(c->ds, "C0008", arg_span(form, at + 1), "this kernel has it at offset %u, "
			     "not %d; %u is used", w.bits / 8, p->off, w.bits / 8);
		p->off = (int32_t)(w.bits / 8);
	}
	p->path = w.path;
	return true;
}

/* Pointer and fields of (kernel-ref [STRUCT] PTR FIELD...). */
static bool
ref_start(struct cg *c, struct walk *w, value form, value *steps)
{
	value first = nth(form, 1);
	uint32_t type = 0;
	struct kval ptr;
	unsigned at = 1;

	w->b = kenv_vmlinux(c->k, form_span(form), c->ds);
	if (!w->b)
		return false;
	if (is_symbol(first) && !binding_of(c, first) && list_length(form) > 3) {
		type = kernel_type(c, w->b, first, arg_span(form, 1), false);
		if (!type)
			return false;
		at = 2;
	}
	ptr = lower_arg(c, form, at);
	if (is_poison(ptr))
		return false;
	if (!type && ptr.ty.of && c->k->structs.at[ptr.ty.of]->is_kernel)
		type = c->k->structs.at[ptr.ty.of]->btf_id;
	if (!type) {
		struct diag *d = cg_error(c, "C0018", arg_span(form, at),
					  "the struct this points to is not known");

		diag_help(c->ds, d, "name it: (kernel-ref task-struct pointer field...)");
		return false;
	}
	walk_start(c, w, ptr, type);
	*steps = cdr(cdr(form));
	if (at == 2)
		*steps = cdr(*steps);
	return true;
}

struct kval
form_kernel_ref(struct cg *c, value form, uint32_t address)
{
	struct walk w = {0};
	struct lval p;
	value steps;

	if (!ref_start(c, &w, form, &steps) || !walk_steps(c, &w, steps))
		return poison(c);
	p = walk_end(c, &w, form_span(form));
	if (p.kind == PLACE_BAD)
		return poison(c);
	return address ? kfield_address(c, &p) : kfield_get(c, &p);
}

/* (core-field-exists STRUCT FIELD...), (core-field-size STRUCT FIELD...) */
struct kval
form_core_field(struct cg *c, value form, uint32_t kind)
{
	struct walk w = {.b = kenv_vmlinux(c->k, form_span(form), c->ds), .probing = true};
	struct kval none = {.v = ir_const(c->f, 0), .ty = TY_PTR(0)};
	uint32_t type;
	int64_t here;

	if (!w.b)
		return poison(c);
	type = kernel_type(c, w.b, nth(form, 1), arg_span(form, 1), false);
	if (!type)
		return poison(c);
	walk_start(c, &w, none, type);
	for (value at = cdr(cdr(form)); is_cons(at); at = cdr(at))
		if (!walk_step(c, &w, car(at), car_span(at)))
			return poison(c);
	if (kind == BPF_CORE_FIELD_EXISTS)
		here = !w.absent;
	else
		here = w.absent ? 0 : btf_size(w.b, w.type);
	return val(core_value(c, kind, w.path, here), TY_U64);
}

int
cg_core_answer(struct cg *c, value test)
{
	static const char *const questions[] = {"core-field-exists", "core-type-exists",
						"core-enum-exists"};
	struct kval v;

	if (!is_cons(test) || !is_symbol(car(test)))
		return -1;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		if (!str_is(as_symbol(car(test))->name, questions[i]))
			continue;
		v = lower(c, test);
		return is_poison(v) ? -1 : ir_at(c->f, v.v)->imm != 0;
	}
	return -1;
}

/* A type the kernel may lack: described by name alone. */
static uint32_t
absent_type(struct cg *c, const char *name, uint32_t kind)
{
	struct core_type t = {.kind = kind, .name = name};

	for (uint32_t i = 0; i < c->core_types.n; i++)
		if (!c->core_types.at[i].id && c->core_types.at[i].kind == kind &&
		    strcmp(c->core_types.at[i].name, name) == 0)
			return i;
	vec_push(c->a, &c->core_types, t);
	return c->core_types.n - 1;
}

/* (core-type-exists STRUCT), (core-type-size STRUCT) */
struct kval
form_core_type(struct cg *c, value form, uint32_t kind)
{
	struct btf *b = kenv_vmlinux(c->k, form_span(form), c->ds);
	struct core_path *path = arena_new(c->a, struct core_path);
	value name = nth(form, 1);
	uint32_t id;

	if (!b || !is_symbol(name) || is_nil(name)) {
		if (b)
			cg_error(c, "C0001", arg_span(form, 1), "a struct's name is needed");
		return poison(c);
	}
	id = kernel_type(c, b, name, arg_span(form, 1), kind == BPF_CORE_TYPE_EXISTS);
	if (!id && kind != BPF_CORE_TYPE_EXISTS)
		return poison(c);
	path->root = id ? kfield_core_type(c, b, id)
			: absent_type(c, kenv_c_name(c->a, as_symbol(name)->name),
				      BTF_KIND_STRUCT);
	return val(core_value(c, kind, path, kind == BPF_CORE_TYPE_EXISTS ? id != 0
								    : btf_size(b, id)), TY_U64);
}

/* Names of enumerators keep their case only in texts: found whatever the case. */
static bool
find_enumerator(const struct btf *b, uint32_t id, const char *name, struct core_member *out)
{
	for (uint32_t i = 0; btf_enumerator(b, id, i, &out->name, &out->value); i++)
		if (strcasecmp(out->name, name) == 0)
			return true;
	return false;
}

static const char *
capitals(struct cg *c, const char *name)
{
	char *s = arena_strdup(c->a, name);

	for (char *p = s; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
	return s;
}

/* (core-enum-exists ENUM NAME), (core-enum-value ENUM NAME) */
struct kval
form_core_enum(struct cg *c, value form, uint32_t kind)
{
	struct btf *b = kenv_vmlinux(c->k, form_span(form), c->ds);
	struct core_path *path = arena_new(c->a, struct core_path);
	struct core_member m = {0};
	const char *name, *wanted;
	uint32_t id;

	if (!b)
		return poison(c);
	if (!is_symbol(nth(form, 1)) || !is_symbol(nth(form, 2))) {
		cg_error(c, "C0001", form_span(form), "the names of an enum and of a value are needed");
		return poison(c);
	}
	name = kenv_c_name(c->a, as_symbol(nth(form, 1))->name);
	wanted = kenv_c_name(c->a, as_symbol(nth(form, 2))->name);
	id = btf_find(b, str_of(name), BTF_KIND_ENUM);
	if (!id)
		id = btf_find(b, str_of(name), BTF_KIND_ENUM64);
	if (!id || !find_enumerator(b, id, wanted, &m)) {
		if (kind == BPF_CORE_ENUMVAL_VALUE) {
			cg_error(c, "C0008", arg_span(form, id ? 2 : 1), "the kernel has no `%s`",
				 id ? wanted : name);
			return poison(c);
		}
		m = (struct core_member){.name = capitals(c, wanted), .absent = true};
	}
	path->root = id ? kfield_core_type(c, b, id) : absent_type(c, name, BTF_KIND_ENUM);
	add_step(c, path, (struct core_step){path->root, core_member(c, path->root, &m), false});
	return val(core_value(c, kind, path, kind == BPF_CORE_ENUMVAL_EXISTS ? !m.absent
									     : m.value), TY_U64);
}
