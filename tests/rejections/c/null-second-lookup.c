/* code: V0101
 * real: yes
 * kind: possible null
 * After the insertion the entry is looked up again, and that may fail too. */
#include "bpf.h"

struct stats { u64 packets, bytes; };
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __type(key, u32); __type(value, struct stats);
	 __uint(max_entries, 1024); } by_iface SEC(".maps");

SEC("xdp")
int account(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	struct stats *s = bpf_map_lookup_elem(&by_iface, &key);

	if (!s) {
		struct stats zero = {};

		bpf_map_update_elem(&by_iface, &key, &zero, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&by_iface, &key);
#ifdef FIXED
		if (!s)
			return XDP_PASS;
#endif
	}
	s->packets++; // root
	s->bytes += ctx->data_end - ctx->data;
	return XDP_PASS;
}
