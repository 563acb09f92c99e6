/* code: V0026
 * real: no
 * kind: unreachable code
 * Behind an unconditional jump in assembly there is code that nothing reaches. */
#include "bpf.h"

SEC("tc")
int jump(struct __sk_buff *skb)
{
	u32 verdict = skb->len & 1;

#ifndef FIXED
	asm volatile("goto +1\n\t" // also
		     "%0 = 2" // also
		     : "+r"(verdict)); // root
#endif
	return verdict;
}
