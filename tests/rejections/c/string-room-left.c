/* code: V0125
 * real: no
 * kind: offset or size not bounded
 * Names are put one behind the other, each with the room that is left: place and size vary
 * together, and the verifier adds the largest of both. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } paths SEC(".maps");

SEC("raw_tp/sys_enter")
int join(struct bpf_raw_tracepoint_args *ctx)
{
	const void *name = (void *)ctx->args[0];
	char full[256] = {};
	int len = 0;

	for (int i = 0; i < 4; i++) {
#ifdef FIXED
		unsigned long at = len;

		asm volatile("" : "+r"(at));
		if (at > sizeof(full) / 2)
			break;
		int got = bpf_probe_read_user_str(&full[at], 128, name);
#else
		int got = bpf_probe_read_user_str(&full[len], sizeof(full) - len, name); // root
#endif

		if (got <= 0)
			break;
		len += got;
	}
	bpf_ringbuf_output(&paths, full, sizeof full, 0);
	return 0;
}
