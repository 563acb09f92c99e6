/* code: V0101
 * real: no
 * kind: number as pointer
 * Comparing the first byte of a path that lives in user memory. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } absolute SEC(".maps");

SEC("raw_tp/sys_enter")
int opens(struct bpf_raw_tracepoint_args *ctx)
{
	const char *path = (const char *)ctx->args[1];
	u32 zero = 0;
	u64 *n = bpf_map_lookup_elem(&absolute, &zero);
	char first;

	if (!n)
		return 0;
#ifdef FIXED
	if (bpf_probe_read_user(&first, 1, path))
		return 0;
#else
	first = path[0]; // root
#endif
	if (first == '/')
		*n += 1;
	return 0;
}
