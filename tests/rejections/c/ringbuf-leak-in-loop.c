/* code: V0313
 * real: yes
 * kind: not released
 * `continue` skips the submit. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int batch(struct bpf_raw_tracepoint_args *ctx)
{
	for (int i = 0; i < 4; i++) {
		u64 *rec = bpf_ringbuf_reserve(&rb, 8, 0);

		if (!rec)
			continue;
		*rec = bpf_get_prandom_u32();
		if (*rec & 1) {
#ifdef FIXED
			bpf_ringbuf_discard(rec, 0);
#endif
			continue; // root
		}
		bpf_ringbuf_submit(rec, 0);
	}
	return 0;
}
