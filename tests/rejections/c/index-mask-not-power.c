/* code: V0105
 * real: yes
 * kind: map value bounds
 * A mask that is no power of two less one, larger than the table. */
#include "bpf.h"

struct slots { u8 b[100]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct slots);
	 __uint(max_entries, 1); } scratch SEC(".maps");

SEC("tc")
int mark(struct __sk_buff *skb)
{
	u32 zero = 0, at = skb->hash & 0x7f;
	struct slots *s = bpf_map_lookup_elem(&scratch, &zero);

	if (!s)
		return TC_ACT_OK;
#ifdef FIXED
	if (at >= sizeof(s->b))
		return TC_ACT_OK;
#endif
	s->b[at] = 1; // root
	return TC_ACT_OK;
}
