/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(seen, BPF_MAP_TYPE_HASH, __u32, __u64, 1024);
static __attribute__((noinline)) __u64 note(__u32 address)
{
	__u64 *n = map_lookup(&seen, &address), one = 1;

	if (n) {
		__sync_fetch_and_add(n, 1);
		return 1;
	}
	map_update(&seen, &address, &one, BPF_ANY);
	return 0;
}
SEC("xdp") int function(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	__u32 to;

	if (data + 34 > end || eth->type != bswap16(0x0800))
		return XDP_PASS;
	to = ip->to;
	if (note(ip->from) + note(to) == 2)
		return XDP_TX;
	return XDP_PASS;
}
