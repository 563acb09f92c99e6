/* code: V0106
 * real: yes
 * kind: packet bounds
 * A key is taken from the packet where it lies, unchecked. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 1024); } blocked SEC(".maps");

SEC("xdp")
int block(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
#ifdef FIXED
	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
#endif
	if (bpf_map_lookup_elem(&blocked, &ip->saddr)) // root
		return XDP_DROP;
	return XDP_PASS;
}
