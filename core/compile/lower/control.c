/* SPDX-License-Identifier: MIT */
/* control.c: binding, branching and looping. */
#include "compile/lower/lower.h"

/* ---- sequences and bindings ------------------------------------------------------------- */

struct kval
form_progn(struct cg *c, value form, uint32_t tag)
{
	(void)tag;
	return lower_body(c, cdr(form));
}

struct kval
form_prog1(struct cg *c, value form, uint32_t tag)
{
	struct kval v = lower_arg(c, form, 1);

	(void)tag;
	lower_body(c, cdr(cdr(form)));
	return v;
}

/* One (NAME [TYPE] [INIT]) of a let. */
struct let_var {
	value name;
	span at;
	kty ty;
	bool typed, bad;
	value init_at;		/* the cons whose car is the init form, or nil */
};

/* `declares`: the (declare ...) form, or nil. */
static void
declared_type(struct cg *c, struct let_var *v, value declares)
{
	for (value d = cdr(declares); is_cons(d); d = cdr(d)) {
		value spec = car(d);

		if (!is_cons(spec) || !is_symbol(car(spec)) ||
		    !str_is(as_symbol(car(spec))->name, "type"))
			continue;
		for (value n = cdr(cdr(spec)); is_cons(n); n = cdr(n))
			if (car(n) == v->name)
				v->typed = cg_type(c, car(cdr(spec)), car_span(cdr(spec)),
						   &v->ty);
	}
}

static struct let_var
read_var(struct cg *c, value at, value declares)
{
	value b = car(at);
	struct let_var v = {.name = NIL, .at = car_span(at), .ty = TY_U64, .init_at = NIL};
	int n = is_cons(b) ? list_length(b) : -1;

	if (is_symbol(b) && !is_nil(b) && !is_keyword(b)) {
		v.name = b;
		declared_type(c, &v, declares);
		return v;
	}
	if (n < 1 || n > 3 || !is_symbol(car(b)) || is_nil(car(b)) || is_keyword(car(b))) {
		cg_error(c, "C0001", v.at, "a binding is (NAME [TYPE] [INIT])");
		v.bad = true;
		return v;
	}
	v.name = car(b);
	v.at = car_span(b);
	if (n == 3) {
		v.typed = cg_type(c, car(cdr(b)), car_span(cdr(b)), &v.ty);
		v.init_at = cdr(cdr(b));
	} else if (n == 2) {
		if (is_symbol(car(cdr(b))) && kty_named(as_symbol(car(cdr(b)))->name, &v.ty) &&
		    !binding_of(c, car(cdr(b))))
			v.typed = true;
		else
			v.init_at = cdr(b);
	}
	declared_type(c, &v, declares);
	return v;
}

static void
no_constant(struct cg *c, const struct let_var *v)
{
	int64_t x;

	if (kenv_constant(c->k, as_symbol(v->name), &x) ||
	    lisp_user_constant(as_symbol(v->name)))
		cg_error(c, "C0022", v->at, "`%.*s` is a constant and cannot be a variable",
			 STR_ARG(cg_spelled(c, as_symbol(v->name)->name, v->at)));
}

/* The initial value as the variable's type has it. Without a declared type the variable is as
 * wide as the machine; signedness and what it points to come from the value. */
static ref
init_value(struct cg *c, struct let_var *v)
{
	struct kval init;

	if (is_nil(v->init_at))
		return ir_const(c->f, 0);
	init = lower_arg(c, v->init_at, 0);
	if (v->typed) {
		span at = car_span(v->init_at);

		return cg_convert(c, init, v->ty, at);
	}
	if (init.ty.kind == KT_PTR || is_poison(init))
		v->ty = init.ty;
	else if (init.ty.kind == KT_INT)
		v->ty = TY_INT(8, init.ty.is_signed);
	return init.v;
}

static bool
is_declare(value form)
{
	return is_cons(form) && is_symbol(car(form)) &&
	       str_is(as_symbol(car(form))->name, "declare");
}

struct kval
form_let(struct cg *c, value form, uint32_t sequential)
{
	value list = car(cdr(form)), body = cdr(cdr(form)), declares = NIL;
	uint32_t mark = c->binds.n, n = 0;
	int count = list_length(list);
	struct let_var *vars;
	ref *inits;
	struct kval r;

	if (count < 0) {
		cg_error(c, "C0001", arg_span(form, 1), "let needs a list of bindings");
		return poison(c);
	}
	if (is_declare(car(body))) {
		declares = car(body);
		body = cdr(body);
	}
	vars = arena_array(c->a, struct let_var, count + 1);
	inits = arena_array(c->a, ref, count + 1);
	for (value at = list; is_cons(at); at = cdr(at)) {
		struct let_var *v = &vars[n];

		*v = read_var(c, at, declares);
		if (v->bad)
			continue;
		no_constant(c, v);
		inits[n++] = init_value(c, v);
		if (sequential)
			cg_bind(c, v->name, v->at, v->ty, v->typed, inits[n - 1]);
	}
	for (uint32_t i = 0; i < n && !sequential; i++)
		cg_bind(c, vars[i].name, vars[i].at, vars[i].ty, vars[i].typed, inits[i]);
	r = lower_body(c, body);
	cg_unbind(c, mark);
	return r;
}

struct kval
form_declare(struct cg *c, value form, uint32_t tag)
{
	(void)tag;
	cg_error(c, "C0001", form_span(form),
		 "declare is understood only as the first form of let and let*");
	return poison(c);
}

struct kval
form_the(struct cg *c, value form, uint32_t tag)
{
	kty ty;
	struct kval v;

	(void)tag;
	if (!cg_type(c, nth(form, 1), arg_span(form, 1), &ty))
		return poison(c);
	v = lower_arg(c, form, 2);
	return val(cg_convert(c, v, ty, arg_span(form, 2)), ty);
}

struct kval
form_macrolet(struct cg *c, value form, uint32_t tag)
{
	value outer = c->env, list = nth(form, 1);
	struct kval r;

	(void)tag;
	for (value m = list; is_cons(m); m = cdr(m)) {
		value expander;

		if (list_length(car(m)) < 2 || !is_symbol(car(car(m)))) {
			cg_error(c, "C0001", car_span(m),
				 "a local macro is (NAME (ARGS) BODY...)");
			return poison(c);
		}
		if (!lisp_macro_function(c->l, car(m), &expander, c->ds)) {
			c->env = outer;
			return poison(c);
		}
		c->env = cons(c->l, cons(c->l, car(car(m)), expander), c->env);
	}
	r = lower_body(c, cdr(cdr(form)));
	c->env = outer;
	return r;
}

struct kval
form_symbol_macrolet(struct cg *c, value form, uint32_t tag)
{
	uint32_t mark = c->binds.n;
	struct kval r;

	(void)tag;
	for (value m = nth(form, 1); is_cons(m); m = cdr(m)) {
		struct ksym *k;
		struct binding b = {0};

		if (list_length(car(m)) != 2 || !is_symbol(car(car(m)))) {
			cg_error(c, "C0001", car_span(m),
				 "a symbol macro is (NAME EXPANSION)");
			continue;
		}
		k = kenv_sym(c->k, as_symbol(car(car(m))));
		b.sym = as_symbol(car(car(m)))->id;
		b.shadowed = k->binding;
		b.expansion = car(cdr(car(m)));
		vec_push(c->a, &c->binds, b);
		k->binding = c->binds.n;
	}
	r = lower_body(c, cdr(cdr(form)));
	cg_unbind(c, mark);
	return r;
}

/* ---- values of branches ----------------------------------------------------------------- */

/* Paths that meet again, each bringing a value. */
struct meet {
	uint32_t join, var;
	kty ty;
	uint32_t n;
};

static struct meet
meet_begin(struct cg *c)
{
	struct meet m = {.join = ir_join_new(c->f, c->blk), .ty = TY_VOID};

	m.var = ir_var_new(c->f, NULL, c->f->at);
	return m;
}

static kty
common_type(kty a, kty b)
{
	if (a.kind == KT_VOID || a.kind == KT_POISON)
		return b;
	if (b.kind == KT_VOID || b.kind == KT_POISON)
		return a;
	if (a.kind == KT_PTR || b.kind == KT_PTR)
		return a.kind == KT_PTR ? a : b;
	if (a.size == b.size && a.is_signed == b.is_signed)
		return a;
	return TY_INT(8, a.is_signed && b.is_signed);
}

/* The current path ends here with `v` (0 when it has none). */
static void
meet_path(struct cg *c, struct meet *m, struct kval v)
{
	span outer = c->f->at;

	if (!c->f->blk.at[c->blk].pred.n && c->blk != 1 && !c->f->blk.at[c->blk].first) {
		c->last = 0;
		return;		/* not reached */
	}
	m->ty = common_type(m->ty, v.ty);
	m->n++;
	ir_var_set(c->f, c->blk, m->var, v.v);
	/* What moves values to where paths meet has the place of the path's own value. */
	if (c->last)
		c->f->at = c->last;
	ir_jmp(c->f, c->blk, m->join);
	c->f->at = outer;
	c->last = 0;
}

static struct kval
meet_end(struct cg *c, struct meet *m)
{
	cg_begin(c, m->join);
	if (!m->n)
		return void_value(c);
	return val(ir_var_get(c->f, c->blk, m->var),
		   m->ty.kind == KT_VOID ? TY_VOID : m->ty);
}

/* ---- if and its family ------------------------------------------------------------------ */

static struct kval
zero(struct cg *c)
{
	return val(ir_const(c->f, 0), TY_VOID);
}

struct kval
form_if(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	uint32_t yes = ir_blk_new(c->f), no = ir_blk_new(c->f);
	int answer = cg_core_answer(c, nth(form, 1));

	(void)tag;
	lower_test(c, nth(form, 1), yes, no);
	cg_begin(c, yes);
	c->absent += answer == 0;
	meet_path(c, &m, lower_arg(c, form, 2));
	c->absent += (answer == 1) - (answer == 0);
	cg_begin(c, no);
	meet_path(c, &m, is_cons(cdr(cdr(cdr(form)))) ? lower_arg(c, form, 3) : zero(c));
	c->absent -= answer == 1;
	return meet_end(c, &m);
}

struct kval
form_when(struct cg *c, value form, uint32_t negate)
{
	struct meet m = meet_begin(c);
	uint32_t yes = ir_blk_new(c->f), no = ir_blk_new(c->f);

	bool dead = cg_core_answer(c, nth(form, 1)) == (int)negate;

	lower_test(c, nth(form, 1), negate ? no : yes, negate ? yes : no);
	cg_begin(c, yes);
	c->absent += dead;
	meet_path(c, &m, lower_body(c, cdr(cdr(form))));
	c->absent -= dead;
	cg_begin(c, no);
	meet_path(c, &m, zero(c));
	return meet_end(c, &m);
}

static bool
is_otherwise(value test)
{
	return test == T || (is_symbol(test) && str_is(as_symbol(test)->name, "otherwise"));
}

struct kval
form_cond(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	bool closed = false, decided = false;

	(void)tag;
	for (value at = cdr(form); is_cons(at); at = cdr(at)) {
		value clause = car(at);
		uint32_t yes, no;

		if (!is_cons(clause)) {
			cg_error(c, "C0001", car_span(at), "a clause is (TEST BODY...)");
			continue;
		}
		if (is_otherwise(car(clause))) {
			meet_path(c, &m, lower_body(c, cdr(clause)));
			closed = true;
			break;
		}
		yes = ir_blk_new(c->f);
		no = ir_blk_new(c->f);
		if (is_nil(cdr(clause))) {	/* (test): its value when true */
			struct kval v = lower_arg(c, clause, 0);

			ir_br(c->f, c->blk, CC_NE, v.v, ir_const(c->f, 0), yes, no);
			cg_begin(c, yes);
			meet_path(c, &m, v);
		} else {
			int answer = cg_core_answer(c, car(clause));

			lower_test(c, car(clause), yes, no);
			cg_begin(c, yes);
			c->absent += answer == 0;
			meet_path(c, &m, lower_body(c, cdr(clause)));
			c->absent -= answer == 0;
			if (answer == 1 && !decided) {	/* no further clause is reached */
				decided = true;
				c->absent++;
			}
		}
		cg_begin(c, no);
	}
	if (!closed)
		meet_path(c, &m, zero(c));
	c->absent -= decided;
	return meet_end(c, &m);
}

struct kval
form_case(struct cg *c, value form, uint32_t tag)
{
	struct kval x = lower_arg(c, form, 1);
	struct meet m = meet_begin(c);
	bool closed = false;

	(void)tag;
	for (value at = cdr(cdr(form)); is_cons(at); at = cdr(at)) {
		value clause = car(at), keys = car(clause);
		uint32_t yes, no;

		if (!is_cons(clause)) {
			cg_error(c, "C0001", car_span(at), "a clause is (KEY BODY...)");
			continue;
		}
		if (is_otherwise(keys)) {
			meet_path(c, &m, lower_body(c, cdr(clause)));
			closed = true;
			break;
		}
		yes = ir_blk_new(c->f);
		if (!is_cons(keys))
			keys = clause;
		for (value k = keys; is_cons(k); k = keys == clause ? NIL : cdr(k)) {
			struct kval key = lower_arg(c, k, 0);

			no = ir_blk_new(c->f);
			ir_br(c->f, c->blk, CC_EQ, x.v, key.v, yes, no);
			cg_begin(c, no);
		}
		no = c->blk;
		cg_begin(c, yes);
		meet_path(c, &m, lower_body(c, cdr(clause)));
		c->blk = no;
	}
	if (!closed)
		meet_path(c, &m, zero(c));
	return meet_end(c, &m);
}

struct kval
form_and(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	struct kval v = int_value(c, 1);

	(void)tag;
	for (value at = cdr(form); is_cons(at); at = cdr(at)) {
		uint32_t yes, no;

		if (is_nil(cdr(at))) {
			v = lower_arg(c, at, 0);
			break;
		}
		yes = ir_blk_new(c->f);
		no = ir_blk_new(c->f);
		lower_test(c, car(at), yes, no);
		cg_begin(c, no);
		meet_path(c, &m, zero(c));
		cg_begin(c, yes);
	}
	meet_path(c, &m, v);
	return meet_end(c, &m);
}

struct kval
form_or(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	struct kval v = int_value(c, 0);

	(void)tag;
	for (value at = cdr(form); is_cons(at); at = cdr(at)) {
		uint32_t yes, no;

		v = lower_arg(c, at, 0);
		if (is_nil(cdr(at)))
			break;
		yes = ir_blk_new(c->f);
		no = ir_blk_new(c->f);
		ir_br(c->f, c->blk, CC_NE, v.v, ir_const(c->f, 0), yes, no);
		cg_begin(c, yes);
		meet_path(c, &m, v);
		cg_begin(c, no);
	}
	meet_path(c, &m, v);
	return meet_end(c, &m);
}

/* ((var [type] init)...): binds and tests each; leaves the block where all were true. */
static bool
bind_and_test(struct cg *c, value at, uint32_t *no, bool *any)
{
	struct let_var v = read_var(c, at, NIL);
	uint32_t yes = ir_blk_new(c->f);
	ref init;

	if (v.bad)
		return false;
	no_constant(c, &v);
	init = init_value(c, &v);
	if (!*any)
		*no = ir_blk_new(c->f);
	*any = true;
	ir_br(c->f, c->blk, CC_NE, init, ir_const(c->f, 0), yes, *no);
	cg_begin(c, yes);
	cg_bind(c, v.name, v.at, v.ty, v.typed, init);
	return true;
}

struct kval
form_when_let(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	uint32_t mark = c->binds.n, no = 0;
	bool any = false;

	(void)tag;
	for (value at = nth(form, 1); is_cons(at); at = cdr(at))
		if (!bind_and_test(c, at, &no, &any))
			return poison(c);
	meet_path(c, &m, lower_body(c, cdr(cdr(form))));
	cg_unbind(c, mark);
	if (any) {
		cg_begin(c, no);
		meet_path(c, &m, zero(c));
	}
	return meet_end(c, &m);
}

struct kval
form_if_let(struct cg *c, value form, uint32_t tag)
{
	struct meet m = meet_begin(c);
	uint32_t mark = c->binds.n, no = 0;
	bool any = false;
	value b = nth(form, 1);

	(void)tag;
	/* (if-let (v init) ...) and (if-let ((v init)) ...) */
	if (!bind_and_test(c, is_cons(car(b)) ? b : cdr(form), &no, &any))
		return poison(c);
	meet_path(c, &m, lower_arg(c, form, 2));
	cg_unbind(c, mark);
	cg_begin(c, no);
	meet_path(c, &m, is_cons(cdr(cdr(cdr(form)))) ? lower_arg(c, form, 3) : zero(c));
	return meet_end(c, &m);
}

/* ---- loops ------------------------------------------------------------------------------ */

static void
loop_begin(struct cg *c, struct loop *lp, uint32_t *outer)
{
	lp->exit = ir_join_new(c->f, c->blk);
	lp->outer = c->loop;
	c->loop = lp;
	*outer = c->f->loop;
	c->f->loop = lp->exit;		/* any number that is this loop's own */
}

static void
loop_end(struct cg *c, struct loop *lp, uint32_t outer)
{
	c->loop = lp->outer;
	c->f->loop = outer;
	cg_begin(c, lp->exit);
}

/* The counter is compared after the step, so the loop needs no test on entry when the count
 * is a positive constant. */
struct kval
form_dotimes(struct cg *c, value form, uint32_t tag)
{
	value spec = nth(form, 1);
	uint32_t mark = c->binds.n, head, outer, i, var;
	int parts = list_length(spec);
	struct loop lp = {0};
	struct kval count, result = void_value(c);
	int64_t n = 1;
	bool constant;
	ref next;

	(void)tag;
	if (parts < 2 || parts > 3 || !is_symbol(car(spec)) || is_nil(car(spec))) {
		cg_error(c, "C0001", arg_span(form, 1), "dotimes begins (VAR COUNT [RESULT])");
		return poison(c);
	}
	count = lower_arg(c, spec, 1);
	constant = ir_is_const(c->f, count.v, &n);
	if (constant && n < 0 && count.lit) {
		cg_error(c, "C0011", arg_span(spec, 1), "a loop cannot run %lld times",
			 (long long)n);
		return poison(c);
	}
	head = ir_blk_new(c->f);
	loop_begin(c, &lp, &outer);
	c->f->loop = outer;
	i = cg_bind(c, car(spec), car_span(spec), TY_U64, false, ir_const(c->f, 0));
	var = c->binds.at[i].var;
	c->f->loop = lp.exit;
	lp.again = ir_blk_new(c->f);
	if (constant && n > 0)
		ir_jmp(c->f, c->blk, head);
	else
		ir_br(c->f, c->blk, CC_UGT, count.v, ir_const(c->f, 0), head, lp.exit);
	c->blk = head;
	lower_body(c, cdr(cdr(form)));
	ir_jmp(c->f, c->blk, lp.again);
	cg_begin(c, lp.again);
	next = cg_bin(c, IR_ADD, ir_var_get(c->f, c->blk, var), ir_const(c->f, 1));
	ir_var_set(c->f, c->blk, var, next);
	ir_br(c->f, c->blk, CC_ULT, next, count.v, head, lp.exit);
	ir_seal(c->f, head);
	loop_end(c, &lp, outer);
	if (parts == 3)
		result = lower_arg(c, spec, 2);
	cg_unbind(c, mark);
	return result;
}

struct kval
form_while(struct cg *c, value form, uint32_t tag)
{
	struct loop lp = {0};
	uint32_t head = ir_blk_new(c->f), body = ir_blk_new(c->f), outer;

	(void)tag;
	loop_begin(c, &lp, &outer);
	lp.again = head;
	ir_jmp(c->f, c->blk, head);
	c->blk = head;
	lower_test(c, nth(form, 1), body, lp.exit);
	cg_begin(c, body);
	lower_body(c, cdr(cdr(form)));
	ir_jmp(c->f, c->blk, head);
	ir_seal(c->f, head);
	loop_end(c, &lp, outer);
	return void_value(c);
}

struct kval
form_loop_exit(struct cg *c, value form, uint32_t again)
{
	if (!c->loop) {
		cg_error(c, "C0026", form_span(form), "`%s` outside of a loop",
			 again ? "continue" : "break");
		return poison(c);
	}
	ir_jmp(c->f, c->blk, again ? c->loop->again : c->loop->exit);
	cg_unreachable(c);
	return void_value(c);
}

struct kval
form_block(struct cg *c, value form, uint32_t tag)
{
	struct meet m;
	struct named_block b = {nth(form, 1), &m, c->loop, c->block};

	(void)tag;
	if (!is_symbol(b.name)) {
		cg_error(c, "C0001", arg_span(form, 1), "a block is (block NAME BODY...)");
		return poison(c);
	}
	m = meet_begin(c);
	c->block = &b;
	meet_path(c, &m, lower_body(c, cdr(cdr(form))));
	c->block = b.outer;
	return meet_end(c, &m);
}

struct kval
form_return_from(struct cg *c, value form, uint32_t tag)
{
	struct named_block *b = c->block;
	struct kval v;

	(void)tag;
	while (b && b->name != nth(form, 1))
		b = b->outer;
	if (!b) {
		struct diag *d = cg_error(c, "C0026", arg_span(form, 1),
					  "no block of this name is around");

		diag_help(c->ds, d, "(return value) leaves the program, (break) a loop");
		return poison(c);
	}
	v = is_nil(cdr(cdr(form))) ? zero(c) : lower_arg(c, form, 2);
	cg_leave_loops(c, b->loop);
	meet_path(c, b->meet, v);
	cg_unreachable(c);
	return void_value(c);
}

struct kval
form_return(struct cg *c, value form, uint32_t tag)
{
	(void)tag;
	if (is_nil(cdr(form)))
		cg_return(c, ir_const(c->f, 0));
	else
		cg_return(c,
			  cg_convert(c, lower_arg(c, form, 1), c->returns, arg_span(form, 1)));
	return void_value(c);
}

/* ---- tests ------------------------------------------------------------------------------ */

static void
test_chain(struct cg *c, value form, uint32_t yes, uint32_t no, bool is_and)
{
	if (is_nil(cdr(form))) {
		ir_jmp(c->f, c->blk, is_and ? yes : no);
		return;
	}
	for (value at = cdr(form); is_cons(at); at = cdr(at)) {
		uint32_t next;

		if (is_nil(cdr(at))) {
			lower_test(c, car(at), yes, no);
			return;
		}
		next = ir_blk_new(c->f);
		lower_test(c, car(at), is_and ? next : yes, is_and ? no : next);
		cg_begin(c, next);
	}
}

void
lower_test(struct cg *c, value form, uint32_t yes, uint32_t no)
{
	span outer = c->f->at;
	struct kval v;
	str head = STR("");

	if (is_cons(form) && !lower_expand(c, &form))
		form = NIL;
	if (is_cons(form) && is_symbol(car(form)))
		head = as_symbol(car(form))->name;
	if (is_cons(form) && form_span(form))
		c->f->at = form_span(form);
	if (str_is(head, "not") && list_length(form) == 2) {
		lower_test(c, nth(form, 1), no, yes);
	} else if (str_is(head, "and") || str_is(head, "or")) {
		test_chain(c, form, yes, no, head.n == 3);
	} else {
		v = lower(c, form);
		ir_br(c->f, c->blk, CC_NE, v.v, ir_const(c->f, 0), yes, no);
	}
	c->f->at = outer;
}

struct kval
form_not(struct cg *c, value form, uint32_t tag)
{
	struct kval v = lower_arg(c, form, 1);
	ref r = ir_add(c->f, c->blk, IR_SET, v.v, ir_const(c->f, 0));

	(void)tag;
	ir_at(c->f, r)->cc = CC_EQ;
	return val(r, TY_U64);
}
