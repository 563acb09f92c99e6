/* code: V0105
 * real: yes
 * kind: map value bounds
 * The bound itself is let through. */
#include "bpf.h"

#define SLOTS 64
struct hist { u32 slots[SLOTS]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct hist);
	 __uint(max_entries, 64); } hists SEC(".maps");

SEC("raw_tp/sys_enter")
int record(struct bpf_raw_tracepoint_args *ctx)
{
	u32 key = 0, slot = bpf_get_prandom_u32();
	struct hist *h = bpf_map_lookup_elem(&hists, &key);

	if (!h)
		return 0;
#ifdef FIXED
	if (slot >= SLOTS)
#else
	if (slot > SLOTS)
#endif
		return 0;
	__sync_fetch_and_add(&h->slots[slot], 1); // root
	return 0;
}
