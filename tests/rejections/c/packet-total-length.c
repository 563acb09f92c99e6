/* code: V0106
 * real: yes
 * kind: packet bounds
 * A length from the packet says how far to go; the packet may be shorter. */
#include "bpf.h"

SEC("xdp")
int checksum(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	u16 *word;
	u32 sum = 0, words;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	words = bpf_ntohs(ip->tot_len) / 2;
	if (words > 32)
		words = 32;
	word = (u16 *)ip;
	for (u32 i = 0; i < words; i++) {
#ifdef FIXED
		if ((void *)(word + 1) > data_end)
			break;
#endif
		sum += *word++; // root
	}
	return (sum & 0xffff) ? XDP_PASS : XDP_DROP;
}
