/* code: V0302
 * real: no
 * kind: too complex
 * How often is set from outside: up to four thousand million times. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 1); } rounds SEC(".maps");
u64 acc;

SEC("raw_tp/sys_enter")
int work(void *ctx)
{
	u32 zero = 0, *n = bpf_map_lookup_elem(&rounds, &zero);

	if (!n)
		return 0;
#ifdef FIXED
	for (u32 i = 0; i < *n && i < 100; i++)
#else
	for (u32 i = 0; i < *n; i++) // root
#endif
		acc += bpf_get_prandom_u32() & i;
	return 0;
}
