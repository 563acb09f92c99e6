/* code: V0155
 * real: no
 * kind: wrong argument
 * A key may not lie in the context. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 64); } marks SEC(".maps");

SEC("tc")
int by_mark(struct __sk_buff *skb)
{
	u64 *n;
#ifdef FIXED
	u32 key = skb->mark;

	n = bpf_map_lookup_elem(&marks, &key);
#else
	n = bpf_map_lookup_elem(&marks, &skb->mark); // root
#endif
	if (n)
		*n += 1;
	return TC_ACT_OK;
}
