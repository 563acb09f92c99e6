/* code: V0105
 * real: yes
 * kind: map value bounds
 * How many elements there are is a field of the value, which may say more. */
#include "bpf.h"

struct config { u32 n, marks[16]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct config);
	 __uint(max_entries, 1); } configs SEC(".maps");

SEC("tc")
int match(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct config *c = bpf_map_lookup_elem(&configs, &zero);

	if (!c)
		return TC_ACT_OK;
#ifdef FIXED
	for (u32 i = 0; i < 16 && i < c->n; i++)
#else
	for (u32 i = 0; i < c->n; i++)
#endif
		if (c->marks[i] == skb->mark) // root
			return TC_ACT_SHOT;
	return TC_ACT_OK;
}
