/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(dropped, BPF_MAP_TYPE_ARRAY, __u32, __u64, 1);
SEC("xdp") int drop_port(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	struct tcp *tcp = data + 34;
	__u32 key = 0;
	__u64 *n;

	if (data + 54 > end)
		return XDP_PASS;
	if (eth->type != bswap16(0x0800) || ip->protocol != 6 || tcp->to != bswap16(8080))
		return XDP_PASS;
	n = map_lookup(&dropped, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	return XDP_DROP;
}
