/* code: V0162
 * real: no
 * kind: wrong argument
 * caps: bpf
 * Printing the address of an entry. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } vals SEC(".maps");

SEC("tc")
int where(struct __sk_buff *skb)
{
	u32 zero = 0;
	u64 *v = bpf_map_lookup_elem(&vals, &zero);

	if (!v)
		return TC_ACT_OK;
#ifdef FIXED
	bpf_redirect(skb->ifindex, *v);
#else
	bpf_redirect(skb->ifindex, (u64)v); // root
#endif
	return TC_ACT_OK;
}
