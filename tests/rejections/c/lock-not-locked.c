/* code: V0546
 * real: yes
 * kind: lock
 * The unlock is outside of the condition that locks. */
#include "bpf.h"

struct val { struct bpf_spin_lock lock; u32 n; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct val);
	 __uint(max_entries, 4); } vals SEC(".maps");

SEC("tc")
int maybe(struct __sk_buff *skb)
{
	u32 key = 0;
	struct val *v = bpf_map_lookup_elem(&vals, &key);

	if (!v)
		return TC_ACT_OK;
#ifdef FIXED
	bpf_spin_lock(&v->lock);
	if (skb->mark)
		v->n++;
#else
	if (skb->mark) {
		bpf_spin_lock(&v->lock);
		v->n++;
	}
#endif
	bpf_spin_unlock(&v->lock); // root
	return TC_ACT_OK;
}
