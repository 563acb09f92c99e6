/* code: V0313
 * real: yes
 * kind: not released
 * When the reservation fails the dynptr still has to be given back. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("raw_tp/sys_enter")
int send(void *ctx)
{
	struct bpf_dynptr d;
	u64 now = bpf_ktime_get_ns();

	if (bpf_ringbuf_reserve_dynptr(&events, 8, 0, &d)) { // also
#ifdef FIXED
		bpf_ringbuf_discard_dynptr(&d, 0);
#endif
		return 0; // root
	}
	bpf_dynptr_write(&d, 0, &now, sizeof now, 0);
	bpf_ringbuf_submit_dynptr(&d, 0);
	return 0;
}
