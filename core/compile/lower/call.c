/* SPDX-License-Identifier: MIT */
/* call.c: helper functions, accessors, functions of the user. */
#include "compile/lower/kfield.h"

static enum ir_prov
result_prov(const struct fact_helper *h)
{
	switch (h->proto.ret) {
	case FACT_RET_VALUE: case FACT_RET_VALUE_NULL: case FACT_RET_PERCPU:
	case FACT_RET_PERCPU_NULL:
		return PV_MAP_VALUE;
	case FACT_RET_RECORD_NULL: case FACT_RET_DYN_MEM_NULL: return PV_RING;
	case FACT_RET_INT: case FACT_RET_VOID: return PV_SCALAR;
	case FACT_RET_BTF: case FACT_RET_BTF_NULL: case FACT_RET_BTF_TRUSTED: return PV_BTF;
	default: return PV_KERNEL;
	}
}

static kty
result_type(const struct fact_helper *h)
{
	switch (h->id) {
	case BPF_FUNC_get_prandom_u32: case BPF_FUNC_get_smp_processor_id:
		return TY_INT(4, false);
	default: break;
	}
	if (h->proto.ret == FACT_RET_VOID)
		return TY_VOID;
	return result_prov(h) == PV_SCALAR ? TY_U64 : TY_PTR(0);
}

static bool
check_arity(struct cg *c, value form, const struct fact_helper *h)
{
	int n = list_length(cdr(form));
	struct diag *d;

	if (n >= h->min_args && n <= h->nargs)
		return true;
	if (h->min_args == h->nargs)
		d = cg_error(c, "C0004", form_span(form), "helper `%.*s` takes %u argument%s, "
			     "found %d", STR_ARG(as_symbol(car(form))->name), h->nargs,
			     h->nargs == 1 ? "" : "s", n);
	else
		d = cg_error(c, "C0004", form_span(form),
			     "helper `%.*s` takes %u to %u arguments, "
			     "found %d",
			     STR_ARG(as_symbol(car(form))->name), h->min_args, h->nargs, n);
	if (h->nargs && h->proto.arg[0] == FACT_ARG_CTX && n == h->nargs - 1)
		diag_help(c->ds, d, "its first argument is the context: (ctx-ptr)");
	return false;
}

/* Its number among the program's functions, from 1; queued for lowering when new. */
static uint32_t
function_number(struct cg *c, const struct ksym *s)
{
	const struct kfunction *f = &c->k->functions.at[s->index];

	for (uint32_t i = 0; i < c->fns.n; i++)
		if (c->fns.at[i] == f)
			return i + 1;
	vec_push(c->a, &c->fns, f);
	return c->fns.n;
}

static kty
declared_type(value arg)
{
	kty ty = TY_U64;

	if (is_cons(arg) && is_symbol(car(cdr(arg))))
		kty_named(as_symbol(car(cdr(arg)))->name, &ty);
	return ty;
}

/* (defn NAME (ARGS) :returns T BODY...): the body and the type. */
static value
function_body(const struct kfunction *f, kty *returns)
{
	value body = cdr(cdr(cdr(f->form)));

	*returns = TY_U64;
	if (is_string(car(body)) && is_cons(cdr(body)))
		body = cdr(body);
	if (is_cons(body) && is_keyword(car(body)) &&
	    str_is(as_symbol(car(body))->name, "returns")) {
		if (is_symbol(car(cdr(body))))
			kty_named(as_symbol(car(cdr(body)))->name, returns);
		body = cdr(cdr(body));
	}
	return body;
}

struct kval
lower_user_call(struct cg *c, value form, const struct ksym *s)
{
	const struct kfunction *f = &c->k->functions.at[s->index];
	value params = nth(f->form, 2);
	int want = list_length(params), n = list_length(cdr(form));
	ref args[5], r;
	bool bad = false;
	kty returns;

	if (n != want) {
		struct diag *d = cg_error(c, "C0004", form_span(form),
			"`%.*s` takes %d argument%s, found %d", STR_ARG(f->name->name), want,
			want == 1 ? "" : "s", n);

		diag_label(c->ds, d, f->at, "defined here");
		return poison(c);
	}
	for (int i = 0; i < n; i++, params = cdr(params)) {
		struct kval v = lower_arg(c, form, (unsigned)i + 1);

		bad |= is_poison(v);
		args[i] = cg_convert(c, v, declared_type(car(params)),
				     arg_span(form, (unsigned)i + 1));
	}
	if (bad)
		return poison(c);
	r = ir_add_n(c->f, c->blk, IR_FCALL, args, (uint32_t)n);
	ir_at(c->f, r)->imm = function_number(c, s);
	function_body(f, &returns);
	return val(r, returns);
}

static void
lower_function(struct cg *c, const struct kfunction *f, uint32_t number)
{
	value body;
	kty returns;
	struct kval v;
	int64_t i = 0;

	c->f = ir_fn_new(c->a, kenv_c_name(c->image->arena, f->name->name));
	c->f->index = number;
	vec_push(c->a, &c->ir->fns, c->f);
	c->blk = 1;
	c->ctx = 0;
	c->rets.n = 0;
	memset(c->tmp, 0, sizeof c->tmp);
	c->f->at = f->at;
	for (value p = nth(f->form, 2); is_cons(p); p = cdr(p)) {
		value name = is_cons(car(p)) ? car(car(p)) : car(p);
		kty ty = declared_type(car(p));
		ref r = ir_add(c->f, 1, IR_PARAM, 0, 0);

		ir_at(c->f, r)->imm = i++;
		cg_bind(c, name, car_span(p), ty, is_cons(car(p)), r);
	}
	c->f->nparams = (uint8_t)i;
	body = function_body(f, &returns);
	c->returns = returns;
	c->last = 0;
	v = lower_body(c, body);
	if (c->last)
		c->f->at = c->last;
	cg_return(c, cg_convert(c, v, returns, f->at));
	cg_unbind(c, 0);
}

void
lower_functions(struct cg *c)
{
	for (uint32_t i = 0; i < c->fns.n; i++)
		lower_function(c, c->fns.at[i], i + 1);
}

static struct kval
helper_arg(struct cg *c, value form, unsigned i, const struct fact_helper *h)
{
	value a = nth(form, i);
	const struct kmap *m;

	if (h->proto.arg[i - 1] == FACT_ARG_MAP && is_symbol(a) && !binding_of(c, a)) {
		m = cg_map(c, a, arg_span(form, i));
		return m ? val(cg_map_ref(c, m), TY_PTR(0)) : poison(c);
	}
	if (h->proto.arg[i - 1] == FACT_ARG_FUNC && is_symbol(a) && !is_nil(a)) {
		const struct ksym *s = kenv_peek(c->k, as_symbol(a));

		if (s && s->fn == KF_DEFN)
			return val(
				ir_leaf(c->f, IR_FUNC, function_number(c, s), 0, PV_POINTER),
				TY_PTR(0));
		cg_error(c, "C0002", arg_span(form, i),
			 "the name of a function is needed here");
		return poison(c);
	}
	return lower_arg(c, form, i);
}

/* Reading more than the stack holds, or through something a byte or two wide, is a slip that
 * the verifier would report much later. */
static bool
check_probe_read(struct cg *c, value form, const struct fact_helper *h, const struct kval *v)
{
	int64_t size;

	if (h->nargs != 3 || !memmem(h->name, strlen(h->name), "probe_read", 10))
		return true;
	if (ir_is_const(c->f, v[1].v, &size) && size > 512 &&
	    ir_at(c->f, v[0].v)->prov == PV_STACK) {
		cg_error(c, "C0015", arg_span(form, 2),
			 "%lld bytes do not fit on the stack, which has 512", (long long)size);
		return false;
	}
	if (v[2].ty.kind == KT_INT && v[2].ty.size <= 2) {
		cg_error(c, "C0018", arg_span(form, 3), "an address is needed, this is a %s",
			 kty_name(v[2].ty));
		return false;
	}
	return true;
}

ref
cg_kernel_call(struct cg *c, const struct kkfunc *f, const ref *args, uint32_t n)
{
	ref r = ir_add_n(c->f, c->blk, IR_KCALL, args, n);

	ir_at(c->f, r)->imm = ir_name(c->f, f->name);
	ir_at(c->f, r)->prov = f->ret.kind != KT_PTR ? PV_SCALAR : f->ret.of ? PV_BTF : PV_KERNEL;
	return r;
}

struct kval
lower_kfunc(struct cg *c, value form, const struct ksym *s)
{
	struct kkfunc f = c->k->kfuncs.at[s->index];
	int n = list_length(cdr(form));
	ref args[5];
	bool bad = false;

	if (n != f.nargs || n > 5) {
		struct diag *d = cg_error(c, "C0004", form_span(form),
			"kernel function `%s` takes %u argument%s, found %d", f.name, f.nargs,
			f.nargs == 1 ? "" : "s", n);

		if (f.at)
			diag_label(c->ds, d, f.at, "declared here");
		return poison(c);
	}
	for (int i = 0; i < n; i++) {
		struct kval v = lower_arg(c, form, (unsigned)i + 1);

		bad |= is_poison(v);
		args[i] = v.v;
	}
	if (bad)
		return poison(c);
	return val(cg_kernel_call(c, &f, args, (uint32_t)n), f.ret);
}

/* Without the kernel's BTF it is a pointer all the same. */
static kty
kernel_object(struct cg *c, const char *name)
{
	struct diags quiet = {.arena = c->a};
	struct btf *b = kenv_vmlinux(c->k, c->f->at, &quiet);
	uint32_t id = b ? btf_find(b, str_of(name), BTF_KIND_STRUCT) : 0;

	return TY_PTR(id ? kenv_kernel_struct(c->k, id) : 0);
}

struct kval
lower_helper(struct cg *c, value form, const struct fact_helper *h)
{
	struct kval v[HELPER_MAX_ARGS] = {0};
	ref args[HELPER_MAX_ARGS];
	uint32_t n = 0;
	bool bad = false;
	ref r;

	if (!check_arity(c, form, h))
		return poison(c);
	for (value at = cdr(form); is_cons(at) && n < HELPER_MAX_ARGS; at = cdr(at), n++) {
		v[n] = helper_arg(c, form, n + 1, h);
		bad |= is_poison(v[n]);
		args[n] = v[n].v;
	}
	if (bad || !check_probe_read(c, form, h, v))
		return poison(c);
	r = cg_call(c, h->id, args, n, result_prov(h));
	return val(r, h->proto.ret_btf ? kernel_object(c, h->proto.ret_btf) : result_type(h));
}

/* The verifier goes by its own types: seen as another struct, memory is read by probing. */
static ref
view_as(struct cg *c, struct kval v, uint32_t strukt)
{
	ref r = v.v;

	if (ir_at(c->f, r)->prov == PV_BTF && v.ty.of && v.ty.of != strukt) {
		r = ir_add(c->f, c->blk, IR_COPY, r, 0);
		ir_at(c->f, r)->prov = PV_KERNEL;
	}
	return r;
}

struct kval
lower_accessor(struct cg *c, value form, const struct ksym *s)
{
	struct lval p;

	switch (s->fn) {
	case KF_AS: {
		struct kval v;

		if (list_length(form) != 2) {
			cg_error(c, "C0004", form_span(form), "`as-%s` takes one pointer",
				 c->k->structs.at[s->index]->pub.name);
			return poison(c);
		}
		v = lower_arg(c, form, 1);
		return is_poison(v) ? v : val(view_as(c, v, s->index), TY_PTR(s->index));
	}
	case KF_MAKE: return lower_make(c, form, s);
	case KF_TRACE: case KF_TRACE_PTR: return lower_trace(c, form, s);
	case KF_HEADER: p = header_place(c, form, s); break;
	case KF_FIELD: p = field_place(c, form, s); break;
	case KF_FIELD_PTR:
		p = field_place(c, form, s);
		if (p.kind == PLACE_BAD)
			return poison(c);
		if (p.path)
			return kfield_address(c, &p);
		return val(cg_bin(c, IR_ADD, p.base, ir_const(c->f, p.off)), TY_PTR(p.ty.of));
	default: return poison(c);
	}
	return p.kind == PLACE_BAD ? poison(c) : place_get(c, &p);
}
