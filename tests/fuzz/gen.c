/* SPDX-License-Identifier: MIT */
/* gen.c: the program generator.
 *
 * It writes programs a statement at a time while keeping its own idea of what each register
 * and stack slot holds, much coarser than a verifier's: a scalar, a pointer to what. Each
 * statement is correct by that idea, unless the program's dice say "blunder": then a check is
 * left out, a bound is off by a little, a wrong register is used. About half of the programs
 * have no blunders at all; the rest die of one, deep inside a program that is otherwise
 * right, which is where verdicts are interesting. */
#include "gen.h"

#include <linux/bpf.h>
#include <stddef.h>

enum kind { NONE, SCALAR, CTX, VALUE, VALUE_OR_NULL, PACKET, PACKET_END };

struct reg {
	enum kind kind;
	uint8_t map;		/* VALUE, VALUE_OR_NULL */
	int32_t off;		/* VALUE: how far in; PACKET: bytes from data */
	int32_t room;		/* PACKET: bytes from data that are checked */
	uint64_t max;		/* SCALAR: no larger than this; UINT64_MAX unknown */
};

enum { SLOTS = 8, MAX_LEN = 1200, MAX_DEPTH = 4, NMAPS = 4, MAX_FUNCS = 3,
       COUNTER = 77 };

struct state {
	struct reg r[10];
	struct reg slot[SLOTS];	/* 8-byte slots from r10 - 8 downwards */
};

struct gen {
	uint64_t seed;
	struct arena *a;
	struct image *im;
	struct image_prog *p;
	VEC(struct bpf_insn) code;
	struct state s;
	uint32_t blunders;	/* in 1000 statements */
	int depth;		/* of blocks */
	int budget;		/* statements left */
	bool in_func;
	struct {		/* calls waiting for their function's address */
		uint32_t insn, func;
	} calls[16];
	uint32_t ncalls, nfuncs;
};

/* ---- dice --------------------------------------------------------------------------------- */

static uint64_t
next(struct gen *g)
{
	g->seed ^= g->seed << 13;
	g->seed ^= g->seed >> 7;
	g->seed ^= g->seed << 17;
	return g->seed * 0x2545f4914f6cdd1du;
}

static uint32_t
below(struct gen *g, uint32_t n)
{
	return (uint32_t)((next(g) >> 33) % n);
}

static bool
blunder(struct gen *g)
{
	return below(g, 1000) < g->blunders;
}

/* Constants that verifiers have opinions about. */
static int32_t
constant(struct gen *g)
{
	static const int32_t edges[] = {0, 1, -1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255,
					256, 4095, 0x7fff, 0x8000, 0xffff, 0x10000, INT32_MAX,
					INT32_MIN, -2, -8, -128};

	if (below(g, 3) == 0)
		return (int32_t)next(g);
	return edges[below(g, sizeof edges / sizeof *edges)];
}

/* ---- emission ------------------------------------------------------------------------------- */

static uint32_t
emit(struct gen *g, uint8_t code, int dst, int src, int off, int64_t imm)
{
	struct bpf_insn *in = vec_add(g->a, &g->code);

	in->code = code;
	in->dst_reg = (unsigned)dst & 0xf;
	in->src_reg = (unsigned)src & 0xf;
	in->off = (int16_t)off;
	in->imm = (int32_t)imm;
	return g->code.n - 1;
}

static void
emit_map(struct gen *g, int dst, uint32_t map)
{
	struct image_reloc r = {.insn = g->code.n, .kind = RELOC_MAP, .map = map};

	vec_push(g->a, &g->p->relocs, r);
	emit(g, BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_FD, 0, 0);
	emit(g, 0, 0, 0, 0, 0);
}

/* Make the jump at `at` go to here. */
static void
land(struct gen *g, uint32_t at)
{
	g->code.at[at].off = (int16_t)(g->code.n - at - 1);
}

static void
mov(struct gen *g, int dst, int64_t imm)
{
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
	g->s.r[dst] = (struct reg){.kind = SCALAR,
				   .max = imm >= 0 ? (uint64_t)imm : UINT64_MAX};
}

static void
leave(struct gen *g)
{
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, below(g, 2));
	emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* ---- registers --------------------------------------------------------------------------------- */

/* A register of that kind, or -1. */
static int
find(struct gen *g, enum kind kind)
{
	int at = (int)below(g, 10);

	for (int i = 0; i < 10; i++)
		if (g->s.r[(at + i) % 10].kind == kind)
			return (at + i) % 10;
	return -1;
}

/* A register to write: a dead one if there is one, but never the last pointer to the
 * context. */
static int
fresh(struct gen *g)
{
	int at = (int)below(g, 10), ctx = 0, r;

	for (int i = 0; i < 10; i++)
		ctx += g->s.r[i].kind == CTX;
	for (int i = 0; i < 10; i++)
		if (g->s.r[(at + i) % 10].kind == NONE)
			return (at + i) % 10;
	do
		r = (int)below(g, 10);
	while (g->s.r[r].kind == CTX && ctx < 2);
	return r;
}

static int
scalar(struct gen *g)
{
	int r = find(g, SCALAR);

	if (r >= 0 && below(g, 5))
		return r;
	r = fresh(g);
	mov(g, r, constant(g));
	return r;
}

/* r1-r5 are gone; anything alive there moves to r6-r9 first if there is room. */
static void
save_for_call(struct gen *g)
{
	for (int i = 0; i <= 5; i++) {
		enum kind k = g->s.r[i].kind;

		if (k == NONE || (k == SCALAR && below(g, 2)))
			continue;
		for (int d = 6; d < 10; d++) {
			if (g->s.r[d].kind != NONE && (g->s.r[d].kind != SCALAR || k == SCALAR))
				continue;
			emit(g, BPF_ALU64 | BPF_MOV | BPF_X, d, i, 0, 0);
			g->s.r[d] = g->s.r[i];
			break;
		}
	}
}

static void
clobber(struct gen *g)
{
	for (int i = 0; i <= 5; i++)
		g->s.r[i].kind = NONE;
}

/* ---- statements: numbers ------------------------------------------------------------------------- */

static void
do_alu(struct gen *g)
{
	static const uint8_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_OR, BPF_AND, BPF_XOR,
				      BPF_LSH, BPF_RSH, BPF_ARSH, BPF_DIV, BPF_MOD, BPF_NEG};
	uint8_t op = ops[below(g, sizeof ops)], class = below(g, 3) ? BPF_ALU64 : BPF_ALU;
	int bits = class == BPF_ALU64 ? 64 : 32, dst = scalar(g), src;
	int64_t imm = constant(g);

	if (op == BPF_NEG) {
		emit(g, class | BPF_NEG, dst, 0, 0, 0);
	} else if (below(g, 2)) {
		src = scalar(g);
		if (g->s.r[dst].kind != SCALAR)
			return;
		emit(g, class | op | BPF_X, dst, src, 0, 0);
	} else {
		if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
			imm = below(g, (uint32_t)bits);
		if ((op == BPF_DIV || op == BPF_MOD) && imm == 0)
			imm = 3;
		emit(g, class | op | BPF_K, dst, 0, 0, imm);
	}
	g->s.r[dst].max = UINT64_MAX;
	if (op == BPF_AND && imm >= 0 && BPF_SRC(vec_last(&g->code)->code) == BPF_K)
		g->s.r[dst].max = (uint64_t)imm;
	if (op == BPF_MOD && imm > 0 && BPF_SRC(vec_last(&g->code)->code) == BPF_K)
		g->s.r[dst].max = (uint64_t)imm - 1;
}

static void
do_mov(struct gen *g)
{
	int src = below(g, 3) ? scalar(g) : find(g, PACKET), dst = fresh(g);

	if (src < 0 || dst == src)
		return;
	if (g->s.r[src].kind == SCALAR && below(g, 3) == 0) {
		static const int16_t widths[] = {0, 8, 16};
		uint8_t class = below(g, 2) ? BPF_ALU64 : BPF_ALU;

		emit(g, class | BPF_MOV | BPF_X, dst, src, widths[below(g, 3)], 0);
		g->s.r[dst] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
		return;
	}
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
	g->s.r[dst] = g->s.r[src];
}

static void
do_wide(struct gen *g)
{
	int dst = fresh(g);

	emit(g, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, constant(g));
	emit(g, 0, 0, 0, 0, constant(g));
	g->s.r[dst] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

/* Keep a scalar within [0, max]: by a mask, a comparison, or a shift. */
static void
bound(struct gen *g, int r, uint32_t max)
{
	uint32_t jump;

	if (blunder(g))
		max += 1 + below(g, 16);
	if (g->s.r[r].max <= max || blunder(g))
		return;
	switch (below(g, 16)) {
	case 0:			/* the kernel learns nothing from a remainder */
		emit(g, BPF_ALU64 | BPF_MOD | BPF_K, r, 0, 0, (int64_t)max + 1);
		break;
	case 1: case 2: case 3: case 4: case 5: case 6:
		while (max & (max + 1))		/* the largest mask that fits */
			max >>= 1;
		emit(g, BPF_ALU64 | BPF_AND | BPF_K, r, 0, 0, max);
		break;
	case 7: case 8:			/* from both sides, signed */
		jump = emit(g, BPF_JMP | BPF_JSGE | BPF_K, r, 0, 1, 0);
		emit(g, BPF_ALU64 | BPF_MOV | BPF_K, r, 0, 0, 0);
		land(g, jump);
		g->code.at[jump].off = 1;
		jump = emit(g, BPF_JMP | BPF_JSLE | BPF_K, r, 0, 0, max);
		leave(g);
		land(g, jump);
		break;
	case 9: case 10: case 11:
		jump = emit(g, BPF_JMP | BPF_JLE | BPF_K, r, 0, 0, max);
		leave(g);
		land(g, jump);
		break;
	default:
		emit(g, BPF_ALU | BPF_MOV | BPF_X, r, r, 0, 0);
		jump = emit(g, BPF_JMP32 | BPF_JLT | BPF_K, r, 0, 0, (int64_t)max + 1);
		leave(g);
		land(g, jump);
	}
	g->s.r[r].max = max;
}

/* ---- statements: memory ---------------------------------------------------------------------------- */

static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};

static int
do_access(struct gen *g, int base, int off, uint32_t which)
{
	int r, bytes = 1 << which;

	switch (below(g, 4)) {
	case 0:
		r = scalar(g);
		if (r == base || (base != BPF_REG_10 && g->s.r[base].kind == SCALAR))
			return bytes;
		emit(g, BPF_STX | BPF_MEM | sizes[which], base, r, off, 0);
		break;
	case 1:
		emit(g, BPF_ST | BPF_MEM | sizes[which], base, 0, off, constant(g));
		break;
	default:
		r = fresh(g);
		if (r == base)
			return bytes;
		emit(g, BPF_LDX | (which < 3 && below(g, 6) == 0 ? 0x80 : BPF_MEM) | sizes[which],
		     r, base, off, 0);
		g->s.r[r] = (struct reg){.kind = SCALAR,
					 .max = which < 3 && BPF_MODE(vec_last(&g->code)->code) ==
								     BPF_MEM
							? (1ull << (bytes * 8)) - 1
							: UINT64_MAX};
	}
	return bytes;
}

static uint32_t
value_size(const struct gen *g, uint32_t map)
{
	return g->im->maps.at[map]->value_size;
}

/* Write then read stack memory; spills and fills keep what was stored. */
static void
do_stack(struct gen *g)
{
	uint32_t slot = below(g, SLOTS);
	int off = -8 * ((int)slot + 1), r;

	switch (below(g, 4)) {
	case 0:			/* spill anything */
		r = (int)below(g, 10);
		if (g->s.r[r].kind == NONE)
			return;
		emit(g, BPF_STX | BPF_MEM | BPF_DW, 10, r, off, 0);
		g->s.slot[slot] = g->s.r[r];
		return;
	case 1:			/* fill */
		if (g->s.slot[slot].kind == NONE)
			return;
		r = fresh(g);
		emit(g, BPF_LDX | BPF_MEM | BPF_DW, r, 10, off, 0);
		g->s.r[r] = g->s.slot[slot];
		return;
	case 2:			/* narrow accesses to a slot that holds a number */
		if (g->s.slot[slot].kind != SCALAR)
			return;
		do_access(g, 10, off, below(g, 4));
		g->s.slot[slot].max = UINT64_MAX;
		return;
	default:
		emit(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, off, constant(g));
		g->s.slot[slot] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
	}
}

static void
do_lookup(struct gen *g)
{
	uint32_t map = below(g, NMAPS), slot = below(g, SLOTS);
	bool array = g->im->maps.at[map]->type == BPF_MAP_TYPE_ARRAY;
	uint32_t skip;
	int r = -1;

	save_for_call(g);
	if (array && below(g, 2))
		r = scalar(g);
	if (r >= 0)
		emit(g, BPF_STX | BPF_MEM | BPF_DW, 10, r, -8 * ((int)slot + 1), 0);
	else
		emit(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8 * ((int)slot + 1), below(g, 3));
	g->s.slot[slot] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
	emit_map(g, 1, map);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8 * ((int)slot + 1));
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	clobber(g);
	g->s.r[0] = (struct reg){.kind = VALUE_OR_NULL, .map = (uint8_t)map};
	if (blunder(g))
		g->s.r[0].kind = VALUE;
	if (below(g, 4) == 0)
		return;		/* checked later */
	skip = emit(g, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 0);
	leave(g);
	land(g, skip);
	g->s.r[0].kind = VALUE;
}

static void
do_null_check(struct gen *g)
{
	int r = find(g, VALUE_OR_NULL);
	uint32_t jump;

	if (r < 0)
		return;
	if (below(g, 2)) {
		jump = emit(g, BPF_JMP | BPF_JNE | BPF_K, r, 0, 0, 0);
		leave(g);
		land(g, jump);
	} else {
		emit(g, BPF_JMP | BPF_JEQ | BPF_K, r, 0, 1, 0);
		jump = emit(g, BPF_JMP | BPF_JA, 0, 0, 2, 0);
		leave(g);
	}
	g->s.r[r].kind = VALUE;
}

static void
do_value(struct gen *g)
{
	int r = find(g, VALUE), off;
	uint32_t which = below(g, 4), room;

	if (r < 0)
		return;
	room = value_size(g, g->s.r[r].map) - (uint32_t)g->s.r[r].off;
	if ((1u << which) > room && !blunder(g))
		return;
	off = (int)below(g, room) & ~((1 << which) - 1);
	if (off + (1 << which) > (int)room && !blunder(g))
		off = 0;
	do_access(g, r, off, which);
}

/* value + bounded index, then an access. */
static void
do_index(struct gen *g)
{
	int base = find(g, VALUE), idx, r;
	uint32_t which = below(g, 4), size;

	if (base < 0 || g->s.r[base].off)
		return;
	size = value_size(g, g->s.r[base].map);
	if ((1u << which) > size)
		return;
	idx = scalar(g);
	if (g->s.r[base].kind != VALUE)
		return;
	bound(g, idx, size - (1u << which));
	r = fresh(g);
	if (r == base || r == idx || g->s.r[base].kind != VALUE)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, r, base, 0, 0);
	emit(g, BPF_ALU64 | (blunder(g) ? BPF_SUB : BPF_ADD) | BPF_X, r, idx, 0, 0);
	g->s.r[r].kind = NONE;
	do_access(g, r, 0, which);
	if (BPF_CLASS(vec_last(&g->code)->code) != BPF_LDX || vec_last(&g->code)->dst_reg != r)
		g->s.r[r].kind = NONE;
}

/* r10 + bounded index, into slots that hold numbers. */
static void
do_stack_var(struct gen *g)
{
	int idx = scalar(g), r;

	for (int i = 0; i < 4; i++) {
		if (g->s.slot[i].kind != NONE && g->s.slot[i].kind != SCALAR)
			return;
		if (g->s.slot[i].kind == NONE && !blunder(g))
			emit(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8 * (i + 1), constant(g));
		g->s.slot[i] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
	}
	bound(g, idx, 24 + (blunder(g) ? 8 : 0));
	r = fresh(g);
	if (r == idx)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, r, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, r, idx, 0, 0);
	g->s.r[r].kind = NONE;
	do_access(g, r, -32, below(g, 6) ? 0 : 2);	/* the stack is always aligned */
	if (BPF_CLASS(vec_last(&g->code)->code) != BPF_LDX || vec_last(&g->code)->dst_reg != r)
		g->s.r[r].kind = NONE;
}

/* A record of the ring buffer: written, sometimes kept too long or used after its end. */
static void
do_record(struct gen *g)
{
	uint32_t jump, which = below(g, 4);
	int r, off;

	save_for_call(g);
	emit_map(g, 1, NMAPS);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 24);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ringbuf_reserve);
	clobber(g);
	jump = emit(g, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 0, 0);
	leave(g);
	land(g, jump);
	off = (int)below(g, 24 / (1u << which)) << which;
	g->s.r[0].kind = PACKET_END;		/* nobody takes it */
	for (int i = (int)below(g, 3); i >= 0; i--) {
		r = scalar(g);
		if (g->s.r[r].kind == SCALAR && r)
			emit(g, BPF_STX | BPF_MEM | sizes[which], 0, r,
			     blunder(g) ? off + 24 : off, 0);
	}
	g->s.r[0].kind = NONE;
	if (blunder(g))
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, 0, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0,
	     below(g, 2) ? BPF_FUNC_ringbuf_submit : BPF_FUNC_ringbuf_discard);
	clobber(g);
}

static void
do_atomic(struct gen *g)
{
	static const int32_t ops[] = {BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH,
				      BPF_XOR | BPF_FETCH, BPF_XCHG};
	int32_t op = ops[below(g, sizeof ops / sizeof *ops)];
	bool wide = below(g, 2);
	int r = find(g, VALUE), src = scalar(g), off = 0;

	if (r >= 0 && g->s.r[r].kind == VALUE && !g->s.r[r].off && src != r) {
		if (value_size(g, g->s.r[r].map) < 8)
			return;
	} else {
		uint32_t slot = below(g, SLOTS);

		if (g->s.slot[slot].kind != SCALAR)
			return;
		g->s.slot[slot].max = UINT64_MAX;
		r = 10;
		off = -8 * ((int)slot + 1);
	}
	emit(g, BPF_STX | BPF_ATOMIC | (wide ? BPF_DW : BPF_W), r, src, off, op);
	if (op & BPF_FETCH)
		g->s.r[src].max = UINT64_MAX;
}

/* ---- statements: context and packet ------------------------------------------------------------- */

static bool
has_packet(const struct gen *g)
{
	return g->p->type == BPF_PROG_TYPE_XDP || g->p->type == BPF_PROG_TYPE_SCHED_CLS ||
	       g->p->type == BPF_PROG_TYPE_CGROUP_SKB;
}

static void
do_context(struct gen *g)
{
	static const uint8_t skb[] = {0, 4, 8, 16, 20, 24, 36, 40, 48};
	int base = find(g, CTX), r = fresh(g), off;

	if (base < 0 || r == base)
		return;
	if (g->p->type == BPF_PROG_TYPE_XDP)
		off = (int)(12 + 4 * below(g, 2));
	else if (g->p->type == BPF_PROG_TYPE_RAW_TRACEPOINT)
		off = 0;
	else
		off = skb[below(g, sizeof skb)];
	if (below(g, 4) == 0 && blunder(g))
		off += 2;
	emit(g, BPF_LDX | BPF_MEM | (off ? BPF_W : BPF_DW), r, base, off, 0);
	if (!off && g->p->type != BPF_PROG_TYPE_RAW_TRACEPOINT)
		vec_last(&g->code)->code = BPF_LDX | BPF_MEM | BPF_W;
	g->s.r[r] = (struct reg){.kind = SCALAR, .max = UINT32_MAX};
}

static void
do_packet_start(struct gen *g)
{
	bool xdp = g->p->type == BPF_PROG_TYPE_XDP;
	int base = find(g, CTX), data, end, tmp;
	int32_t n = (int32_t)(1 + below(g, 40));
	uint32_t jump;

	if (!has_packet(g) || base < 0)
		return;
	data = fresh(g);
	g->s.r[data].kind = PACKET;
	end = fresh(g);
	g->s.r[end].kind = PACKET_END;
	tmp = fresh(g);
	if (data == base || end == base || tmp == base || data == end || tmp == data ||
	    tmp == end) {
		g->s.r[data].kind = data == base ? CTX : NONE;
		g->s.r[end].kind = end == base ? CTX : NONE;
		return;
	}
	emit(g, BPF_LDX | BPF_MEM | BPF_W, data, base, xdp ? 0 : offsetof(struct __sk_buff, data),
	     0);
	emit(g, BPF_LDX | BPF_MEM | BPF_W, end, base,
	     xdp ? 4 : offsetof(struct __sk_buff, data_end), 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, tmp, data, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, tmp, 0, 0, n);
	if (below(g, 2))
		jump = emit(g, BPF_JMP | BPF_JLE | BPF_X, tmp, end, 0, 0);
	else
		jump = emit(g, BPF_JMP | BPF_JGE | BPF_X, end, tmp, 0, 0);
	leave(g);
	land(g, jump);
	g->s.r[data] = (struct reg){.kind = PACKET, .room = blunder(g) ? n + 3 : n};
	g->s.r[tmp].kind = NONE;
}

static void
do_packet(struct gen *g)
{
	int r = find(g, PACKET);
	uint32_t which = below(g, 4);
	int off;

	if (r < 0 || g->s.r[r].room < 1 << which || g->p->type == BPF_PROG_TYPE_CGROUP_SKB)
		return;
	off = (int)below(g, (uint32_t)(g->s.r[r].room - (1 << which) + 1));
	do_access(g, r, off, which);
}

/* data + bounded variable, checked again against the end. */
static void
do_packet_var(struct gen *g)
{
	int data = find(g, PACKET), end = find(g, PACKET_END), idx, r, tmp;
	uint32_t jump, which = below(g, 3);

	if (data < 0 || end < 0)
		return;
	idx = scalar(g);
	if (g->s.r[data].kind != PACKET || g->s.r[end].kind != PACKET_END ||
	    g->s.r[end].map == COUNTER)
		return;
	bound(g, idx, (uint32_t[]){15, 63, 255, 1500, 0xffff}[below(g, 5)]);
	r = fresh(g);
	if (r == data || r == end || r == idx)
		return;
	g->s.r[r].kind = PACKET;
	tmp = fresh(g);
	g->s.r[r].kind = NONE;
	if (tmp == data || tmp == end || tmp == r || g->s.r[tmp].kind == CTX)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, r, data, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_X, r, idx, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, tmp, r, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, tmp, 0, 0, (1 << which) - (blunder(g) ? 1 : 0));
	jump = emit(g, BPF_JMP | BPF_JLE | BPF_X, tmp, end, 0, 0);
	leave(g);
	land(g, jump);
	g->s.r[tmp].kind = NONE;
	g->s.r[r] = (struct reg){.kind = PACKET, .room = 1 << which};
	if (g->p->type != BPF_PROG_TYPE_CGROUP_SKB)
		do_access(g, r, 0, which);
}

/* ---- statements: calls --------------------------------------------------------------------------- */

static void
do_helper(struct gen *g)
{
	static const int32_t ids[] = {BPF_FUNC_ktime_get_ns, BPF_FUNC_get_prandom_u32,
				      BPF_FUNC_get_smp_processor_id};

	save_for_call(g);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, ids[below(g, 3)]);
	clobber(g);
	g->s.r[0] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

static void
do_update(struct gen *g)
{
	uint32_t map = below(g, NMAPS);
	int size = (int)value_size(g, map), slots = (size + 7) / 8;

	if (slots > SLOTS - 1)
		return;
	save_for_call(g);
	for (int i = 0; i < slots + 1; i++) {
		if (g->s.slot[i].kind != NONE || blunder(g))
			continue;
		emit(g, BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8 * (i + 1), below(g, 4));
		g->s.slot[i] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
	}
	emit_map(g, 1, map);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -8 * (slots + 1));
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 0);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem);
	clobber(g);
	g->s.r[0] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

/* skb_load_bytes into the stack, with a length that may vary. */
static void
do_load_bytes(struct gen *g)
{
	int ctx = find(g, CTX), len;

	if (g->p->type != BPF_PROG_TYPE_SCHED_CLS || ctx < 6)
		return;
	save_for_call(g);
	len = scalar(g);
	if (len >= 6 && g->s.r[ctx].kind == CTX && ctx >= 6) {
		bound(g, len, 31);
		emit(g, BPF_ALU64 | BPF_ADD | BPF_K, len, 0, 0, 1);
		g->s.r[len].max = UINT64_MAX;
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 4, len, 0, 0);
	} else {
		emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, 1 + below(g, 32));
	}
	if (g->s.r[ctx].kind != CTX)
		return;
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 1, ctx, 0, 0);
	emit(g, BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, below(g, 20));
	emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 3, 10, 0, 0);
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, blunder(g) ? -24 : -32);
	emit(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes);
	clobber(g);
	for (int i = 0; i < 4; i++)
		g->s.slot[i].kind = NONE;
	g->s.r[0] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

/* A function of numbers, written later. */
static void
do_call(struct gen *g)
{
	uint32_t func = below(g, MAX_FUNCS);

	if (g->in_func || g->ncalls == sizeof g->calls / sizeof *g->calls)
		return;
	save_for_call(g);
	for (int i = 1; i <= 2; i++)
		if (g->s.r[i].kind != SCALAR)
			mov(g, i, constant(g));
	g->calls[g->ncalls].insn = emit(g, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1);
	g->calls[g->ncalls++].func = func;
	if (func >= g->nfuncs)
		g->nfuncs = func + 1;
	clobber(g);
	g->s.r[0] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

/* ---- statements: control ---------------------------------------------------------------------------- */

static void block(struct gen *g, int n);

/* What both paths agree on. */
static void
meet(struct state *a, const struct state *b)
{
	for (int i = 0; i < 10 + SLOTS; i++) {
		struct reg *x = i < 10 ? &a->r[i] : &a->slot[i - 10];
		const struct reg *y = i < 10 ? &b->r[i] : &b->slot[i - 10];

		if (x->kind != y->kind || x->map != y->map || x->off != y->off)
			x->kind = NONE;
		x->room = x->room < y->room ? x->room : y->room;
		x->max = x->max > y->max ? x->max : y->max;
	}
}

static uint32_t
emit_branch(struct gen *g)
{
	static const uint8_t ops[] = {BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE,
				      BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET};
	uint8_t op = ops[below(g, sizeof ops)], class = below(g, 3) ? BPF_JMP : BPF_JMP32;
	int a = scalar(g), b;

	if (below(g, 3) == 0) {
		b = scalar(g);
		if (g->s.r[a].kind == SCALAR)
			return emit(g, class | op | BPF_X, a, b, 0, 0);
		a = b;
	}
	return emit(g, class | op | BPF_K, a, 0, 0, constant(g));
}

static void
do_if(struct gen *g)
{
	uint32_t jump, over;
	struct state before, after;

	if (g->depth >= MAX_DEPTH)
		return;
	jump = emit_branch(g);
	before = g->s;
	block(g, 1 + (int)below(g, 4));
	if (below(g, 2)) {
		over = emit(g, BPF_JMP | BPF_JA, 0, 0, 0, 0);
		land(g, jump);
		after = g->s;
		g->s = before;
		block(g, 1 + (int)below(g, 4));
		land(g, over);
		meet(&g->s, &after);
	} else {
		land(g, jump);
		meet(&g->s, &before);
	}
}

/* A counted loop in a callee-saved register or a stack slot. What the body kills stays dead;
 * only registers that live through the whole body count afterwards. */
static void
do_loop(struct gen *g)
{
	int counter = 6 + (int)below(g, 4);
	uint32_t start;
	struct reg saved = g->s.r[counter];
	struct state before;
	bool up = below(g, 2);
	int32_t n = (int32_t)(1 + below(g, 12));

	if (g->depth >= MAX_DEPTH - 1 || saved.kind == CTX || saved.kind == PACKET)
		return;
	mov(g, counter, up ? 0 : n);
	g->s.r[counter].kind = PACKET_END;	/* nobody writes it */
	g->s.r[counter].map = COUNTER;
	for (int i = 0; i < 10; i++)	/* the body may not count on numbers it changes */
		g->s.r[i].max = UINT64_MAX;
	for (int i = 0; i < SLOTS; i++)
		g->s.slot[i].max = UINT64_MAX;
	if (below(g, 8)) {	/* what a call in the body would kill is not counted on */
		save_for_call(g);
		clobber(g);
	}
	before = g->s;
	start = g->code.n;
	block(g, 1 + (int)below(g, 4));
	meet(&before, &g->s);
	if (g->s.r[counter].kind != PACKET_END || g->s.r[counter].map != COUNTER)
		return;		/* the body took it after all: falls through, no loop */
	emit(g, BPF_ALU64 | BPF_ADD | BPF_K, counter, 0, 0, up ? 1 : -1);
	if (up)
		emit(g, BPF_JMP | (below(g, 2) ? BPF_JLT : BPF_JNE) | BPF_K, counter, 0,
		     (int)start - (int)g->code.n - 1, n);
	else
		emit(g, BPF_JMP | (below(g, 2) ? BPF_JSGT : BPF_JNE) | BPF_K, counter, 0,
		     (int)start - (int)g->code.n - 1, 0);
	g->s = before;
	g->s.r[counter] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
}

static const struct {
	void (*fn)(struct gen *g);
	uint32_t weight;
} statements[] = {
	{do_alu, 10}, {do_mov, 5}, {do_wide, 1}, {do_stack, 9}, {do_lookup, 4}, {do_null_check, 4},
	{do_value, 6}, {do_index, 6}, {do_atomic, 2}, {do_context, 3}, {do_packet_start, 3},
	{do_packet, 5}, {do_packet_var, 4}, {do_helper, 2}, {do_update, 2}, {do_load_bytes, 2},
	{do_call, 2}, {do_stack_var, 3}, {do_record, 1}, {do_if, 8}, {do_loop, 3},
};

static void
statement(struct gen *g)
{
	uint32_t total = 0, roll;

	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		total += statements[i].weight;
	roll = below(g, total);
	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
		if (roll < statements[i].weight) {
			statements[i].fn(g);
			return;
		}
		roll -= statements[i].weight;
	}
}

static void
block(struct gen *g, int n)
{
	g->depth++;
	for (int i = 0; i < n && g->budget > 0 && g->code.n < MAX_LEN; i++) {
		g->budget--;
		statement(g);
	}
	g->depth--;
}

/* ---- whole programs --------------------------------------------------------------------------------- */

static void
finish(struct gen *g)
{
	int r = find(g, SCALAR);

	if (r >= 0 && below(g, 2)) {
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 0, r, 0, 0);
		emit(g, BPF_ALU64 | BPF_AND | BPF_K, 0, 0, 0, 1);
		emit(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		return;
	}
	leave(g);
}

static void
write_functions(struct gen *g)
{
	for (uint32_t f = 0; f < g->nfuncs; f++) {
		struct image_subprog sub = {.start = g->code.n,
					    .name = arena_printf(g->a, "f%u", f)};
		bool called = false;

		for (uint32_t i = 0; i < g->ncalls; i++) {
			if (g->calls[i].func != f)
				continue;
			called = true;
			g->code.at[g->calls[i].insn].imm =
				(int32_t)(sub.start - g->calls[i].insn - 1);
		}
		if (!called)
			continue;
		vec_push(g->a, &g->p->subprogs, sub);
		g->s = (struct state){0};
		g->s.r[1] = g->s.r[2] = (struct reg){.kind = SCALAR, .max = UINT64_MAX};
		g->in_func = true;
		g->budget = 3 + (int)below(g, 12);
		block(g, g->budget);
		finish(g);
	}
}

static void
add_maps(struct gen *g)
{
	static const struct { uint32_t type, key, value, entries; } shapes[] = {
		{BPF_MAP_TYPE_ARRAY, 4, 16, 4}, {BPF_MAP_TYPE_HASH, 8, 48, 8},
		{BPF_MAP_TYPE_ARRAY, 4, 4, 1}, {BPF_MAP_TYPE_HASH, 4, 13, 4},
		{BPF_MAP_TYPE_RINGBUF, 0, 0, 4096},	/* number NMAPS, for do_record only */
	};

	for (uint32_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct image_map *m = arena_new(g->a, struct image_map);

		*m = (struct image_map){.name = arena_printf(g->a, "m%u", i),
					.type = shapes[i].type, .key_size = shapes[i].key,
					.value_size = shapes[i].value,
					.max_entries = shapes[i].entries};
		vec_push(g->a, &g->im->maps, m);
	}
}

void
gen_program(uint64_t seed, struct arena *a, struct gen_case *out)
{
	static const uint32_t types[] = {BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SCHED_CLS,
					 BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_CGROUP_SKB,
					 BPF_PROG_TYPE_RAW_TRACEPOINT};
	static const uint32_t blunders[] = {0, 0, 20, 50, 100, 200};
	struct gen *g = arena_new(a, struct gen);
	struct image_subprog entry = {.name = "entry"};

	g->seed = (seed + 1) * 0x9e3779b97f4a7c15u;
	g->a = a;
	g->im = arena_new(a, struct image);
	g->im->arena = a;
	g->p = arena_new(a, struct image_prog);
	for (int i = 0; i < 4; i++)
		next(g);
	*g->p = (struct image_prog){.name = "fuzz", .license = "GPL",
				    .type = types[below(g, sizeof types / sizeof *types)]};
	g->blunders = blunders[below(g, sizeof blunders / sizeof *blunders)];
	add_maps(g);
	vec_push(a, &g->p->subprogs, entry);
	g->s.r[1].kind = CTX;
	if (below(g, 4)) {
		emit(g, BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0);
		g->s.r[6].kind = CTX;
	}
	g->budget = 6 + (int)below(g, 50);
	block(g, g->budget);
	finish(g);
	write_functions(g);
	g->p->insns = g->code.at;
	g->p->ninsns = g->code.n;
	g->p->src = arena_array(a, span, g->code.n);
	vec_push(a, &g->im->progs, g->p);
	*out = (struct gen_case){g->im, g->p};
}
