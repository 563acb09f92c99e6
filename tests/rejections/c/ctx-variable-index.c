/* code: V0114
 * real: no
 * kind: context wrong size or modified
 * Which of the words of `cb` is read is known at run time only. */
#include "bpf.h"

SEC("tc")
int pick(struct __sk_buff *skb)
{
#ifdef FIXED
	return skb->cb[0] == 7 ? TC_ACT_SHOT : TC_ACT_OK;
#else
	return skb->cb[skb->mark & 3] == 7 ? TC_ACT_SHOT : TC_ACT_OK; // root
#endif
}
