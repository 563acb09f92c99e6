/* code: V0819
 * real: no
 * kind: map not usable here
 * Spin locks are not for programs that may interrupt their own holder. */
#include "bpf.h"

struct state { struct bpf_spin_lock lock; u64 n; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct state);
	 __uint(max_entries, 1); } states SEC(".maps");

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
#ifdef FIXED
	return 0;
#else
	u32 zero = 0;
	struct state *s = bpf_map_lookup_elem(&states, &zero); // root

	if (s)
		__sync_fetch_and_add(&s->n, 1);
	return 0;
#endif
}
