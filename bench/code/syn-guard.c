/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(syns, BPF_MAP_TYPE_HASH, __u32, __u64, 65536);
SEC("xdp") int syn_guard(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	struct tcp *tcp = data + 34;
	__u64 *n, one = 1;
	__u32 source;

	if (data + 54 > end)
		return XDP_PASS;
	if (eth->type != bswap16(0x0800) || ip->protocol != 6 || (tcp->flags & 0x12) != 2)
		return XDP_PASS;
	source = ip->from;
	n = map_lookup(&syns, &source);
	if (!n) {
		map_update(&syns, &source, &one, BPF_NOEXIST);
		return XDP_PASS;
	}
	__sync_fetch_and_add(n, 1);
	return *n > 100 ? XDP_DROP : XDP_PASS;
}
