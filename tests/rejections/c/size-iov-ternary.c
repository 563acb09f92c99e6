/* code: V0510
 * real: yes
 * kind: offset or size not bounded
 * The smaller of two lengths, kept in an int. */
#include "bpf.h"

struct iov { void *base; u64 len; };
struct chunk { char msg[128]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct chunk);
	 __uint(max_entries, 1); } chunks SEC(".maps");

SEC("raw_tp/sys_enter")
int take(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct chunk *c = bpf_map_lookup_elem(&chunks, &zero);
	struct iov iov = {};

	if (!c)
		return 0;
	bpf_probe_read_user(&iov, sizeof(iov), (void *)ctx->args[1]);
#ifdef FIXED
	u64 len = iov.len < sizeof(c->msg) ? iov.len : sizeof(c->msg);
#else
	int len = (int)iov.len < (int)sizeof(c->msg) ? iov.len : sizeof(c->msg);
#endif
	bpf_probe_read_user(c->msg, len, iov.base); // root
	return 0;
}
