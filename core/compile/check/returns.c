/* SPDX-License-Identifier: MIT */
/* returns.c: constants that programs of a type may not return, said at their form. Of XDP
 * programs the verifier lets them pass, and test runs of such are no more than calculations: a
 * warning. */
#include "compile/check/check.h"

#include <linux/bpf.h>

/* Constants the kernel takes from programs of a type: [lo, hi]; false when any will do. */
static bool
return_range(const struct image_prog *p, int64_t *lo, int64_t *hi, const char **names)
{
	*lo = 0;
	*hi = 1;
	switch (p->type) {
	case BPF_PROG_TYPE_XDP:
		*hi = XDP_REDIRECT;
		*names = "XDP_ABORTED (0), XDP_DROP (1), XDP_PASS (2), XDP_TX (3), "
			 "XDP_REDIRECT (4); the kernel takes others for XDP_ABORTED";
		return true;
	case BPF_PROG_TYPE_CGROUP_SKB:
		if (p->expected_attach == BPF_CGROUP_INET_EGRESS)
			*hi = 3;
		*names = *hi == 3
				 ? "0 drop, 1 pass, 2 drop and slow down, 3 pass and slow down"
				 : "0 drop, 1 pass";
		return true;
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
		if (p->expected_attach == BPF_CGROUP_INET4_BIND ||
		    p->expected_attach == BPF_CGROUP_INET6_BIND) {
			*hi = 3;
			*names = "0 refuse, 1 allow, 3 allow whatever port";
			return true;
		}
		if (p->expected_attach == BPF_CGROUP_UDP4_RECVMSG ||
		    p->expected_attach == BPF_CGROUP_UDP6_RECVMSG ||
		    p->expected_attach == BPF_CGROUP_INET4_GETPEERNAME ||
		    p->expected_attach == BPF_CGROUP_INET6_GETPEERNAME ||
		    p->expected_attach == BPF_CGROUP_INET4_GETSOCKNAME ||
		    p->expected_attach == BPF_CGROUP_INET6_GETSOCKNAME) {
			*lo = 1;
			*names = "1 alone";
			return true;
		}
		*names = "0 refuse, 1 allow";
		return true;
	case BPF_PROG_TYPE_TRACING:
		if (p->expected_attach == BPF_TRACE_RAW_TP ||
		    p->expected_attach == BPF_MODIFY_RETURN)
			return false;
		*hi = p->expected_attach == BPF_TRACE_ITER;
		*names = *hi ? "0 go on, 1 show this object again" : "0 alone";
		return true;
	case BPF_PROG_TYPE_SOCK_OPS:
		*names = "0 and 1";
		return true;
	case BPF_PROG_TYPE_CGROUP_SOCK: case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SYSCTL: case BPF_PROG_TYPE_CGROUP_SOCKOPT:
		*names = "0 refuse, 1 allow";
		return true;
	case BPF_PROG_TYPE_SK_LOOKUP:
		*names = "SK_DROP (0), SK_PASS (1)";
		return true;
	default: return false;
	}
}

void
cg_check_returns(struct cg *c)
{
	const struct ir_fn *f = c->ir->fns.at[0];
	const char *names;
	int64_t lo, hi, v;

	if (!return_range(c->prog, &lo, &hi, &names))
		return;
	for (uint32_t i = 0; i < f->rpo.n; i++) {
		const struct ir_ins *in = ir_at(f, f->blk.at[f->rpo.at[i]].last);

		if (in->op == IR_RET && ir_is_const(f, in->u.arg[0], &v) &&
		    (v < lo || v > hi)) {
			struct diag *d = diag_add(c->ds, c->prog->type == BPF_PROG_TYPE_XDP
					? DIAG_WARNING : DIAG_ERROR, "C0024", in->at,
				"%lld is no return code of %s %s program", (long long)v,
				c->prog->type == BPF_PROG_TYPE_XDP ? "an" : "a",
				fact_prog_type(c->prog->type)->name);

			diag_note(c->ds, d, "return codes are %s", names);
		}
	}
}
