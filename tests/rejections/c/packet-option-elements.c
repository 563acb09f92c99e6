/* code: V0106
 * real: yes
 * kind: packet bounds
 * Kind, length and value of an option: the check covers the kind alone. */
#include "bpf.h"

SEC("xdp")
int window_scale(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	u8 *opt = (u8 *)(tcp + 1), *end;

	if ((void *)(tcp + 1) > data_end)
		return XDP_PASS;
	end = (u8 *)tcp + tcp->doff * 4;
	for (int i = 0; i < 10; i++) {
		if (opt + 1 > end || (void *)(opt + 1) > data_end)
			break;
		if (*opt == 0)
			break;
		if (*opt == 1) {
			opt++;
			continue;
		}
#ifdef FIXED
		if ((void *)(opt + 3) > data_end)
			break;
#endif
		if (*opt == 3)
			return opt[2] > 14 ? XDP_DROP : XDP_PASS; // also
		opt += opt[1]; // root
	}
	return XDP_PASS;
}
