/* code: V0136
 * real: yes
 * kind: uninitialised
 * caps: bpf
 * The map's values are larger than the variable that is stored. */
#include "bpf.h"

struct stat { u64 packets, bytes; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct stat);
	 __uint(max_entries, 64); } stats SEC(".maps");

SEC("xdp")
int first(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
#ifdef FIXED
	struct stat one = {.packets = 1};
#else
	u64 one = 1;
#endif
	bpf_map_update_elem(&stats, &key, &one, BPF_NOEXIST); // root
	return XDP_PASS;
}
