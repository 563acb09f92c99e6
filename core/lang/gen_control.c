/* SPDX-License-Identifier: MIT */
/* gen_control.c: branches, blocks, handlers, several values, backquote templates. */
#include "lang/gen.h"

/* ---- control ------------------------------------------------------------------------ */

/* A jump to a tag of this function with nothing to undo? */
static bool
plain_go(struct gen *g, const struct node *n)
{
	return n->kind == N_GO && n->block->owner == g->f && !n->block->dynamic &&
	       n->block->bindings == g->f->bindings && n->block->handlers == g->f->handlers;
}

void
gen_if(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct label no = gen_label(), end = gen_label();

	if (plain_go(g, n->kids[1]) && ctx == CTX_EFFECT) {
		struct label *target = &n->kids[1]->block->labels[n->kids[1]->index];

		if (target->at >= 0) {	/* backwards: the jump must be a safe point */
			gen_test(g, n->kids[0], false, &no);
			gen_jump(g, n->at, target);
			gen_place(g, &no);
		} else {
			gen_test(g, n->kids[0], true, target);
		}
		gen_node(g, n->kids[2], ctx, dst);
		return;
	}
	gen_test(g, n->kids[0], false, &no);
	gen_node(g, n->kids[1], ctx, dst);
	if (ctx == CTX_EFFECT && n->kids[2]->kind == N_CONST) {
		gen_place(g, &no);
		return;
	}
	if (ctx != CTX_TAIL)
		gen_jump(g, n->at, &end);
	gen_place(g, &no);
	gen_node(g, n->kids[2], ctx, dst);
	gen_place(g, &end);
}

void
gen_and_or(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct label end = gen_label();
	uint32_t top = g->f->top;
	uint16_t r = ctx == CTX_TAIL || ctx == CTX_EFFECT ? gen_reg(g) : dst;

	for (uint32_t i = 0; i + 1 < n->nkids; i++) {
		gen_node(g, n->kids[i], CTX_VALUE, r);
		gen_emit_d(g, n->kind == N_AND ? OP_JNIL : OP_JNNIL, n->at, r, 0);
		gen_jump_to(g, &end);
	}
	/* The last form keeps its values; the early ways out have one. */
	if (ctx == CTX_TAIL || ctx == CTX_MV) {
		struct label over = gen_label();

		gen_node(g, n->kids[n->nkids - 1], ctx, r);
		if (ctx == CTX_MV)
			gen_jump(g, n->at, &over);
		gen_place(g, &end);
		gen_finish(g, ctx, r, n->at);
		gen_place(g, &over);
	} else {
		gen_node(g, n->kids[n->nkids - 1], ctx, r);
		gen_place(g, &end);
	}
	g->f->top = top;
}

void
gen_progn(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	for (uint32_t i = 0; i + 1 < n->nkids; i++)
		gen_node(g, n->kids[i], CTX_EFFECT, 0);
	gen_node(g, n->kids[n->nkids - 1], ctx, dst);
}

/* An instruction that pushes a handler, with its landing label in the EXT after it. */
static void
push_handler(struct gen *g, enum op op, uint32_t a, uint32_t b, span at, struct label *landing)
{
	gen_emit(g, op, at, a, b, 0);
	gen_emit_d(g, OP_EXT, at, 0, 0);
	gen_jump_to(g, landing);
	g->f->handlers++;
}

static void
pop_handlers(struct gen *g, uint32_t n, span at)
{
	gen_emit_d(g, OP_POP, at, 0, (int32_t)n);
	g->f->handlers -= n;
}

void
gen_block(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	struct block *b = n->block;
	struct label landing = gen_label();
	uint32_t top = g->f->top;
	enum ctx inner = ctx == CTX_EFFECT ? CTX_VALUE : ctx;

	if (ctx == CTX_EFFECT || (ctx == CTX_TAIL && b->dynamic))
		dst = gen_reg(g);
	if (b->dynamic) {
		if (ctx == CTX_TAIL)
			inner = CTX_MV;
		b->tag->reg = gen_reg(g);
		push_handler(g, OP_PUSHEXIT, b->tag->reg, dst, n->at, &landing);
	}
	b->ctx = inner;
	b->dst = dst;
	b->bindings = g->f->bindings;
	b->handlers = g->f->handlers;
	b->end = gen_label();
	gen_node(g, n->kids[0], inner, dst);
	gen_place(g, &b->end);
	if (b->dynamic) {
		pop_handlers(g, 1, n->at);
		gen_place(g, &landing);
		if (ctx == CTX_TAIL)
			gen_emit(g, OP_RETMV, n->at, dst, 0, 0);
	}
	g->f->top = top;
}

void
gen_return(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	uint32_t top = g->f->top, bindings = g->f->bindings, handlers = g->f->handlers;
	uint16_t r, tag;

	if (b->owner != g->f || n->block->protect != g->f->protect) {
		tag = gen_reg(g);
		gen_load_var(g, b->tag, tag, n->at);
		r = gen_reg(g);
		gen_node(g, n->kids[0], CTX_MV, r);
		gen_emit(g, OP_EXIT, n->at, tag, r, 0);
	} else if (b->ctx == CTX_TAIL && bindings == 0 && handlers == 0) {
		gen_node(g, n->kids[0], CTX_TAIL, 0);
	} else {
		r = gen_reg(g);
		gen_node(g, n->kids[0], b->ctx == CTX_VALUE ? CTX_VALUE : CTX_MV, r);
		gen_unbind_to(g, b->bindings, n->at);
		if (handlers > b->handlers)
			gen_emit_d(g, OP_POP, n->at, 0, (int32_t)(handlers - b->handlers));
		if (b->ctx == CTX_TAIL) {
			gen_emit(g, OP_RETMV, n->at, r, 0, 0);
		} else {
			gen_emit(g, OP_MOVE, n->at, b->dst, r, 0);
			gen_jump(g, n->at, &b->end);
		}
	}
	g->f->top = top;
}

void
gen_tagbody(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	struct label landing = gen_label(), end = gen_label();
	uint32_t top = g->f->top, t = 0;
	uint16_t which = 0;

	if (b->dynamic) {
		which = gen_reg(g);
		b->tag->reg = gen_reg(g);
		push_handler(g, OP_PUSHEXIT, b->tag->reg, which, n->at, &landing);
	}
	b->bindings = g->f->bindings;
	b->handlers = g->f->handlers;
	for (uint32_t i = 0; i < b->ntags; i++)
		b->labels[i] = gen_label();
	for (uint32_t i = 0; i <= n->nkids; i++) {
		for (; t < b->ntags && n->positions[t] == i; t++)
			gen_place(g, &b->labels[t]);
		if (i < n->nkids)
			gen_node(g, n->kids[i], CTX_EFFECT, 0);
	}
	if (b->dynamic) {
		pop_handlers(g, 1, n->at);
		gen_jump(g, n->at, &end);
		gen_place(g, &landing);
		/* Landing took the handler away: put it back for the next `go`. */
		push_handler(g, OP_PUSHEXIT, b->tag->reg, which, n->at, &landing);
		vec_last(&g->f->insns)[-1].c = 1;	/* under its old number */
		for (uint32_t i = 0; i < b->ntags; i++) {
			struct label no = gen_label();

			gen_emit(g, OP_JNUMNEI, n->at, which, i, 0);
			gen_jump_to(g, &no);
			gen_jump(g, n->at, &b->labels[i]);
			gen_place(g, &no);
		}
		g->f->handlers--;
		gen_place(g, &end);
	}
	g->f->top = top;
}

void
gen_go(struct gen *g, struct node *n)
{
	struct block *b = n->block;
	uint32_t top = g->f->top;
	uint16_t tag, r;

	if (b->owner != g->f || b->protect != g->f->protect) {
		tag = gen_reg(g);
		gen_load_var(g, b->tag, tag, n->at);
		r = gen_reg(g);
		gen_emit_d(g, OP_FIX, n->at, r, (int32_t)n->index);
		gen_emit(g, OP_SINGLE, n->at, 0, 0, 0);
		gen_emit(g, OP_EXIT, n->at, tag, r, 0);
		g->f->top = top;
		return;
	}
	gen_unbind_to(g, b->bindings, n->at);
	if (g->f->handlers > b->handlers)
		gen_emit_d(g, OP_POP, n->at, 0, (int32_t)(g->f->handlers - b->handlers));
	gen_jump(g, n->at, &b->labels[n->index]);
}

/* ---- handlers ----------------------------------------------------------------------- */

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
	return ctx == CTX_TAIL || ctx == CTX_EFFECT ? gen_reg(g) : dst;
}

static void
protected_end(struct gen *g, enum ctx ctx, uint16_t r, span at)
{
	if (ctx == CTX_TAIL)
		gen_emit(g, OP_RETMV, at, r, 0, 0);
}

void
gen_catch(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = gen_label();
	uint16_t r = protected_dst(g, ctx, dst), tag = gen_reg(g);

	gen_node(g, n->kids[0], CTX_VALUE, tag);
	push_handler(g, OP_PUSHCATCH, tag, r, n->at, &landing);
	gen_node(g, n->kids[1], protected_ctx(ctx), r);
	pop_handlers(g, 1, n->at);
	gen_place(g, &landing);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

void
gen_throw(struct gen *g, struct node *n)
{
	uint32_t top = g->f->top;
	uint16_t tag = gen_reg(g), r = gen_reg(g);

	gen_node(g, n->kids[0], CTX_VALUE, tag);
	gen_node(g, n->kids[1], CTX_MV, r);
	gen_emit(g, OP_THROW, n->at, tag, r, 0);
	g->f->top = top;
}

void
gen_unwind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = gen_label();
	enum ctx inner = protected_ctx(ctx);
	uint16_t r = protected_dst(g, ctx, dst), pending = gen_reg(g), list;

	gen_reg(g);
	gen_reg(g);
	list = gen_reg(g);
	gen_emit(g, OP_NIL, n->at, list, 0, 0);
	push_handler(g, OP_PUSHUNWIND, pending, 0, n->at, &landing);
	g->f->protect++;
	gen_node(g, n->kids[0], inner, r);
	g->f->protect--;
	if (inner == CTX_MV) {
		gen_emit(g, OP_MOVE, n->at, list, r, 0);
		gen_emit(g, OP_MVLIST, n->at, list, 0, 0);
	}
	pop_handlers(g, 1, n->at);
	gen_place(g, &landing);
	gen_node(g, n->kids[1], CTX_EFFECT, 0);
	gen_emit(g, OP_RESUME, n->at, pending, 0, 0);
	if (inner == CTX_MV)
		gen_emit(g, OP_MVUNLIST, n->at, r, list, 0);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

void
gen_case(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	struct label landing = gen_label(), end = gen_label();
	enum ctx inner = protected_ctx(ctx);
	uint16_t r = protected_dst(g, ctx, dst), cond = gen_reg(g);

	gen_reg(g);
	push_handler(g, OP_PUSHCASE, cond, (uint32_t)gen_constant(g, n->v), n->at, &landing);
	gen_node(g, n->kids[0], inner, r);
	pop_handlers(g, 1, n->at);
	gen_jump(g, n->at, &end);
	gen_place(g, &landing);
	for (uint32_t i = 1; i < n->nkids; i++) {
		struct label next = gen_label();

		gen_emit(g, OP_JNUMNEI, n->at, cond + 1u, i - 1, 0);
		gen_jump_to(g, &next);
		n->vars[i]->reg = gen_reg(g);
		gen_emit(g, OP_MOVE, n->at, n->vars[i]->reg, cond, 0);
		gen_enter_var(g, n->vars[i], n->at);
		gen_node(g, n->kids[i], inner, r);
		gen_jump(g, n->at, &end);
		gen_place(g, &next);
	}
	gen_place(g, &end);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

void
gen_handler_bind(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top, count = n->nkids - 1;
	uint16_t r = protected_dst(g, ctx, dst), base = (uint16_t)g->f->top;
	value types = n->v;

	for (uint32_t i = 0; i < count; i++)
		gen_node(g, n->kids[i], CTX_VALUE, gen_reg(g));
	/* Types were collected backwards: the first handler ends up on top. */
	for (uint32_t i = count; i-- > 0; types = cdr(types)) {
		gen_emit_d(g, OP_PUSHBIND, n->at, base + i, gen_constant(g, car(types)));
		g->f->handlers++;
	}
	gen_node(g, n->kids[count], protected_ctx(ctx), r);
	pop_handlers(g, count, n->at);
	protected_end(g, ctx, r, n->at);
	g->f->top = top;
}

/* ---- values and templates ----------------------------------------------------------- */

void
gen_values(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t base;

	if (ctx == CTX_VALUE || ctx == CTX_EFFECT) {
		if (n->nkids == 0)
			gen_emit(g, OP_NIL, n->at, ctx == CTX_VALUE ? dst : gen_reg(g), 0, 0);
		for (uint32_t i = 0; i < n->nkids; i++)
			gen_node(g, n->kids[i], i ? CTX_EFFECT : ctx, dst);
		g->f->top = top;
		return;
	}
	base = gen_reg(g);
	for (uint32_t i = 0; i < n->nkids; i++)
		gen_node(g, n->kids[i], CTX_VALUE, i ? gen_reg(g) : base);
	gen_emit(g, OP_VALUES, n->at, base, n->nkids, 0);
	if (ctx == CTX_TAIL)
		gen_emit(g, OP_RETMV, n->at, base, 0, 0);
	else
		gen_emit(g, OP_MOVE, n->at, dst, base, 0);
	g->f->top = top;
}

void
gen_mvlist(struct gen *g, struct node *n, enum ctx ctx, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t r = gen_reg(g), list = gen_reg(g);

	if (n->kind == N_MVLIST) {
		gen_node(g, n->kids[0], CTX_MV, r);
		gen_emit(g, OP_MVLIST, n->at, r, 0, 0);
		if (ctx != CTX_TAIL && ctx != CTX_EFFECT)
			gen_emit(g, OP_MOVE, n->at, dst, r, 0);
		gen_finish(g, ctx, ctx == CTX_TAIL ? r : dst, n->at);
		g->f->top = top;
		return;
	}
	gen_node(g, n->kids[0], CTX_MV, list);	/* multiple-value-prog1 */
	gen_emit(g, OP_MVLIST, n->at, list, 0, 0);
	gen_node(g, n->kids[1], CTX_EFFECT, 0);
	gen_emit(g, OP_MVUNLIST, n->at, r, list, 0);
	if (ctx == CTX_TAIL)
		gen_emit(g, OP_RETMV, n->at, r, 0, 0);
	else if (ctx != CTX_EFFECT)
		gen_emit(g, OP_MOVE, n->at, dst, r, 0);
	g->f->top = top;
}

void
gen_template(struct gen *g, struct node *n, uint16_t dst)
{
	uint32_t top = g->f->top;
	uint16_t head = gen_reg(g), r;

	gen_reg(g);
	r = gen_reg(g);
	gen_emit(g, OP_TNEW, n->at, head, 0, 0);
	for (uint32_t i = 0; i + 1 < n->nkids; i++) {
		gen_node(g, n->kids[i], CTX_VALUE, r);
		gen_emit(g, n->splice[i] ? OP_TSPLICE : OP_TADD,
		     n->splice[i] ? n->at : n->spans[i], head, r, 0);
	}
	if (n->kids[n->nkids - 1]) {
		gen_node(g, n->kids[n->nkids - 1], CTX_VALUE, r);
		gen_emit(g, OP_TTAIL, n->at, head, r, 0);
	}
	gen_emit(g, OP_CDR, n->at, dst, head, 0);
	g->f->top = top;
}
