/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(slots, BPF_MAP_TYPE_ARRAY, __u32, __u64, 64);
SEC("xdp") int hash_mix(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	__u32 h, key;
	__u64 *n;

	if (data + 42 > end || eth->type != bswap16(0x0800) || ip->protocol != 17)
		return XDP_PASS;
	h = ip->from ^ ip->to << 7;
	h += *(__u32 *)(data + 34);
	h ^= h >> 16;
	h *= 0x7feb352d;
	h ^= h >> 15;
	h *= 0x846ca68b;
	h ^= h >> 16;
	key = h & 63;
	n = map_lookup(&slots, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	return XDP_PASS;
}
