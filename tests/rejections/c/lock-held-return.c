/* code: V0320
 * real: yes
 * kind: lock
 * The empty bucket returns early, with the lock. */
#include "bpf.h"

struct bucket { struct bpf_spin_lock lock; u32 tokens; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct bucket);
	 __uint(max_entries, 1); } buckets SEC(".maps");

SEC("tc")
int take(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &zero);

	if (!b)
		return TC_ACT_OK;
	bpf_spin_lock(&b->lock);
	if (!b->tokens) { // also
#ifdef FIXED
		bpf_spin_unlock(&b->lock);
#endif
		return TC_ACT_SHOT; // root
	}
	b->tokens--;
	bpf_spin_unlock(&b->lock);
	return TC_ACT_OK;
}
