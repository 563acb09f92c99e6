/* SPDX-License-Identifier: MIT */
/* emit.c: from IR with registers to BPF instructions.
 *
 * Blocks are laid out in reverse post-order. Values that change place between blocks (phis,
 * split intervals) move on the edge: at the end of a block with one successor, else at the
 * start of the successor, which then has one predecessor (critical edges were split). Blocks
 * left empty are jumped over; blocks that do the same moves on the way to the same successor
 * become one. Jumps have 16 bits; a function in which a conditional jump does not reach is
 * emitted once more with every conditional jump leading over a 32-bit one. */
#include "compile/emit/fn.h"

#include <stdlib.h>

/* ---- single instructions ---------------------------------------------------------------- */

static void
put(struct fn_em *e, uint8_t code, int dst, int src, int32_t off, int32_t imm)
{
	struct bpf_insn i = {.code = code, .dst_reg = (uint8_t)(dst & 15),
			     .src_reg = (uint8_t)(src & 15), .off = (int16_t)off, .imm = imm};

	vec_push(e->em->arena, &e->em->insns, i);
	vec_push(e->em->arena, &e->em->src, e->at);
}

static void
put_wide(struct fn_em *e, int dst, int src, uint64_t imm)
{
	put(e, BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, (int32_t)imm);
	put(e, 0, 0, 0, 0, (int32_t)(imm >> 32));
}

static void
put_reloc(struct fn_em *e, enum image_reloc_kind kind, uint32_t map, uint32_t addend,
	  const char *name)
{
	struct image_reloc r = {.insn = e->em->insns.n, .kind = kind, .map = map,
				.addend = addend, .name = name};

	vec_push(e->em->arena, &e->em->relocs, r);
}

/* The next instruction is the one that record `core` (+ 1) is about. */
static void
put_core(struct fn_em *e, uint32_t core)
{
	struct em_core r = {e->em->insns.n};

	if (!core)
		return;
	r.core = e->f->cores.at[core - 1];
	vec_push(e->em->arena, &e->em->cores, r);
}

static void
put_const(struct fn_em *e, int dst, int64_t v)
{
	if (v >= INT32_MIN && v <= INT32_MAX)
		put(e, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)v);
	else if (v >= 0 && v <= UINT32_MAX)
		put(e, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)v);
	else
		put_wide(e, dst, 0, (uint64_t)v);
}

static void
put_leaf(struct fn_em *e, int dst, ref leaf)
{
	const struct ir_ins *in = ir_at(e->f, leaf);

	switch (in->op) {
	case IR_CONST: put_const(e, dst, in->imm); break;
	case IR_FIELD:
		put_core(e, (uint32_t)in->off);
		put_const(e, dst, in->imm);
		break;
	case IR_SLOT:
		put(e, BPF_ALU64 | BPF_MOV | BPF_X, dst, BPF_REG_10, 0, 0);
		put(e, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0,
		    e->f->slots.at[in->imm].off + in->off);
		break;
	case IR_MAP:
		put_reloc(e, RELOC_MAP, (uint32_t)in->imm, 0, NULL);
		put_wide(e, dst, BPF_PSEUDO_MAP_FD, 0);
		break;
	case IR_MAPVAL:
		put_reloc(e, RELOC_MAP_VALUE, (uint32_t)in->imm, (uint32_t)in->off, NULL);
		put_wide(e, dst, BPF_PSEUDO_MAP_VALUE, (uint64_t)(uint32_t)in->off << 32);
		break;
	case IR_KSYM:
		put_reloc(e, RELOC_KSYM, 0, 0, e->f->names.at[in->imm]);
		put_wide(e, dst, BPF_PSEUDO_BTF_ID, 0);
		break;
	case IR_FUNC: {
		struct em_call c = {e->em->insns.n, (uint32_t)in->imm, true};

		vec_push(e->em->arena, &e->em->calls, c);
		put_reloc(e, RELOC_FUNC, 0, 0, NULL);
		put_wide(e, dst, BPF_PSEUDO_FUNC, 0);
		break;
	}
	default: break;
	}
}

static uint8_t
size_code(unsigned size)
{
	switch (size) {
	case 1: return BPF_B;
	case 2: return BPF_H;
	case 4: return BPF_W;
	default: return BPF_DW;
	}
}

static void
put_move(void *ud, struct ra_loc to, struct ra_loc from)
{
	struct fn_em *e = ud;

	if (to.place == RA_MEM)
		put(e, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, from.at, to.at, 0);
	else if (from.place == RA_MEM)
		put(e, BPF_LDX | BPF_MEM | BPF_DW, to.at, BPF_REG_10, from.at, 0);
	else if (from.place == RA_LEAF)
		put_leaf(e, to.at, (ref)from.at);
	else if (to.at != from.at)
		put(e, BPF_ALU64 | BPF_MOV | BPF_X, to.at, from.at, 0, 0);
}

/* ---- where things are ------------------------------------------------------------------- */

static struct ra_loc
value_loc(const struct fn_em *e, ref v, uint32_t pos)
{
	int reg;

	if (ir_is_leaf(e->f, v))
		return (struct ra_loc){RA_LEAF, (int32_t)v};
	reg = ra_where(e->ra, v, pos);
	if (reg == RA_NONE)
		return (struct ra_loc){RA_MEM, e->ra->val[v].slot};
	return (struct ra_loc){RA_REG, reg};
}

static int
reg_of(const struct fn_em *e, ref v, uint32_t pos)
{
	return ra_where(e->ra, v, pos);
}

/* Registers no live value occupies at `pos`; asked only for cyclic moves. */
static int
free_register(const struct fn_em *e, uint32_t pos, const struct ra_move *m, uint32_t n)
{
	bool busy[RA_NREGS] = {0};

	for (uint32_t i = 0; i < n; i++) {
		if (m[i].to.place == RA_REG)
			busy[m[i].to.at] = true;
		if (m[i].from.place == RA_REG)
			busy[m[i].from.at] = true;
	}
	for (uint32_t i = 0; i < e->ra->order.n; i++) {
		const struct ra_ival *iv = e->ra->val[e->ra->order.at[i]->v].first;

		for (; iv; iv = iv->next)
			for (const struct ra_range *r = iv->ranges; r; r = r->next)
				if (iv->reg != RA_NONE && r->from <= pos + 1 &&
				    r->to + 1 >= pos)
					busy[iv->reg] = true;
	}
	for (int r = e->r0_held; r < RA_NREGS; r++)
		if (!busy[r])
			return r;
	return RA_NONE;
}

/* The list stays as it is: a function may be emitted twice. */
static void
moves_now(struct fn_em *e, const struct ra_move *list, uint32_t n, uint32_t pos)
{
	struct ra_move *m = arena_array(e->ra->arena, struct ra_move, n);
	int temp = RA_NONE;

	memcpy(m, list, n * sizeof *m);
	if (n == 1 && (m[0].to.place == RA_REG || m[0].from.place == RA_REG)) {
		put_move(e, m[0].to, m[0].from);
		return;
	}
	if (ra_needs_temp(m, n)) {
		bool memory = false;

		for (uint32_t i = 0; i < n; i++)
			memory |= m[i].to.place == RA_MEM && m[i].from.place != RA_REG;
		temp = free_register(e, pos, m, n);
		/* A cycle may hold the temporary while memory moves to memory. */
		if ((temp == RA_NONE || memory) && !e->scratch) {
			e->ra->frame = ((e->ra->frame + 7) & ~7u) + 16;
			e->scratch = -(int32_t)e->ra->frame;
		}
	}
	ra_parallel(m, n, temp, e->scratch, put_move, e);
}

/* ---- moves between parts and blocks ----------------------------------------------------- */

static int
by_pos(const void *a, const void *b)
{
	uint32_t x = ((const struct part_move *)a)->pos,
		 y = ((const struct part_move *)b)->pos;

	return x < y ? -1 : x > y;
}

static void
collect_parts(struct fn_em *e)
{
	struct ra *ra = e->ra;

	for (uint32_t i = 0; i < ra->order.n; i++) {
		const struct ra_value *x = &ra->val[ra->order.at[i]->v];

		for (const struct ra_ival *iv = x->first->next; iv; iv = iv->next) {
			struct part_move pm = {.pos = ra_from(iv)};

			if (iv->reg == RA_NONE || iv->reg == iv->prev->reg ||
			    ra_to(iv->prev) != ra_from(iv))
				continue;
			pm.m.to = (struct ra_loc){RA_REG, iv->reg};
			pm.m.from = iv->prev->reg == RA_NONE
				? (struct ra_loc){RA_MEM, x->slot}
				: (struct ra_loc){RA_REG, iv->prev->reg};
			vec_push(ra->arena, &e->parts, pm);
		}
	}
	if (e->parts.n > 1)
		qsort(e->parts.at, e->parts.n, sizeof *e->parts.at, by_pos);
}

static void
edge_moves(struct fn_em *e, uint32_t p, uint32_t s)
{
	struct ir_fn *f = e->f;
	const struct ra_block *rs = &e->ra->blk[s];
	uint32_t end = e->ra->blk[p].to - 1, from = rs->from, k = 0, n = 0, max = rs->in.n;
	struct ra_move *m;

	for (ref r = f->blk.at[s].first; r && ir_at(f, r)->op == IR_PHI; r = ir_at(f, r)->next)
		max++;
	if (!max)
		return;
	m = arena_array(e->ra->arena, struct ra_move, max);
	for (uint32_t i = 0; i < rs->in.n; i++) {
		struct ra_loc to = value_loc(e, rs->in.at[i], from);
		struct ra_loc at = value_loc(e, rs->in.at[i], end);

		if (to.place == RA_REG && (at.place != RA_REG || at.at != to.at))
			m[n++] = (struct ra_move){to, at};
	}
	while (f->blk.at[s].pred.at[k] != p)
		k++;
	for (ref r = f->blk.at[s].first; r && ir_at(f, r)->op == IR_PHI;
	     r = ir_at(f, r)->next) {
		struct ra_loc to, at;

		if (!e->ra->val[r].first)
			continue;
		to = value_loc(e, r, from);
		at = value_loc(e, ir_at(f, r)->u.args[k], end);
		if (to.place != at.place || to.at != at.at)
			m[n++] = (struct ra_move){to, at};
	}
	if (f->blk.at[p].nsucc == 1)
		e->blk[p].out = (struct em_moves){m, n};
	else
		e->blk[s].in = (struct em_moves){m, n};
}

/* The block a jump to `b` ends up in. */
static uint32_t
target(const struct fn_em *e, uint32_t b)
{
	uint32_t hops = 0;

	while (hops++ < e->f->blk.n) {
		if (e->blk[b].same_as)
			b = e->blk[b].same_as;
		else if (e->blk[b].empty && e->f->blk.at[b].succ[0] != b)
			b = e->f->blk.at[b].succ[0];
		else
			break;
	}
	return e->blk[b].gone ? e->f->blk.n : b;
}

static bool
only_jumps(const struct fn_em *e, uint32_t b)
{
	const struct ir_blk *x = &e->f->blk.at[b];

	return b != 1 && x->nsucc == 1 && x->first == x->last;
}

static bool
same_loc(struct ra_loc a, struct ra_loc b)
{
	return a.place == b.place && a.at == b.at;
}

static bool
same_list(const struct em_moves *a, const struct em_moves *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!same_loc(a->at[i].to, b->at[i].to) || !same_loc(a->at[i].from, b->at[i].from))
			return false;
	return true;
}

static bool
same_moves(const struct em_blk *a, const struct em_blk *b)
{
	return same_list(&a->in, &b->in) && same_list(&a->out, &b->out);
}

static void
merge_blocks(struct fn_em *e)
{
	enum { LOOK = 16 };
	struct ir_fn *f = e->f;

	for (uint32_t i = 0; i < f->rpo.n; i++)
		if (only_jumps(e, f->rpo.at[i]) && !e->blk[f->rpo.at[i]].in.n &&
		    !e->blk[f->rpo.at[i]].out.n)
			e->blk[f->rpo.at[i]].empty = true;
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		const struct ir_blk *s = &f->blk.at[f->rpo.at[i]];

		/* The last of equals stays: what follows it is nearest to the successor. */
		for (uint32_t k = s->pred.n; k-- > 0; ) {
			uint32_t p = s->pred.at[k];

			if (!only_jumps(e, p) || e->blk[p].empty || e->blk[p].same_as)
				continue;
			for (uint32_t j = k; j-- > 0 && k - j < LOOK; ) {
				uint32_t q = s->pred.at[j];

				if (q != p && only_jumps(e, q) && !e->blk[q].empty &&
				    !e->blk[q].same_as && same_moves(&e->blk[p], &e->blk[q]))
					e->blk[q].same_as = p;
			}
		}
	}
}

/* ---- operations ------------------------------------------------------------------------- */

static uint8_t
alu_code(enum ir_op op)
{
	switch (op) {
	case IR_ADD: return BPF_ADD;
	case IR_SUB: return BPF_SUB;
	case IR_MUL: return BPF_MUL;
	case IR_UDIV: return BPF_DIV;
	case IR_UMOD: return BPF_MOD;
	case IR_AND: return BPF_AND;
	case IR_OR: return BPF_OR;
	case IR_XOR: return BPF_XOR;
	case IR_SHL: return BPF_LSH;
	case IR_LSHR: return BPF_RSH;
	default: return BPF_ARSH;
	}
}

static void
emit_binary(struct fn_em *e, const struct ir_ins *in, int d, uint32_t pos)
{
	uint8_t cls = in->flags & IR_W32 ? BPF_ALU : BPF_ALU64, op = alu_code(in->op);
	ref a = in->u.arg[0], b = in->u.arg[1];
	int64_t c = ir_at(e->f, b)->imm;

	if (ir_is_const(e->f, b, &c) || ir_at(e->f, b)->op == IR_FIELD) {
		put_move(e, (struct ra_loc){RA_REG, d}, value_loc(e, a, pos));
		if (ir_at(e->f, b)->op == IR_FIELD)
			put_core(e, (uint32_t)ir_at(e->f, b)->off);
		put(e, cls | op | BPF_K, d, 0, 0, (int32_t)c);
		return;
	}
	if ((ir_ops[in->op].flags & IRF_K) && reg_of(e, b, pos) == d) {
		b = a;
		a = in->u.arg[1];
	}
	put_move(e, (struct ra_loc){RA_REG, d}, value_loc(e, a, pos));
	put(e, cls | op | BPF_X, d, reg_of(e, b, pos), 0, 0);
}

static void
emit_unary(struct fn_em *e, const struct ir_ins *in, int d, uint32_t pos)
{
	struct ra_loc a = value_loc(e, in->u.arg[0], pos), to = {RA_REG, d};
	uint8_t cls = in->flags & IR_W32 ? BPF_ALU : BPF_ALU64;

	if (in->op == IR_ZEXT && in->size == 4 && a.place == RA_REG) {
		put(e, BPF_ALU | BPF_MOV | BPF_X, d, a.at, 0, 0);
		return;
	}
	put_move(e, to, a);
	switch (in->op) {
	case IR_NEG: put(e, cls | BPF_NEG, d, 0, 0, 0); break;
	case IR_ZEXT:
		if (in->size == 4)
			put(e, BPF_ALU | BPF_MOV | BPF_X, d, d, 0, 0);
		else if (in->size < 4)
			put(e, BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0,
			    in->size == 1 ? 0xff : 0xffff);
		break;
	case IR_SEXT:
		if (in->size < 8) {
			put(e, BPF_ALU64 | BPF_LSH | BPF_K, d, 0, 0, 64 - in->size * 8);
			put(e, BPF_ALU64 | BPF_ARSH | BPF_K, d, 0, 0, 64 - in->size * 8);
		}
		break;
	case IR_BSWAP: put(e, BPF_ALU | BPF_END | BPF_TO_BE, d, 0, 0, in->size * 8); break;
	default: break;
	}
}

static uint8_t
jump_code(enum ir_cc cc)
{
	switch (cc) {
	case CC_EQ: return BPF_JEQ;
	case CC_NE: return BPF_JNE;
	case CC_ULT: return BPF_JLT;
	case CC_UGE: return BPF_JGE;
	case CC_ULE: return BPF_JLE;
	case CC_UGT: return BPF_JGT;
	case CC_SLT: return BPF_JSLT;
	case CC_SGE: return BPF_JSGE;
	case CC_SLE: return BPF_JSLE;
	case CC_SGT: return BPF_JSGT;
	default: return BPF_JSET;
	}
}

static void
put_compare(struct fn_em *e, const struct ir_ins *in, enum ir_cc cc, uint32_t pos, int32_t off)
{
	uint8_t cls = in->flags & IR_W32 ? BPF_JMP32 : BPF_JMP;
	int a = reg_of(e, in->u.arg[0], pos);
	int64_t c;

	if (ir_is_const(e->f, in->u.arg[1], &c))
		put(e, cls | jump_code(cc) | BPF_K, a, 0, off, (int32_t)c);
	else
		put(e, cls | jump_code(cc) | BPF_X, a, reg_of(e, in->u.arg[1], pos), off, 0);
}

static void
emit_set(struct fn_em *e, const struct ir_ins *in, int d, uint32_t pos)
{
	bool clear = in->cc == CC_CLR;

	put_const(e, d, !clear);
	put_compare(e, in, clear ? CC_SET : in->cc, pos, 1);
	put_const(e, d, clear);
}

static void
emit_store(struct fn_em *e, const struct ir_ins *in, uint32_t pos)
{
	ref a = in->u.arg[0], v = in->u.arg[1];
	int base = BPF_REG_10, off = in->off;
	int64_t c;

	if (ir_at(e->f, a)->op == IR_SLOT)
		off += e->f->slots.at[ir_at(e->f, a)->imm].off + ir_at(e->f, a)->off;
	else
		base = reg_of(e, a, pos);
	put_core(e, in->core);
	if (ir_is_const(e->f, v, &c))
		put(e, BPF_ST | BPF_MEM | size_code(in->size), base, 0, off, (int32_t)c);
	else
		put(e, BPF_STX | BPF_MEM | size_code(in->size), base, reg_of(e, v, pos), off,
		    0);
}

static void
emit_load(struct fn_em *e, const struct ir_ins *in, int d, uint32_t pos)
{
	ref a = in->u.arg[0];
	int base = BPF_REG_10, off = in->off;

	if (ir_at(e->f, a)->op == IR_SLOT)
		off += e->f->slots.at[ir_at(e->f, a)->imm].off + ir_at(e->f, a)->off;
	else
		base = reg_of(e, a, pos);
	put_core(e, in->core);
	put(e, BPF_LDX | BPF_MEM | size_code(in->size), d, base, off, 0);
}

static void
emit_atomic(struct fn_em *e, ref r, uint32_t pos)
{
	struct ir_ins *in = ir_at(e->f, r);
	const ref *args = ir_args(in);
	ref a = args[0];
	int base = BPF_REG_10, off = in->off, src = 0;

	if (ir_at(e->f, a)->op == IR_SLOT)
		off += e->f->slots.at[ir_at(e->f, a)->imm].off + ir_at(e->f, a)->off;
	else
		base = reg_of(e, a, pos);
	if (in->op == IR_CMPXCHG) {
		put_move(e, (struct ra_loc){RA_REG, 0}, value_loc(e, args[1], pos));
		src = reg_of(e, args[2], pos);
	} else if (in->imm & BPF_FETCH) {
		src = reg_of(e, r, pos + 1);
		put_move(e, (struct ra_loc){RA_REG, src}, value_loc(e, args[1], pos));
	} else {
		src = reg_of(e, args[1], pos);
	}
	put(e, BPF_STX | BPF_ATOMIC | size_code(in->size), base, src, off,
	    in->op == IR_CMPXCHG ? BPF_CMPXCHG : (int32_t)in->imm);
}

static void
put_asm(struct fn_em *e, const struct ir_asm *text)
{
	for (uint32_t i = 0; i < text->relocs.n; i++) {
		struct image_reloc r = text->relocs.at[i];

		r.insn += e->em->insns.n;
		vec_push(e->em->arena, &e->em->relocs, r);
	}
	for (uint32_t i = 0; i < text->n; i++) {
		vec_push(e->em->arena, &e->em->insns, text->insns[i]);
		vec_push(e->em->arena, &e->em->src, e->at);
	}
}

static void
emit_call(struct fn_em *e, const struct ir_ins *in, uint32_t pos)
{
	struct ra_move m[5];

	for (uint32_t k = 0; k < in->nargs; k++)
		m[k] = (struct ra_move){{RA_REG, 1 + (int32_t)k},
					value_loc(e, in->u.args[k], pos)};
	ra_parallel(m, in->nargs, 0, 0, put_move, e);
	if (in->op == IR_ASM) {
		put_asm(e, &e->f->asms.at[in->imm]);
	} else if (in->op == IR_CALL) {
		put(e, BPF_JMP | BPF_CALL, 0, 0, 0, (int32_t)in->imm);
	} else if (in->op == IR_KCALL) {
		put_reloc(e, RELOC_KFUNC, 0, 0, e->f->names.at[in->imm]);
		put(e, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, -1);
	} else {
		struct em_call c = {e->em->insns.n, (uint32_t)in->imm, false};

		vec_push(e->em->arena, &e->em->calls, c);
		put(e, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1);
	}
}

static void
emit_value(struct fn_em *e, ref r)
{
	const struct ir_ins *in = ir_at(e->f, r);
	uint32_t pos = e->ra->pos[r];
	int d = e->ra->val[r].first ? e->ra->val[r].first->reg : RA_NONE;

	switch (in->op) {
	case IR_MAKE: put_leaf(e, d, in->u.arg[0]); break;
	case IR_SET: emit_set(e, in, d, pos); break;
	case IR_LOAD: emit_load(e, in, d, pos); break;
	case IR_STORE: emit_store(e, in, pos); break;
	case IR_ATOMIC: emit_atomic(e, r, pos); break;
	case IR_NEG:
	case IR_ZEXT:
	case IR_SEXT:
	case IR_BSWAP: emit_unary(e, in, d, pos); break;
	case IR_CMPXCHG: case IR_CALL: case IR_KCALL: case IR_FCALL: case IR_ASM:
		if (in->op == IR_CMPXCHG)
			emit_atomic(e, r, pos);
		else
			emit_call(e, in, pos);
		if (d > 0)
			put_move(e, (struct ra_loc){RA_REG, d}, (struct ra_loc){RA_REG, 0});
		break;
	default: emit_binary(e, in, d, pos); break;
	}
	if (e->ra->val[r].spilled)
		put_move(e, (struct ra_loc){RA_MEM, e->ra->val[r].slot},
			 (struct ra_loc){RA_REG, d});
}

/* ---- blocks ----------------------------------------------------------------------------- */

static void
put_exit(struct fn_em *e)
{
	e->blk[e->f->blk.n].start = e->em->insns.n;
	put(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void
put_jump(struct fn_em *e, uint32_t to)
{
	if (to == e->f->blk.n) {
		put_exit(e);
		return;
	}
	vec_push(e->em->arena, &e->fixes, ((struct em_fix){e->em->insns.n, to}));
	put(e, BPF_JMP | BPF_JA, 0, 0, 0, 0);
}

static void
put_branch(struct fn_em *e, const struct ir_ins *in, enum ir_cc cc, uint32_t pos, uint32_t to)
{
	if (e->long_jumps) {
		if (cc == CC_SET) {
			put_compare(e, in, cc, pos, 1);
			put(e, BPF_JMP | BPF_JA, 0, 0, 1, 0);
		} else {
			put_compare(e, in, cc ^ 1, pos, 1);
		}
		put_jump(e, to);
		return;
	}
	vec_push(e->em->arena, &e->fixes, ((struct em_fix){e->em->insns.n, to}));
	put_compare(e, in, cc, pos, 0);
}

static void
emit_end(struct fn_em *e, ref r, uint32_t b, uint32_t next)
{
	const struct ir_ins *in = ir_at(e->f, r);
	const struct ir_blk *x = &e->f->blk.at[b];
	uint32_t pos = e->ra->pos[r], yes, no;
	enum ir_cc cc = in->cc;

	if (in->op == IR_RET) {
		put_move(e, (struct ra_loc){RA_REG, 0}, value_loc(e, in->u.arg[0], pos));
		put_exit(e);
		return;
	}
	if (in->op == IR_JMP) {
		if (target(e, x->succ[0]) != next)
			put_jump(e, target(e, x->succ[0]));
		return;
	}
	if (e->blk[b].early) {
		const struct ir_ins *ret = ir_at(e->f, e->blk[b].early);

		e->at = ret->at;
		put_move(e, (struct ra_loc){RA_REG, 0}, value_loc(e, ret->u.arg[0], pos));
		e->at = in->at;
	}
	yes = target(e, x->succ[0]);
	no = target(e, x->succ[1]);
	if (cc == CC_CLR) {
		uint32_t t = yes;

		cc = CC_SET;
		yes = no;
		no = t;
	}
	if (yes == next && cc != CC_SET) {
		cc ^= 1;
		yes = no;
		no = next;
	}
	put_branch(e, in, cc, pos, yes);
	if (no != next)
		put_jump(e, no);
}

/* Params and phis that live in memory too are stored once, on entry. */
static void
emit_entry(struct fn_em *e, uint32_t b)
{
	struct ir_fn *f = e->f;
	struct ra_move m[5];
	uint32_t n = 0;

	for (ref r = f->blk.at[b].first; r; r = ir_at(f, r)->next) {
		const struct ir_ins *in = ir_at(f, r);
		const struct ra_value *x = &e->ra->val[r];

		if (in->op == IR_PHI && x->spilled && x->first->reg != RA_NONE) {
			e->at = in->at;
			put_move(e, (struct ra_loc){RA_MEM, x->slot},
				 (struct ra_loc){RA_REG, x->first->reg});
		}
		if (in->op != IR_PARAM || !x->first)
			continue;
		e->at = in->at;
		if (x->spilled)
			put_move(e, (struct ra_loc){RA_MEM, x->slot},
				 (struct ra_loc){RA_REG, 1 + (int32_t)in->imm});
		if (x->first->reg != RA_NONE && n < 5)
			m[n++] = (struct ra_move){{RA_REG, x->first->reg},
						  {RA_REG, 1 + (int32_t)in->imm}};
	}
	if (n)
		ra_parallel(m, n, 0, 0, put_move, e);
}

static void
emit_parts(struct fn_em *e, uint32_t pos)
{
	struct ra_move m[2 * RA_NREGS];
	uint32_t n = 0;

	while (e->part < e->parts.n && e->parts.at[e->part].pos <= pos) {
		if (e->parts.at[e->part].pos == pos && n < 2 * RA_NREGS)
			m[n++] = e->parts.at[e->part].m;
		e->part++;
	}
	if (n)
		moves_now(e, m, n, pos);
}

static void
emit_block(struct fn_em *e, uint32_t b, uint32_t next)
{
	struct ir_fn *f = e->f;
	const struct ir_blk *x = &f->blk.at[b];
	struct em_blk *eb = &e->blk[b];
	uint32_t start = e->ra->blk[b].from;

	eb->start = e->em->insns.n;
	e->at = ir_at(f, x->first)->at;
	if (eb->in.n)
		moves_now(e, eb->in.at, eb->in.n, start);
	emit_entry(e, b);
	/* Splits at the very start were dealt with on the edges. */
	while (b != 1 && e->part < e->parts.n && e->parts.at[e->part].pos <= start)
		e->part++;
	for (ref r = x->first; r; r = ir_at(f, r)->next) {
		const struct ir_ins *in = ir_at(f, r);
		uint32_t pos = e->ra->pos[r];

		e->at = in->at;
		if (in->op == IR_PHI || in->op == IR_PARAM)
			continue;
		emit_parts(e, pos);
		e->insn_at[pos / 2] = e->em->insns.n;
		if (!(ir_ops[in->op].flags & IRF_T)) {
			emit_value(e, r);
			continue;
		}
		if (eb->out.n)
			moves_now(e, eb->out.at, eb->out.n, pos + 1);
		emit_end(e, r, b, next);
	}
}

/* False when a conditional jump does not reach. */
static bool
resolve(struct fn_em *e)
{
	for (uint32_t i = 0; i < e->fixes.n; i++) {
		struct bpf_insn *in = &e->em->insns.at[e->fixes.at[i].insn];
		int64_t off =
			(int64_t)e->blk[e->fixes.at[i].blk].start - e->fixes.at[i].insn - 1;

		if (off >= INT16_MIN && off <= INT16_MAX) {
			in->off = (int16_t)off;
		} else if (in->code == (BPF_JMP | BPF_JA)) {
			in->code = BPF_JMP32 | BPF_JA;
			in->imm = (int32_t)off;
		} else {
			return false;
		}
	}
	return true;
}

static void
emit_blocks(struct fn_em *e)
{
	struct ir_fn *f = e->f;
	uint32_t *layout = arena_array(e->ra->arena, uint32_t, f->rpo.n + 1), n = 0;

	for (uint32_t i = 0; i < f->rpo.n; i++)
		if (!e->blk[f->rpo.at[i]].empty && !e->blk[f->rpo.at[i]].same_as &&
		    !e->blk[f->rpo.at[i]].gone)
			layout[n++] = f->rpo.at[i];
	e->part = 0;
	e->fixes.n = 0;
	for (uint32_t i = 0; i < n; i++)
		emit_block(e, layout[i], i + 1 < n ? layout[i + 1] : 0);
}

/* Which register or slot holds which source variable, for explanations. */
static void
note_vars(struct fn_em *e, uint32_t start)
{
	const struct ir_fn *f = e->f;
	uint32_t last = e->em->insns.n;

	for (ref r = 1; r < f->value_var.n; r++) {
		uint32_t var = f->value_var.at[r];

		if (!var || !f->vars.at[var].name || !e->ra->val[r].first)
			continue;
		for (const struct ra_ival *iv = e->ra->val[r].first; iv; iv = iv->next) {
			struct image_var v = {.name = f->vars.at[var].name, .reg = iv->reg,
					      .at = f->vars.at[var].at};

			v.from = e->insn_at[(ra_from(iv) + 1) / 2];
			v.to = e->insn_at[(ra_to(iv) + 1) / 2];
			if (iv->reg == RA_NONE)
				v.stack_off = (int16_t)e->ra->val[r].slot;
			if (v.to > v.from && v.to <= last)
				vec_push(e->em->arena, &e->em->vars, v);
		}
	}
	for (uint32_t i = 0; i < f->slots.n; i++) {
		const struct ir_slot *s = &f->slots.at[i];

		if (!s->dead && s->name)
			vec_push(e->em->arena, &e->em->vars,
				 ((struct image_var){.name = s->name, .from = start, .to = last,
						     .reg = -1, .stack_off = (int16_t)s->off,
						     .at = s->at}));
	}
}

static void
allocate(struct em *em, struct ra *ra)
{
	uint64_t start = em->clock ? em->clock() : 0;

	ra_live(ra);
	ra_scan(ra);
	ra_frame(ra);
	if (em->clock)
		em->registers_ns += em->clock() - start;
}

void
em_function(struct em *em, struct ir_fn *f)
{
	struct ra ra = {.f = f, .arena = f->arena};
	struct fn_em e = {.em = em, .f = f, .ra = &ra};
	uint32_t start = em->insns.n, relocs = em->relocs.n, calls = em->calls.n;
	uint32_t cores = em->cores.n, npos;

	vec_push(em->arena, &em->starts, start);
	allocate(em, &ra);
	e.blk = arena_array(f->arena, struct em_blk, f->blk.n + 1);
	collect_parts(&e);
	for (uint32_t i = 0; i < f->rpo.n; i++)
		for (uint32_t k = 0; k < f->blk.at[f->rpo.at[i]].nsucc; k++)
			edge_moves(&e, f->rpo.at[i], f->blk.at[f->rpo.at[i]].succ[k]);
	merge_blocks(&e);
	em_early_returns(&e);
	npos = ra.blk[*vec_last(&f->rpo)].to / 2 + 2;
	e.insn_at = arena_array(f->arena, uint32_t, npos);
	memset(e.insn_at, 0xff, npos * sizeof *e.insn_at);
	for (;;) {
		emit_blocks(&e);
		if (resolve(&e))
			break;
		e.long_jumps = true;
		em->insns.n = em->src.n = start;
		em->relocs.n = relocs;
		em->calls.n = calls;
		em->cores.n = cores;
	}
	e.insn_at[npos - 1] = e.insn_at[npos - 2] = em->insns.n;
	/* What was not emitted (empty blocks, shared returns) is where the next is. */
	for (uint32_t i = npos - 2; i-- > 0; )
		if (e.insn_at[i] == UINT32_MAX)
			e.insn_at[i] = e.insn_at[i + 1];
	if (em->want_vars)
		note_vars(&e, start);
	if (ra.frame > em->stack_bytes)
		em->stack_bytes = ra.frame;
}

void
em_finish(struct em *em)
{
	for (uint32_t i = 0; i < em->calls.n; i++) {
		const struct em_call *c = &em->calls.at[i];

		em->insns.at[c->insn].imm = (int32_t)em->starts.at[c->fn] -
					    (int32_t)c->insn - 1;
	}
}
