/* code: V0105
 * real: no
 * kind: bounds lost
 * The check is right, but the compiler tests the sign of the byte instead of comparing. */
#include "bpf.h"

u64 counts[128];

SEC("xdp")
int per_proto(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
#ifdef FIXED
	volatile u32 proto;
#else
	u8 proto;
#endif

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	proto = ip->protocol;
#ifdef FIXED
	u32 at = proto;

	if (at < 128)
		counts[at]++;
#else
	if (proto < 128)
		counts[proto]++; // root
#endif
	return XDP_PASS;
}
