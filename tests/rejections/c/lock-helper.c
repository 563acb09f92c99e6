/* code: V0319
 * real: no
 * kind: lock
 * The clock is asked while the lock is held. */
#include "bpf.h"

struct state { struct bpf_spin_lock lock; u64 last; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct state);
	 __uint(max_entries, 1); } states SEC(".maps");

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct state *s = bpf_map_lookup_elem(&states, &zero);
	u64 now;

	if (!s)
		return TC_ACT_OK;
#ifdef FIXED
	now = bpf_ktime_get_ns();
	bpf_spin_lock(&s->lock);
#else
	bpf_spin_lock(&s->lock);
	now = bpf_ktime_get_ns(); // root
#endif
	s->last = now;
	bpf_spin_unlock(&s->lock);
	return TC_ACT_OK;
}
