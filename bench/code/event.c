/* SPDX-License-Identifier: MIT */
#include "bpf.h"
struct event {
	__u64 time;
	__u32 length, from, to, protocol;
};
struct {
	int (*type)[BPF_MAP_TYPE_RINGBUF];
	int (*max_entries)[65536];
} events SEC(".maps");
SEC("xdp") int event(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct eth *eth = data;
	struct ipv4 *ip = data + 14;
	struct event *e;

	if (data + 34 > end || eth->type != bswap16(0x0800))
		return XDP_PASS;
	e = ringbuf_reserve(&events, sizeof *e, 0);
	if (!e)
		return XDP_PASS;
	e->time = ktime_get_ns();
	e->length = end - data;
	e->from = ip->from;
	e->to = ip->to;
	e->protocol = ip->protocol;
	ringbuf_submit(e, 0);
	return XDP_PASS;
}
