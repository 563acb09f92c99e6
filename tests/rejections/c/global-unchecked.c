/* code: V0101
 * real: no
 * kind: global function
 * A global function is verified on its own: its pointer may be null. */
#include "bpf.h"

struct stats { u64 packets, bytes; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct stats);
	 __uint(max_entries, 1); } all SEC(".maps");

__noinline int add(struct stats *s, u32 len)
{
#ifdef FIXED
	if (!s)
		return 0;
#endif
	s->packets++; // root
	s->bytes += len;
	return 1;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct stats *s = bpf_map_lookup_elem(&all, &zero);

	if (!s)
		return TC_ACT_OK;
	return add(s, skb->len) ? TC_ACT_OK : TC_ACT_SHOT;
}
