/* code: V0319
 * real: yes
 * kind: lock
 * Time is asked for while the lock is held. */
#include "bpf.h"

struct bucket { struct bpf_spin_lock lock; u64 last, tokens; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct bucket);
	 __uint(max_entries, 64); } buckets SEC(".maps");

SEC("tc")
int limit(struct __sk_buff *skb)
{
	u32 key = skb->ifindex;
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);
	u64 now;

	if (!b)
		return TC_ACT_OK;
#ifdef FIXED
	now = bpf_ktime_get_ns();
#endif
	bpf_spin_lock(&b->lock);
#ifndef FIXED
	now = bpf_ktime_get_ns(); // root
#endif
	b->tokens += now - b->last;
	b->last = now;
	bpf_spin_unlock(&b->lock);
	return TC_ACT_OK;
}
