/* code: V0302
 * real: no
 * kind: too complex
 * Twenty bits looked at one by one: each doubles what the index may be. */
#include "bpf.h"

struct table { u64 slots[1024]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct table);
	 __uint(max_entries, 1); } tables SEC(".maps");
#ifdef FIXED
enum { BITS = 8 };
#else
enum { BITS = 20 };
#endif

SEC("tc")
int spread(struct __sk_buff *skb)
{
	u32 zero = 0, at = 0;
	struct table *t = bpf_map_lookup_elem(&tables, &zero);

	if (!t)
		return TC_ACT_OK;
	for (int i = 0; i < BITS; i++) { // root
		if (bpf_get_prandom_u32() & 1) // also
			at = at * 2 + 1; // also
		else
			at = at * 2 + 3; // also
	}
	t->slots[at & 1023]++;
	return TC_ACT_OK;
}
