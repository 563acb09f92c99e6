/* SPDX-License-Identifier: MIT */
#include "bpf.h"
MAP(classes, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 8);
SEC("xdp") int classify(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	__u32 class = 0;
	__u64 *n;

	if (data + 34 > end)
		return XDP_PASS;
	switch (bswap16(eth->type)) {
	case 0x0800:
		switch (ip->protocol) {
		case 1: class = 1; break;
		case 6: class = 2; break;
		case 17: class = 3; break;
		case 47: class = 4; break;
		default: class = 5;
		}
		break;
	case 0x86dd: class = 6; break;
	case 0x0806: class = 7; break;
	}
	n = map_lookup(&classes, &class);
	if (n)
		*n += 1;
	return XDP_PASS;
}
