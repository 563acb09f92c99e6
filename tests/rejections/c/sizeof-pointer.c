/* code: V0106
 * real: yes
 * kind: packet bounds
 * sizeof of the pointer instead of what it points to: 8 bytes of the header were checked. */
#include "bpf.h"

SEC("xdp")
int last_hop(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);

#ifdef FIXED
	if ((void *)ip + sizeof(*ip) > end)
#else
	if ((void *)ip + sizeof(ip) > end)
#endif
		return XDP_PASS;
	if (ip->ttl == 1) // root
		return XDP_DROP;
	return XDP_PASS;
}
