/* code: V0105
 * real: no
 * kind: offset or size not bounded
 * Pieces of a message are put behind each other; what the compiler checks is another load. */
#include "bpf.h"

struct event { u32 n; char msg[400]; };
struct iovec { void *base; u64 len; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct event);
	 __uint(max_entries, 1); } heap SEC(".maps");

SEC("raw_tp/sys_enter")
int collect(struct bpf_raw_tracepoint_args *ctx)
{
	struct iovec *vec = (void *)ctx->args[0], iov;
	u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&heap, &zero);
	u64 copied = 0;

	if (!e)
		return 0;
	for (int i = 0; i < 3 && copied < sizeof(e->msg); i++) {
		u64 rest = sizeof(e->msg) - copied;
		int len;

		bpf_probe_read_user(&iov, sizeof(iov), &vec[i]);
		len = iov.len < rest ? iov.len : rest;
#ifdef FIXED
		u64 at = copied, size = len;

		asm volatile("" : "+r"(at), "+r"(size));
		if (at > sizeof(e->msg) / 2 || size > sizeof(e->msg) / 2)
			return 0;
		bpf_probe_read_user(e->msg + at, size, iov.base);
#else
		bpf_probe_read_user(e->msg + copied, len, iov.base); // root
#endif
		copied += len;
	}
	e->n = copied;
	return 0;
}
