/* code: V0125
 * real: yes
 * kind: stack bounds
 * A buffer on the stack is indexed by a byte of the packet. */
#include "bpf.h"

SEC("xdp")
int seen(struct xdp_md *ctx)
{
	u8 *data = data_of(ctx), *data_end = end_of(ctx);
	u8 table[32] = {};

	if (data + 15 > data_end)
		return XDP_PASS;
#ifdef FIXED
	table[data[14] & 31] = 1;
#else
	table[data[14]] = 1; // root
#endif
	bpf_get_prandom_u32();
	return table[5] ? XDP_DROP : XDP_PASS;
}
