/* code: V0101
 * real: no
 * kind: possible null
 * An array always has its entries, but the verifier of a helper's result asks all the same. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 256); } stats SEC(".maps");

SEC("xdp")
int count_proto(struct xdp_md *ctx)
{
	void *data = data_of(ctx);
	void *data_end = end_of(ctx);
	struct ethhdr *eth = data;
	u32 key = 0;
	u64 *value;

	if (data + sizeof(*eth) > data_end)
		return XDP_DROP;
	key = eth->h_proto & 0xff;
	value = bpf_map_lookup_elem(&stats, &key);
#ifdef FIXED
	if (value)
#endif
	(*value)++; // root
	return XDP_PASS;
}
