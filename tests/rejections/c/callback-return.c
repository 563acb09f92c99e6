/* code: V0327
 * real: no
 * kind: callback
 * The callback of bpf_loop returns its argument. */
#include "bpf.h"

static int step(u32 i, u64 *sum)
{
	*sum += i;
#ifdef FIXED
	return i == 7;
#else
	return i; // root
#endif
}

SEC("tc")
int sum(struct __sk_buff *skb)
{
	u64 total = 0;

	bpf_loop(10, step, &total, 0);
	return total > 100 ? TC_ACT_SHOT : TC_ACT_OK;
}
