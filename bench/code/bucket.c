/* SPDX-License-Identifier: MIT */
#include "bpf.h"
struct bucket {
	__u64 tokens, filled;
};
MAP(buckets, BPF_MAP_TYPE_LRU_HASH, __u32, struct bucket, 10240);
SEC("xdp") int bucket(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	struct bucket *b;
	__u32 source;
	__u64 now;

	if (data + 42 > end || eth->type != bswap16(0x0800) || ip->protocol != 17)
		return XDP_PASS;
	source = ip->from;
	now = ktime_get_ns();
	b = map_lookup(&buckets, &source);
	if (b) {
		__u64 fresh = (now - b->filled) / 10000000;

		if (fresh > 0) {
			b->tokens = b->tokens + fresh < 50 ? b->tokens + fresh : 50;
			b->filled = now;
		}
		if (b->tokens == 0)
			return XDP_DROP;
		b->tokens--;
	} else {
		struct bucket new = {.tokens = 49, .filled = now};

		map_update(&buckets, &source, &new, BPF_ANY);
	}
	return XDP_PASS;
}
