/* code: V0026
 * real: no
 * kind: unreachable code
 * The early way out in assembly leaves the rest of the function in the dark. */
#include "bpf.h"

SEC("xdp")
int leave(struct xdp_md *ctx)
{
	u32 n = ctx->rx_queue_index;

#ifndef FIXED
	asm volatile("r0 = 2\n\t" // also
		     "exit" ::: "r0"); // also
#endif
	return n > 4 ? XDP_DROP : XDP_PASS; // root
}
