/* code: V0106
 * real: yes
 * kind: packet bounds
 * Only the first header was checked. */
#include "bpf.h"

SEC("xdp")
int drop_icmp(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;

	if (data + sizeof(struct ethhdr) > data_end)
		return XDP_ABORTED;

	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	struct iphdr *iph = data + sizeof(struct ethhdr);
#ifdef FIXED
	if ((void *)(iph + 1) > data_end)
		return XDP_PASS;
#endif
	if (iph->protocol == IPPROTO_ICMP) // root
		return XDP_DROP;

	return XDP_PASS;
}
