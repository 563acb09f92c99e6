/* code: V0155
 * real: no
 * kind: wrong argument
 * The key is passed, not its address. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u64); __type(value, u64);
	 __uint(max_entries, 64); } marks SEC(".maps");

SEC("tc")
int look(struct __sk_buff *skb)
{
	u64 key = skb->mark;

#ifdef FIXED
	return bpf_map_lookup_elem(&marks, &key) ? TC_ACT_SHOT : TC_ACT_OK;
#else
	return bpf_map_lookup_elem(&marks, (void *)key) ? TC_ACT_SHOT : TC_ACT_OK; // root
#endif
}
