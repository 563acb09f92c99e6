/* code: V0105
 * real: yes
 * kind: map value bounds
 * The entry is taken for a larger struct than the map was made with. */
#include "bpf.h"

struct v1 { u64 packets; };
struct v2 { u64 packets, bytes; };
#ifdef FIXED
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct v2);
	 __uint(max_entries, 1); } totals SEC(".maps");
#else
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct v1); // also
	 __uint(max_entries, 1); } totals SEC(".maps");
#endif

SEC("tc")
int count(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct v2 *t = bpf_map_lookup_elem(&totals, &zero);

	if (!t)
		return TC_ACT_OK;
	t->packets++;
	t->bytes += skb->len; // root
	return TC_ACT_OK;
}
