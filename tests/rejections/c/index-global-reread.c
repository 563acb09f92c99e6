/* code: V0110
 * real: no
 * kind: bounds lost
 * The index is a global: what was checked is read a second time. */
#include "bpf.h"

volatile u32 next;
u64 ring[32];

SEC("raw_tp/sys_enter")
int keep(void *ctx)
{
#ifdef FIXED
	u32 at = next;

	if (at >= 32)
		return 0;
	ring[at] = bpf_ktime_get_ns();
	next = at + 1;
#else
	if (next >= 32)
		return 0;
	ring[next] = bpf_ktime_get_ns(); // root
	next++;
#endif
	return 0;
}
