/* code: V0106
 * real: yes
 * kind: packet bounds
 * `<` where `<=` belongs, turned round: one byte is missing. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u8); __type(value, u64);
	 __uint(max_entries, 256); } protos SEC(".maps");

SEC("xdp")
int by_proto(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *end = end_of(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	u64 one = 1;
	u8 proto;

#ifdef FIXED
	if ((void *)ip + sizeof *ip > end)
#else
	if ((void *)ip + 9 > end)
#endif
		return XDP_PASS;
	proto = ip->protocol; // root
	bpf_map_update_elem(&protos, &proto, &one, BPF_ANY);
	return XDP_PASS;
}
