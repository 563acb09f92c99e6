/* code: V0303
 * real: no
 * kind: too complex
 * As many rounds as the packet says, up to four billion. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } sums SEC(".maps");

SEC("tc")
int checksum(struct __sk_buff *skb)
{
	u32 zero = 0, len = skb->len;
	u64 *sum = bpf_map_lookup_elem(&sums, &zero);

	if (!sum)
		return TC_ACT_OK;
#ifdef FIXED
	if (len > 128)
		len = 128;
#endif
	for (u32 i = 0; i < len; i++) { // root
		u8 byte = 0;

		if (bpf_skb_load_bytes(skb, i, &byte, 1)) // also
			break;
		*sum += byte;
	}
	return TC_ACT_OK;
}
