/* SPDX-License-Identifier: MIT */
#include "bpf.h"
SEC("xdp") int ttl(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	__u32 sum;

	if (data + 34 > end || eth->type != bswap16(0x0800))
		return XDP_PASS;
	if (ip->ttl <= 1)
		return XDP_DROP;
	sum = ip->check + bswap16(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
	return XDP_TX;
}
