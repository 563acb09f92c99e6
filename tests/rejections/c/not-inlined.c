/* code: V0101
 * real: no
 * kind: number as pointer
 * The packet is parsed in a function of its own that is given the context's numbers. */
#include "bpf.h"

static __noinline int proto_of(u32 data, u32 end)
{
	struct ethhdr *eth = (void *)(long)data;

	if ((void *)(eth + 1) > (void *)(long)end)
		return 0;
	return eth->h_proto; // root
}

SEC("xdp")
int kinds(struct xdp_md *ctx)
{
#ifdef FIXED
	struct ethhdr *eth = data_of(ctx);

	return (void *)(eth + 1) <= end_of(ctx) && eth->h_proto == 8 ? XDP_DROP : XDP_PASS;
#else
	return proto_of(ctx->data, ctx->data_end) == 8 ? XDP_DROP : XDP_PASS; // also
#endif
}
