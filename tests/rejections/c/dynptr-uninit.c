/* code: V0552
 * real: yes
 * kind: dynptr
 * Written to although it was never reserved on this path. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sys_enter")
int send(void *ctx)
{
	struct bpf_dynptr d;
	u64 now = bpf_ktime_get_ns();

#ifdef FIXED
	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &d);
#endif
	bpf_dynptr_write(&d, 0, &now, sizeof now, 0); // root
#ifdef FIXED
	bpf_ringbuf_submit_dynptr(&d, 0);
#endif
	return 0;
}
