/* SPDX-License-Identifier: MIT */
/* lower.c: forms to IR: dispatch, variables, values.
 *
 * A list's head is looked up in this order: macrolet macros, built-in forms and declared
 * accessors and functions, macros of the Lisp machine, helper functions. A symbol is a
 * lexical variable, a constant, a global, or an error that lists what is near. */
#include "compile/lower/lower.h"

#include "base/suggest.h"
#include "compile/passes/passes.h"

#include <time.h>

enum { MAX_DEPTH = 400, MAX_EXPANSIONS = 2000 };

const struct form kforms[] = {
#define FORM(fn, name, min, max, tag, syntax, doc)                                            \
	{name, min, max, (uint32_t)(tag), fn, syntax, doc},
#include "compile/forms.def"
};
const uint32_t nkforms = sizeof kforms / sizeof *kforms;

/* ---- small things ----------------------------------------------------------------------- */

struct kval
val(ref v, kty ty)
{
	return (struct kval){v, ty, false};
}

struct kval
int_value(struct cg *c, int64_t v)
{
	return val(ir_const(c->f, v), TY_U64);
}

struct kval
poison(struct cg *c)
{
	return val(ir_const(c->f, 0), TY_POISON);
}

struct kval
void_value(struct cg *c)
{
	return val(ir_const(c->f, 0), TY_VOID);
}

struct diag *
cg_error(struct cg *c, const char *code, span at, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	return diag_error(c->ds, code, at ? at : c->f->at, "%s", text);
}

/* A name as the user spelled it (symbols are folded), where the source is at hand. */
str
cg_spelled(const struct cg *c, str name, span at)
{
	str text = span_text(lisp_sources(c->l), at);

	return text.p && text.n == name.n ? text : name;
}

uint64_t
cg_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- emitting --------------------------------------------------------------------------- */

static enum ir_prov
result_prov(const struct cg *c, enum ir_op op, ref a, ref b)
{
	uint8_t pa = ir_at(c->f, a)->prov, pb = ir_at(c->f, b)->prov;

	if (op == IR_ADD)
		return pa != PV_SCALAR ? pa : pb;
	if (op == IR_SUB)
		return pb != PV_SCALAR ? PV_SCALAR : pa;
	return PV_SCALAR;
}

ref
cg_bin(struct cg *c, enum ir_op op, ref a, ref b)
{
	int64_t x, y;
	ref r;

	if (ir_is_const(c->f, b, &y)) {
		const struct ir_ins *in = ir_at(c->f, a);

		if (ir_is_const(c->f, a, &x))
			return ir_const(c->f, (int64_t)opt_fold_binary(op, (uint64_t)x,
								       (uint64_t)y, false));
		if (op == IR_ADD && (in->op == IR_SLOT || in->op == IR_MAPVAL))
			return ir_leaf(c->f, in->op, in->imm, in->off + (int32_t)y, in->prov);
		if (y == 0 && (op == IR_ADD || op == IR_SUB || op == IR_OR || op == IR_XOR ||
			       op == IR_SHL || op == IR_LSHR || op == IR_ASHR))
			return a;
	}
	r = ir_add(c->f, c->blk, op, a, b);
	ir_at(c->f, r)->prov = (uint8_t)result_prov(c, op, a, b);
	return r;
}

ref
cg_un(struct cg *c, enum ir_op op, ref a, unsigned size)
{
	int64_t x;
	ref r;

	if (ir_is_const(c->f, a, &x))
		return ir_const(c->f, (int64_t)opt_fold_unary(op, (uint64_t)x, size));
	r = ir_add(c->f, c->blk, op, a, 0);
	ir_at(c->f, r)->size = (uint8_t)size;
	ir_at(c->f, r)->bits = ir_bits(c->f, ir_at(c->f, r));
	return r;
}

ref
cg_load(struct cg *c, ref base, int32_t off, unsigned size)
{
	ref r = ir_add(c->f, c->blk, IR_LOAD, base, 0);
	struct ir_ins *in = ir_at(c->f, r);

	in->off = off;
	in->size = (uint8_t)size;
	in->bits = ir_bits(c->f, in);
	return r;
}

void
cg_store(struct cg *c, ref base, int32_t off, unsigned size, ref v)
{
	ref r = ir_add(c->f, c->blk, IR_STORE, base, v);

	ir_at(c->f, r)->off = off;
	ir_at(c->f, r)->size = (uint8_t)size;
}

ref
cg_atomic(struct cg *c, ref base, int32_t off, unsigned size, ref v, int32_t op)
{
	ref r = ir_add(c->f, c->blk, IR_ATOMIC, base, v);

	ir_at(c->f, r)->imm = op;
	ir_at(c->f, r)->off = off;
	ir_at(c->f, r)->size = (uint8_t)size;
	return r;
}

ref
cg_call(struct cg *c, uint32_t helper, const ref *args, uint32_t n, enum ir_prov prov)
{
	ref r = ir_add_n(c->f, c->blk, IR_CALL, args, n);

	ir_at(c->f, r)->imm = helper;
	ir_at(c->f, r)->prov = (uint8_t)prov;
	return r;
}

struct kval
cg_load_typed(struct cg *c, ref base, int32_t off, kty ty)
{
	ref r = cg_load(c, base, off, ty.size);

	if (ty.is_signed && ty.size < 8)
		r = cg_un(c, IR_SEXT, r, ty.size);
	return val(r, ty);
}

static bool
literal_fits(int64_t v, kty to)
{
	unsigned bits = to.size * 8u;

	if (bits == 64)
		return true;
	/* Both readings of a bit pattern are fine: -1 and 255 in 8 bits. */
	return v >= -(1ll << (bits - 1)) && v < 1ll << bits;
}

ref
cg_convert(struct cg *c, struct kval v, kty to, span at)
{
	const struct ir_ins *in = ir_at(c->f, v.v);
	int64_t x;

	if (to.kind != KT_INT || is_poison(v) || in->prov != PV_SCALAR)
		return v.v;
	if (v.lit && ir_is_const(c->f, v.v, &x) && !literal_fits(x, to)) {
		cg_error(c, "C0009", at, "%lld does not fit in %s", (long long)x,
			 kty_name(to));
		return v.v;
	}
	if (to.size == 8)
		return v.v;
	if (!to.is_signed)
		return in->bits <= to.size * 8 ? v.v : cg_un(c, IR_ZEXT, v.v, to.size);
	if (in->bits < to.size * 8 || (v.ty.kind == KT_INT && v.ty.is_signed &&
				       v.ty.size <= to.size && in->op == IR_SEXT))
		return v.v;
	return cg_un(c, IR_SEXT, v.v, to.size);
}

void
cg_begin(struct cg *c, uint32_t blk)
{
	ir_seal(c->f, blk);
	c->blk = blk;
}

void
cg_unreachable(struct cg *c)
{
	cg_begin(c, ir_blk_new(c->f));
}

/* Constants share one block each: a jump costs less than the two instructions. */
void
cg_return(struct cg *c, ref v)
{
	int64_t k;
	uint32_t b;

	cg_leave_loops(c, NULL);
	if (!ir_is_const(c->f, v, &k)) {
		ir_ret(c->f, c->blk, v);
		cg_unreachable(c);
		return;
	}
	for (uint32_t i = 0; i < c->rets.n; i++) {
		if (c->rets.at[i].v == k) {
			ir_jmp(c->f, c->blk, c->rets.at[i].blk);
			cg_unreachable(c);
			return;
		}
	}
	b = ir_blk_new(c->f);
	ir_seal(c->f, b);
	ir_ret(c->f, b, v);
	vec_push(c->a, &c->rets, ((struct cg_ret){k, b}));
	ir_jmp(c->f, c->blk, b);
	cg_unreachable(c);
}

uint32_t
cg_tmp(struct cg *c, unsigned kind, uint32_t size)
{
	uint32_t *t = &c->tmp[kind][size];

	if (!*t)
		*t = ir_slot_new(c->f, kind == SLOT_KEY ? "map key" : "map value", size,
				 size) +
		     1;
	return *t - 1;
}

ref
cg_describe(struct cg *c, ref v, const char *what, const char *of)
{
	uint32_t var = ir_var_new(c->f, arena_printf(c->image->arena, "%s%s", what, of), c->f->at);

	c->f->vars.at[var].weak = true;
	ir_name_value(c->f, var, v);
	return v;
}

/* ---- variables -------------------------------------------------------------------------- */

struct binding *
binding_of(struct cg *c, value sym)
{
	const struct ksym *s = kenv_peek(c->k, as_symbol(sym));

	return s && s->binding ? &c->binds.at[s->binding - 1] : NULL;
}

uint32_t
cg_bind(struct cg *c, value name, span at, kty ty, bool typed, ref init)
{
	const struct symbol *s = as_symbol(name);
	struct ksym *k = kenv_sym(c->k, s);
	struct binding b = {.sym = s->id, .shadowed = k->binding, .ty = ty, .typed = typed,
			    .at = at};

	b.var = ir_var_new(c->f, arena_strndup(c->image->arena, s->name.p, s->name.n), at);
	if (init) {
		const struct ir_ins *in = ir_at(c->f, init);

		ir_var_set(c->f, c->blk, b.var, init);
		/* Reports about the stack speak of the variable. */
		if (in->op == IR_SLOT && !in->off)
			c->f->slots.at[in->imm].name = c->f->vars.at[b.var].name;
	}
	vec_push(c->a, &c->binds, b);
	k->binding = c->binds.n;
	return c->binds.n - 1;
}

void
cg_unbind(struct cg *c, uint32_t mark)
{
	while (c->binds.n > mark) {
		const struct binding *b = &c->binds.at[--c->binds.n];

		c->k->syms.at[b->sym].binding = b->shadowed;
	}
}

static void
suggest_variable(struct cg *c, struct diag *d, str name)
{
	struct suggest s = suggest_start(name);

	for (uint32_t i = 0; i < c->binds.n; i++)
		suggest_offer(&s, lisp_symbol_at(c->l, c->binds.at[i].sym)->name);
	for (uint32_t id = 1; id < c->k->syms.n; id++)
		if (c->k->syms.at[id].has_const)
			suggest_offer(&s, lisp_symbol_at(c->l, id)->name);
	for (uint32_t i = 0; fact_constant_name(i); i++)
		suggest_offer(&s, str_of(fact_constant_name(i)));
	if (s.best.p)
		diag_help(c->ds, d, "did you mean `%.*s`?", STR_ARG(s.best));
	else if (c->binds.n)
		diag_note(c->ds, d, "in scope here: the innermost variable is `%.*s`",
			  STR_ARG(lisp_symbol_at(c->l, vec_last(&c->binds)->sym)->name));
}

static struct kval
unbound(struct cg *c, value sym, span at)
{
	str name = as_symbol(sym)->name;
	const struct ksym *s = kenv_peek(c->k, as_symbol(sym));
	struct diag *d;

	if (s && s->map) {
		d = cg_error(c, "C0003", at, "`%.*s` is a map, not a variable", STR_ARG(name));
		diag_help(c->ds, d, "read an entry with `(getmap %.*s key)`", STR_ARG(name));
		return poison(c);
	}
	if (kenv_excused(c->k, name, c->ds))
		return poison(c);
	d = cg_error(c, "C0003", at, "unbound variable `%.*s`",
		     STR_ARG(cg_spelled(c, name, at)));
	kenv_blame(c->k, name, c->ds, d);
	if (lisp_user_constant(as_symbol(sym))) {
		diag_help(c->ds, d, "it is a constant of the prompt's side; of those the kernel side "
			  "has integers of 64 bits");
		return poison(c);
	}
	suggest_variable(c, d, name);
	return poison(c);
}

/* Address of a global. */
ref
cg_global(struct cg *c, const struct kglobal *g)
{
	ref map = cg_map_ref(c, c->k->maps.at[g->map]);
	ref at = ir_leaf(c->f, IR_MAPVAL, ir_at(c->f, map)->imm, 0, PV_MAP_VALUE);

	return cg_describe(c, at, c->k->maps.at[g->map]->spec.lisp_name, "");
}

static struct kval
lower_global(struct cg *c, const struct kglobal *g)
{
	ref base = cg_global(c, g);

	return g->is_object ? val(base, g->type) : cg_load_typed(c, base, 0, g->type);
}

static struct kval
lower_symbol(struct cg *c, value sym, span at)
{
	const struct symbol *s = as_symbol(sym);
	const struct ksym *k = kenv_peek(c->k, s);
	__int128 big;
	int64_t v;

	if (is_nil(sym))
		return int_value(c, 0);
	if (k && k->binding) {
		struct binding b = c->binds.at[k->binding - 1];

		if (!b.var)
			return lower(c, b.expansion);
		return val(ir_var_get(c->f, c->blk, b.var), b.ty);
	}
	if (k && k->global)
		return lower_global(c, &c->k->globals.at[k->global - 1]);
	if (kenv_constant(c->k, s, &v))
		return int_value(c, v);
	if (sym == T)
		return int_value(c, 1);
	if (!is_keyword(sym) && as_int128(s->global, &big) && big >= INT64_MIN &&
	    big <= UINT64_MAX)
		return int_value(c, (int64_t)big);
	if (is_keyword(sym)) {
		cg_error(c, "C0018", at, "the keyword `:%.*s` is no value on the kernel side",
			 STR_ARG(s->name));
		return poison(c);
	}
	return unbound(c, sym, at);
}

/* ---- forms ------------------------------------------------------------------------------ */

static struct kval
lower_atom(struct cg *c, value form, span at)
{
	__int128 v;
	struct kval r;
	struct diag *d;

	if (as_int128(form, &v)) {
		if (v < INT64_MIN || v > UINT64_MAX) {
			cg_error(c, "C0009", at, "this number does not fit in 64 bits");
			return poison(c);
		}
		r = int_value(c, (int64_t)v);
		r.lit = true;
		return r;
	}
	if (is_symbol(form))
		return lower_symbol(c, form, at);
	d = cg_error(c, "C0018", at, "%s", is_string(form)
		     ? "a string is no value on the kernel side"
		     : is_float(form) ? "the kernel has no floating point"
				      : "this is no value on the kernel side");
	if (is_string(form))
		diag_help(c->ds, d, "(stack-string \"...\") is the address of a copy on the stack; "
			  "printk, printf and string= take texts themselves");
	return poison(c);
}

static bool
expand_once(struct cg *c, value *form, bool *expanded)
{
	uint64_t t = c->timed ? cg_now() : 0;
	bool ok = lisp_expand1(c->l, *form, c->env, form, expanded, c->ds);

	if (c->timed)
		c->expand_ns += cg_now() - t;
	return ok;
}

/* Aggregations have common names: a macro called like one is meant where no @name follows. */
static bool
is_builtin_head(struct cg *c, value form)
{
	const struct ksym *k = kenv_peek(c->k, as_symbol(car(form)));

	if (k && k->fn == KF_FORM && kforms[k->index].lower == form_agg)
		return cg_is_agg_name(nth(form, 1));
	return k && k->fn != KF_NONE && k->fn != KF_HELPER;
}

bool
lower_expand(struct cg *c, value *form)
{
	for (int i = 0; i < MAX_EXPANSIONS; i++) {
		bool expanded = false;

		if (!is_cons(*form) || !is_symbol(car(*form)))
			return true;
		if (is_nil(c->env) && is_builtin_head(c, *form))
			return true;
		if (!expand_once(c, form, &expanded))
			return false;
		if (!expanded)
			return true;
	}
	cg_error(c, "C0023", form_span(*form), "macro expansion does not end");
	return false;
}

static bool
is_callable(const struct ksym *k)
{
	return k->fn != KF_NONE;
}

/* What Common Lisp has and the kernel side does in another way. */
static const struct { const char *head, *instead; } instead_of[] = {
	{"quote", "there are no lists and symbols in the kernel; numbers and constants need no quote"},
	{"function", "functions are no values in the kernel; (bpf-loop n F ctx) takes the name of one"},
	{"lambda", "functions of the kernel side have names: (defn NAME (ARG...) BODY...)"},
	{"flet", "functions of the kernel side are defined outside: (defn NAME (ARG...) BODY...)"},
	{"labels", "functions of the kernel side are defined outside: (defn NAME (ARG...) BODY...)"},
	{"tagbody", "loops of the kernel side are dotimes, while, loop and do-range"},
	{"values", "a form has one value; more go through a struct or setf"},
	{"multiple-value-bind", "a form has one value; more go through a struct or setf"},
};

/* A macro of the Lisp side may expand to what only that side has: then the text at the form is
 * a call of the macro. */
static str
macro_at(const struct cg *c, value form)
{
	str text = span_text(lisp_sources(c->l), form_span(form)), name;
	const struct symbol *s;

	if (!text.n || text.p[0] != '(')
		return (str){0};
	name.p = text.p + 1;
	for (name.n = 0; name.n + 1 < text.n && !strchr(" \t\n()", name.p[name.n]); name.n++)
		;
	if (!name.n || str_eq(name, as_symbol(car(form))->name))
		return (str){0};
	s = as_symbol(make_symbol(c->l, name));
	return lisp_is_macro(c->l, s) ? name : (str){0};
}

/* Accessors that begin as the wanted one does, up to its first hyphen. */
static void
list_accessors(struct cg *c, struct diag *d, str wanted)
{
	const char *hyphen = memchr(wanted.p, '-', wanted.n);
	str prefix = {wanted.p, hyphen ? (size_t)(hyphen - wanted.p) + 1 : 0};
	struct buf list = buf_new(c->a);
	const struct symbol *y;

	for (uint32_t id = 1; prefix.n && id < c->k->syms.n; id++) {
		uint8_t fn = c->k->syms.at[id].fn;

		if ((fn == KF_FIELD || fn == KF_HEADER || fn == KF_TRACE) &&
		    (y = lisp_symbol_at(c->l, id)) && y->name.n > prefix.n &&
		    memcmp(y->name.p, prefix.p, prefix.n) == 0)
			kenv_list_name(&list, y->name);
	}
	if (list.n)
		diag_note(c->ds, d, "there are %.*s", STR_ARG(buf_text(&list)));
}

static struct kval
unknown_form(struct cg *c, value form)
{
	struct symbol *head = as_symbol(car(form));
	struct suggest s = suggest_start(head->name);
	const char *near = kenv_suggest(c->k, head->name, is_callable);
	str macro = macro_at(c, form);
	const struct symbol *sym;
	struct diag *d;

	if (kenv_excused(c->k, head->name, c->ds))
		return poison(c);
	d = cg_error(c, "C0002", car_span(form), "unknown form or helper `%.*s`",
		     STR_ARG(head->name));
	kenv_blame(c->k, head->name, c->ds, d);
	if (macro.n)
		diag_note(c->ds, d, "`%.*s` is a macro of the prompt's side that expands to it",
			  STR_ARG(macro));
	for (size_t i = 0; i < sizeof instead_of / sizeof *instead_of; i++)
		if (str_is(head->name, instead_of[i].head)) {
			diag_help(c->ds, d, "%s", instead_of[i].instead);
			return poison(c);
		}
	list_accessors(c, d, head->name);
	if (lisp_has_function(c->l, head)) {
		diag_help(c->ds, d, "`%.*s` is a function of the prompt's side; code that runs in "
			  "the kernel cannot call it", STR_ARG(head->name));
		return poison(c);
	}
	if (near)
		suggest_offer(&s, str_of(near));
	for (uint32_t i = 1; i <= fact_helper_count(); i++)
		if (fact_helper(i))
			suggest_offer(&s, str_of(fact_helper(i)->name));
	for (uint32_t id = 1; (sym = lisp_symbol_at(c->l, id)) != NULL; id++)
		if (lisp_has_macro(c->l, sym))
			suggest_offer(&s, sym->name);
	if (s.best.p)
		diag_help(c->ds, d, "did you mean `%s`?", kenv_dashed(c->a, s.best));
	return poison(c);
}

static bool
check_count(struct cg *c, value form, const struct form *fm)
{
	int n = list_length(cdr(form));

	if (n >= fm->min && (fm->max < 0 || n <= fm->max))
		return true;
	if (n < 0) {
		cg_error(c, "C0001", form_span(form), "this form is not a proper list");
		return false;
	}
	if (fm->max == fm->min)
		cg_error(c, "C0004", form_span(form), "`%s` takes %d argument%s, found %d",
			 fm->name, fm->min, fm->min == 1 ? "" : "s", n);
	else if (fm->max < 0)
		cg_error(c, "C0004", form_span(form),
			 "`%s` takes at least %d argument%s, found %d", fm->name, fm->min,
			 fm->min == 1 ? "" : "s", n);
	else
		cg_error(c, "C0004", form_span(form), "`%s` takes %d to %d arguments, found %d",
			 fm->name, fm->min, fm->max, n);
	diag_note(c->ds, *vec_last(&c->ds->all), "its form is %s", fm->syntax);
	return false;
}

/* By its name, with or without "bpf-". */
static const struct fact_helper *
helper_named(str name)
{
	if (str_starts(name, "bpf-")) {
		name.p += 4;
		name.n -= 4;
	}
	return fact_helper_named(name);
}

/* The name keeps what else it means (a map may be called like a helper). */
static struct ksym
remember_helper(struct cg *c, const struct symbol *name, const struct fact_helper *h)
{
	struct ksym s = *kenv_sym(c->k, name);

	s.fn = KF_HELPER;
	s.index = h->id;
	return s;
}

static struct kval
lower_list(struct cg *c, value form)
{
	const struct ksym *k;
	const struct fact_helper *h;

	if (!is_symbol(car(form)) || is_nil(car(form))) {
		cg_error(c, "C0001", form_span(form), "a form begins with a name");
		return poison(c);
	}
	if (!lower_expand(c, &form))
		return poison(c);
	if (!is_cons(form))
		return lower_atom(c, form, c->f->at);
	if (!is_symbol(car(form)))
		return lower_list(c, form);
	if (form_span(form))
		c->f->at = form_span(form);
	k = kenv_peek(c->k, as_symbol(car(form)));
	if (k && k->fn == KF_FORM) {
		const struct form *fm = &kforms[k->index];

		return check_count(c, form, fm) ? fm->lower(c, form, fm->tag) : poison(c);
	}
	if (k && k->fn == KF_DEFN)
		return lower_user_call(c, form, k);
	if (k && k->fn == KF_KFUNC)
		return lower_kfunc(c, form, k);
	if (k && k->fn == KF_HELPER)
		return lower_helper(c, form, fact_helper(k->index));
	if (k && k->fn != KF_NONE)
		return lower_accessor(c, form, k);
	h = helper_named(as_symbol(car(form))->name);
	if (!h) {
		uint32_t errors = c->ds->errors;

		if (kenv_known_kfunc(c->k, as_symbol(car(form)), car_span(form), c->ds))
			return lower_kfunc(c, form, kenv_peek(c->k, as_symbol(car(form))));
		return c->ds->errors > errors ? poison(c) : unknown_form(c, form);
	}
	*kenv_sym(c->k, as_symbol(car(form))) = remember_helper(c, as_symbol(car(form)), h);
	return lower_helper(c, form, h);
}

struct kval
lower_at(struct cg *c, value form, span at)
{
	span outer = c->f->at;
	struct kval r;

	if (!is_cons(form)) {
		c->last = at;
		return lower_atom(c, form, at);
	}
	if (++c->depth > MAX_DEPTH) {
		cg_error(c, "C0023", form_span(form), "forms are nested too deeply");
		c->depth--;
		return poison(c);
	}
	if (form_span(form))
		c->f->at = form_span(form);
	r = lower_list(c, form);
	c->last = c->f->at;
	c->f->at = outer;
	c->depth--;
	return r;
}

struct kval
lower(struct cg *c, value form)
{
	return lower_at(c, form, c->f->at);
}

struct kval
lower_arg(struct cg *c, value form, unsigned i)
{
	while (i-- && is_cons(form))
		form = cdr(form);
	return lower_at(c, car(form), car_span(form));
}

struct kval
lower_body(struct cg *c, value forms)
{
	struct kval v = void_value(c);

	for (; is_cons(forms); forms = cdr(forms))
		v = lower_at(c, car(forms), car_span(forms));
	return v;
}

bool
cg_constant(struct cg *c, value form, int64_t *out)
{
	struct kval v = lower(c, form);

	return ir_is_const(c->f, v.v, out);
}

bool
cg_type(struct cg *c, value form, span at, kty *out)
{
	struct suggest s;
	struct diag *d;

	if (is_symbol(form) && kty_named(as_symbol(form)->name, out))
		return true;
	d = cg_error(c, "C0006", at, "unknown type%s%.*s", is_symbol(form) ? " " : "",
		     STR_ARG(is_symbol(form) ? as_symbol(form)->name : STR("")));
	s = suggest_start(is_symbol(form) ? as_symbol(form)->name : STR(""));
	static const char *const names[] = {"u8", "u16", "u32", "u64",
					    "i8", "i16", "i32", "i64"};
	for (int i = 0; i < 8; i++)
		suggest_offer(&s, str_of(names[i]));
	if (s.best.p)
		diag_help(c->ds, d, "did you mean `%.*s`?", STR_ARG(s.best));
	else
		diag_help(c->ds, d, "types are u8 u16 u32 u64 i8 i16 i32 i64");
	*out = TY_U64;
	return false;
}
