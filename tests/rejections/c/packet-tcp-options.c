/* code: V0106
 * real: yes
 * kind: packet bounds
 * An option's kind is checked to be there, its length is not. */
#include "bpf.h"

SEC("xdp")
int find_mss(struct xdp_md *ctx)
{
	u8 *data = data_of(ctx), *end = end_of(ctx), *opt;
	struct tcphdr *tcp = (void *)(data + 34);
	u32 left;

	if ((u8 *)(tcp + 1) > end)
		return XDP_PASS;
	opt = (u8 *)(tcp + 1);
	for (int i = 0; i < 10; i++) {
		u8 kind, len;

		if (opt + 1 > end)
			break;
		kind = *opt;
		if (kind == 0)
			break;
		if (kind == 1) {
			opt++;
			continue;
		}
#ifdef FIXED
		if (opt + 2 > end)
			break;
#endif
		len = opt[1]; // root
		if (kind == 2 && len == 4) // also
			return XDP_DROP;
		if (len < 2)
			break;
		opt += len;
	}
	return XDP_PASS;
}
