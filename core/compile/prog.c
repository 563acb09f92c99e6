/* SPDX-License-Identifier: MIT */
/* prog.c: (defprog NAME (OPTIONS) BODY...) to a program in an image. */
#include "compile/check/check.h"
#include "compile/emit/btf.h"
#include "compile/emit/emit.h"
#include "compile/passes/passes.h"

#include "base/buf.h"
#include "base/suggest.h"

/* ---- options ---------------------------------------------------------------------------- */

enum prog_option { PO_TYPE, PO_SECTION, PO_LICENSE, PO_SLEEPABLE, PO_COUNT };

static const char *const option_names[PO_COUNT] = {"type", "section", "license", "sleepable"};

/* Whistler calls the socket-operations context :cgroup-sock. */
static const struct fact_prog_type *
type_named(str name)
{
	if (str_is(name, "cgroup-sock"))
		return fact_prog_type(BPF_PROG_TYPE_SOCK_OPS);
	return fact_prog_type_named(name);
}

static const struct fact_prog_type *
unknown_type(str name, span at, struct diags *ds)
{
	struct suggest s = suggest_start(name);
	struct buf list = buf_new(ds->arena);
	struct diag *d = diag_error(ds, "C0016", at, "no such program type");

	for (uint32_t i = 1; i < FACT_PROG_END; i++) {
		if (!fact_prog_type(i))
			continue;
		suggest_offer(&s, str_of(fact_prog_type(i)->name));
		kenv_list_name(&list, str_of(fact_prog_type(i)->name));
	}
	if (s.best.p)
		diag_help(ds, d, "did you mean `:%s`?", kenv_dashed(ds->arena, s.best));
	diag_note(ds, d, "program types are %.*s", STR_ARG(buf_text(&list)));
	return NULL;
}

/* Without :section the program is of that type, for the hook that its sections agree on:
 * :sk-lookup has but one, cgroup programs have several. */
static uint32_t
only_hook(uint32_t prog_type)
{
	const struct fact_section *s;
	uint32_t hook = 0;
	bool found = false;

	for (uint32_t i = 0; (s = fact_section_at(i)); i++) {
		if (s->prog_type != prog_type)
			continue;
		if (found && s->attach_type != hook)
			return 0;
		hook = s->attach_type;
		found = true;
	}
	return hook;
}

/* What stands before the target decides; the target is kept. */
static struct suggest
nearest_section(str name, str *rest)
{
	const char *slash = memchr(name.p, '/', name.n);
	str head = {name.p, slash ? (size_t)(slash - name.p) : name.n};
	struct suggest whole = suggest_start(name), near = suggest_start(head);
	const struct fact_section *s;

	for (uint32_t i = 0; (s = fact_section_at(i)); i++) {
		suggest_offer(&whole, str_of(s->prefix));
		if (s->target)
			suggest_offer(&near, str_of(s->prefix));
	}
	*rest = (str){0};
	if (whole.best.p || !near.best.p)
		return whole;
	*rest = (str){name.p + head.n, name.n - head.n};
	return near;
}

static bool
section_of(const struct koptions *o, struct arena *a, struct image_prog *p,
	   const struct fact_prog_type *type, struct diags *ds)
{
	const struct fact_section *s;
	str name, rest = {0};
	struct suggest near;
	struct diag *d;

	if (!o->given[PO_SECTION]) {
		value t = o->given[PO_TYPE] ? o->v[PO_TYPE] : NIL;

		name = is_nil(t) ? STR("xdp") : as_symbol(t)->name;
	} else if (is_string(o->v[PO_SECTION])) {
		name = as_string(o->v[PO_SECTION]);
	} else {
		diag_error(ds, "C0001", o->at[PO_SECTION], ":section takes a string");
		return false;
	}
	p->section = arena_strndup(a, name.p, name.n);
	s = fact_section(name, &rest);
	if (s) {
		p->type = s->prog_type;
		p->expected_attach = s->attach_type;
		p->sleepable = s->sleepable;
		if (s->frags)
			p->flags |= BPF_F_XDP_HAS_FRAGS;
		p->attach_target = rest.n ? arena_strndup(a, rest.p, rest.n) : NULL;
		return true;
	}
	if (type) {
		p->type = type->id;
		p->expected_attach = only_hook(type->id);
		return true;
	}
	d = diag_error(ds, "C0016", o->at[PO_SECTION],
		       "section \"%.*s\" means no program type", STR_ARG(name));
	near = nearest_section(name, &rest);
	if (near.best.p)
		diag_help(ds, d, "did you mean \"%.*s%.*s\"?", STR_ARG(near.best), STR_ARG(rest));
	diag_help(ds, d, "or give :type");
	return false;
}

static bool
describe(value form, struct arena *a, struct image_prog *p, struct diags *ds)
{
	struct koptions o = {0};
	const struct fact_prog_type *type = NULL;
	value name = nth(form, 1), list = nth(form, 2);

	if (list_length(form) < 3 || !is_symbol(name) || is_nil(name) ||
	    (!is_nil(list) && !is_cons(list))) {
		diag_error(ds, "C0001", form_span(form),
			   "a program is (defprog NAME (:type T ...) BODY...)");
		return false;
	}
	if (!kenv_options("defprog", list, option_names, PO_COUNT, &o, ds))
		return false;
	p->lisp_name = arena_strndup(a, as_symbol(name)->name.p, as_symbol(name)->name.n);
	p->name = kenv_c_name(a, as_symbol(name)->name);
	p->at = form_span(form);
	if (o.given[PO_TYPE]) {
		if (is_symbol(o.v[PO_TYPE]))
			type = type_named(as_symbol(o.v[PO_TYPE])->name);
		if (!type) {
			unknown_type(is_symbol(o.v[PO_TYPE]) ? as_symbol(o.v[PO_TYPE])->name
							     : STR(""), o.at[PO_TYPE], ds);
			return false;
		}
	}
	p->license = "GPL";
	if (o.given[PO_LICENSE]) {
		if (!is_string(o.v[PO_LICENSE])) {
			diag_error(ds, "C0001", o.at[PO_LICENSE], ":license takes a string");
			return false;
		}
		p->license = arena_strndup(a, as_string(o.v[PO_LICENSE]).p,
					   as_string(o.v[PO_LICENSE]).n);
	}
	if (!section_of(&o, a, p, type, ds))
		return false;
	if (o.given[PO_SLEEPABLE])
		p->sleepable = !is_nil(o.v[PO_SLEEPABLE]);
	return true;
}

/* ---- phases ----------------------------------------------------------------------------- */

struct run {
	const struct compile_opts *opts;
	struct compile_stats *stats;
	uint64_t t;
};

static void
phase(struct run *r, enum compile_phase which)
{
	uint64_t t;

	if (!r->stats)
		return;
	t = cg_now();
	r->stats->ns[which] += t - r->t;
	r->t = t;
}

static void
dump(const struct run *r, const struct ir_fn *f, const char *pass, struct arena *a)
{
	struct buf b = buf_new(a);

	if (!r->opts || !r->opts->dump_after || !r->opts->dump ||
	    strcmp(r->opts->dump_after, pass) != 0)
		return;
	buf_str(&b, *r->opts->dump);
	ir_print(f, &b);
	*r->opts->dump = buf_text(&b);
}

static bool
run_passes(const struct cg *c, const struct run *r, struct ir_fn *f)
{
	ir_flow(f);
	dump(r, f, "lower", c->image->arena);
	for (uint32_t i = 0; i < ir_npasses; i++) {
		const struct ir_pass *p = &ir_passes[i];

		if (!p->required && r->opts && (r->opts->no_optimise ||
						r->opts->disabled_passes >> i & 1))
			continue;
		p->run(f);
		dump(r, f, p->name, c->image->arena);
#ifndef NDEBUG
		{
			const char *why = ir_check(f, c->a);

			if (why) {
				diag_bug(c->ds, f->at, "pass %s left bad code: %s", p->name,
					 why);
				return false;
			}
		}
#endif
	}
	return true;
}

static void
finish(struct em *em, struct image_prog *p)
{
	p->insns = em->insns.at;
	p->ninsns = em->insns.n;
	p->src = em->src.at;
	p->relocs.at = em->relocs.at;
	p->relocs.n = p->relocs.cap = em->relocs.n;
	p->vars.at = em->vars.at;
	p->vars.n = p->vars.cap = em->vars.n;
	p->stack_bytes = em->stack_bytes;
}

static void
lower_entry(struct cg *c, value form)
{
	struct kval v;

	c->f = ir_fn_new(c->a, c->prog->name);
	vec_push(c->a, &c->ir->fns, c->f);
	c->blk = 1;
	c->f->at = form_span(form);
	c->ctx = ir_add(c->f, 1, IR_PARAM, 0, 0);
	ir_at(c->f, c->ctx)->prov = PV_CTX;
	ir_at(c->f, c->ctx)->nargs = 0;
	ir_var_set(c->f, 1, ir_var_new(c->f, "ctx", form_span(form)), c->ctx);
	v = lower_body(c, cdr(cdr(cdr(form))));
	if (c->last)		/* an empty body has no last form */
		c->f->at = c->last;
	cg_return(c, v.v);
}

static bool
generate(struct cg *c, struct run *r)
{
	struct em em = {.arena = c->image->arena, .want_vars = true,
			.clock = r->stats ? cg_now : NULL};
	uint32_t *frames = arena_array(c->a, uint32_t, c->ir->fns.n);

	if (!cg_check_recursion(c))
		return false;
	for (uint32_t i = 0; i < c->ir->fns.n; i++)
		cg_check_references(c, c->ir->fns.at[i]);
	for (uint32_t i = 0; i < c->ir->fns.n; i++)
		if (!run_passes(c, r, c->ir->fns.at[i]))
			return false;
	cg_check_returns(c);
	phase(r, PH_PASSES);
	for (uint32_t i = 0; i < c->ir->fns.n; i++) {
		struct ir_fn *f = c->ir->fns.at[i];
		uint32_t before = em.stack_bytes;
		struct image_subprog sub = {.start = em.insns.n, .name = f->name};

		em.stack_bytes = 0;
		em_function(&em, f);
		frames[i] = em.stack_bytes;
		vec_push(c->image->arena, &c->prog->subprogs, sub);
		cg_check_frame(c, f, em.stack_bytes);
		if (em.stack_bytes < before)
			em.stack_bytes = before;
	}
	cg_check_stack(c, frames);
	em_finish(&em);
	c->cores.at = em.cores.at;
	c->cores.n = em.cores.n;
	finish(&em, c->prog);
	cg_btf(c);
	phase(r, PH_EMIT);
	if (r->stats) {
		r->stats->ns[PH_REGISTERS] += em.registers_ns;
		r->stats->ns[PH_EMIT] -= em.registers_ns;
	}
	return true;
}

bool
compile_prog(struct kenv *k, value defprog, struct arena *a, struct image *out,
	     const struct compile_opts *opts, struct compile_stats *stats, struct diags *ds)
{
	struct image_prog *p = arena_new(a, struct image_prog);
	struct ir_prog ir = {.arena = &k->work};
	struct cg c = {.k = k,
		       .l = k->l,
		       .a = &k->work,
		       .ds = ds,
		       .image = out,
		       .prog = p,
		       .ir = &ir,
		       .env = NIL,
		       .returns = TY_U64,
		       .timed = stats != NULL,
		       .for_object = opts && opts->for_object};
	struct run r = {.opts = opts, .stats = stats, .t = stats ? cg_now() : 0};
	uint32_t errors = ds->errors, maps = out->maps.n;
	const struct fact_prog_type *type;
	bool ok;

	arena_reset(&k->work);
	k->work.oom = a->oom;
	k->work.limit = a->limit;
	if (!describe(defprog, a, p, ds))
		return false;
	type = fact_prog_type(p->type);
	c.ctx_struct = type ? type->ctx : NULL;
	lisp_hold(k->l);	/* expansions are held by nobody else */
	lower_entry(&c, defprog);
	cg_unbind(&c, 0);
	lower_functions(&c);
	lisp_release(k->l);
	phase(&r, PH_LOWER);
	if (stats) {
		stats->ns[PH_EXPAND] += c.expand_ns;
		stats->ns[PH_LOWER] -= c.expand_ns;
	}
	ok = ds->errors == errors && generate(&c, &r) && ds->errors == errors;
	if (ok)
		vec_push(a, &out->progs, p);
	else
		out->maps.n = maps;
	arena_reset(&k->work);
	return ok;
}
