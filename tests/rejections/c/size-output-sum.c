/* code: V0512
 * real: yes
 * kind: offset or size not bounded
 * Header plus payload is handed out; the payload's length was never compared. */
#include "bpf.h"

struct pkt { u32 len; u8 data[256]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct pkt);
	 __uint(max_entries, 1); } bufs SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } out SEC(".maps");

SEC("raw_tp/sys_enter")
int send(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0, len = ctx->args[0];
	struct pkt *p = bpf_map_lookup_elem(&bufs, &zero);

	if (!p)
		return 0;
#ifdef FIXED
	if (len > sizeof(p->data))
		return 0;
#endif
	p->len = len;
	bpf_ringbuf_output(&out, p, sizeof(u32) + len, 0); // root
	return 0;
}
