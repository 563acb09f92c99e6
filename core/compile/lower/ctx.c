/* SPDX-License-Identifier: MIT */
/* ctx.c: the program's context: fields by name or offset, packet bounds, registers,
 * tracepoint fields. */
#include "compile/lower/kfield.h"

#include "base/suggest.h"

static bool
same_field(const char *kernel, str lisp)
{
	size_t i;

	for (i = 0; i < lisp.n && kernel[i]; i++)
		if (kernel[i] != (lisp.p[i] == '-' ? '_' : lisp.p[i]))
			return false;
	return i == lisp.n && !kernel[i];
}

static bool
need_ctx(struct cg *c, span at)
{
	if (c->ctx)
		return true;
	cg_error(c, "C0017", at, "functions have no context; pass (ctx-ptr) as an argument");
	return false;
}

static struct kval
unknown_field(struct cg *c, str name, span at, const struct fact_ctx_field *f, uint32_t n)
{
	struct suggest s = suggest_start(name);
	struct buf list = buf_new(c->a);
	struct diag *d;

	if (!f) {
		d = cg_error(c, "C0017", at,
			     "programs of this type have no named context fields");
		diag_help(c->ds, d, "read the context by offset: (ctx u64 8)");
		return poison(c);
	}
	d = cg_error(c, "C0008", at, "`%s` has no field `%.*s`", c->ctx_struct, STR_ARG(name));
	for (uint32_t i = 0; i < n; i++) {
		suggest_offer(&s, str_of(f[i].name));
		kenv_list_name(&list, str_of(f[i].name));
	}
	if (s.best.p)
		diag_help(c->ds, d, "did you mean `%s`?", kenv_dashed(c->a, s.best));
	diag_note(c->ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
	return poison(c);
}

/* Packet pointers look like 32-bit fields and load as whole pointers. */
static enum ir_prov
field_prov(const struct fact_ctx_field *f)
{
	if (f->size == 4 &&
	    (strcmp(f->name, "data") == 0 || strcmp(f->name, "data_meta") == 0))
		return PV_PACKET;
	if (f->size == 4 && strcmp(f->name, "data_end") == 0)
		return PV_PACKET_END;
	if (f->size == 8 && (strcmp(f->name, "sk") == 0 || strcmp(f->name, "flow_keys") == 0))
		return PV_KERNEL;
	if (f->size == 8 && strcmp(f->name, "data") == 0)
		return PV_PACKET;
	if (f->size == 8 && strcmp(f->name, "data_end") == 0)
		return PV_PACKET_END;
	return PV_SCALAR;
}

static struct kval
ctx_read(struct cg *c, const struct lval *p)
{
	uint32_t n = 0;
	const struct fact_ctx_field *f =
		c->ctx_struct ? fact_ctx_fields(c->ctx_struct, &n) : NULL;
	struct kval v = cg_load_typed(c, c->ctx, p->off, p->ty);

	if (p->prov || p->of) {
		ir_at(c->f, v.v)->prov = p->prov;
		v.ty = TY_PTR(p->of);
		return v;
	}

	for (uint32_t i = 0; i < n; i++) {
		if (f[i].offset == p->off && f[i].size == p->ty.size) {
			enum ir_prov prov = field_prov(&f[i]);

			if (prov == PV_SCALAR)
				break;
			ir_at(c->f, v.v)->prov = (uint8_t)prov;
			ir_at(c->f, v.v)->bits = 64;
			v.ty = TY_PTR(0);
			break;
		}
	}
	return v;
}

/* (ctx FIELD [INDEX]), (ctx TYPE OFFSET), (ctx-load TYPE OFFSET) */
struct lval
ctx_place(struct cg *c, value form)
{
	struct lval p = {.kind = PLACE_BAD};
	const struct fact_ctx_field *f;
	uint32_t n = 0;
	int64_t k;
	kty ty;
	str name;

	if (!need_ctx(c, form_span(form)))
		return p;
	if (!is_symbol(nth(form, 1))) {
		cg_error(c, "C0001", arg_span(form, 1), "a field name or a type is needed");
		return p;
	}
	name = as_symbol(nth(form, 1))->name;
	if (list_length(form) >= 3 && kty_named(name, &ty)) {
		if (!cg_constant(c, nth(form, 2), &k) || k < 0 || k > INT16_MAX) {
			cg_error(c, "C0010", arg_span(form, 2), "a constant offset is needed");
			return p;
		}
		return (struct lval){.kind = PLACE_MEM, .base = c->ctx, .off = (int32_t)k,
				     .ty = ty};
	}
	f = c->ctx_struct ? fact_ctx_fields(c->ctx_struct, &n) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (!same_field(f[i].name, name))
			continue;
		p = (struct lval){.kind = PLACE_MEM, .base = c->ctx, .off = f[i].offset,
				  .ty = TY_INT(f[i].size, f[i].is_signed)};
		if (f[i].count <= 1 && list_length(form) == 2)
			return p;
		if (f[i].count <= 1 || list_length(form) != 3 ||
		    !cg_constant(c, nth(form, 2), &k) || k < 0 || k >= f[i].count) {
			cg_error(c, "C0010", form_span(form),
				 f[i].count > 1 ? "`%s` is an array of %u: a constant index "
						  "below that is needed"
						: "`%s` is no array (of %u)",
				 f[i].name, f[i].count);
			p.kind = PLACE_BAD;
			return p;
		}
		p.off += (int32_t)k * f[i].size;
		return p;
	}
	if (kctx_known(c))
		kctx_place(c, name, arg_span(form, 1), &p);
	else
		unknown_field(c, name, arg_span(form, 1), f, n);
	return p;
}

/* `core` is 1 for (core-ctx-load TYPE OFF STRUCT FIELD) */
struct kval
form_ctx(struct cg *c, value form, uint32_t core)
{
	struct lval p = ctx_place(c, form);
	struct kval v;

	if (p.kind == PLACE_BAD || (core && !kfield_recorded(c, form, 3, &p)))
		return poison(c);
	v = ctx_read(c, &p);
	if (core && p.path)
		cg_core_access(c, v.v, &p);
	return v;
}

struct kval
form_ctx_store(struct cg *c, value form, uint32_t tag)
{
	struct lval p = ctx_place(c, form);
	struct kval v;

	(void)tag;
	if (p.kind == PLACE_BAD)
		return poison(c);
	v = lower_arg(c, form, 3);
	place_set(c, &p, v, arg_span(form, 3));
	return void_value(c);
}

struct kval
form_ctx_ptr(struct cg *c, value form, uint32_t tag)
{
	(void)tag;
	return need_ctx(c, form_span(form)) ? val(c->ctx, TY_PTR(0)) : poison(c);
}

struct kval
form_ctx_data(struct cg *c, value form, uint32_t end)
{
	uint32_t n = 0;
	const struct fact_ctx_field *f =
		c->ctx_struct ? fact_ctx_fields(c->ctx_struct, &n) : NULL;

	if (!need_ctx(c, form_span(form)))
		return poison(c);
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(f[i].name, end ? "data_end" : "data") == 0)
			return ctx_read(c, &(struct lval){.off = f[i].offset,
							  .ty = TY_INT(f[i].size, false)});
	cg_error(c, "C0017", form_span(form), "programs of this type see no packet");
	return poison(c);
}

struct kval
form_pass_verdict(struct cg *c, value form, uint32_t tag)
{
	(void)tag;
	switch (c->prog->type) {
	case BPF_PROG_TYPE_XDP: return int_value(c, XDP_PASS);
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT:
		return int_value(c, 0);	/* TC_ACT_OK */
	case BPF_PROG_TYPE_CGROUP_SKB: return int_value(c, 1);
	case BPF_PROG_TYPE_SK_SKB: case BPF_PROG_TYPE_SK_MSG: return int_value(c, SK_PASS);
	case BPF_PROG_TYPE_SOCKET_FILTER: return int_value(c, UINT32_MAX);	/* all of it */
	case BPF_PROG_TYPE_FLOW_DISSECTOR: case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT: case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
		return int_value(c, BPF_OK);
	default:
		cg_error(c, "C0017", form_span(form), "programs of this type see no packet");
		return poison(c);
	}
}

/* Offsets in struct pt_regs: the return value, then the C arguments in order. */
#if defined(__x86_64__)
static const int16_t arg_offsets[] = {80, 112, 104, 96, 88, 72, 64};
#elif defined(__aarch64__)
static const int16_t arg_offsets[] = {0, 0, 8, 16, 24, 32, 40};
#elif defined(__riscv)
static const int16_t arg_offsets[] = {80, 80, 88, 96, 104, 112, 120};
#else
static const int16_t arg_offsets[] = {-1, -1, -1, -1, -1, -1, -1};
#endif

int32_t
cg_register_offset(uint32_t n)
{
	return n < sizeof arg_offsets / sizeof *arg_offsets ? arg_offsets[n] : -1;
}

struct kval
form_pt_regs(struct cg *c, value form, uint32_t which)
{
	if (!need_ctx(c, form_span(form)))
		return poison(c);
	if (c->ctx_struct && strcmp(c->ctx_struct, "pt_regs") != 0 &&
	    strcmp(c->ctx_struct, "bpf_perf_event_data") != 0) {
		cg_error(c, "C0017", form_span(form), "%s programs see no registers; their "
			 "context is read with (ctx FIELD)", fact_prog_type(c->prog->type)->name);
		return poison(c);
	}
	if (arg_offsets[which] < 0) {
		cg_error(c, "C0017", form_span(form),
			 "registers of this machine are not known");
		return poison(c);
	}
	return cg_load_typed(c, c->ctx, arg_offsets[which], TY_U64);
}

/* (tp-FIELD), (tp-FIELD-ptr) */
struct kval
lower_trace(struct cg *c, value form, const struct ksym *s)
{
	struct ktrace_field f = c->k->traces.at[s->index];
	ref base;

	if (!need_ctx(c, form_span(form)))
		return poison(c);
	if (list_length(form) != 1) {
		cg_error(c, "C0004", form_span(form), "`%s` takes no arguments", f.name);
		return poison(c);
	}
	base = cg_bin(c, IR_ADD, c->ctx, ir_const(c->f, f.off));
	if (s->fn == KF_TRACE_PTR && f.data_loc) {
		/* Low half: offset of the data in the record. */
		ref at = cg_bin(c, IR_AND, cg_load(c, c->ctx, f.off, 4),
				ir_const(c->f, 0xffff));

		return val(cg_bin(c, IR_ADD, c->ctx, at), TY_PTR(0));
	}
	if (s->fn == KF_TRACE_PTR || f.count)
		return val(base, TY_PTR(0));
	return cg_load_typed(c, c->ctx, f.off, TY_INT((uint8_t)f.size, f.is_signed));
}
