/* SPDX-License-Identifier: MIT */
/* cse.c: one computation for equal values.
 *
 * Blocks are walked in reverse post-order; an instruction equal to an earlier one whose block
 * dominates this one becomes a copy of it. Loads take part too: each kind of memory has an
 * epoch, a number that changes wherever that memory may be written, and two loads are equal
 * only within one epoch. A block begins with the epoch of its predecessors when they agree,
 * and with a new one where they do not or a loop leads back. An epoch that a store began knows
 * the one before: loads through the same pointer that lie beside the store are equal across it.
 *
 * Loads from the stack are left to mem.c, which knows single bytes. Loads of map values
 * and ring records are never merged across a write, but between writes they are, as a C
 * compiler would. */
#include "compile/passes/passes.h"

#include "facts/facts.h"

enum mem { MEM_CTX, MEM_PACKET, MEM_OTHER, MEM_KINDS };
enum { FAR_BACK = 8 };		/* stores that a load is compared across */

struct epoch {
	uint32_t before;	/* the epoch that this one's store ended, or 0 */
	ref base;
	int32_t from, to;	/* bytes written at base */
};

struct epochs {
	uint32_t at[MEM_KINDS];
};

struct cse {
	struct ir_fn *f;
	ref *table;		/* newest instruction of each hash */
	ref *next;		/* older one of the same hash, by ref */
	uint32_t *stamp;	/* epoch of a load, by ref */
	uint32_t mask;
	VEC(struct epoch) epochs;
	struct epochs *out;	/* at the end of each block */
	bool *done;		/* block was walked */
	uint32_t *pre, *size;	/* dominator tree in pre-order: a dominates b when
				 * pre[a] <= pre[b] < pre[a] + size[a] */
};

static uint32_t
new_epoch(struct cse *c)
{
	vec_push(c->f->arena, &c->epochs, (struct epoch){0});
	return c->epochs.n - 1;
}

static enum mem
memory_of(const struct ir_fn *f, ref base)
{
	switch (ir_at(f, base)->prov) {
	case PV_CTX: return MEM_CTX;
	case PV_PACKET: return MEM_PACKET;
	default: return MEM_OTHER;
	}
}

static void
number_tree(struct cse *c)
{
	struct ir_fn *f = c->f;
	uint32_t *used = arena_array(f->arena, uint32_t, f->blk.n);

	for (uint32_t i = f->rpo.n; i-- > 0; ) {
		uint32_t b = f->rpo.at[i];

		c->size[b]++;
		if (i)
			c->size[f->blk.at[b].idom] += c->size[b];
	}
	for (uint32_t i = 1; i < f->rpo.n; i++) {
		uint32_t b = f->rpo.at[i], d = f->blk.at[b].idom;

		c->pre[b] = c->pre[d] + 1 + used[d];
		used[d] += c->size[b];
	}
}

static bool
dominates(const struct cse *c, uint32_t a, uint32_t b)
{
	return c->pre[a] <= c->pre[b] && c->pre[b] < c->pre[a] + c->size[a];
}

static struct epochs
block_start(struct cse *c, uint32_t b)
{
	const struct ir_blk *x = &c->f->blk.at[b];
	struct epochs e = {0};

	for (int m = 0; m < MEM_KINDS; m++) {
		bool agree = x->pred.n > 0;

		for (uint32_t k = 0; k < x->pred.n && agree; k++)
			agree = c->done[x->pred.at[k]] &&
				c->out[x->pred.at[k]].at[m] == c->out[x->pred.at[0]].at[m];
		e.at[m] = agree ? c->out[x->pred.at[0]].at[m] : new_epoch(c);
	}
	return e;
}

/* Helpers and others that get the context or the packet may change either. */
static void
after_call(struct cse *c, const struct ir_ins *in, struct epochs *e)
{
	const struct fact_helper *h =
		in->op == IR_CALL ? fact_helper((uint32_t)in->imm) : NULL;
	bool sees = !h || (h->proto.flags & FACT_HELPER_CHANGES_PKT);

	for (uint32_t k = 0; k < in->nargs; k++) {
		uint8_t prov = ir_at(c->f, in->u.args[k])->prov;

		sees |= prov == PV_CTX || prov == PV_PACKET;
	}
	if (sees) {
		e->at[MEM_CTX] = new_epoch(c);
		e->at[MEM_PACKET] = new_epoch(c);
	}
	e->at[MEM_OTHER] = new_epoch(c);
}

static void
after_store(struct cse *c, const struct ir_ins *in, ref base, uint32_t *epoch)
{
	uint32_t before = *epoch;

	*epoch = new_epoch(c);
	*vec_last(&c->epochs) = (struct epoch){before, base, in->off, in->off + in->size};
}

static void
after_write(struct cse *c, const struct ir_ins *in, struct epochs *e)
{
	ref base = in->op == IR_CMPXCHG ? in->u.args[0] : in->u.arg[0];
	uint8_t prov = ir_at(c->f, base)->prov;

	switch (prov) {
	case PV_STACK: break;
	case PV_CTX: after_store(c, in, base, &e->at[MEM_CTX]); break;
	case PV_PACKET: after_store(c, in, base, &e->at[MEM_PACKET]); break;
	case PV_MAP_VALUE: case PV_RING: after_store(c, in, base, &e->at[MEM_OTHER]); break;
	default:
		for (int m = 0; m < MEM_KINDS; m++)
			e->at[m] = new_epoch(c);
	}
}

static uint32_t
hash(const struct ir_ins *in)
{
	uint64_t h = in->op;

	h = (h * 31 + in->u.arg[0]) * 0x9e3779b97f4a7c15u + in->u.arg[1];
	h = (h * 31 + (uint32_t)in->off) * 31 + (uint32_t)in->cc * 16 + in->size;
	return (uint32_t)(h * 0x9e3779b97f4a7c15u >> 20);
}

static bool
equal(const struct ir_ins *a, const struct ir_ins *b)
{
	if (a->op != b->op || a->size != b->size || a->cc != b->cc || a->flags != b->flags ||
	    a->off != b->off || a->core != b->core)
		return false;
	for (uint32_t k = 0; k < a->nargs; k++)
		if (a->u.arg[k] != b->u.arg[k])
			return false;
	return true;
}

/* Is what was loaded in an epoch still what this load would find? */
static bool
same_memory(const struct cse *c, const struct ir_ins *load, uint32_t then, uint32_t now)
{
	for (int i = 0; then != now && i < FAR_BACK; i++) {
		const struct epoch *e = &c->epochs.at[now];

		if (e->base != load->u.arg[0] ||
		    (load->off < e->to && e->from < load->off + load->size))
			return false;
		now = e->before;
	}
	return then == now;
}

/* epoch: of the memory loaded from, 0 for what is not loaded */
static void
merge_equal(struct cse *c, ref r, uint32_t epoch)
{
	struct ir_fn *f = c->f;
	struct ir_ins *in = ir_at(f, r);
	uint32_t h = hash(in) & c->mask, tries = 0;

	for (ref o = c->table[h]; o && tries < 64; o = c->next[o], tries++) {
		if (!equal(ir_at(f, o), in) || !same_memory(c, in, c->stamp[o], epoch) ||
		    !dominates(c, ir_at(f, o)->blk, in->blk))
			continue;
		ir_forward(f, r, o);
		return;
	}
	c->stamp[r] = epoch;
	c->next[r] = c->table[h];
	c->table[h] = r;
}

static void
walk(struct cse *c, uint32_t b)
{
	struct ir_fn *f = c->f;
	struct epochs e = block_start(c, b);
	ref next;

	for (ref r = f->blk.at[b].first; r; r = next) {
		struct ir_ins *in = ir_at(f, r);
		ref *args = ir_args(in);

		next = in->next;
		for (uint32_t k = 0; k < in->nargs; k++)
			args[k] = ir_val(f, args[k]);
		if (ir_ops[in->op].flags & IRF_C)
			after_call(c, in, &e);
		else if (ir_ops[in->op].flags & IRF_W)
			after_write(c, in, &e);
		else if (in->op == IR_LOAD && ir_at(f, args[0])->prov != PV_STACK &&
			 !(in->flags & IR_VOLATILE))
			merge_equal(c, r, e.at[memory_of(f, args[0])]);
		else if ((ir_ops[in->op].flags & IRF_P) && in->op != IR_COPY)
			merge_equal(c, r, 0);
	}
	c->out[b] = e;
	c->done[b] = true;
}

void
opt_cse(struct ir_fn *f)
{
	struct cse c = {.f = f, .mask = 63};

	while (c.mask < f->ins.n && c.mask < 1 << 16)
		c.mask = c.mask * 2 + 1;
	new_epoch(&c);
	c.table = arena_array(f->arena, ref, c.mask + 1);
	c.next = arena_array(f->arena, ref, f->ins.n);
	c.stamp = arena_array(f->arena, uint32_t, f->ins.n);
	c.out = arena_array(f->arena, struct epochs, f->blk.n);
	c.done = arena_array(f->arena, bool, f->blk.n);
	c.pre = arena_array(f->arena, uint32_t, f->blk.n);
	c.size = arena_array(f->arena, uint32_t, f->blk.n);
	number_tree(&c);
	for (uint32_t i = 0; i < f->rpo.n; i++)
		walk(&c, f->rpo.at[i]);
}
