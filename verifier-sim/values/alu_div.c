/* SPDX-License-Identifier: MIT */
/* alu_div.c: ranges of quotients and remainders by a constant (since 7.0; before, nothing is
 * known of them).
 *
 * Division keeps order, so the ends of the range divide to the ends of the result; only the
 * range that was divided survives, the other views are found anew from it. A remainder is
 * below the divisor and has the dividend's sign; a dividend already below it stays as it is.
 * Divisor zero gives quotient zero and leaves the remainder the dividend. */
#include "verifier-sim/env.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

struct span {		/* at either width, sign extended when signed */
	int64_t smin, smax;
	uint64_t umin, umax;
};

static void
set_unsigned(struct vs_reg *r, uint64_t lo, uint64_t hi, bool w32)
{
	r->var = TNUM_UNKNOWN;
	vs_bounds_unknown(r);
	if (w32)
		r->u32min = (uint32_t)lo, r->u32max = (uint32_t)hi;
	else
		r->umin = lo, r->umax = hi;
}

static void
set_signed(struct vs_reg *r, int64_t lo, int64_t hi, bool w32)
{
	r->var = TNUM_UNKNOWN;
	vs_bounds_unknown(r);
	if (w32)
		r->s32min = (int32_t)lo, r->s32max = (int32_t)hi;
	else
		r->smin = lo, r->smax = hi;
}

static void
divide_signed(struct vs_reg *d, const struct span *n, int64_t by, bool w32)
{
	int64_t least = w32 ? INT32_MIN : INT64_MIN, most = w32 ? INT32_MAX : INT64_MAX;

	/* The least number divided by -1 is itself; its neighbours go to the other end. */
	if (n->smin == least && by == -1)
		set_signed(d, least, n->smax == least ? least : most, w32);
	else
		set_signed(d, MIN(n->smin / by, n->smax / by), MAX(n->smin / by, n->smax / by),
			   w32);
}

static void
rest_signed(struct vs_reg *d, const struct span *n, int64_t by, bool w32)
{
	int64_t most = by > 0 ? by - 1 : -(by + 1);

	if (n->smin >= -most && n->smax <= most)
		return;
	set_signed(d, n->smin >= 0 ? 0 : n->smax <= 0 ? MAX(n->smin, -most) : -most,
		   n->smax <= 0 && n->smin < 0 ? 0 : n->smin >= 0 ? MIN(n->smax, most) : most,
		   w32);
}

void
vs_div_ranges(const struct bpf_insn *in, struct vs_reg *d, const struct vs_reg *by)
{
	bool w32 = BPF_CLASS(in->code) == BPF_ALU, div = BPF_OP(in->code) == BPF_DIV;
	struct span n = w32 ? (struct span){d->s32min, d->s32max, d->u32min, d->u32max}
			    : (struct span){d->smin, d->smax, d->umin, d->umax};
	uint64_t uby = w32 ? by->u32min : by->umin;
	int64_t sby = w32 ? by->s32min : by->smin;

	if (!uby) {
		if (div)
			vs_mark_known(d, 0);
	} else if (in->off == 1 && div) {
		divide_signed(d, &n, sby, w32);
	} else if (in->off == 1) {
		rest_signed(d, &n, sby, w32);
	} else if (div) {
		set_unsigned(d, n.umin / uby, n.umax / uby, w32);
	} else if (n.umax >= uby) {
		set_unsigned(d, 0, MIN(n.umax, uby - 1), w32);
	}
}
