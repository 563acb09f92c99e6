/* code: V0110
 * real: no
 * kind: bounds lost
 * A global function is verified by itself: its callers know nothing of what it returns. */
#include "bpf.h"

u32 slots[8];

__noinline int choose(u32 hash)
{
	return hash & 7;
}

SEC("tc")
int spread(struct __sk_buff *skb)
{
	int slot = choose(skb->hash);

#ifdef FIXED
	u64 at = slot;

	asm volatile("" : "+r"(at)); /* one value is tested and used, not two widths of it */
	if (at < 8)
		slots[at]++;
#else
	slots[slot]++; // root
#endif
	return TC_ACT_OK;
}
