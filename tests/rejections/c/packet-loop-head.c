/* code: V0106
 * real: yes
 * kind: packet bounds
 * The loop compares where the byte begins, not where it ends. */
#include "bpf.h"

SEC("xdp")
int skip_spaces(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	char *payload = (char *)(ip + 1) + sizeof(struct udphdr);
	u32 off;

	if ((void *)payload > data_end || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
#ifdef FIXED
	for (off = 0; off < 64 && (void *)payload + off + 1 <= data_end && payload[off] == ' '; off++)
#else
	for (off = 0; off < 64 && (void *)payload + off <= data_end && payload[off] == ' '; off++) // root
#endif
		;
	return off > 10 ? XDP_DROP : XDP_PASS;
}
