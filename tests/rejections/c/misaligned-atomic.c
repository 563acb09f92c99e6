/* code: V0120
 * real: no
 * kind: misaligned
 * A packed struct puts the counter at byte 1, and atomic addition wants it aligned. */
#include "bpf.h"

#ifdef FIXED
struct stats { u64 packets; u8 kind; };
#else
struct stats { u8 kind; u64 packets; } __packed;
#endif
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct stats);
	 __uint(max_entries, 1); } all SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct stats *s = bpf_map_lookup_elem(&all, &zero);

	if (s)
		__sync_fetch_and_add(&s->packets, 1); // root
	return TC_ACT_OK;
}
