/* code: V0101
 * real: yes
 * kind: possible null
 * The first use is guarded; after the branches meet nobody asks again. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 4096); } start SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } total SEC(".maps");

SEC("raw_tp/sys_exit")
int on_exit(void *ctx)
{
	u32 tid = bpf_get_current_pid_tgid(), zero = 0;
	u64 *ts = bpf_map_lookup_elem(&start, &tid);
	u64 *sum = bpf_map_lookup_elem(&total, &zero);
	u64 delta = 0;

	if (ts)
		delta = bpf_ktime_get_ns() - *ts;
	if (!sum)
		return 0;
#ifdef FIXED
	if (ts)
		*ts = 0;
#else
	*ts = 0; // root
#endif
	*sum += delta;
	return 0;
}
