/* SPDX-License-Identifier: MIT */
/* kctx.c: contexts that are the arguments of a kernel function, read by the names of its
 * parameters: (ctx prev) in a program of section "tp_btf/sched_switch".
 *
 * The function is the one hooked; of a tracepoint it is __traceiter_EVENT, whose first
 * parameter is not passed on; of an iterator bpf_iter_NAME; of a security hook bpf_lsm_NAME;
 * of a struct_ops program the member's prototype. Where BTF has no names, argN serves, and
 * (ctx retval) is the result where the hook is at the return. Kprobes have the arguments in
 * registers. */
#include "compile/lower/kfield.h"

#include "base/suggest.h"

struct hooked {
	uint32_t func;		/* function or prototype */
	uint32_t skip;		/* parameters not passed on */
	bool trusted;		/* the verifier knows the types of pointers */
	bool regs, ret;		/* in registers; the result is there too */
};

static uint32_t
func_named(struct cg *c, struct btf *b, const char *prefix, const char *name)
{
	return btf_find(b, str_of(arena_printf(c->a, "%s%s", prefix, name)), BTF_KIND_FUNC);
}

/* "STRUCT.MEMBER" of a struct_ops program: the member's prototype. */
static uint32_t
member_prototype(struct btf *b, const char *target)
{
	const char *dot = strchr(target, '.');
	uint32_t id = dot ? btf_find(b, (str){target, (size_t)(dot - target)}, BTF_KIND_STRUCT)
			  : 0;
	struct btf_field f;

	if (!id || !btf_find_member(b, id, str_of(dot + 1), &f))
		return 0;
	return btf_resolve(b, btf_target(b, btf_resolve(b, f.type)));
}

static uint32_t
tracepoint(struct cg *c, struct btf *b, const char *event, struct hooked *h)
{
	uint32_t id = func_named(c, b, "__traceiter_", event);

	h->skip = 1;
	if (!id)	/* events of a class share this one; it has the class's name */
		id = func_named(c, b, "__bpf_trace_", event);
	if (id)
		return id;
	id = btf_find(b, str_of(arena_printf(c->a, "btf_trace_%s", event)), BTF_KIND_TYPEDEF);
	return id ? btf_resolve(b, btf_target(b, btf_resolve(b, id))) : 0;
}

static bool
is_hook(const char *section, const char *name)
{
	size_t n = strlen(name);

	return strncmp(section, name, n) == 0 && (section[n] == '/' || section[n] == '.');
}

static bool
tracing_hook(struct cg *c, struct btf *b, struct hooked *h)
{
	const char *target = c->prog->attach_target;

	h->trusted = true;
	switch (c->prog->expected_attach) {
	case BPF_TRACE_RAW_TP: h->func = tracepoint(c, b, target, h); break;
	case BPF_TRACE_ITER: h->func = func_named(c, b, "bpf_iter_", target); break;
	default:
		if (fact_attach_many(c->prog->expected_attach))
			return false;	/* no argument that all functions have */
		h->ret = c->prog->expected_attach != BPF_TRACE_FENTRY;
		h->func = func_named(c, b, "", target);
	}
	return h->func != 0;
}

static bool
hooked(struct cg *c, struct btf *b, struct hooked *h)
{
	const struct image_prog *p = c->prog;

	if (!p->attach_target)
		return false;
	switch (p->type) {
	case BPF_PROG_TYPE_TRACING: return tracing_hook(c, b, h);
	case BPF_PROG_TYPE_LSM:
		h->trusted = true;
		h->func = func_named(c, b, "bpf_lsm_", p->attach_target);
		break;
	case BPF_PROG_TYPE_STRUCT_OPS:
		h->trusted = true;
		h->func = member_prototype(b, p->attach_target);
		break;
	case BPF_PROG_TYPE_RAW_TRACEPOINT: case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		h->func = tracepoint(c, b, p->attach_target, h);
		break;
	case BPF_PROG_TYPE_KPROBE:
		h->regs = true;
		h->ret = is_hook(p->section, "kretprobe");
		if (is_hook(p->section, "kprobe") || h->ret)
			h->func = func_named(c, b, "", p->attach_target);
		break;
	default: break;
	}
	return h->func != 0;
}

static uint32_t
arguments(const struct btf *b, const struct hooked *h)
{
	uint32_t n = btf_param_count(b, h->func);

	return n > h->skip ? n - h->skip : 0;
}

/* The type of the argument with that name, at *index; of the result at the end. */
static bool
find_argument(struct cg *c, const struct btf *b, const struct hooked *h, str name,
	      uint32_t *index, uint32_t *type)
{
	uint32_t n = arguments(b, h);
	struct btf_param_of p;

	for (*index = 0; *index < n && (!h->regs || !h->ret); ++*index) {
		btf_param(b, h->func, *index + h->skip, &p);
		*type = p.type;
		if (str_is(name, kenv_c_name(c->a, str_of(p.name))) ||
		    str_is(name, arena_printf(c->a, "arg%u", *index)))
			return true;
	}
	*index = n;
	*type = btf_return_type(b, h->func);
	return h->ret && str_is(name, "retval") && *type;
}

static void
no_argument(struct cg *c, const struct btf *b, const struct hooked *h, str name, span at)
{
	struct diag *d = cg_error(c, "C0008", at, "the function hooked has no argument `%.*s`",
				  STR_ARG(name));
	struct suggest s = suggest_start(name);
	struct buf list = buf_new(c->a);
	struct btf_param_of p;

	for (uint32_t i = 0; i < arguments(b, h); i++) {
		btf_param(b, h->func, i + h->skip, &p);
		suggest_offer(&s, str_of(p.name));
		buf_printf(&list, "%s%s", i ? ", " : "",
			   *p.name ? p.name : arena_printf(c->a, "arg%u", i));
	}
	if (h->ret) {
		suggest_offer(&s, STR("retval"));
		buf_puts(&list, list.n ? ", retval" : "retval");
	}
	if (s.best.p)
		diag_help(c->ds, d, "did you mean `%.*s`?", STR_ARG(s.best));
	diag_note(c->ds, d, "it has %.*s", STR_ARG(buf_text(&list)));
}

bool
kctx_known(struct cg *c)
{
	struct hooked h = {0};
	struct diags quiet = {.arena = c->a};
	struct btf *b;

	if (!c->prog->attach_target)
		return false;
	b = kenv_vmlinux(c->k, c->prog->at, &quiet);
	return b && hooked(c, b, &h);
}

bool
kctx_place(struct cg *c, str name, span at, struct lval *p)
{
	struct hooked h = {0};
	struct btf *b = kenv_vmlinux(c->k, at, c->ds);
	str c_name = str_of(kenv_c_name(c->a, name));
	uint32_t index, type;
	enum ir_prov prov;

	if (!b || !hooked(c, b, &h))
		return false;
	if (!find_argument(c, b, &h, c_name, &index, &type)) {
		no_argument(c, b, &h, name, at);
		return false;
	}
	*p = (struct lval){.kind = PLACE_MEM, .base = c->ctx, .off = (int32_t)index * 8};
	if (h.regs)
		p->off = cg_register_offset(h.ret ? 0 : index + 1);
	p->ty = kfield_type(c, b, type, &prov);
	if (p->off < 0 || p->ty.kind == KT_POISON) {
		cg_error(c, "C0017", at, "`%.*s` is not passed in a register", STR_ARG(name));
		return false;
	}
	if (p->ty.kind == KT_PTR) {
		p->of = p->ty.of;
		p->prov = (uint8_t)(h.trusted ? prov : prov == PV_BTF ? PV_SCALAR : prov);
		p->ty = TY_U64;
	}
	return true;
}
