/* code: V0530
 * real: no
 * kind: map not usable here
 * The table of programs was declared as a plain array. */
#include "bpf.h"

#ifdef FIXED
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 8); } steps SEC(".maps");
#else
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 8); } steps SEC(".maps"); // also
#endif

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &steps, 3); // root
	return XDP_PASS;
}
