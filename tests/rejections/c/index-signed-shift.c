/* code: V0160
 * real: yes
 * kind: offset or size not bounded
 * A signed number shifted right stays negative for half of the numbers. */
#include "bpf.h"

struct shards { u64 n[16]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct shards);
	 __uint(max_entries, 1); } all SEC(".maps");

SEC("xdp")
int shard(struct xdp_md *ctx)
{
#ifdef FIXED
	u32 hash = bpf_get_prandom_u32();
#else
	int hash = bpf_get_prandom_u32();
#endif
	u32 zero = 0;
	struct shards *s = bpf_map_lookup_elem(&all, &zero);

	if (!s)
		return XDP_PASS;
	s->n[hash >> 28]++; // root
	return XDP_PASS;
}
