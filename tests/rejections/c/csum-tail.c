/* code: V0106
 * real: yes
 * kind: packet bounds
 * A word at a time: the last, odd byte is read as two. */
#include "bpf.h"

SEC("xdp")
int sum(struct xdp_md *ctx)
{
	u16 *at = data_of(ctx);
	void *end = end_of(ctx);
	u32 total = 0;

	for (int i = 0; i < 64; i++) {
#ifdef FIXED
		if ((void *)(at + 1) > end)
#else
		if ((void *)at + 1 > end)
#endif
			break;
		total += *at++; // root
	}
	return total == 0xffff ? XDP_DROP : XDP_PASS;
}
