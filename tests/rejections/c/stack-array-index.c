/* code: V0125
 * real: yes
 * kind: stack bounds
 * A table on the stack, indexed by the low bits of a hash: four bits for eight slots. */
#include "bpf.h"

SEC("tc")
int spread(struct __sk_buff *skb)
{
	u64 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	u32 at;

#ifdef FIXED
	at = skb->hash & 7;
#else
	at = skb->hash & 15;
#endif
	table[at] = skb->len; // root
	asm volatile("" ::"r"(table) : "memory");
	return table[skb->mark & 7] > 100 ? TC_ACT_SHOT : TC_ACT_OK;
}
