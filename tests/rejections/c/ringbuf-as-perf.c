/* code: V0816
 * real: no
 * kind: map not usable here
 * A program that moved from perf buffers to a ring buffer, all but one call. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	u64 pid = bpf_get_current_pid_tgid();

#ifdef FIXED
	bpf_ringbuf_output(&events, &pid, sizeof(pid), 0);
#else
	bpf_perf_event_output(ctx, &events, 0xffffffffULL, &pid, sizeof(pid)); // root
#endif
	return 0;
}
