/* code: V0309
 * real: no
 * kind: tail call
 * A function that tail-calls is called with much of the stack in use. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(key_size, 4); __uint(value_size, 4);
	 __uint(max_entries, 4); } jumps SEC(".maps");

static __noinline int next(struct __sk_buff *skb, u32 i)
{
	bpf_tail_call(skb, &jumps, i);
	return TC_ACT_OK;
}

SEC("tc")
int entry(struct __sk_buff *skb)
{
#ifdef FIXED
	char text[64] = {};
#else
	char text[300] = {}; // root
#endif
	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return next(skb, text[0] & 3) + (text[9] & 1);
}
