/* code: V0101
 * real: yes
 * kind: dynptr
 * A part of the record may not be there. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int put(void *ctx)
{
	struct bpf_dynptr d;
	u64 *p;

	bpf_ringbuf_reserve_dynptr(&rb, 64, 0, &d);
	p = bpf_dynptr_data(&d, 0, 8);
#ifdef FIXED
	if (p)
#endif
	*p = 1; // root
	bpf_ringbuf_submit_dynptr(&d, 0);
	return 0;
}
