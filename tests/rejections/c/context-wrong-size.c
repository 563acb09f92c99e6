/* code: V0116
 * real: no
 * kind: context wrong size or modified
 * A field of 32 bits is read as 64. */
#include "bpf.h"

u64 m;

SEC("tc")
int read_mark(struct __sk_buff *skb)
{
#ifdef FIXED
	m = skb->mark;
#else
	m = *(u64 *)&skb->mark; // root
#endif
	return TC_ACT_OK;
}
