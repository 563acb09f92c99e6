/* SPDX-License-Identifier: MIT */
/* fold.c: constants, copies and identities, in one walk in reverse post-order.
 *
 * Each instruction first sees its operands past copies, then is tried against the rules
 * below until none applies. What a rule makes of it is either a copy of another value (dead
 * code elimination drops it) or the same instruction with simpler operands.
 *
 * Two rules of caution. Pointers: only constant offsets move (into other constant offsets and
 * into the offset of an access); nothing reorders the addition of a variable, because the
 * kernel's verifier ties a bounds check to the very pointer that was checked. Masks and
 * comparisons that the source wrote may be dropped only when the verifier knows the bound
 * they establish as well (`seen_bits`), not merely when we do; the truncations that typed
 * variables imply may go whenever the value fits. */
#include "compile/passes/passes.h"

#include <linux/bpf.h>

uint64_t
opt_swap(uint64_t v, unsigned size)
{
	switch (size) {
	case 2: return __builtin_bswap16((uint16_t)v);
	case 4: return __builtin_bswap32((uint32_t)v);
	default: return __builtin_bswap64(v);
	}
}

bool
opt_fold_cc(enum ir_cc cc, uint64_t a, uint64_t b)
{
	int64_t sa = (int64_t)a, sb = (int64_t)b;

	switch (cc) {
	case CC_EQ: return a == b;
	case CC_NE: return a != b;
	case CC_ULT: return a < b;
	case CC_UGE: return a >= b;
	case CC_ULE: return a <= b;
	case CC_UGT: return a > b;
	case CC_SLT: return sa < sb;
	case CC_SGE: return sa >= sb;
	case CC_SLE: return sa <= sb;
	case CC_SGT: return sa > sb;
	case CC_SET: return (a & b) != 0;
	case CC_CLR: return (a & b) == 0;
	}
	return false;
}

/* What BPF computes. `w32`: in 32 bits, upper half of the result zero. */
uint64_t
opt_fold_binary(enum ir_op op, uint64_t a, uint64_t b, bool w32)
{
	unsigned count = (unsigned)b & (w32 ? 31 : 63);
	uint64_t r;

	if (w32) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (op) {
	case IR_ADD: r = a + b; break;
	case IR_SUB: r = a - b; break;
	case IR_MUL: r = a * b; break;
	case IR_UDIV: r = b ? a / b : 0; break;
	case IR_UMOD: r = b ? a % b : a; break;
	case IR_AND: r = a & b; break;
	case IR_OR: r = a | b; break;
	case IR_XOR: r = a ^ b; break;
	case IR_SHL: r = a << count; break;
	case IR_LSHR: r = a >> count; break;
	case IR_ASHR:
		r = w32 ? (uint64_t)((int32_t)a >> count) : (uint64_t)((int64_t)a >> count);
		break;
	default: r = 0; break;
	}
	return w32 ? (uint32_t)r : r;
}

uint64_t
opt_fold_unary(enum ir_op op, uint64_t a, unsigned size)
{
	switch (op) {
	case IR_NEG: return -a;
	case IR_BSWAP: return opt_swap(a, size);
	case IR_ZEXT: return size == 8 ? a : a & ((1ull << size * 8) - 1);
	case IR_SEXT: {
		unsigned s = 64 - size * 8;

		return (uint64_t)((int64_t)(a << s) >> s);
	}
	default: return a;
	}
}

/* A bound on the value's bits that the kernel's verifier sees for itself. */
static unsigned
seen_bits(const struct ir_fn *f, ref r)
{
	const struct ir_ins *in = ir_at(f, r);
	int64_t c;

	switch (in->op) {
	case IR_CONST: case IR_SET: return in->bits;
	case IR_LOAD: return in->flags & IR_SIGNED ? 64 : in->size * 8u;
	case IR_ZEXT: return in->size * 8u;
	case IR_AND:
		return ir_is_const(f, in->u.arg[1], &c) ? ir_at(f, in->u.arg[1])->bits : 64;
	default: return 64;
	}
}

static bool
is_pow2(int64_t v, unsigned *shift)
{
	if (v <= 0 || (v & (v - 1)))
		return false;
	*shift = (unsigned)__builtin_ctzll((uint64_t)v);
	return true;
}

static bool
forward_const(struct ir_fn *f, ref r, uint64_t v)
{
	ref c = ir_const(f, (int64_t)v);

	ir_forward(f, r, c);
	return true;
}

static bool
forward_to(struct ir_fn *f, ref r, ref v)
{
	ir_forward(f, r, v);
	return true;
}

/* `r` reads `v` from now on: the count of uses stays an upper bound. */
static ref
use(struct ir_fn *f, ref v)
{
	ir_at(f, v)->uses++;
	return v;
}

static bool
become(struct ir_fn *f, ref r, enum ir_op op, ref a, int64_t c)
{
	ref k = ir_const(f, c);
	struct ir_ins *in = ir_at(f, r);

	in->op = (uint8_t)op;
	in->nargs = 2;
	in->u.arg[0] = use(f, a);
	in->u.arg[1] = k;
	in->bits = ir_bits(f, in);
	return true;
}

static enum ir_cc
swap_cc(enum ir_cc cc)
{
	switch (cc) {
	case CC_ULT: return CC_UGT;
	case CC_UGT: return CC_ULT;
	case CC_ULE: return CC_UGE;
	case CC_UGE: return CC_ULE;
	case CC_SLT: return CC_SGT;
	case CC_SGT: return CC_SLT;
	case CC_SLE: return CC_SGE;
	case CC_SGE: return CC_SLE;
	default: return cc;
	}
}

/* x op x */
static bool
fold_same(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);

	if (in->u.arg[0] != in->u.arg[1] || ir_at(f, in->u.arg[0])->prov != PV_SCALAR)
		return false;
	switch (in->op) {
	case IR_SUB: case IR_XOR: return forward_const(f, r, 0);
	case IR_AND: case IR_OR:
		return in->flags & IR_W32 ? false : forward_to(f, r, in->u.arg[0]);
	default: return false;
	}
}

/* x op c, 64 bits wide */
static bool
fold_right(struct ir_fn *f, ref r, int64_t c)
{
	struct ir_ins *in = ir_at(f, r);
	ref a = in->u.arg[0];
	const struct ir_ins *x = ir_at(f, a);
	unsigned shift;
	int64_t c1;

	switch (in->op) {
	case IR_ADD:
		if (c == 0)
			return forward_to(f, r, a);
		if (x->op == IR_SLOT || x->op == IR_MAPVAL)
			return forward_to(f, r, ir_leaf(f, x->op, x->imm,
							x->off + (int32_t)c, x->prov));
		if (x->op == IR_ADD && !x->flags && ir_is_const(f, x->u.arg[1], &c1))
			return become(f, r, IR_ADD, x->u.arg[0],
				      (int64_t)((uint64_t)c + (uint64_t)c1));
		return false;
	case IR_SUB:
		return c != INT64_MIN && become(f, r, IR_ADD, a, -c);
	case IR_MUL:
		if (c == 0)
			return forward_const(f, r, 0);
		if (c == 1)
			return forward_to(f, r, a);
		return is_pow2(c, &shift) && become(f, r, IR_SHL, a, shift);
	case IR_UDIV:
		if (c == 0)
			return forward_const(f, r, 0);
		if (c == 1)
			return forward_to(f, r, a);
		return is_pow2(c, &shift) && become(f, r, IR_LSHR, a, shift);
	case IR_UMOD:
		if (c == 0)
			return forward_to(f, r, a);
		return is_pow2(c, &shift) && become(f, r, IR_AND, a, c - 1);
	case IR_AND:
		if (c == 0)
			return forward_const(f, r, 0);
		if (c == -1 || (!(c & (c + 1)) && c > 0 &&
				seen_bits(f, a) <= ir_at(f, in->u.arg[1])->bits))
			return forward_to(f, r, a);
		if (x->op == IR_AND && !x->flags && ir_is_const(f, x->u.arg[1], &c1))
			return become(f, r, IR_AND, x->u.arg[0], c & c1);
		if (x->op == IR_ZEXT && c > 0 && c < 1ll << x->size * 8)
			return become(f, r, IR_AND, x->u.arg[0], c);
		return false;
	case IR_OR: case IR_XOR: case IR_SHL: case IR_LSHR: case IR_ASHR:
		return c == 0 && forward_to(f, r, a);
	default: return false;
	}
}

static bool
fold_binary(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	int64_t a, b;
	bool ca = ir_is_const(f, in->u.arg[0], &a), cb = ir_is_const(f, in->u.arg[1], &b);

	if (ca && cb)
		return forward_const(f, r, opt_fold_binary(in->op, (uint64_t)a, (uint64_t)b,
							   in->flags & IR_W32));
	if ((ir_ops[in->op].flags & IRF_K) &&
	    (ca || (!cb && ir_is_leaf(f, in->u.arg[0]) == 0 && ir_is_leaf(f, in->u.arg[1])))) {
		ref t = in->u.arg[0];

		in->u.arg[0] = in->u.arg[1];
		in->u.arg[1] = t;
		cb = ca;
		b = a;
	}
	if (cb && !(in->flags & IR_W32) && fold_right(f, r, b))
		return true;
	return fold_same(f, r);
}

/* Operations whose low half depends only on the low halves of their operands. */
static bool
narrows(const struct ir_fn *f, const struct ir_ins *in)
{
	int64_t c;

	switch (in->op) {
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_AND: case IR_OR: case IR_XOR:
	case IR_NEG:
		return true;
	case IR_SHL: return ir_is_const(f, in->u.arg[1], &c) && c >= 0 && c < 32;
	default: return false;
	}
}

static bool
fold_unary(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	ref a = in->u.arg[0];
	struct ir_ins *x = ir_at(f, a);
	int64_t c;

	if (ir_is_const(f, a, &c))
		return forward_const(f, r, opt_fold_unary(in->op, (uint64_t)c, in->size));
	switch (in->op) {
	case IR_ZEXT:
		if (in->size == 8 || x->bits <= in->size * 8)
			return forward_to(f, r, a);
		if (x->op == IR_ZEXT || x->op == IR_SEXT) {
			if (x->size >= in->size) {
				in->u.arg[0] = use(f, x->u.arg[0]);
				return true;
			}
		}
		if (in->size == 4 && x->uses == 1 && narrows(f, x) && x->prov == PV_SCALAR &&
		    x->blk == in->blk) {
			x->flags |= IR_W32;
			x->bits = ir_bits(f, x);
			return forward_to(f, r, a);
		}
		return false;
	case IR_SEXT:
		if (in->size == 8 || x->bits < in->size * 8)
			return forward_to(f, r, a);
		return false;
	case IR_BSWAP:
		if (x->op == IR_BSWAP && x->size == in->size) {
			in->op = IR_ZEXT;
			in->u.arg[0] = use(f, x->u.arg[0]);
			in->bits = ir_bits(f, in);
			return true;
		}
		return false;
	default: return false;
	}
}

/* A comparison for equality sees through a byte swap: swap the constant instead. Orders do
 * not survive swapping. Returns 2 when the comparison can never hold. */
static int
see_through_swap(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	ref a = in->u.arg[0], b = in->u.arg[1];
	const struct ir_ins *x = ir_at(f, a), *y = ir_at(f, b);
	unsigned size = x->size;
	int64_t c;
	ref plain;

	if (x->op != IR_BSWAP)
		return 0;
	if (in->cc != CC_EQ && in->cc != CC_NE && in->cc != CC_SET && in->cc != CC_CLR)
		return 0;
	plain = x->u.arg[0];
	if (ir_at(f, plain)->bits > size * 8)
		return 0;
	if (ir_is_const(f, b, &c)) {
		ref k;

		if (size < 8 && (uint64_t)c >> size * 8) {
			if (in->cc == CC_EQ || in->cc == CC_NE)
				return 2;
			c &= (1ll << size * 8) - 1;
		}
		k = ir_const(f, (int64_t)opt_swap((uint64_t)c, size));
		in = ir_at(f, r);
		in->u.arg[0] = use(f, plain);
		in->u.arg[1] = k;
		return 1;
	}
	if (y->op == IR_BSWAP && y->size == size && ir_at(f, y->u.arg[0])->bits <= size * 8) {
		in->u.arg[0] = use(f, plain);
		in->u.arg[1] = use(f, y->u.arg[0]);
		return 1;
	}
	return 0;
}

/* (cc (set cc2 a b) 0) and tests of masks. */
static bool
fold_test(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	const struct ir_ins *x = ir_at(f, in->u.arg[0]);
	int64_t c;

	if (!ir_is_const(f, in->u.arg[1], &c) || c != 0)
		return false;
	if (in->cc == CC_UGT)
		in->cc = CC_NE;
	if (in->cc == CC_ULE)
		in->cc = CC_EQ;
	if (in->cc != CC_NE && in->cc != CC_EQ)
		return false;
	if (x->op == IR_SET) {
		in->cc = (uint8_t)(in->cc == CC_NE ? x->cc : x->cc ^ 1);
		in->flags = x->flags & IR_W32;
	} else if (x->op == IR_AND && !x->flags && x->uses == 1) {
		/* The masked value, tested and used, is tested itself: what the verifier learns
		 * of the value before the mask does not reach it. */
		in->cc = in->cc == CC_NE ? CC_SET : CC_CLR;
	} else {
		return false;
	}
	in->u.arg[0] = use(f, x->u.arg[0]);
	in->u.arg[1] = use(f, x->u.arg[1]);
	return true;
}

/* -1 undecided, else the outcome. */
static int
decide(struct ir_fn *f, const struct ir_ins *in)
{
	ref a = in->u.arg[0], b = in->u.arg[1];
	unsigned bits;
	int64_t ca, cb;

	if (!ir_is_const(f, b, &cb))
		return -1;
	if (ir_is_const(f, a, &ca) && !(in->flags & IR_W32))
		return opt_fold_cc(in->cc, (uint64_t)ca, (uint64_t)cb);
	if (in->cc == CC_ULT && cb == 0)
		return 0;
	if (in->cc == CC_UGE && cb == 0)
		return 1;
	bits = seen_bits(f, a);
	if (bits >= 64 || in->flags & IR_W32)
		return -1;
	if ((uint64_t)cb > (1ull << bits) - 1) {
		switch (in->cc) {
		case CC_EQ: case CC_UGT: case CC_UGE: return 0;
		case CC_NE: case CC_ULT: case CC_ULE: return 1;
		default: return -1;
		}
	}
	return -1;
}

static bool
fold_compare(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	int swapped, known;

	if (ir_is_leaf(f, in->u.arg[0]) && !ir_is_leaf(f, in->u.arg[1])) {
		ref t = in->u.arg[0];

		in->u.arg[0] = in->u.arg[1];
		in->u.arg[1] = t;
		in->cc = (uint8_t)swap_cc(in->cc);
	}
	if (fold_test(f, r))
		return true;
	swapped = see_through_swap(f, r);
	if (swapped == 1)
		return true;
	in = ir_at(f, r);
	known = swapped == 2 ? in->cc == CC_NE : decide(f, in);
	if (known < 0)
		return false;
	if (in->op == IR_SET)
		return forward_const(f, r, (uint64_t)known);
	/* A decided branch keeps its shape; pass_branch removes the edge. */
	if (in->u.arg[0] == in->u.arg[1] && ir_is_const(f, in->u.arg[0], NULL))
		return false;
	in->cc = known ? CC_EQ : CC_NE;
	in->flags = 0;
	in->u.arg[0] = in->u.arg[1];
	return false;
}

/* [x + c1 + off] */
static bool
fold_address(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	ref *args = ir_args(in);
	const struct ir_ins *x = ir_at(f, args[0]);
	int64_t c;

	if (!in->core && x->op == IR_ADD && !x->flags && ir_is_const(f, x->u.arg[1], &c) &&
	    in->off + c >= INT16_MIN && in->off + c <= INT16_MAX) {
		in->off += (int32_t)c;
		args[0] = use(f, x->u.arg[0]);
		return true;
	}
	if (x->op == IR_SLOT && x->off) {
		in->off += x->off;
		args[0] = ir_leaf(f, IR_SLOT, x->imm, 0, PV_STACK);
		return true;
	}
	return false;
}

static bool
fold_phi(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	ref same = 0;

	for (uint32_t i = 0; i < in->nargs; i++) {
		ref v = in->u.args[i];

		if (v == r || v == same)
			continue;
		if (same)
			return false;
		same = v;
	}
	return same && forward_to(f, r, same);
}

static bool
fold_one(struct ir_fn *f, ref r)
{
	const struct ir_ins *in = ir_at(f, r);

	switch (in->op) {
	case IR_PHI: return fold_phi(f, r);
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_UDIV: case IR_UMOD: case IR_AND:
	case IR_OR: case IR_XOR: case IR_SHL: case IR_LSHR: case IR_ASHR:
		return fold_binary(f, r);
	case IR_NEG: case IR_ZEXT: case IR_SEXT: case IR_BSWAP:
		return fold_unary(f, r);
	case IR_SET: case IR_BR: return fold_compare(f, r);
	default: return (ir_ops[in->op].flags & IRF_M) && fold_address(f, r);
	}
}

void
opt_fold(struct ir_fn *f)
{
	ir_count_uses(f);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		ref next;

		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = next) {
			ref *args = ir_args(ir_at(f, r));

			f->at = ir_at(f, r)->at;
			next = ir_at(f, r)->next;
			for (uint32_t k = 0; k < ir_at(f, r)->nargs; k++)
				args[k] = ir_val(f, args[k]);
			for (int round = 0; round < 8 && fold_one(f, r); round++)
				;
		}
	}
}
