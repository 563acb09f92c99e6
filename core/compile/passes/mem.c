/* SPDX-License-Identifier: MIT */
/* mem.c: stack objects: forward stores to loads, drop stores nobody reads.
 *
 * First each object is classified. `private`: its address is only ever the base of a load,
 * store or atomic, or an argument of a call. Anything else (the address in a phi, in
 * arithmetic, stored somewhere) makes it `exposed`: every access through an unknown stack
 * pointer and every call may touch it.
 *
 * Forwards: walking a block, `known` holds what each stored range is known to contain; a load
 * of exactly such a range becomes the value, cut to the range's width. A store of what is
 * there already goes. Knowledge carries into a block from its only predecessor.
 *
 * Backwards: walking a block from its end, the bytes of each object that will be written
 * before anything may read them are marked; a store into marked bytes only is dead. Before a
 * `ret` all bytes are dead. */
#include "compile/passes/passes.h"

#include <linux/bpf.h>
#include <stddef.h>

enum { MAX_KNOWN = 16, WORDS = 8 };

struct fact {
	uint32_t slot;
	int32_t off;
	uint8_t size;
	ref v;
};

struct known {
	uint32_t n;
	struct fact at[MAX_KNOWN];
};

struct mem {
	struct ir_fn *f;
	bool *exposed;		/* by slot */
	struct known **out;	/* by block: what is known at its end */
	uint64_t (*dead)[WORDS];	/* by slot: bytes written before they are read */
};

/* Operand k of `in` uses an address only as a base or passes it to a call. */
static bool
is_plain_use(const struct ir_ins *in, unsigned k)
{
	if (ir_ops[in->op].flags & IRF_C)
		return in->op == IR_CALL;
	return (ir_ops[in->op].flags & IRF_M) && k == 0;
}

static void
classify(struct mem *m)
{
	struct ir_fn *f = m->f;

	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next) {
			struct ir_ins *in = ir_at(f, r);
			ref *args = ir_args(in);

			for (uint32_t k = 0; k < in->nargs; k++) {
				const struct ir_ins *a;

				args[k] = ir_val(f, args[k]);
				a = ir_at(f, args[k]);
				if (a->op == IR_SLOT && in->op != IR_COPY &&
				    !is_plain_use(in, k))
					m->exposed[a->imm] = true;
			}
		}
	}
}

/* ---- forwards --------------------------------------------------------------------------- */

static void
forget_range(struct known *k, uint32_t slot, int32_t off, uint32_t size)
{
	for (uint32_t i = 0; i < k->n; ) {
		const struct fact *x = &k->at[i];

		if (x->slot == slot && x->off < off + (int32_t)size && off < x->off + x->size)
			k->at[i] = k->at[--k->n];
		else
			i++;
	}
}

static void
forget_slot(struct known *k, uint32_t slot)
{
	forget_range(k, slot, -1024, 2048);
}

static void
forget_exposed(const struct mem *m, struct known *k)
{
	for (uint32_t i = 0; i < k->n; ) {
		if (m->exposed[k->at[i].slot])
			k->at[i] = k->at[--k->n];
		else
			i++;
	}
}

static const struct fact *
find(const struct known *k, uint32_t slot, int32_t off, uint8_t size)
{
	for (uint32_t i = 0; i < k->n; i++)
		if (k->at[i].slot == slot && k->at[i].off == off && k->at[i].size == size)
			return &k->at[i];
	return NULL;
}

static void
learn(struct known *k, uint32_t slot, int32_t off, uint8_t size, ref v)
{
	if (k->n == MAX_KNOWN)
		k->at[0] = k->at[--k->n];
	k->at[k->n++] = (struct fact){slot, off, size, v};
}

/* The low `size` bytes of v. */
static ref
cut(struct ir_fn *f, ref where, ref v, unsigned size)
{
	int64_t c;
	ref z;

	if (size == 8 || ir_at(f, v)->bits <= size * 8)
		return v;
	if (ir_is_const(f, v, &c))
		return ir_const(f, (int64_t)opt_fold_unary(IR_ZEXT, (uint64_t)c, size));
	z = ir_before(f, where, IR_ZEXT, v, 0);
	ir_at(f, z)->size = (uint8_t)size;
	ir_at(f, z)->bits = ir_bits(f, ir_at(f, z));
	return z;
}

static void
forward_store(struct mem *m, struct known *k, ref r)
{
	struct ir_fn *f = m->f;
	const struct ir_ins *in = ir_at(f, r), *base = ir_at(f, in->u.arg[0]);
	const struct fact *x;
	int32_t off = in->off + base->off;

	if (base->op != IR_SLOT) {
		if (base->prov == PV_STACK || base->prov == PV_SCALAR ||
		    base->prov == PV_POINTER)
			forget_exposed(m, k);
		return;
	}
	x = find(k, (uint32_t)base->imm, off, in->size);
	if (x && x->v == in->u.arg[1]) {
		ir_remove(f, r);
		return;
	}
	forget_range(k, (uint32_t)base->imm, off, in->size);
	if (m->exposed[base->imm])
		forget_exposed(m, k);
	learn(k, (uint32_t)base->imm, off, in->size, in->u.arg[1]);
}

static void
forward_load(struct mem *m, const struct known *k, ref r)
{
	struct ir_fn *f = m->f;
	const struct ir_ins *in = ir_at(f, r), *base = ir_at(f, in->u.arg[0]);
	const struct fact *x;

	if (base->op != IR_SLOT || in->flags & (IR_SIGNED | IR_VOLATILE))
		return;
	x = find(k, (uint32_t)base->imm, in->off + base->off, in->size);
	if (x && ir_at(f, x->v)->prov == PV_SCALAR)
		ir_forward(f, r, cut(f, r, x->v, in->size));
	else if (x && in->size == 8)
		ir_forward(f, r, x->v);
}

/* A call may change what it gets a pointer to. Map keys and values are only read. */
static bool
call_writes(const struct ir_ins *in, unsigned k)
{
	if (in->op != IR_CALL)
		return true;
	switch (in->imm) {
	case BPF_FUNC_map_lookup_elem: case BPF_FUNC_map_update_elem:
	case BPF_FUNC_map_delete_elem: case BPF_FUNC_ringbuf_output:
	case BPF_FUNC_perf_event_output: case BPF_FUNC_trace_printk:
		return false;
	default: return k < 5;
	}
}

static void
forward_call(struct mem *m, struct known *k, const struct ir_ins *in)
{
	for (uint32_t i = 0; i < in->nargs; i++) {
		const struct ir_ins *a = ir_at(m->f, in->u.args[i]);

		if (a->op == IR_SLOT && call_writes(in, i))
			forget_slot(k, (uint32_t)a->imm);
	}
	forget_exposed(m, k);
}

/* Only as much as is filled is kept between blocks. */
static size_t
known_size(const struct known *k)
{
	return offsetof(struct known, at) + k->n * sizeof k->at[0];
}

static void
forward_block(struct mem *m, uint32_t b)
{
	struct ir_fn *f = m->f;
	const struct ir_blk *x = &f->blk.at[b];
	struct known k;
	ref next;

	k.n = 0;
	if (x->pred.n == 1 && m->out[x->pred.at[0]])
		memcpy(&k, m->out[x->pred.at[0]], known_size(m->out[x->pred.at[0]]));
	for (ref r = x->first; r; r = next) {
		const struct ir_ins *in = ir_at(f, r);

		next = in->next;
		f->at = in->at;
		if (in->op == IR_STORE) {
			forward_store(m, &k, r);
		} else if (in->op == IR_LOAD) {
			forward_load(m, &k, r);
		} else if (ir_ops[in->op].flags & IRF_C) {
			forward_call(m, &k, in);
		} else if (ir_ops[in->op].flags & IRF_W) {
			const struct ir_ins *base = ir_at(f, ir_args(ir_at(f, r))[0]);

			if (base->op == IR_SLOT)
				forget_slot(&k, (uint32_t)base->imm);
			forget_exposed(m, &k);
		}
	}
	if (k.n) {
		m->out[b] = arena_alloc(f->arena, known_size(&k));
		memcpy(m->out[b], &k, known_size(&k));
	}
}

/* ---- backwards -------------------------------------------------------------------------- */

static void
set_bytes(uint64_t *w, int32_t off, uint32_t size, bool on)
{
	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = (uint32_t)off + i;

		if (at >= WORDS * 64)
			return;
		if (on)
			w[at / 64] |= 1ull << at % 64;
		else
			w[at / 64] &= ~(1ull << at % 64);
	}
}

static bool
all_bytes(const uint64_t *w, int32_t off, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = (uint32_t)off + i;

		if (at >= WORDS * 64 || !(w[at / 64] >> at % 64 & 1))
			return false;
	}
	return true;
}

static void
read_slot(struct mem *m, uint32_t slot)
{
	memset(m->dead[slot], 0, sizeof m->dead[slot]);
}

static void
read_exposed(struct mem *m)
{
	for (uint32_t s = 0; s < m->f->slots.n; s++)
		if (m->exposed[s])
			read_slot(m, s);
}

static void
backward_one(struct mem *m, ref r)
{
	struct ir_fn *f = m->f;
	struct ir_ins *in = ir_at(f, r);
	const ref *args = ir_args(in);
	const struct ir_ins *base = in->nargs ? ir_at(f, args[0]) : NULL;

	if (in->op == IR_STORE && base->op == IR_SLOT) {
		int32_t off = in->off + base->off;

		if (off >= 0 && all_bytes(m->dead[base->imm], off, in->size))
			ir_remove(f, r);
		else if (off >= 0)
			set_bytes(m->dead[base->imm], off, in->size, true);
	} else if (in->op == IR_LOAD && base->op == IR_SLOT) {
		set_bytes(m->dead[base->imm], in->off + base->off, in->size, false);
	} else if (ir_ops[in->op].flags & IRF_C) {
		for (uint32_t i = 0; i < in->nargs; i++)
			if (ir_at(f, args[i])->op == IR_SLOT)
				read_slot(m, (uint32_t)ir_at(f, args[i])->imm);
		read_exposed(m);
	} else if (ir_ops[in->op].flags & IRF_M) {
		if (base->op == IR_SLOT)
			read_slot(m, (uint32_t)base->imm);
		else if (base->prov == PV_STACK || base->prov == PV_SCALAR ||
			 base->prov == PV_POINTER)
			read_exposed(m);
	}
}

static void
backward_block(struct mem *m, uint32_t b)
{
	struct ir_fn *f = m->f;
	const struct ir_blk *x = &f->blk.at[b];
	bool end = ir_at(f, x->last)->op == IR_RET;
	ref prev;

	memset(m->dead, end ? 0xff : 0, f->slots.n * sizeof *m->dead);
	for (ref r = x->last; r; r = prev) {
		prev = ir_at(f, r)->prev;
		backward_one(m, r);
	}
}

/* Objects nothing refers to any more take no room in the frame. */
static void
drop_unused(struct mem *m)
{
	struct ir_fn *f = m->f;

	for (uint32_t s = 0; s < f->slots.n; s++)
		f->slots.at[s].dead = true;
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next) {
			struct ir_ins *in = ir_at(f, r);
			const ref *args = ir_args(in);

			for (uint32_t k = 0; k < in->nargs; k++)
				if (ir_at(f, args[k])->op == IR_SLOT)
					f->slots.at[ir_at(f, args[k])->imm].dead = false;
		}
	}
}

void
opt_mem(struct ir_fn *f)
{
	struct mem m = {.f = f};
	uint32_t n = f->slots.n;

	if (!n)
		return;
	m.exposed = arena_array(f->arena, bool, n);
	m.out = arena_array(f->arena, struct known *, f->blk.n);
	m.dead = arena_alloc(f->arena, n * sizeof *m.dead);
	classify(&m);
	for (uint32_t i = 0; i < f->rpo.n; i++)
		forward_block(&m, f->rpo.at[i]);
	for (uint32_t i = 0; i < f->rpo.n; i++)
		backward_block(&m, f->rpo.at[i]);
	drop_unused(&m);
}
