/* SPDX-License-Identifier: MIT */
/* ops.c: arithmetic, comparison, shifts, byte order.
 *
 * Everything is computed in 64 bits. Operators are unsigned unless an operand is of a signed
 * type and the others are signed or plain numbers; then `/`, `mod`, `>>`, `<` and the like
 * are signed, as the type says. */
#include "compile/lower/lower.h"

static bool
is_signed(const struct kval *v, uint32_t n)
{
	bool any = false;

	for (uint32_t i = 0; i < n; i++) {
		if (v[i].lit)
			continue;
		if (v[i].ty.kind != KT_INT || !v[i].ty.is_signed)
			return false;
		any = true;
	}
	return any;
}

static struct kval *
operands(struct cg *c, value form, uint32_t *n)
{
	int count = list_length(cdr(form));
	struct kval *v = arena_array(c->a, struct kval, count + 1);

	*n = 0;
	for (value at = cdr(form); is_cons(at); at = cdr(at))
		v[(*n)++] = lower_arg(c, at, 0);
	return v;
}

static kty
result_type(const struct kval *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (v[i].ty.kind == KT_PTR)
			return TY_PTR(0);
	return TY_INT(8, is_signed(v, n));
}

static ref
set_cc(struct cg *c, enum ir_cc cc, ref a, ref b)
{
	ref r = ir_add(c->f, c->blk, IR_SET, a, b);

	ir_at(c->f, r)->cc = (uint8_t)cc;
	return r;
}

/* (x ^ s) - s with s = x >> 63: the absolute value. */
static ref
absolute(struct cg *c, ref x, ref *sign)
{
	*sign = cg_bin(c, IR_ASHR, x, ir_const(c->f, 63));
	return cg_bin(c, IR_SUB, cg_bin(c, IR_XOR, x, *sign), *sign);
}

/* Division of magnitudes, the sign put back: works on every kernel (the signed division
 * instruction needs 6.6). */
static ref
signed_divide(struct cg *c, enum ir_op op, ref a, ref b)
{
	ref sa, sb, x = absolute(c, a, &sa), y = absolute(c, b, &sb), q, s;

	q = cg_bin(c, op, x, y);
	s = op == IR_UDIV ? cg_bin(c, IR_XOR, sa, sb) : sa;
	return cg_bin(c, IR_SUB, cg_bin(c, IR_XOR, q, s), s);
}

static int64_t
identity(enum ir_op op)
{
	return op == IR_MUL ? 1 : op == IR_AND ? -1 : 0;
}

struct kval
form_arith(struct cg *c, value form, uint32_t tag)
{
	enum ir_op op = (enum ir_op)tag;
	uint32_t n;
	struct kval *v = operands(c, form, &n);
	kty ty = result_type(v, n);
	ref r;

	if (n == 0)
		return int_value(c, identity(op));
	r = v[0].v;
	if (n == 1 && op == IR_SUB)
		return val(cg_un(c, IR_NEG, r, 0), ty);
	for (uint32_t i = 1; i < n; i++) {
		int64_t k;

		if ((op == IR_UDIV || op == IR_UMOD) && ir_is_const(c->f, v[i].v, &k) &&
		    k == 0 && !is_poison(v[i])) {
			cg_error(c, "C0011", arg_span(form, i + 1), "division by zero");
			return poison(c);
		}
		if ((op == IR_UDIV || op == IR_UMOD) && ty.is_signed)
			r = signed_divide(c, op, r, v[i].v);
		else
			r = cg_bin(c, op, r, v[i].v);
	}
	if (n == 1)
		return v[0];
	return val(r, ty);
}

struct kval
form_lognot(struct cg *c, value form, uint32_t tag)
{
	struct kval v = lower_arg(c, form, 1);

	(void)tag;
	return val(cg_bin(c, IR_XOR, v.v, ir_const(c->f, -1)), TY_INT(8, v.ty.is_signed));
}

struct kval
form_step(struct cg *c, value form, uint32_t step)
{
	struct kval v = lower_arg(c, form, 1);

	return val(cg_bin(c, IR_ADD, v.v, ir_const(c->f, (int32_t)step)), v.ty);
}

struct kval
form_minmax(struct cg *c, value form, uint32_t cc)
{
	uint32_t n;
	struct kval *v, r;
	enum ir_cc better = (enum ir_cc)cc;
	bool sign;

	if (cg_is_agg_name(nth(form, 1)))
		return form_agg(c, form, cc == CC_ULT ? AGG_MIN : AGG_MAX);
	v = operands(c, form, &n);
	r = v[0];
	sign = is_signed(v, n);
	if (sign)
		better = cc == CC_ULT ? CC_SLT : CC_SGT;
	for (uint32_t i = 1; i < n; i++) {
		uint32_t join = ir_join_new(c->f, c->blk), other = ir_blk_new(c->f);
		uint32_t var = ir_var_new(c->f, NULL, c->f->at), here = ir_blk_new(c->f);

		ir_br(c->f, c->blk, better, r.v, v[i].v, here, other);
		cg_begin(c, here);
		ir_var_set(c->f, c->blk, var, r.v);
		ir_jmp(c->f, c->blk, join);
		cg_begin(c, other);
		ir_var_set(c->f, c->blk, var, v[i].v);
		ir_jmp(c->f, c->blk, join);
		cg_begin(c, join);
		r.v = ir_var_get(c->f, c->blk, var);
	}
	r.ty = result_type(v, n);
	r.lit = false;
	return r;
}

struct kval
form_abs(struct cg *c, value form, uint32_t tag)
{
	struct kval v = lower_arg(c, form, 1);
	ref s;

	(void)tag;
	return val(absolute(c, v.v, &s), TY_U64);
}

static struct kval
shift_by(struct cg *c, enum ir_op op, struct kval a, int64_t count, span at)
{
	if (count < 0 || count > 63) {
		cg_error(c, "C0011", at, "shift by %lld: counts are 0 to 63",
			 (long long)count);
		return poison(c);
	}
	return val(cg_bin(c, op, a.v, ir_const(c->f, count)),
		   TY_INT(8, a.ty.is_signed && !a.lit));
}

struct kval
form_ash(struct cg *c, value form, uint32_t tag)
{
	struct kval a = lower_arg(c, form, 1), n = lower_arg(c, form, 2);
	int64_t count;

	(void)tag;
	if (is_poison(n))
		return n;
	if (!ir_is_const(c->f, n.v, &count)) {
		struct diag *d = cg_error(c, "C0010", arg_span(form, 2),
					  "ash needs a constant count");

		diag_help(c->ds, d, "use << or >> for counts known only when running");
		return poison(c);
	}
	return count >= 0 ? shift_by(c, IR_SHL, a, count, arg_span(form, 2))
			  : shift_by(c, IR_LSHR, a, -count, arg_span(form, 2));
}

struct kval
form_shift(struct cg *c, value form, uint32_t tag)
{
	struct kval a = lower_arg(c, form, 1), n = lower_arg(c, form, 2);
	enum ir_op op = (enum ir_op)tag;
	int64_t count;

	if (op == IR_LSHR && a.ty.kind == KT_INT && a.ty.is_signed && !a.lit)
		op = IR_ASHR;
	if (ir_is_const(c->f, n.v, &count) && !is_poison(n))
		return shift_by(c, op, a, count, arg_span(form, 2));
	return val(cg_bin(c, op, a.v, n.v), TY_INT(8, a.ty.is_signed && !a.lit));
}

static enum ir_cc
signed_cc(enum ir_cc cc)
{
	switch (cc) {
	case CC_ULT: return CC_SLT;
	case CC_ULE: return CC_SLE;
	case CC_UGT: return CC_SGT;
	case CC_UGE: return CC_SGE;
	default: return cc;
	}
}

struct kval
form_compare(struct cg *c, value form, uint32_t tag)
{
	uint32_t n;
	struct kval *v = operands(c, form, &n);
	enum ir_cc cc = is_signed(v, n) ? signed_cc((enum ir_cc)tag) : (enum ir_cc)tag;
	ref r = 0;

	if (n == 1)
		return int_value(c, 1);
	for (uint32_t i = 0; i + 1 < n; i++) {
		/* /= asks that no two are equal, the others only look at neighbours. */
		uint32_t end = cc == CC_NE ? n : i + 2;

		for (uint32_t j = i + 1; j < end; j++) {
			ref s = set_cc(c, cc, v[i].v, v[j].v);

			r = r ? cg_bin(c, IR_AND, r, s) : s;
		}
	}
	return val(r, TY_U64);
}

/* zerop, plusp and the like: compared with 0. */
struct kval
form_sign(struct cg *c, value form, uint32_t cc)
{
	struct kval v = lower_arg(c, form, 1);

	return val(set_cc(c, (enum ir_cc)cc, v.v, ir_const(c->f, 0)), TY_U64);
}

struct kval
form_parity(struct cg *c, value form, uint32_t cc)
{
	ref bit = cg_bin(c, IR_AND, lower_arg(c, form, 1).v, ir_const(c->f, 1));

	return val(set_cc(c, (enum ir_cc)cc, bit, ir_const(c->f, 0)), TY_U64);
}

struct kval
form_logtest(struct cg *c, value form, uint32_t tag)
{
	ref a = lower_arg(c, form, 1).v, b = lower_arg(c, form, 2).v;

	(void)tag;
	return val(set_cc(c, CC_NE, cg_bin(c, IR_AND, a, b), ir_const(c->f, 0)), TY_U64);
}

/* Binary search: each step that finds the upper half of the bits in question set counts them
 * and shifts them down. Branches cost fewer instructions than computing the shifts. */
ref
cg_log2(struct cg *c, ref v)
{
	uint32_t x = ir_var_new(c->f, NULL, c->f->at), r = ir_var_new(c->f, NULL, c->f->at);
	ref rest;

	ir_var_set(c->f, c->blk, x, v);
	ir_var_set(c->f, c->blk, r, ir_const(c->f, 0));
	for (unsigned bits = 32; bits > 1; bits /= 2) {
		uint32_t join = ir_join_new(c->f, c->blk), big = ir_blk_new(c->f);
		ref old = ir_var_get(c->f, c->blk, x), count;

		if (ir_at(c->f, old)->bits <= bits)
			continue;
		ir_br(c->f, c->blk, CC_UGT, old, ir_const(c->f, (int64_t)((1ull << bits) - 1)),
		      big, join);
		cg_begin(c, big);
		ir_var_set(c->f, c->blk, x, cg_bin(c, IR_LSHR, old, ir_const(c->f, bits)));
		count = cg_bin(c, IR_ADD, ir_var_get(c->f, c->blk, r), ir_const(c->f, bits));
		ir_var_set(c->f, c->blk, r, count);
		ir_jmp(c->f, c->blk, join);
		cg_begin(c, join);
	}
	rest = cg_bin(c, IR_LSHR, ir_var_get(c->f, c->blk, x), ir_const(c->f, 1));
	return cg_bin(c, IR_ADD, ir_var_get(c->f, c->blk, r), rest);
}

struct kval
form_log2(struct cg *c, value form, uint32_t tag)
{
	struct kval v = lower_arg(c, form, 1);

	(void)tag;
	return val(cg_log2(c, v.v), TY_U64);
}

struct kval
form_cast(struct cg *c, value form, uint32_t tag)
{
	kty ty;
	struct kval v;

	(void)tag;
	if (!cg_type(c, nth(form, 1), arg_span(form, 1), &ty))
		return poison(c);
	v = lower_arg(c, form, 2);
	v.lit = false;		/* a cast says that bits may be lost */
	return val(cg_convert(c, v, ty, arg_span(form, 2)), ty);
}

struct kval
form_swap(struct cg *c, value form, uint32_t size)
{
	struct kval v = lower_arg(c, form, 1);

	return val(cg_un(c, IR_BSWAP, v.v, size), TY_INT((uint8_t)size, false));
}
