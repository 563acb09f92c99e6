/* code: V0155
 * real: yes
 * kind: possible null
 * What a lookup found is handed on without a look. */
#include "bpf.h"

struct config { u32 port, limit; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct config);
	 __uint(max_entries, 64); } configs SEC(".maps"), active SEC(".maps");

SEC("xdp")
int activate(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	struct config *cfg;

	cfg = bpf_map_lookup_elem(&configs, &key);
#ifdef FIXED
	if (!cfg)
		return XDP_PASS;
#endif
	bpf_map_update_elem(&active, &key, cfg, BPF_ANY); // root
	return XDP_PASS;
}
