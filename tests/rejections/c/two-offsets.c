/* code: V0106
 * real: yes
 * kind: bounds lost
 * The length from the packet is checked against 64, not against the packet. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u8); __type(value, u64);
	 __uint(max_entries, 256); } last_bytes SEC(".maps");

SEC("xdp")
int trailer(struct xdp_md *ctx)
{
	u8 *data = data_of(ctx), *end = end_of(ctx), byte, len;
	u64 one = 1;

	if (data + 15 > end)
		return XDP_PASS;
	len = data[14];
	if (len > 64)
		return XDP_PASS;
#ifdef FIXED
	if (data + len + 1 > end)
		return XDP_PASS;
#endif
	byte = data[len]; // root
	bpf_map_update_elem(&last_bytes, &byte, &one, BPF_ANY);
	return XDP_PASS;
}
