/* code: V0105
 * real: yes
 * kind: map value bounds
 * A table by protocol number, half as large as there are numbers. */
#include "bpf.h"

u64 counts[100];

SEC("xdp")
int per_proto(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
#ifdef FIXED
	if (ip->protocol >= 100)
		return XDP_PASS;
#endif
	counts[ip->protocol]++; // root
	return XDP_PASS;
}
