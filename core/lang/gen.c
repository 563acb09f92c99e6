/* SPDX-License-Identifier: MIT */
/* gen.c: nodes to instructions.
 *
 * Registers are handed out as a stack: parameters, then let variables and temporaries as the
 * walk goes down, given back as it comes up. A node is generated in a context: its value to a
 * register, its several values, as the function's result (tail), or for effect only.
 *
 * A call wants its function slot and arguments in consecutive registers at the top; the
 * result comes back in the function's slot, which is why a call whose destination is the
 * topmost register needs no move. */
#include "lang/gen.h"

#include <stdlib.h>

enum { MAX_REGS = 60000 };

/* ---- emitting ----------------------------------------------------------------------- */

struct insn *
gen_emit(struct gen *g, enum op op, span at, uint32_t a, uint32_t b, uint32_t c)
{
	struct insn i = {.op = (uint16_t)op, .a = (uint16_t)a};

	i.b = (uint16_t)b;
	i.c = (uint16_t)c;
	vec_push(g->c->a, &g->f->insns, i);
	vec_push(g->c->a, &g->f->spans, at);
	return vec_last(&g->f->insns);
}

void
gen_emit_d(struct gen *g, enum op op, span at, uint32_t a, int32_t d)
{
	gen_emit(g, op, at, a, 0, 0)->d = d;
}

int32_t
gen_constant(struct gen *g, value v)
{
	struct func *f = g->f;

	for (uint32_t i = f->consts.n > 16 ? f->consts.n - 16 : 0; i < f->consts.n; i++)
		if (f->consts.at[i] == v)
			return (int32_t)i;
	vec_push(g->c->a, &f->consts, v);
	if (f->consts.n > 65000)
		comp_error(g->c, f->at, "this function has too many constants");
	return (int32_t)f->consts.n - 1;
}

uint16_t
gen_reg(struct gen *g)
{
	struct func *f = g->f;

	if (f->top >= MAX_REGS)
		comp_error(g->c, f->at, "this function needs too many registers");
	if (++f->top > f->nregs)
		f->nregs = f->top;
	return (uint16_t)(f->top - 1);
}

/* Jumps whose offset is in c (compare and jump) or in d. */
static bool
short_jump(enum op op)
{
	return op >= OP_JEQ && op <= OP_JNUMNEI;
}

static void
patch(struct gen *g, uint32_t at, int32_t target)
{
	struct insn *i = &g->f->insns.at[at];
	int32_t offset = target - (int32_t)at - 1;

	if (!short_jump(i->op)) {
		i->d = offset;
		return;
	}
	if (offset < INT16_MIN || offset > INT16_MAX)
		comp_error(g->c, g->f->at, "this function is too long: split it");
	i->c = (uint16_t)offset;
}

/* The instruction just emitted jumps to l. */
void
gen_jump_to(struct gen *g, struct label *l)
{
	uint32_t at = g->f->insns.n - 1;

	if (l->at >= 0)
		patch(g, at, l->at);
	else
		vec_push(g->c->a, &l->from, at);
}

void
gen_place(struct gen *g, struct label *l)
{
	l->at = (int32_t)g->f->insns.n;
	for (uint32_t i = 0; i < l->from.n; i++)
		patch(g, l->from.at[i], l->at);
}

struct label
gen_label(void)
{
	return (struct label){.at = -1};
}

void
gen_jump(struct gen *g, span at, struct label *l)
{
	gen_emit_d(g, l->at >= 0 ? OP_LOOP : OP_JMP, at, 0, 0);
	gen_jump_to(g, l);
}

/* A value is in dst: finish as the context asks. */
void
gen_finish(struct gen *g, enum ctx ctx, uint16_t dst, span at)
{
	if (ctx == CTX_TAIL)
		gen_emit(g, OP_RET, at, dst, 0, 0);
	else if (ctx == CTX_MV)
		gen_emit(g, OP_SINGLE, at, 0, 0, 0);
}

/* ---- variables ---------------------------------------------------------------------- */

static bool
boxed(const struct var *v)
{
	return v->captured && v->mutated;
}

static uint32_t
capture_index(const struct func *f, const struct var *v)
{
	uint32_t i = 0;

	while (f->caps.at[i] != v)
		i++;
	return i;
}

void
gen_load_var(struct gen *g, const struct var *v, uint16_t dst, span at)
{
	if (v->owner != g->f)
		gen_emit(g, boxed(v) ? OP_CAPBOX : OP_CAPTURE, at, dst,
		     capture_index(g->f, v), 0);
	else if (boxed(v))
		gen_emit(g, OP_GETBOX, at, dst, v->reg, 0);
	else if (v->reg != dst)
		gen_emit(g, OP_MOVE, at, dst, v->reg, 0);
}

static void
store_var(struct gen *g, const struct var *v, uint16_t src, span at)
{
	if (v->owner != g->f)
		gen_emit(g, OP_SETCAPBOX, at, capture_index(g->f, v), src, 0);
	else if (boxed(v))
		gen_emit(g, OP_SETBOX, at, v->reg, src, 0);
	else if (v->reg != src)
		gen_emit(g, OP_MOVE, at, v->reg, src, 0);
}

/* A variable's value has just arrived in its register. */
void
gen_enter_var(struct gen *g, struct var *v, span at)
{
	if (v->special) {
		gen_emit_d(g, OP_BIND, at, v->reg, gen_constant(g, v->sym));
		g->f->bindings++;
	} else if (boxed(v)) {
		gen_emit(g, OP_MKBOX, at, v->reg, 0, 0);
	}
}

static bool
plain_local(struct gen *g, const struct node *n)
{
	return n->kind == N_LOCAL && n->var->owner == g->f && !boxed(n->var);
}

/* Does evaluating n change no variable? */
static bool
harmless(const struct node *n)
{
	return n->kind == N_CONST || n->kind == N_LOCAL || n->kind == N_GLOBAL ||
	       n->kind == N_FUNCTION;
}

/* Value of n in some register. `next` is evaluated before the register is used. */
static uint16_t
gen_any(struct gen *g, struct node *n, const struct node *next)
{
	uint16_t r;

	if (plain_local(g, n) && (!next || !n->var->mutated || harmless(next)))
		return n->var->reg;
	r = gen_reg(g);
	gen_node(g, n, CTX_VALUE, r);
	return r;
}

static bool
small_int(const struct node *n)
{
	return n->kind == N_CONST && is_fixnum(n->v) && fixnum(n->v) >= -32000 &&
	       fixnum(n->v) <= 32000;
}

/* ---- primitives --------------------------------------------------------------------- */

static bool
is_test(uint16_t op)
{
	return op == OP_EQ || op == OP_JCONS || op == OP_JNCONS || op == OP_NOT ||
	       (op >= OP_JEQ && op <= OP_JNUMNE);
}

static enum op
negated(enum op op)
{
	switch (op) {
	case OP_JEQ: return OP_JNE;
	case OP_JNE: return OP_JEQ;
	case OP_JEQL: return OP_JNEQL;
	case OP_JNEQL: return OP_JEQL;
	case OP_JLT: return OP_JGE;
	case OP_JGE: return OP_JLT;
	case OP_JGT: return OP_JLE;
	case OP_JLE: return OP_JGT;
	case OP_JNUMEQ: return OP_JNUMNE;
	case OP_JNUMNE: return OP_JNUMEQ;
	case OP_JCONS: return OP_JNCONS;
	default: return OP_JCONS;
	}
}

static enum op
mirrored(enum op op)
{
	switch (op) {
	case OP_JLT: return OP_JGT;
	case OP_JGT: return OP_JLT;
	case OP_JLE: return OP_JGE;
	case OP_JGE: return OP_JLE;
	default: return op;
	}
}

static bool
immediate_value(value v)
{
	return is_fixnum(v) || is_symbol(v) || is_char(v);
}

/* Jump to l when the two-operand test (is not `sense`d) holds. */
static void
gen_compare(struct gen *g, struct node *n, bool sense, struct label *l)
{
	enum op op = n->op == OP_EQ ? OP_JEQ : n->op;
	struct node *a = n->kids[0], *b = n->kids[1];
	uint32_t top = g->f->top;
	uint16_t ra, rb;

	if (op == OP_JEQL && ((a->kind == N_CONST && immediate_value(a->v)) ||
			      (b->kind == N_CONST && immediate_value(b->v))))
		op = OP_JEQ;
	if (!sense)
		op = negated(op);
	if (op >= OP_JLT && op <= OP_JNUMNE && (small_int(a) || small_int(b))) {
		if (small_int(a)) {
			struct node *t = a;

			a = b;
			b = t;
			op = mirrored(op);
		}
		ra = gen_any(g, a, NULL);
		gen_emit(g, op - OP_JLT + OP_JLTI, n->at, ra, (uint16_t)fixnum(b->v), 0);
	} else if (op <= OP_JNE && (b->kind == N_CONST && b->v == NIL)) {
		ra = gen_any(g, a, NULL);
		gen_emit_d(g, op == OP_JEQ ? OP_JNIL : OP_JNNIL, n->at, ra, 0);
	} else {
		ra = gen_any(g, a, b);
		rb = gen_any(g, b, NULL);
		gen_emit(g, op, n->at, ra, rb, 0);
	}
	g->f->top = top;
	gen_jump_to(g, l);
}

/* Jump to l when n is true (sense) or false (not sense); else fall through. */
void
gen_test(struct gen *g, struct node *n, bool sense, struct label *l)
{
	uint32_t top = g->f->top;
	uint16_t r;

	if (n->kind == N_CONST) {
		if ((n->v != NIL) == sense)
			gen_jump(g, n->at, l);
		return;
	}
	if (n->kind == N_AND || n->kind == N_OR) {
		bool stop = n->kind == N_OR;	/* the truth that decides at once */
		struct label skip = gen_label();

		for (uint32_t i = 0; i + 1 < n->nkids; i++)
			gen_test(g, n->kids[i], stop, stop == sense ? l : &skip);
		gen_test(g, n->kids[n->nkids - 1], sense, l);
		gen_place(g, &skip);
		return;
	}
	if (n->kind == N_PRIM && is_test(n->op)) {
		if (n->op == OP_NOT) {
			gen_test(g, n->kids[0], !sense, l);
			return;
		}
		if (n->nkids == 2) {
			gen_compare(g, n, sense, l);
			return;
		}
		r = gen_any(g, n->kids[0], NULL);
		gen_emit_d(g, sense ? n->op : negated(n->op), n->at, r, 0);
	} else {
		r = gen_any(g, n, NULL);
		gen_emit_d(g, sense ? OP_JNNIL : OP_JNIL, n->at, r, 0);
	}
	g->f->top = top;
	gen_jump_to(g, l);
}

/* (gethash key table [default]), ((setf gethash) value key table [default]): operands stay
 * in the registers of their variables, unless a later operand might assign those. */
static void
gen_hash(struct gen *g, struct node *n, uint16_t dst, bool wanted)
{
	uint32_t top = g->f->top, count = n->op == OP_PUTHASH ? 3 : 2;
	const struct node *next = NULL;
	uint16_t r[4];

	for (uint32_t i = n->nkids; i-- > 1; )
		if (!harmless(n->kids[i]))
			next = n->kids[i];
	for (uint32_t i = 0; i < count; i++)
		r[i] = gen_any(g, n->kids[i], next);
	if (n->op == OP_PUTHASH) {
		if (n->nkids > 3)
			gen_any(g, n->kids[3], NULL);
		gen_emit(g, OP_PUTHASH, n->at, r[0], r[1], r[2]);
		if (wanted && r[0] != dst)
			gen_emit(g, OP_MOVE, n->at, dst, r[0], 0);
	} else {
		if (n->nkids > 2)
			gen_node(g, n->kids[2], CTX_VALUE, dst);
		else
			gen_emit(g, OP_NIL, n->at, dst, 0, 0);
		gen_emit(g, OP_GETHASH, n->at, dst, r[0], r[1]);
	}
	g->f->top = top;
}

static void
gen_prim(struct gen *g, struct node *n, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t a, b;

	if (n->op == OP_GETHASH || n->op == OP_PUTHASH) {
		gen_hash(g, n, dst, true);
		return;
	}

	if (is_test(n->op) && n->op != OP_NOT && n->op != OP_EQ) {
		struct label no = gen_label(), end = gen_label();

		gen_test(g, n, false, &no);
		gen_emit_d(g, OP_CONST, n->at, dst, gen_constant(g, T));
		gen_jump(g, n->at, &end);
		gen_place(g, &no);
		gen_emit(g, OP_NIL, n->at, dst, 0, 0);
		gen_place(g, &end);
		return;
	}
	if ((n->op == OP_ADD || n->op == OP_SUB) && small_int(n->kids[1])) {
		int64_t i = fixnum(n->kids[1]->v);

		a = gen_any(g, n->kids[0], NULL);
		gen_emit(g, OP_ADDI, n->at, dst, a, (uint16_t)(n->op == OP_ADD ? i : -i));
	} else if (n->op == OP_ADD && small_int(n->kids[0])) {
		a = gen_any(g, n->kids[1], NULL);
		gen_emit(g, OP_ADDI, n->at, dst, a, (uint16_t)fixnum(n->kids[0]->v));
	} else if (n->op == OP_ASH && small_int(n->kids[1]) && fixnum(n->kids[1]->v) < 0 &&
		   fixnum(n->kids[1]->v) >= -62) {
		a = gen_any(g, n->kids[0], NULL);
		gen_emit(g, OP_ASHR, n->at, dst, a, (uint16_t)-fixnum(n->kids[1]->v));
	} else if (n->nkids == 1) {
		a = gen_any(g, n->kids[0], NULL);
		gen_emit(g, n->op, n->at, dst, a, 0);
	} else {
		a = gen_any(g, n->kids[0], n->kids[1]);
		b = gen_any(g, n->kids[1], NULL);
		gen_emit(g, n->op, n->at, dst, a, b);
	}
	g->f->top = top;
}

/* ---- calls -------------------------------------------------------------------------- */

/* The register a call's window starts at: dst when that is on top, else a new one. */
static uint16_t
window(struct gen *g, uint16_t dst)
{
	if (dst + 1u == g->f->top)
		return dst;
	return gen_reg(g);
}

static bool
can_tail(struct gen *g, enum ctx ctx)
{
	return ctx == CTX_TAIL && !g->f->bindings && !g->f->handlers;
}

static void
after_call(struct gen *g, enum ctx ctx, uint16_t base, uint16_t dst, span at)
{
	if (ctx == CTX_TAIL)
		gen_emit(g, OP_RETMV, at, base, 0, 0);
	else if (base != dst && ctx != CTX_EFFECT)
		gen_emit(g, OP_MOVE, at, dst, base, 0);
}

static void
gen_call(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, first = n->kind == N_CALLG ? 0 : 1;
	uint16_t base = ctx == CTX_TAIL || ctx == CTX_EFFECT ? gen_reg(g) : window(g, dst);
	uint32_t nargs = n->nkids - first;
	bool tail = can_tail(g, ctx);

	if (first)
		gen_node(g, n->kids[0], CTX_VALUE, base);
	for (uint32_t i = first; i < n->nkids; i++)
		gen_node(g, n->kids[i], CTX_VALUE, gen_reg(g));
	if (n->kind == N_CALLG)
		gen_emit(g, tail ? OP_TCALLG : OP_CALLG, n->at, base, nargs,
		     (uint32_t)gen_constant(g, n->v));
	else if (n->kind == N_APPLY)
		gen_emit(g, OP_APPLY, n->at, base, nargs, 0);
	else
		gen_emit(g, tail ? OP_TCALL : OP_CALL, n->at, base, nargs, 0);
	g->f->top = top;
	if (!tail || n->kind == N_APPLY)
		after_call(g, ctx, base, dst, n->at);
}

/* ---- closures ----------------------------------------------------------------------- */

static void
gen_lambda(struct gen *g, struct node *n, uint16_t dst)
{
	struct code *code = generate(g->c, n->fn);

	gen_emit_d(g, OP_CLOSURE, n->at, dst, gen_constant(g, (value)(uintptr_t)code));
	for (uint32_t i = 0; i < n->fn->caps.n; i++) {
		const struct var *v = n->fn->caps.at[i];
		bool outer = v->owner != g->f;

		gen_emit(g, OP_EXT, n->at, outer, outer ? capture_index(g->f, v) : v->reg, 0);
	}
}

/* labels: closures first, then each learns those it captured before they existed. */
static void
gen_letrec(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;

	for (uint32_t i = 0; i < n->nvars; i++) {
		n->vars[i]->reg = gen_reg(g);
		gen_emit(g, OP_NIL, n->at, n->vars[i]->reg, 0, 0);
	}
	for (uint32_t i = 0; i < n->nvars; i++)
		gen_lambda(g, n->kids[i], n->vars[i]->reg);
	for (uint32_t i = 0; i < n->nvars; i++) {
		struct func *f = n->kids[i]->fn;

		for (uint32_t j = 0; j < n->nvars; j++)
			for (uint32_t k = 0; k < f->caps.n; k++)
				if (f->caps.at[k] == n->vars[j])
					gen_emit(g, OP_PATCH, n->at, n->vars[i]->reg, k,
					     n->vars[j]->reg);
	}
	gen_node(g, n->kids[n->nvars], ctx, dst);
	if (ctx != CTX_TAIL)
		g->f->top = top;
	g->f->top = top;
}

/* ---- bindings ----------------------------------------------------------------------- */

void
gen_unbind_to(struct gen *g, uint32_t depth, span at)
{
	if (g->f->bindings > depth)
		gen_emit_d(g, OP_UNBIND, at, 0, (int32_t)(g->f->bindings - depth));
}

/* A body after special bindings: its tail is not the function's. */
void
gen_bound_body(struct gen *g, struct node *body, uint32_t depth, enum ctx ctx, uint16_t dst)
{
	uint16_t r;

	if (g->f->bindings == depth) {
		gen_node(g, body, ctx, dst);
		return;
	}
	if (ctx != CTX_TAIL) {
		gen_node(g, body, ctx, dst);
		gen_unbind_to(g, depth, body->at);
		g->f->bindings = depth;
		return;
	}
	r = gen_reg(g);
	gen_node(g, body, CTX_MV, r);
	gen_unbind_to(g, depth, body->at);
	g->f->bindings = depth;
	gen_emit(g, OP_RETMV, body->at, r, 0, 0);
}

static void
gen_let(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, depth = g->f->bindings;

	for (uint32_t i = 0; i < n->nvars; i++) {
		n->vars[i]->reg = gen_reg(g);
		gen_node(g, n->kids[i], CTX_VALUE, n->vars[i]->reg);
		if (n->index)		/* let*: visible at once */
			gen_enter_var(g, n->vars[i], n->at);
	}
	for (uint32_t i = 0; i < n->nvars && !n->index; i++)
		gen_enter_var(g, n->vars[i], n->at);
	gen_bound_body(g, n->kids[n->nvars], depth, ctx, dst);
	g->f->top = top;
}

static void
gen_mvbind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, depth = g->f->bindings;
	uint16_t base;

	n->vars[0]->reg = base = gen_reg(g);
	gen_node(g, n->kids[0], CTX_MV, base);
	for (uint32_t i = 1; i < n->nvars; i++)
		n->vars[i]->reg = gen_reg(g);
	gen_emit(g, OP_SPREAD, n->at, base, n->nvars, 0);
	for (uint32_t i = 0; i < n->nvars; i++)
		gen_enter_var(g, n->vars[i], n->at);
	gen_bound_body(g, n->kids[1], depth, ctx, dst);
	g->f->top = top;
}

/* ---- the rest ----------------------------------------------------------------------- */

static void
gen_const(struct gen *g, value v, uint16_t dst, span at)
{
	if (v == NIL)
		gen_emit(g, OP_NIL, at, dst, 0, 0);
	else if (is_fixnum(v) && fixnum(v) == (int32_t)fixnum(v))
		gen_emit_d(g, OP_FIX, at, dst, (int32_t)fixnum(v));
	else
		gen_emit_d(g, OP_CONST, at, dst, gen_constant(g, v));
}

static void
gen_assign(struct gen *g, struct node *n, uint16_t dst, bool wanted)
{
	uint32_t top = g->f->top;
	struct node *v = n->kids[0];
	uint16_t r;

	if (n->kind == N_SETLOCAL && n->var->owner == g->f && !boxed(n->var) &&
	    (v->kind == N_PRIM || v->kind == N_CONST || v->kind == N_LOCAL) &&
	    !(v->kind == N_PRIM && (is_test(v->op) || v->op == OP_GETHASH ||
				    v->op == OP_PUTHASH))) {
		gen_node(g, v, CTX_VALUE, n->var->reg);
		r = n->var->reg;
	} else {
		r = gen_any(g, v, NULL);
		if (n->kind == N_SETLOCAL)
			store_var(g, n->var, r, n->at);
		else
			gen_emit_d(g, OP_SETGLOBAL, n->at, r, gen_constant(g, n->v));
	}
	if (wanted && r != dst)
		gen_emit(g, OP_MOVE, n->at, dst, r, 0);
	g->f->top = top;
}

/* A node with one value, to dst. */
static void
gen_value(struct gen *g, struct node *n, uint16_t dst)
{
	switch (n->kind) {
	case N_CONST: gen_const(g, n->v, dst, n->at); break;
	case N_LOCAL: gen_load_var(g, n->var, dst, n->at); break;
	case N_GLOBAL: gen_emit_d(g, OP_GLOBAL, n->at, dst, gen_constant(g, n->v)); break;
	case N_FUNCTION: gen_emit_d(g, OP_FUNCTION, n->at, dst, gen_constant(g, n->v)); break;
	case N_SETLOCAL: case N_SETGLOBAL: gen_assign(g, n, dst, true); break;
	case N_LAMBDA: gen_lambda(g, n, dst); break;
	case N_PRIM: gen_prim(g, n, dst); break;
	case N_TEMPLATE: gen_template(g, n, dst); break;
	default: gen_emit_d(g, OP_HOST, n->at, dst, gen_constant(g, n->v)); break;
	}
}

static void
gen_single(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;

	if (ctx == CTX_EFFECT) {
		if (n->kind == N_CONST || n->kind == N_LOCAL)
			return;
		if (n->kind == N_SETLOCAL || n->kind == N_SETGLOBAL) {
			gen_assign(g, n, 0, false);
			return;
		}
	}
	if (ctx == CTX_TAIL && plain_local(g, n))
		dst = n->var->reg;
	else if (ctx == CTX_TAIL || ctx == CTX_EFFECT)
		dst = gen_reg(g);
	if (n->kind == N_PRIM && n->op == OP_PUTHASH)
		gen_hash(g, n, dst, ctx != CTX_EFFECT);
	else
		gen_value(g, n, dst);
	if (n->kind == N_PRIM && n->op == OP_GETHASH && ctx == CTX_TAIL)
		gen_emit(g, OP_RETMV, n->at, dst, 0, 0);
	else if (!(n->kind == N_PRIM && n->op == OP_GETHASH && ctx == CTX_MV))
		gen_finish(g, ctx, dst, n->at);
	g->f->top = top;
}

void
gen_node(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	switch (n->kind) {
	case N_IF: gen_if(g, n, ctx, dst); break;
	case N_AND: case N_OR: gen_and_or(g, n, ctx, dst); break;
	case N_PROGN: gen_progn(g, n, ctx, dst); break;
	case N_LET: gen_let(g, n, ctx, dst); break;
	case N_LETREC: gen_letrec(g, n, ctx, dst); break;
	case N_CALL: case N_CALLG: case N_APPLY: gen_call(g, n, ctx, dst); break;
	case N_BLOCK: gen_block(g, n, ctx, dst); break;
	case N_RETURN: gen_return(g, n); break;
	case N_TAGBODY:
		gen_tagbody(g, n);
		if (ctx != CTX_EFFECT)
			gen_node(g, node_const(g->c, NIL, n->at), ctx, dst);
		break;
	case N_GO: gen_go(g, n); break;
	case N_CATCH: gen_catch(g, n, ctx, dst); break;
	case N_THROW: gen_throw(g, n); break;
	case N_UNWIND: gen_unwind(g, n, ctx, dst); break;
	case N_CASE: gen_case(g, n, ctx, dst); break;
	case N_BIND: gen_handler_bind(g, n, ctx, dst); break;
	case N_VALUES: gen_values(g, n, ctx, dst); break;
	case N_MVBIND: gen_mvbind(g, n, ctx, dst); break;
	case N_MVLIST: case N_MVPROG1: gen_mvlist(g, n, ctx, dst); break;
	default: gen_single(g, n, ctx, dst); break;
	}
}

/* ---- functions ---------------------------------------------------------------------- */

/* A parameter that may be missing: its default, and whether it was supplied. */
static void
gen_param(struct gen *g, const struct param *p, span at)
{
	struct label given = gen_label();

	if (p->supplied)
		gen_emit(g, OP_SUPPLIED, at, p->supplied->reg, p->var->reg, 0);
	gen_emit_d(g, OP_JSUPPLIED, at, p->var->reg, 0);
	gen_jump_to(g, &given);
	if (p->init)
		gen_node(g, p->init, CTX_VALUE, p->var->reg);
	else
		gen_emit(g, OP_NIL, at, p->var->reg, 0, 0);
	gen_place(g, &given);
	gen_enter_var(g, p->var, at);
	if (p->supplied)
		gen_enter_var(g, p->supplied, at);
}

static void
gen_params(struct gen *g)
{
	struct func *f = g->f;

	for (uint32_t i = 0; i < f->req.n; i++)
		f->req.at[i]->reg = gen_reg(g);
	for (uint32_t i = 0; i < f->opt.n; i++)
		f->opt.at[i].var->reg = gen_reg(g);
	if (f->rest)
		f->rest->reg = gen_reg(g);
	for (uint32_t i = 0; i < f->key.n; i++)
		f->key.at[i].var->reg = gen_reg(g);
	for (uint32_t i = 0; i < f->opt.n; i++)
		if (f->opt.at[i].supplied)
			f->opt.at[i].supplied->reg = gen_reg(g);
	for (uint32_t i = 0; i < f->key.n; i++)
		if (f->key.at[i].supplied)
			f->key.at[i].supplied->reg = gen_reg(g);
	for (uint32_t i = 0; i < f->req.n; i++)
		gen_enter_var(g, f->req.at[i], f->at);
	for (uint32_t i = 0; i < f->opt.n; i++)
		gen_param(g, &f->opt.at[i], f->at);
	if (f->rest)
		gen_enter_var(g, f->rest, f->at);
	for (uint32_t i = 0; i < f->key.n; i++)
		gen_param(g, &f->key.at[i], f->at);
}

/* One block holds instructions, spans, constants and keyword parameters. */
static struct code *
code_new(struct compiler *c, const struct func *f)
{
	size_t ni = f->insns.n * sizeof(struct insn), ns = f->spans.n * sizeof(span);
	size_t nc = f->consts.n * sizeof(value), nk = f->key.n * sizeof(struct key_arg);
	size_t size = ni + nc + nk + ns;
	struct code *code;
	char *mem = heap_payload(c->l, NULL, 0, size);

	if (!mem)
		comp_error(c, f->at, "no memory left for compiled code");
	code = heap_cell(c->l, heap_class(sizeof *code));
	*code = (struct code){
		.header = OBJ_CODE | c->l->heap.live, .name = f->name, .at = f->at,
		.ninsns = f->insns.n, .nconsts = f->consts.n, .mem = mem, .mem_size = size,
		.nregs = (uint16_t)(f->nregs + 1), .nreq = (uint16_t)f->req.n,
		.nopt = (uint16_t)f->opt.n, .nkeys = (uint16_t)f->key.n,
		.rest = f->rest ? (int16_t)f->rest->reg : -1, .has_keys = f->has_keys,
		.allow_other = f->allow_other,
	};
	code->exact = f->opt.n || f->rest || f->has_keys ? UINT32_MAX : f->req.n;
	code->insns = memcpy(mem, f->insns.at, ni);
	code->consts = (void *)(mem + ni);
	if (nc)
		memcpy(code->consts, f->consts.at, nc);
	code->keys = (void *)(mem + ni + nc);
	for (uint32_t i = 0; i < f->key.n; i++)
		code->keys[i] = (struct key_arg){f->key.at[i].key, f->key.at[i].var->reg};
	code->spans = memcpy(mem + ni + nc + nk, f->spans.at, ns);
	return code;
}

struct code *
generate(struct compiler *c, struct func *f)
{
	struct gen g = {c, f};

	f->protect = 0;
	gen_params(&g);
	gen_node(&g, f->body, CTX_TAIL, 0);
	return code_new(c, f);
}
