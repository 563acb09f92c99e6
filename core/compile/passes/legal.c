/* SPDX-License-Identifier: MIT */
/* legal.c: make every operand one that its instruction can encode.
 *
 * Leaves (constants, addresses) may stand where the instruction has an immediate, where an
 * access can use r10 directly, where the emitter loads the destination anyway (left operand
 * of a two-address operation), and where a value is only moved (call arguments, phis, ret).
 * Elsewhere `make` puts them into a register right before the instruction. */
#include "compile/passes/passes.h"

static bool
fits_s32(int64_t v)
{
	return v >= INT32_MIN && v <= INT32_MAX;
}

static ref
made(struct ir_fn *f, ref where, ref leaf)
{
	ref c = ir_before(f, where, IR_MAKE, leaf, 0);

	ir_at(f, c)->prov = ir_at(f, leaf)->prov;
	if (leaf < f->value_var.n && f->value_var.at[leaf])
		ir_name_value(f, f->value_var.at[leaf], c);
	return c;
}

static void
make_operand(struct ir_fn *f, ref r, unsigned k)
{
	ref v = ir_args(ir_at(f, r))[k];

	if (ir_is_leaf(f, v)) {
		ref c = made(f, r, v);

		ir_args(ir_at(f, r))[k] = c;
	}
}

static void
legal_address(struct ir_fn *f, ref r)
{
	ref v = ir_args(ir_at(f, r))[0];
	const struct ir_ins *in = ir_at(f, r);

	if (in->off < INT16_MIN || in->off > INT16_MAX) {
		int32_t off = in->off;
		ref sum = ir_before(f, r, IR_ADD, v, ir_const(f, off));

		ir_at(f, sum)->prov = ir_at(f, v)->prov;
		ir_at(f, r)->off = 0;
		ir_args(ir_at(f, r))[0] = sum;
	} else if (ir_at(f, v)->op != IR_SLOT) {
		make_operand(f, r, 0);
	}
}

static void
legal_compare(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	int64_t c;
	bool is_signed = in->cc >= CC_SLT && in->cc <= CC_SGT;

	if (ir_is_const(f, in->u.arg[1], &c)) {
		if ((in->flags & IR_W32) || fits_s32(c)) {
			make_operand(f, r, 0);
			return;
		}
		/* The 32-bit comparison takes any 32-bit constant. */
		if (!is_signed && c >= 0 && c <= UINT32_MAX &&
		    ir_at(f, in->u.arg[0])->bits <= 32 &&
		    ir_at(f, in->u.arg[0])->prov == PV_SCALAR) {
			in->flags |= IR_W32;
			make_operand(f, r, 0);
			return;
		}
	}
	make_operand(f, r, 0);
	make_operand(f, r, 1);
}

static void
legal_right(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	bool commutes = (ir_ops[in->op].flags & IRF_K) != 0;
	int64_t c = 0;

	if (commutes && ir_is_leaf(f, in->u.arg[0])) {
		ref t = in->u.arg[0];

		in->u.arg[0] = in->u.arg[1];
		in->u.arg[1] = t;
	}
	if (ir_at(f, in->u.arg[1])->op == IR_FIELD)
		c = ir_at(f, in->u.arg[1])->imm;
	else if (!ir_is_const(f, in->u.arg[1], &c))
		make_operand(f, r, 1);
	if (ir_is_leaf(f, in->u.arg[1]) && !(in->flags & IR_W32) && !fits_s32(c))
		make_operand(f, r, 1);
	/* The result may then take the register of the right operand: see emit.c. */
	if (commutes)
		make_operand(f, r, 0);
}

static void
legal_one(struct ir_fn *f, ref r)
{
	struct ir_ins *in = ir_at(f, r);
	int64_t c;

	switch (in->op) {
	case IR_LOAD: legal_address(f, r); break;
	case IR_STORE:
		legal_address(f, r);
		in = ir_at(f, r);
		if (!ir_is_const(f, in->u.arg[1], &c) || (in->size == 8 && !fits_s32(c)))
			make_operand(f, r, 1);
		break;
	case IR_ATOMIC:
		legal_address(f, r);
		make_operand(f, r, 1);
		break;
	case IR_CMPXCHG:
		legal_address(f, r);
		make_operand(f, r, 2);
		break;
	case IR_SET: case IR_BR: legal_compare(f, r); break;
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_UDIV: case IR_UMOD: case IR_AND:
	case IR_OR: case IR_XOR: case IR_SHL: case IR_LSHR: case IR_ASHR:
		legal_right(f, r);
		break;
	default: break;
	}
}

void
opt_legal(struct ir_fn *f)
{
	ir_split_critical(f);
	ir_flow(f);
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		for (ref r = f->blk.at[f->rpo.at[i]].first; r; r = ir_at(f, r)->next)
			legal_one(f, r);
	}
}
