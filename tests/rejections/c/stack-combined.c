/* code: V0308
 * real: no
 * kind: stack too large
 * Each function alone is fine; together they need more than 512 bytes. */
#include "bpf.h"

struct block { char bytes[272]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct block); __type(value, u64);
	 __uint(max_entries, 1024); } seen SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct block);
	 __uint(max_entries, 1); } scratch SEC(".maps");

static __noinline int count(struct __sk_buff *skb)
{
#ifdef FIXED
	u32 zero = 0;
	struct block *b = bpf_map_lookup_elem(&scratch, &zero);
#else
	struct block on_stack = {}, *b = &on_stack; // also
#endif
	u64 one = 1;

	if (!b || bpf_skb_load_bytes(skb, 0, b->bytes, sizeof b->bytes) < 0)
		return 0;
	return bpf_map_update_elem(&seen, b, &one, BPF_NOEXIST);
}

SEC("tc")
int on_packet(struct __sk_buff *skb) // also
{
	struct block last = {}; // root

	bpf_skb_load_bytes(skb, 272, last.bytes, 16);
	if (last.bytes[0])
		bpf_map_delete_elem(&seen, &last);
	return count(skb) < 0; // also
}
