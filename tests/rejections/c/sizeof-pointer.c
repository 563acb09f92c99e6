/* code: V0106
 * real: yes
 * sizeof of the pointer instead of what it points to: 8 bytes were checked. */
#include "bpf.h"

SEC("xdp")
int drop_arp(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	struct ethhdr *eth = data;

#ifdef FIXED
	if (data + sizeof(*eth) > end)
#else
	if (data + sizeof(eth) > end)
#endif
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(0x0806)) // root
		return XDP_DROP;
	return XDP_PASS;
}
