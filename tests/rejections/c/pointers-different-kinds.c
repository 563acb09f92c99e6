/* code: V0113
 * real: no
 * kind: context wrong size or modified
 * The compiler makes one load of two: once from the context, once from a map. */
#include "bpf.h"

u32 fallback = 3;

SEC("tc")
int choose(struct __sk_buff *skb)
{
	u32 *p;

#ifdef FIXED
	volatile struct __sk_buff *v = skb;

	return (v->mark ? v->priority : fallback) ? TC_ACT_OK : TC_ACT_SHOT;
#else
	p = skb->mark ? &skb->priority : &fallback;
	return *(volatile u32 *)p ? TC_ACT_OK : TC_ACT_SHOT; // root
#endif
}
