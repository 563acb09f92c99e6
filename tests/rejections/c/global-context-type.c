/* code: V0116
 * real: no
 * kind: global function
 * A helper function written for one program type, called from another. */
#include "bpf.h"

#ifdef FIXED
static __noinline int
#else
__noinline int // also
#endif
mix(struct xdp_md *ctx, u32 n)
{
	return ctx->ingress_ifindex + n;
}

SEC("kprobe/do_exit")
int on_exit(struct pt_regs *ctx)
{
	return mix((void *)ctx, bpf_get_prandom_u32()); // root
}
