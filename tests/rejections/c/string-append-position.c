/* code: V0108
 * real: yes
 * kind: offset or size not bounded
 * Names are strung together; the position grows by what the helper returns. */
#include "bpf.h"

struct path { char text[256]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct path);
	 __uint(max_entries, 1); } paths SEC(".maps");

SEC("raw_tp/sys_enter")
int join(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct path *p = bpf_map_lookup_elem(&paths, &zero);
	long pos = 0, n;

	if (!p)
		return 0;
	for (int i = 0; i < 3; i++) {
#ifdef FIXED
		if (pos < 0 || pos > 192)
			break;
#endif
		n = bpf_probe_read_user_str(p->text + pos, 64, (void *)ctx->args[i & 1]); // root
		pos += n;
	}
	return 0;
}
