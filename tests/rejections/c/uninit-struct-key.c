/* code: V0136
 * real: yes
 * kind: uninitialised
 * caps: bpf
 * A key with a hole in it, set member by member. */
#include "bpf.h"

struct key { u32 addr; u8 proto; u16 port; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct key); __type(value, u64);
	 __uint(max_entries, 1024); } seen SEC(".maps");

SEC("tc")
int lookup(struct __sk_buff *skb)
{
#ifdef FIXED
	struct key k = {};
#else
	struct key k;
#endif
	u64 *n;

	k.addr = skb->mark;
	k.proto = skb->protocol;
	k.port = skb->queue_mapping;
	n = bpf_map_lookup_elem(&seen, &k); // root
	return n ? TC_ACT_SHOT : TC_ACT_OK;
}
