/* code: V0687
 * real: no
 * kind: global function
 * A global function that looks an entry up for its callers: it may return numbers only. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 64); } marks SEC(".maps");

#ifdef FIXED
static __noinline u64 *find(u32 key)
#else
__noinline u64 *find(u32 key) // root
#endif
{
	return bpf_map_lookup_elem(&marks, &key); // also
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	return find(skb->mark) ? TC_ACT_SHOT : TC_ACT_OK; // also
}
