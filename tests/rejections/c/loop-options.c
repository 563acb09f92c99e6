/* code: V0106
 * real: yes
 * kind: packet bounds
 * Walking the options of TCP: the length byte of an option is read without asking for it. */
#include "bpf.h"

SEC("xdp")
int find_mss(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	u8 *opt = data + sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct tcphdr);

	for (int i = 0; i < 10; i++) {
		if ((void *)(opt + 1) > end)
			return XDP_PASS;
		if (*opt == 0)
			return XDP_PASS;
		if (*opt == 1) {
			opt++;
			continue;
		}
#ifdef FIXED
		if ((void *)(opt + 2) > end)
			return XDP_PASS;
#endif
		if (opt[1] < 2) // root
			return XDP_DROP;
		opt += opt[1];
	}
	return XDP_PASS;
}
