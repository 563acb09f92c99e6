/* code: V0106
 * real: yes
 * kind: packet bounds
 * The comparison is the wrong way round: long packets leave, short ones go on. */
#include "bpf.h"

SEC("xdp")
int only_ip(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct ethhdr *eth = data;

#ifdef FIXED
	if (data + sizeof(*eth) > data_end)
#else
	if (data + sizeof(*eth) < data_end)
#endif
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) // root
		return XDP_PASS;
	return XDP_DROP;
}
