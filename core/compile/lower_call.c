/* SPDX-License-Identifier: MIT */
/* lower_call.c: helper functions, accessors, functions of the user. */
#include "lower.h"

static enum ir_prov
result_prov(const struct fact_helper *h)
{
	switch (h->proto.ret) {
	case FACT_RET_VALUE: case FACT_RET_VALUE_NULL: case FACT_RET_PERCPU:
	case FACT_RET_PERCPU_NULL:
		return PV_MAP_VALUE;
	case FACT_RET_RECORD_NULL: case FACT_RET_DYN_MEM_NULL: return PV_RING;
	case FACT_RET_INT: case FACT_RET_VOID: return PV_SCALAR;
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
		d = cg_error(c, "C0004", form_span(form), "helper %.*s takes %u argument%s, "
			     "found %d", STR_ARG(as_symbol(car(form))->name), h->nargs,
			     h->nargs == 1 ? "" : "s", n);
	else
		d = cg_error(c, "C0004", form_span(form), "helper %.*s takes %u to %u arguments, "
			     "found %d", STR_ARG(as_symbol(car(form))->name), h->min_args,
			     h->nargs, n);
	if (h->nargs && h->proto.arg[0] == FACT_ARG_CTX && n == h->nargs - 1)
		diag_help(c->ds, d, "its first argument is the context: (ctx-ptr)");
	return false;
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

struct kval
lower_helper(struct cg *c, value form, const struct fact_helper *h)
{
	struct kval v[HELPER_MAX_ARGS] = {0};
	ref args[HELPER_MAX_ARGS];
	uint32_t n = 0;
	bool bad = false;

	if (!check_arity(c, form, h))
		return poison(c);
	for (value at = cdr(form); is_cons(at) && n < HELPER_MAX_ARGS; at = cdr(at), n++) {
		v[n] = helper_arg(c, form, n + 1, h);
		bad |= is_poison(v[n]);
		args[n] = v[n].v;
	}
	if (bad || !check_probe_read(c, form, h, v))
		return poison(c);
	return val(cg_call(c, h->id, args, n, result_prov(h)), result_type(h));
}

struct kval
lower_accessor(struct cg *c, value form, const struct ksym *s)
{
	struct lval p;

	switch (s->fn) {
	case KF_MAKE: return lower_make(c, form, s);
	case KF_TRACE: case KF_TRACE_PTR: return lower_trace(c, form, s);
	case KF_HEADER: p = header_place(c, form, s); break;
	case KF_FIELD: p = field_place(c, form, s); break;
	case KF_FIELD_PTR:
		p = field_place(c, form, s);
		if (p.kind == PLACE_BAD)
			return poison(c);
		return val(cg_bin(c, IR_ADD, p.base, ir_const(c->f, p.off)), TY_PTR(p.ty.of));
	default: return poison(c);
	}
	return p.kind == PLACE_BAD ? poison(c) : place_get(c, &p);
}
