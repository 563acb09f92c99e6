/* code: V0025
 * real: no
 * kind: unreachable code
 * What waits is said never to come back, so the compiler puts nothing after its call. */
#include "bpf.h"

static __noinline __attribute__((noreturn)) void
wait_for_ever(void)
{
	for (;;)
		asm volatile("");
}

SEC("xdp")
int queues(struct xdp_md *ctx)
{
	if (ctx->rx_queue_index < 8)
		return XDP_PASS;
#ifdef FIXED
	return XDP_DROP;
#else
	wait_for_ever(); // root
#endif
}
