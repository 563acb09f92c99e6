/* code: V0209
 * real: yes
 * kind: possible null
 * Both lookups are tested, with the wrong operator between the tests. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1024); } rx SEC(".maps"), tx SEC(".maps");

SEC("tc")
int difference(struct __sk_buff *skb)
{
	u32 ifindex = skb->ifindex;
	u64 *in = bpf_map_lookup_elem(&rx, &ifindex);
	u64 *out = bpf_map_lookup_elem(&tx, &ifindex);

#ifdef FIXED
	if (!in || !out)
#else
	if (!in && !out) // root
#endif
		return TC_ACT_OK;
	*in += skb->len;
	*out = *in + 1;
	return TC_ACT_OK;
}
