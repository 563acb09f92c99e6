/* code: V0106
 * real: yes
 * kind: packet bounds
 * How much of the packet the helper reads is a field of the packet. */
#include "bpf.h"

SEC("xdp")
int sum(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	u16 len;

	if ((void *)(tcp + 1) > data_end || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	len = bpf_ntohs(ip->tot_len) - sizeof(*ip);
#ifdef FIXED
	len = sizeof(*tcp);
#endif
	tcp->check = bpf_csum_diff(0, 0, tcp, len, 0); // root
	return XDP_TX;
}
