/* code: V0542
 * real: no
 * kind: wrong argument
 * The value has no timer in it. */
#include "bpf.h"

struct tick { u64 n; struct bpf_timer timer; };
#ifdef FIXED
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct tick);
	 __uint(max_entries, 1); } ticks SEC(".maps");
#else
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(key_size, 4); // also
	 __uint(value_size, sizeof(struct tick)); __uint(max_entries, 1); } ticks SEC(".maps");
#endif

SEC("tc")
int arm(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct tick *t = bpf_map_lookup_elem(&ticks, &zero);

	if (t)
		bpf_timer_init(&t->timer, &ticks, 1); // root
	return TC_ACT_OK;
}
