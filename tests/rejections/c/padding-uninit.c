/* code: V0136
 * real: yes
 * kind: uninitialised
 * caps: bpf
 * Every field is set, but the three bytes between `proto` and `ip` are not. */
#include "bpf.h"

struct key { u8 proto; u32 ip; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct key); __type(value, u64);
	 __uint(max_entries, 1024); } flows SEC(".maps");

SEC("tc")
int flow(struct __sk_buff *skb)
{
#ifdef FIXED
	struct key k = {};
#else
	struct key k; // also
#endif
	u64 one = 1;

	k.proto = skb->pkt_type;
	k.ip = skb->hash;
	bpf_map_update_elem(&flows, &k, &one, BPF_ANY); // root
	return TC_ACT_OK;
}
