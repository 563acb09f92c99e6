/* code: V0106
 * real: yes
 * kind: packet bounds
 * Tags are skipped in a loop; behind the last one nobody checks again. */
#include "bpf.h"

SEC("xdp")
int inner(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx), *next;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	u16 proto;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	proto = eth->h_proto;
	next = eth + 1;
	for (int i = 0; i < 2; i++) {
		struct vlan_hdr *tag = next;

		if (proto != bpf_htons(ETH_P_8021Q))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_PASS;
		proto = tag->proto;
		next = tag + 1;
	}
	if (proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = next;
#ifdef FIXED
	if ((void *)(ip + 1) > end)
		return XDP_PASS;
#endif
	return ip->ttl < 2 ? XDP_DROP : XDP_PASS; // root
}
