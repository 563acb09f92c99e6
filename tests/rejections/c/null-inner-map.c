/* code: V0155
 * real: yes
 * kind: possible null
 * The inner map of a map of maps may be missing too. */
#include "bpf.h"

struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	       __uint(max_entries, 16); } inner_one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(key_size, 4);
	 __uint(max_entries, 8); __array(values, struct inner); } per_cpu SEC(".maps") = {
	.values = {(void *)&inner_one},
};

SEC("tc")
int by_queue(struct __sk_buff *skb)
{
	u32 outer = skb->queue_mapping & 7, slot = skb->priority & 15;
	void *map = bpf_map_lookup_elem(&per_cpu, &outer);
	u64 *n;

#ifdef FIXED
	if (!map)
		return TC_ACT_OK;
#endif
	n = bpf_map_lookup_elem(map, &slot); // root
	if (n)
		__sync_fetch_and_add(n, skb->len);
	return TC_ACT_OK;
}
