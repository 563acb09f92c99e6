/* code: V0124
 * real: yes
 * kind: stack bounds
 * caps: bpf
 * The map's keys have 16 bytes; the variable handed over has 4. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(key_size, 16); __uint(value_size, 8);
	 __uint(max_entries, 64); } known SEC(".maps");

SEC("tc")
int lookup(struct __sk_buff *skb)
{
#ifdef FIXED
	u32 key[4] = {skb->hash, 0, 0, 0};
#else
	u32 key[1] = {skb->hash}; // also
#endif

	return bpf_map_lookup_elem(&known, key) ? TC_ACT_SHOT : TC_ACT_OK; // root
}
