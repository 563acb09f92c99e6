/* code: V0138
 * real: no
 * kind: map not usable here
 * A ring buffer has no keys. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } counts SEC(".maps");

SEC("raw_tp/sys_enter")
int look(void *ctx)
{
	u32 zero = 0;
#ifdef FIXED
	u64 *v = bpf_map_lookup_elem(&counts, &zero);
#else
	u64 *v = bpf_map_lookup_elem(&rb, &zero); // root
#endif
	if (v)
		*v += 1;
	return 0;
}
