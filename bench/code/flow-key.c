/* SPDX-License-Identifier: MIT */
#include "bpf.h"
struct flow {
	__u32 from, to;
	__u16 from_port, to_port;
	__u32 protocol;
};
struct volume {
	__u64 bytes, packets;
};
MAP(flows, BPF_MAP_TYPE_LRU_HASH, struct flow, struct volume, 4096);
SEC("tc") int flow_key(struct __sk_buff *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	struct flow key = {};
	struct volume *known;

	if (data + 42 > end || eth->type != bswap16(0x0800))
		return 0;
	key.from = ip->from;
	key.to = ip->to;
	key.protocol = ip->protocol;
	key.from_port = *(__u16 *)(data + 34);
	key.to_port = *(__u16 *)(data + 36);
	known = map_lookup(&flows, &key);
	if (known) {
		known->bytes += ctx->len;
		known->packets += 1;
	} else {
		struct volume new = {.bytes = ctx->len, .packets = 1};

		map_update(&flows, &key, &new, BPF_ANY);
	}
	return 0;
}
