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
#include "lang/compiler.h"

#include <stdlib.h>

enum { MAX_REGS = 60000 };

struct gen {
	struct compiler *c;
	struct func *f;
};

static void gen(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst);

/* ---- emitting ----------------------------------------------------------------------------- */

static struct insn *
emit(struct gen *g, enum op op, span at, uint32_t a, uint32_t b, uint32_t c)
{
	struct insn i = {.op = (uint16_t)op, .a = (uint16_t)a};

	i.b = (uint16_t)b;
	i.c = (uint16_t)c;
	vec_push(g->c->a, &g->f->insns, i);
	vec_push(g->c->a, &g->f->spans, at);
	return vec_last(&g->f->insns);
}

static void
emit_d(struct gen *g, enum op op, span at, uint32_t a, int32_t d)
{
	emit(g, op, at, a, 0, 0)->d = d;
}

static int32_t
constant(struct gen *g, value v)
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

static uint16_t
push_reg(struct gen *g)
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
static void
jump_to(struct gen *g, struct label *l)
{
	uint32_t at = g->f->insns.n - 1;

	if (l->at >= 0)
		patch(g, at, l->at);
	else
		vec_push(g->c->a, &l->from, at);
}

static void
place(struct gen *g, struct label *l)
{
	l->at = (int32_t)g->f->insns.n;
	for (uint32_t i = 0; i < l->from.n; i++)
		patch(g, l->from.at[i], l->at);
}

static struct label
label_new(void)
{
	return (struct label){.at = -1};
}

static void
jump(struct gen *g, span at, struct label *l)
{
	emit_d(g, l->at >= 0 ? OP_LOOP : OP_JMP, at, 0, 0);
	jump_to(g, l);
}

/* A value is in dst: finish as the context asks. */
static void
finish(struct gen *g, enum ctx ctx, uint16_t dst, span at)
{
	if (ctx == CTX_TAIL)
		emit(g, OP_RET, at, dst, 0, 0);
	else if (ctx == CTX_MV)
		emit(g, OP_SINGLE, at, 0, 0, 0);
}

/* ---- variables ------------------------------------------------------------------------------ */

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

static void
load_var(struct gen *g, const struct var *v, uint16_t dst, span at)
{
	if (v->owner != g->f)
		emit(g, boxed(v) ? OP_CAPBOX : OP_CAPTURE, at, dst,
		     capture_index(g->f, v), 0);
	else if (boxed(v))
		emit(g, OP_GETBOX, at, dst, v->reg, 0);
	else if (v->reg != dst)
		emit(g, OP_MOVE, at, dst, v->reg, 0);
}

static void
store_var(struct gen *g, const struct var *v, uint16_t src, span at)
{
	if (v->owner != g->f)
		emit(g, OP_SETCAPBOX, at, capture_index(g->f, v), src, 0);
	else if (boxed(v))
		emit(g, OP_SETBOX, at, v->reg, src, 0);
	else if (v->reg != src)
		emit(g, OP_MOVE, at, v->reg, src, 0);
}

/* A variable's value has just arrived in its register. */
static void
enter_var(struct gen *g, struct var *v, span at)
{
	if (v->special) {
		emit_d(g, OP_BIND, at, v->reg, constant(g, v->sym));
		g->f->bindings++;
	} else if (boxed(v)) {
		emit(g, OP_MKBOX, at, v->reg, 0, 0);
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
	r = push_reg(g);
	gen(g, n, CTX_VALUE, r);
	return r;
}

static bool
small_int(const struct node *n)
{
	return n->kind == N_CONST && is_fixnum(n->v) && fixnum(n->v) >= -32000 &&
	       fixnum(n->v) <= 32000;
}

/* ---- primitives ---------------------------------------------------------------------------------- */

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
		emit(g, op - OP_JLT + OP_JLTI, n->at, ra, (uint16_t)fixnum(b->v), 0);
	} else if (op <= OP_JNE && (b->kind == N_CONST && b->v == NIL)) {
		ra = gen_any(g, a, NULL);
		emit_d(g, op == OP_JEQ ? OP_JNIL : OP_JNNIL, n->at, ra, 0);
	} else {
		ra = gen_any(g, a, b);
		rb = gen_any(g, b, NULL);
		emit(g, op, n->at, ra, rb, 0);
	}
	g->f->top = top;
	jump_to(g, l);
}

/* Jump to l when n is true (sense) or false (not sense); else fall through. */
static void
gen_test(struct gen *g, struct node *n, bool sense, struct label *l)
{
	uint32_t top = g->f->top;
	uint16_t r;

	if (n->kind == N_CONST) {
		if ((n->v != NIL) == sense)
			jump(g, n->at, l);
		return;
	}
	if (n->kind == N_AND || n->kind == N_OR) {
		bool stop = n->kind == N_OR;	/* the truth that decides at once */
		struct label skip = label_new();

		for (uint32_t i = 0; i + 1 < n->nkids; i++)
			gen_test(g, n->kids[i], stop, stop == sense ? l : &skip);
		gen_test(g, n->kids[n->nkids - 1], sense, l);
		place(g, &skip);
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
		emit_d(g, sense ? n->op : negated(n->op), n->at, r, 0);
	} else {
		r = gen_any(g, n, NULL);
		emit_d(g, sense ? OP_JNNIL : OP_JNIL, n->at, r, 0);
	}
	g->f->top = top;
	jump_to(g, l);
}

/* (gethash key table [default]), ((setf gethash) value key table [default]) */
static void
gen_hash(struct gen *g, struct node *n, uint16_t dst)
{
	uint32_t top = g->f->top, first = n->op == OP_PUTHASH;
	uint16_t r[4];

	for (uint32_t i = 0; i < n->nkids; i++) {
		r[i] = push_reg(g);
		gen(g, n->kids[i], CTX_VALUE, r[i]);
	}
	if (n->op == OP_PUTHASH) {
		emit(g, OP_PUTHASH, n->at, r[0], r[1], r[2]);
		emit(g, OP_MOVE, n->at, dst, r[0], 0);
	} else {
		if (n->nkids > 2)
			emit(g, OP_MOVE, n->at, dst, r[2], 0);
		else
			emit(g, OP_NIL, n->at, dst, 0, 0);
		emit(g, OP_GETHASH, n->at, dst, r[first], r[first + 1]);
	}
	g->f->top = top;
}

static void
gen_prim(struct gen *g, struct node *n, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t a, b;

	if (n->op == OP_GETHASH || n->op == OP_PUTHASH) {
		gen_hash(g, n, dst);
		return;
	}

	if (is_test(n->op) && n->op != OP_NOT && n->op != OP_EQ) {
		struct label no = label_new(), end = label_new();

		gen_test(g, n, false, &no);
		emit_d(g, OP_CONST, n->at, dst, constant(g, T));
		jump(g, n->at, &end);
		place(g, &no);
		emit(g, OP_NIL, n->at, dst, 0, 0);
		place(g, &end);
		return;
	}
	if ((n->op == OP_ADD || n->op == OP_SUB) && small_int(n->kids[1])) {
		int64_t i = fixnum(n->kids[1]->v);

		a = gen_any(g, n->kids[0], NULL);
		emit(g, OP_ADDI, n->at, dst, a, (uint16_t)(n->op == OP_ADD ? i : -i));
	} else if (n->op == OP_ADD && small_int(n->kids[0])) {
		a = gen_any(g, n->kids[1], NULL);
		emit(g, OP_ADDI, n->at, dst, a, (uint16_t)fixnum(n->kids[0]->v));
	} else if (n->nkids == 1) {
		a = gen_any(g, n->kids[0], NULL);
		emit(g, n->op, n->at, dst, a, 0);
	} else {
		a = gen_any(g, n->kids[0], n->kids[1]);
		b = gen_any(g, n->kids[1], NULL);
		emit(g, n->op, n->at, dst, a, b);
	}
	g->f->top = top;
}

/* ---- calls --------------------------------------------------------------------------------------- */

/* The register a call's window starts at: dst when that is on top, else a new one. */
static uint16_t
window(struct gen *g, uint16_t dst)
{
	if (dst + 1u == g->f->top)
		return dst;
	return push_reg(g);
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
		emit(g, OP_RETMV, at, base, 0, 0);
	else if (base != dst && ctx != CTX_EFFECT)
		emit(g, OP_MOVE, at, dst, base, 0);
}

static void
gen_call(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, first = n->kind == N_CALLG ? 0 : 1;
	uint16_t base = ctx == CTX_TAIL || ctx == CTX_EFFECT ? push_reg(g) : window(g, dst);
	uint32_t nargs = n->nkids - first;
	bool tail = can_tail(g, ctx);

	if (first)
		gen(g, n->kids[0], CTX_VALUE, base);
	for (uint32_t i = first; i < n->nkids; i++)
		gen(g, n->kids[i], CTX_VALUE, push_reg(g));
	if (n->kind == N_CALLG)
		emit(g, tail ? OP_TCALLG : OP_CALLG, n->at, base, nargs,
		     (uint32_t)constant(g, n->v));
	else if (n->kind == N_APPLY)
		emit(g, OP_APPLY, n->at, base, nargs, 0);
	else
		emit(g, tail ? OP_TCALL : OP_CALL, n->at, base, nargs, 0);
	g->f->top = top;
	if (!tail || n->kind == N_APPLY)
		after_call(g, ctx, base, dst, n->at);
}

/* ---- closures -------------------------------------------------------------------------------------- */

static void
gen_lambda(struct gen *g, struct node *n, uint16_t dst)
{
	struct code *code = generate(g->c, n->fn);

	emit_d(g, OP_CLOSURE, n->at, dst, constant(g, (value)(uintptr_t)code));
	for (uint32_t i = 0; i < n->fn->caps.n; i++) {
		const struct var *v = n->fn->caps.at[i];
		bool outer = v->owner != g->f;

		emit(g, OP_EXT, n->at, outer, outer ? capture_index(g->f, v) : v->reg, 0);
	}
}

/* labels: closures first, then each learns those it captured before they existed. */
static void
gen_letrec(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;

	for (uint32_t i = 0; i < n->nvars; i++) {
		n->vars[i]->reg = push_reg(g);
		emit(g, OP_NIL, n->at, n->vars[i]->reg, 0, 0);
	}
	for (uint32_t i = 0; i < n->nvars; i++)
		gen_lambda(g, n->kids[i], n->vars[i]->reg);
	for (uint32_t i = 0; i < n->nvars; i++) {
		struct func *f = n->kids[i]->fn;

		for (uint32_t j = 0; j < n->nvars; j++)
			for (uint32_t k = 0; k < f->caps.n; k++)
				if (f->caps.at[k] == n->vars[j])
					emit(g, OP_PATCH, n->at, n->vars[i]->reg, k,
					     n->vars[j]->reg);
	}
	gen(g, n->kids[n->nvars], ctx, dst);
	if (ctx != CTX_TAIL)
		g->f->top = top;
	g->f->top = top;
}

/* ---- bindings --------------------------------------------------------------------------------------- */

static void
unbind_to(struct gen *g, uint32_t depth, span at)
{
	if (g->f->bindings > depth)
		emit_d(g, OP_UNBIND, at, 0, (int32_t)(g->f->bindings - depth));
}

/* A body after special bindings: its tail is not the function's. */
static void
gen_bound_body(struct gen *g, struct node *body, uint32_t depth, enum ctx ctx, uint16_t dst)
{
	uint16_t r;

	if (g->f->bindings == depth) {
		gen(g, body, ctx, dst);
		return;
	}
	if (ctx != CTX_TAIL) {
		gen(g, body, ctx, dst);
		unbind_to(g, depth, body->at);
		g->f->bindings = depth;
		return;
	}
	r = push_reg(g);
	gen(g, body, CTX_MV, r);
	unbind_to(g, depth, body->at);
	g->f->bindings = depth;
	emit(g, OP_RETMV, body->at, r, 0, 0);
}

static void
gen_let(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, depth = g->f->bindings;

	for (uint32_t i = 0; i < n->nvars; i++) {
		n->vars[i]->reg = push_reg(g);
		gen(g, n->kids[i], CTX_VALUE, n->vars[i]->reg);
		if (n->index)		/* let*: visible at once */
			enter_var(g, n->vars[i], n->at);
	}
	for (uint32_t i = 0; i < n->nvars && !n->index; i++)
		enter_var(g, n->vars[i], n->at);
	gen_bound_body(g, n->kids[n->nvars], depth, ctx, dst);
	g->f->top = top;
}

static void
gen_mvbind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, depth = g->f->bindings;
	uint16_t base;

	n->vars[0]->reg = base = push_reg(g);
	gen(g, n->kids[0], CTX_MV, base);
	for (uint32_t i = 1; i < n->nvars; i++)
		n->vars[i]->reg = push_reg(g);
	emit(g, OP_SPREAD, n->at, base, n->nvars, 0);
	for (uint32_t i = 0; i < n->nvars; i++)
		enter_var(g, n->vars[i], n->at);
	gen_bound_body(g, n->kids[1], depth, ctx, dst);
	g->f->top = top;
}

/* ---- control ----------------------------------------------------------------------------------------- */

/* A jump to a tag of this function with nothing to undo? */
static bool
plain_go(struct gen *g, const struct node *n)
{
	return n->kind == N_GO && n->block->owner == g->f && !n->block->dynamic &&
	       n->block->bindings == g->f->bindings && n->block->handlers == g->f->handlers;
}

static void
gen_if(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct label no = label_new(), end = label_new();

	if (plain_go(g, n->kids[1]) && ctx == CTX_EFFECT) {
		struct label *target = &n->kids[1]->block->labels[n->kids[1]->index];

		if (target->at >= 0) {	/* backwards: the jump must be a safe point */
			gen_test(g, n->kids[0], false, &no);
			jump(g, n->at, target);
			place(g, &no);
		} else {
			gen_test(g, n->kids[0], true, target);
		}
		gen(g, n->kids[2], ctx, dst);
		return;
	}
	gen_test(g, n->kids[0], false, &no);
	gen(g, n->kids[1], ctx, dst);
	if (ctx == CTX_EFFECT && n->kids[2]->kind == N_CONST) {
		place(g, &no);
		return;
	}
	if (ctx != CTX_TAIL)
		jump(g, n->at, &end);
	place(g, &no);
	gen(g, n->kids[2], ctx, dst);
	place(g, &end);
}

static void
gen_and_or(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct label end = label_new();
	uint32_t top = g->f->top;
	uint16_t r = ctx == CTX_TAIL || ctx == CTX_EFFECT ? push_reg(g) : dst;

	for (uint32_t i = 0; i + 1 < n->nkids; i++) {
		gen(g, n->kids[i], CTX_VALUE, r);
		emit_d(g, n->kind == N_AND ? OP_JNIL : OP_JNNIL, n->at, r, 0);
		jump_to(g, &end);
	}
	/* The last form keeps its values; the early ways out have one. */
	if (ctx == CTX_TAIL || ctx == CTX_MV) {
		struct label over = label_new();

		gen(g, n->kids[n->nkids - 1], ctx, r);
		if (ctx == CTX_MV)
			jump(g, n->at, &over);
		place(g, &end);
		finish(g, ctx, r, n->at);
		place(g, &over);
	} else {
		gen(g, n->kids[n->nkids - 1], ctx, r);
		place(g, &end);
	}
	g->f->top = top;
}

static void
gen_progn(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	for (uint32_t i = 0; i + 1 < n->nkids; i++)
		gen(g, n->kids[i], CTX_EFFECT, 0);
	gen(g, n->kids[n->nkids - 1], ctx, dst);
}

/* An instruction that pushes a handler, with its landing label in the EXT after it. */
static void
push_handler(struct gen *g, enum op op, uint32_t a, uint32_t b, span at, struct label *landing)
{
	emit(g, op, at, a, b, 0);
	emit_d(g, OP_EXT, at, 0, 0);
	jump_to(g, landing);
	g->f->handlers++;
}

static void
pop_handlers(struct gen *g, uint32_t n, span at)
{
	emit_d(g, OP_POP, at, 0, (int32_t)n);
	g->f->handlers -= n;
}

static void
gen_block(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct block *b = n->block;
	struct label landing = label_new();
	uint32_t top = g->f->top;
	enum ctx inner = ctx == CTX_EFFECT ? CTX_VALUE : ctx;

	if (ctx == CTX_EFFECT || (ctx == CTX_TAIL && b->dynamic))
		dst = push_reg(g);
	if (b->dynamic) {
		if (ctx == CTX_TAIL)
			inner = CTX_MV;
		b->tag->reg = push_reg(g);
		push_handler(g, OP_PUSHEXIT, b->tag->reg, dst, n->at, &landing);
	}
	b->ctx = inner;
	b->dst = dst;
	b->bindings = g->f->bindings;
	b->handlers = g->f->handlers;
	b->end = label_new();
	gen(g, n->kids[0], inner, dst);
	place(g, &b->end);
	if (b->dynamic) {
		pop_handlers(g, 1, n->at);
		place(g, &landing);
		if (ctx == CTX_TAIL)
			emit(g, OP_RETMV, n->at, dst, 0, 0);
	}
	g->f->top = top;
}

static void
gen_return(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	uint32_t top = g->f->top, bindings = g->f->bindings, handlers = g->f->handlers;
	uint16_t r, tag;

	if (b->owner != g->f || n->block->protect != g->f->protect) {
		tag = push_reg(g);
		load_var(g, b->tag, tag, n->at);
		r = push_reg(g);
		gen(g, n->kids[0], CTX_MV, r);
		emit(g, OP_EXIT, n->at, tag, r, 0);
	} else if (b->ctx == CTX_TAIL && bindings == 0 && handlers == 0) {
		gen(g, n->kids[0], CTX_TAIL, 0);
	} else {
		r = push_reg(g);
		gen(g, n->kids[0], b->ctx == CTX_VALUE ? CTX_VALUE : CTX_MV, r);
		unbind_to(g, b->bindings, n->at);
		if (handlers > b->handlers)
			emit_d(g, OP_POP, n->at, 0, (int32_t)(handlers - b->handlers));
		if (b->ctx == CTX_TAIL) {
			emit(g, OP_RETMV, n->at, r, 0, 0);
		} else {
			emit(g, OP_MOVE, n->at, b->dst, r, 0);
			jump(g, n->at, &b->end);
		}
	}
	g->f->top = top;
}

static void
gen_tagbody(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	struct label landing = label_new(), end = label_new();
	uint32_t top = g->f->top, t = 0;
	uint16_t which = 0;

	if (b->dynamic) {
		which = push_reg(g);
		b->tag->reg = push_reg(g);
		push_handler(g, OP_PUSHEXIT, b->tag->reg, which, n->at, &landing);
	}
	b->bindings = g->f->bindings;
	b->handlers = g->f->handlers;
	for (uint32_t i = 0; i < b->ntags; i++)
		b->labels[i] = label_new();
	for (uint32_t i = 0; i <= n->nkids; i++) {
		for (; t < b->ntags && n->positions[t] == i; t++)
			place(g, &b->labels[t]);
		if (i < n->nkids)
			gen(g, n->kids[i], CTX_EFFECT, 0);
	}
	if (b->dynamic) {
		pop_handlers(g, 1, n->at);
		jump(g, n->at, &end);
		place(g, &landing);
		/* Landing took the handler away: put it back for the next `go`. */
		push_handler(g, OP_PUSHEXIT, b->tag->reg, which, n->at, &landing);
		vec_last(&g->f->insns)[-1].c = 1;	/* under its old number */
		for (uint32_t i = 0; i < b->ntags; i++) {
			struct label no = label_new();

			emit(g, OP_JNUMNEI, n->at, which, i, 0);
			jump_to(g, &no);
			jump(g, n->at, &b->labels[i]);
			place(g, &no);
		}
		g->f->handlers--;
		place(g, &end);
	}
	g->f->top = top;
}

static void
gen_go(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	uint32_t top = g->f->top;
	uint16_t tag, r;

	if (b->owner != g->f || b->protect != g->f->protect) {
		tag = push_reg(g);
		load_var(g, b->tag, tag, n->at);
		r = push_reg(g);
		emit_d(g, OP_FIX, n->at, r, (int32_t)n->index);
		emit(g, OP_SINGLE, n->at, 0, 0, 0);
		emit(g, OP_EXIT, n->at, tag, r, 0);
		g->f->top = top;
		return;
	}
	unbind_to(g, b->bindings, n->at);
	if (g->f->handlers > b->handlers)
		emit_d(g, OP_POP, n->at, 0, (int32_t)(g->f->handlers - b->handlers));
	jump(g, n->at, &b->labels[n->index]);
}

/* ---- handlers ------------------------------------------------------------------------------------------ */

/* Forms evaluated under a handler give their values in MV context to a register of their own
 * when the caller wants them all. */
static enum ctx
protected_ctx(enum ctx ctx)
{
	return ctx == CTX_TAIL ? CTX_MV : ctx == CTX_EFFECT ? CTX_VALUE : ctx;
}

static uint16_t
protected_dst(struct gen *g, enum ctx ctx, uint16_t dst)
{
	return ctx == CTX_TAIL || ctx == CTX_EFFECT ? push_reg(g) : dst;
}

static void
protected_end(struct gen *g, enum ctx ctx, uint16_t r, span at)
{
	if (ctx == CTX_TAIL)
		emit(g, OP_RETMV, at, r, 0, 0);
}

static void
gen_catch(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = label_new();
	uint16_t r = protected_dst(g, ctx, dst), tag = push_reg(g);

	gen(g, n->kids[0], CTX_VALUE, tag);
	push_handler(g, OP_PUSHCATCH, tag, r, n->at, &landing);
	gen(g, n->kids[1], protected_ctx(ctx), r);
	pop_handlers(g, 1, n->at);
	place(g, &landing);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

static void
gen_throw(struct gen *g, struct node *n)
{
	uint32_t top = g->f->top;
	uint16_t tag = push_reg(g), r = push_reg(g);

	gen(g, n->kids[0], CTX_VALUE, tag);
	gen(g, n->kids[1], CTX_MV, r);
	emit(g, OP_THROW, n->at, tag, r, 0);
	g->f->top = top;
}

static void
gen_unwind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = label_new();
	enum ctx inner = protected_ctx(ctx);
	uint16_t r = protected_dst(g, ctx, dst), pending = push_reg(g), list;

	push_reg(g);
	push_reg(g);
	list = push_reg(g);
	emit(g, OP_NIL, n->at, list, 0, 0);
	push_handler(g, OP_PUSHUNWIND, pending, 0, n->at, &landing);
	g->f->protect++;
	gen(g, n->kids[0], inner, r);
	g->f->protect--;
	if (inner == CTX_MV) {
		emit(g, OP_MOVE, n->at, list, r, 0);
		emit(g, OP_MVLIST, n->at, list, 0, 0);
	}
	pop_handlers(g, 1, n->at);
	place(g, &landing);
	gen(g, n->kids[1], CTX_EFFECT, 0);
	emit(g, OP_RESUME, n->at, pending, 0, 0);
	if (inner == CTX_MV)
		emit(g, OP_MVUNLIST, n->at, r, list, 0);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

static void
gen_case(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = label_new(), end = label_new();
	enum ctx inner = protected_ctx(ctx);
	uint16_t r = protected_dst(g, ctx, dst), cond = push_reg(g);

	push_reg(g);
	push_handler(g, OP_PUSHCASE, cond, (uint32_t)constant(g, n->v), n->at, &landing);
	gen(g, n->kids[0], inner, r);
	pop_handlers(g, 1, n->at);
	jump(g, n->at, &end);
	place(g, &landing);
	for (uint32_t i = 1; i < n->nkids; i++) {
		struct label next = label_new();

		emit(g, OP_JNUMNEI, n->at, cond + 1u, i - 1, 0);
		jump_to(g, &next);
		n->vars[i]->reg = push_reg(g);
		emit(g, OP_MOVE, n->at, n->vars[i]->reg, cond, 0);
		enter_var(g, n->vars[i], n->at);
		gen(g, n->kids[i], inner, r);
		jump(g, n->at, &end);
		place(g, &next);
	}
	place(g, &end);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

static void
gen_handler_bind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, count = n->nkids - 1;
	uint16_t r = protected_dst(g, ctx, dst), base = (uint16_t)g->f->top;
	value types = n->v;

	for (uint32_t i = 0; i < count; i++)
		gen(g, n->kids[i], CTX_VALUE, push_reg(g));
	/* Types were collected backwards: the first handler ends up on top. */
	for (uint32_t i = count; i-- > 0; types = cdr(types)) {
		emit_d(g, OP_PUSHBIND, n->at, base + i, constant(g, car(types)));
		g->f->handlers++;
	}
	gen(g, n->kids[count], protected_ctx(ctx), r);
	pop_handlers(g, count, n->at);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

/* ---- values and templates ---------------------------------------------------------------------------------- */

static void
gen_values(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t base;

	if (ctx == CTX_VALUE || ctx == CTX_EFFECT) {
		if (n->nkids == 0)
			emit(g, OP_NIL, n->at, ctx == CTX_VALUE ? dst : push_reg(g), 0, 0);
		for (uint32_t i = 0; i < n->nkids; i++)
			gen(g, n->kids[i], i ? CTX_EFFECT : ctx, dst);
		g->f->top = top;
		return;
	}
	base = push_reg(g);
	for (uint32_t i = 0; i < n->nkids; i++)
		gen(g, n->kids[i], CTX_VALUE, i ? push_reg(g) : base);
	emit(g, OP_VALUES, n->at, base, n->nkids, 0);
	if (ctx == CTX_TAIL)
		emit(g, OP_RETMV, n->at, base, 0, 0);
	else
		emit(g, OP_MOVE, n->at, dst, base, 0);
	g->f->top = top;
}

static void
gen_mvlist(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t r = push_reg(g), list = push_reg(g);

	if (n->kind == N_MVLIST) {
		gen(g, n->kids[0], CTX_MV, r);
		emit(g, OP_MVLIST, n->at, r, 0, 0);
		if (ctx != CTX_TAIL && ctx != CTX_EFFECT)
			emit(g, OP_MOVE, n->at, dst, r, 0);
		finish(g, ctx, ctx == CTX_TAIL ? r : dst, n->at);
		g->f->top = top;
		return;
	}
	gen(g, n->kids[0], CTX_MV, list);	/* multiple-value-prog1 */
	emit(g, OP_MVLIST, n->at, list, 0, 0);
	gen(g, n->kids[1], CTX_EFFECT, 0);
	emit(g, OP_MVUNLIST, n->at, r, list, 0);
	if (ctx == CTX_TAIL)
		emit(g, OP_RETMV, n->at, r, 0, 0);
	else if (ctx != CTX_EFFECT)
		emit(g, OP_MOVE, n->at, dst, r, 0);
	g->f->top = top;
}

static void
gen_template(struct gen *g, struct node *n, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t head = push_reg(g), r;

	push_reg(g);
	r = push_reg(g);
	emit(g, OP_TNEW, n->at, head, 0, 0);
	for (uint32_t i = 0; i + 1 < n->nkids; i++) {
		gen(g, n->kids[i], CTX_VALUE, r);
		emit(g, n->splice[i] ? OP_TSPLICE : OP_TADD,
		     n->splice[i] ? n->at : n->spans[i], head, r, 0);
	}
	if (n->kids[n->nkids - 1]) {
		gen(g, n->kids[n->nkids - 1], CTX_VALUE, r);
		emit(g, OP_TTAIL, n->at, head, r, 0);
	}
	emit(g, OP_CDR, n->at, dst, head, 0);
	g->f->top = top;
}

/* ---- the rest ----------------------------------------------------------------------------------------------- */

static void
gen_const(struct gen *g, value v, uint16_t dst, span at)
{
	if (v == NIL)
		emit(g, OP_NIL, at, dst, 0, 0);
	else if (is_fixnum(v) && fixnum(v) == (int32_t)fixnum(v))
		emit_d(g, OP_FIX, at, dst, (int32_t)fixnum(v));
	else
		emit_d(g, OP_CONST, at, dst, constant(g, v));
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
		gen(g, v, CTX_VALUE, n->var->reg);
		r = n->var->reg;
	} else {
		r = gen_any(g, v, NULL);
		if (n->kind == N_SETLOCAL)
			store_var(g, n->var, r, n->at);
		else
			emit_d(g, OP_SETGLOBAL, n->at, r, constant(g, n->v));
	}
	if (wanted && r != dst)
		emit(g, OP_MOVE, n->at, dst, r, 0);
	g->f->top = top;
}

/* A node with one value, to dst. */
static void
gen_value(struct gen *g, struct node *n, uint16_t dst)
{
	switch (n->kind) {
	case N_CONST: gen_const(g, n->v, dst, n->at); break;
	case N_LOCAL: load_var(g, n->var, dst, n->at); break;
	case N_GLOBAL: emit_d(g, OP_GLOBAL, n->at, dst, constant(g, n->v)); break;
	case N_FUNCTION: emit_d(g, OP_FUNCTION, n->at, dst, constant(g, n->v)); break;
	case N_SETLOCAL: case N_SETGLOBAL: gen_assign(g, n, dst, true); break;
	case N_LAMBDA: gen_lambda(g, n, dst); break;
	case N_PRIM: gen_prim(g, n, dst); break;
	case N_TEMPLATE: gen_template(g, n, dst); break;
	default: emit_d(g, OP_HOST, n->at, dst, constant(g, n->v)); break;
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
		dst = push_reg(g);
	gen_value(g, n, dst);
	if (n->kind == N_PRIM && n->op == OP_GETHASH && ctx == CTX_TAIL)
		emit(g, OP_RETMV, n->at, dst, 0, 0);
	else if (!(n->kind == N_PRIM && n->op == OP_GETHASH && ctx == CTX_MV))
		finish(g, ctx, dst, n->at);
	g->f->top = top;
}

static void
gen(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
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
			gen(g, node_const(g->c, NIL, n->at), ctx, dst);
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

/* ---- functions ------------------------------------------------------------------------------------------------ */

/* A parameter that may be missing: its default, and whether it was supplied. */
static void
gen_param(struct gen *g, const struct param *p, span at)
{
	struct label given = label_new();

	if (p->supplied)
		emit(g, OP_SUPPLIED, at, p->supplied->reg, p->var->reg, 0);
	emit_d(g, OP_JSUPPLIED, at, p->var->reg, 0);
	jump_to(g, &given);
	if (p->init)
		gen(g, p->init, CTX_VALUE, p->var->reg);
	else
		emit(g, OP_NIL, at, p->var->reg, 0, 0);
	place(g, &given);
	enter_var(g, p->var, at);
	if (p->supplied)
		enter_var(g, p->supplied, at);
}

static void
gen_params(struct gen *g)
{
	struct func *f = g->f;

	for (uint32_t i = 0; i < f->req.n; i++)
		f->req.at[i]->reg = push_reg(g);
	for (uint32_t i = 0; i < f->opt.n; i++)
		f->opt.at[i].var->reg = push_reg(g);
	if (f->rest)
		f->rest->reg = push_reg(g);
	for (uint32_t i = 0; i < f->key.n; i++)
		f->key.at[i].var->reg = push_reg(g);
	for (uint32_t i = 0; i < f->opt.n; i++)
		if (f->opt.at[i].supplied)
			f->opt.at[i].supplied->reg = push_reg(g);
	for (uint32_t i = 0; i < f->key.n; i++)
		if (f->key.at[i].supplied)
			f->key.at[i].supplied->reg = push_reg(g);
	for (uint32_t i = 0; i < f->req.n; i++)
		enter_var(g, f->req.at[i], f->at);
	for (uint32_t i = 0; i < f->opt.n; i++)
		gen_param(g, &f->opt.at[i], f->at);
	if (f->rest)
		enter_var(g, f->rest, f->at);
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
	gen(&g, f->body, CTX_TAIL, 0);
	return code_new(c, f);
}
