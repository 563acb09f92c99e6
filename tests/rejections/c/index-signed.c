/* code: V0160
 * real: yes
 * kind: offset or size not bounded
 * The index is a signed number of the user's; only the upper end is checked. */
#include "bpf.h"

struct hist { u64 slot[32]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct hist);
	 __uint(max_entries, 1); } latency SEC(".maps");

SEC("raw_tp/sys_exit")
int by_result(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct hist *h = bpf_map_lookup_elem(&latency, &zero);
	s64 ret = (s64)ctx->args[1];

	if (!h)
		return 0;
#ifdef FIXED
	if (ret < 0)
		return 0;
#endif
	if (ret > 31)
		ret = 31;
	h->slot[ret]++; // root
	return 0;
}
