/* code: V0116
 * real: no
 * kind: context field
 * The interface a packet came in by cannot be set. */
#include "bpf.h"

SEC("tc")
int steer(struct __sk_buff *skb)
{
	skb->mark = 7;
#ifdef FIXED
	return bpf_redirect(2, 0);
#else
	skb->ifindex = 2; // root
	return TC_ACT_OK;
#endif
}
