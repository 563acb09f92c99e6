/* code: V0136
 * real: yes
 * kind: uninitialised
 * caps: bpf
 * The addresses are filled in for IPv4 only, and sent in any case. */
#include "bpf.h"

struct event { u64 ifindex, addresses; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("tc")
int note(struct __sk_buff *skb)
{
#ifdef FIXED
	struct event e = {};
#else
	struct event e; // also
#endif

	e.ifindex = skb->ifindex;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		bpf_skb_load_bytes(skb, 26, &e.addresses, sizeof e.addresses);
	bpf_ringbuf_output(&events, &e, sizeof e, 0); // root
	return TC_ACT_OK;
}
