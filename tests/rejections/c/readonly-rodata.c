/* code: V0153
 * real: no
 * kind: read-only
 * A constant setting is written to through a cast. */
#include "bpf.h"

#ifdef FIXED
volatile u32 threshold = 100;
#else
volatile const u32 threshold = 100;
#endif

SEC("tc")
int adapt(struct __sk_buff *skb)
{
	if (skb->len > 1000)
		*(volatile u32 *)&threshold = 50; // root
	return skb->len > threshold ? TC_ACT_SHOT : TC_ACT_OK;
}
