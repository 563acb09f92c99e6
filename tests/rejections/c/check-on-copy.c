/* code: V0106
 * real: yes
 * kind: bounds lost
 * The header's own length is checked to be at least 5 words, the packet only for those 5;
 * the ports lie behind the options. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u16); __type(value, u64);
	 __uint(max_entries, 1024); } ports SEC(".maps");

SEC("xdp")
int count_ports(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof *eth;
	struct udphdr *udp;
	u64 one = 1, *seen;
	u16 port;

	if ((void *)(ip + 1) + sizeof *udp > end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < 5)
		return XDP_PASS;
	udp = (void *)ip + ip->ihl * 4;
#ifdef FIXED
	if ((void *)(udp + 1) > end)
		return XDP_PASS;
#endif
	port = udp->dest; // root
	seen = bpf_map_lookup_elem(&ports, &port);
	if (seen)
		*seen += 1;
	else
		bpf_map_update_elem(&ports, &port, &one, BPF_ANY);
	return XDP_PASS;
}
