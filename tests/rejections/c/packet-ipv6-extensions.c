/* code: V0106
 * real: yes
 * kind: packet bounds
 * Extension headers are followed; each is read before it is known to be there. */
#include "bpf.h"

struct ext { u8 nexthdr, hdrlen; };

SEC("xdp")
int parse6(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct ipv6hdr *ip6 = data + sizeof(struct ethhdr);
	void *pos;
	u8 next;

	if ((void *)(ip6 + 1) > data_end)
		return XDP_PASS;
	next = ip6->nexthdr;
	pos = ip6 + 1;
#pragma unroll
	for (int i = 0; i < 4; i++) {
		struct ext *hdr = pos;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS)
			break;
#ifdef FIXED
		if ((void *)(hdr + 1) > data_end)
			return XDP_PASS;
#endif
		next = hdr->nexthdr; // root
		pos += (hdr->hdrlen + 1) * 8;
	}
	return next == IPPROTO_UDP ? XDP_DROP : XDP_PASS;
}
