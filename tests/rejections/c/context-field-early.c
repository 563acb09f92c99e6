/* code: V0116
 * real: no
 * kind: context field
 * A field that this hook does not have; the compiler reads it before the loop. */
#include "bpf.h"

SEC("tc")
int find(struct __sk_buff *skb)
{
	for (u32 i = 0; i < 100; i++) {
		u32 k = bpf_get_prandom_u32();

#ifdef FIXED
		if (k == skb->mark)
#else
		if (k == skb->remote_port) // root
#endif
			return TC_ACT_SHOT;
	}
	return TC_ACT_OK;
}
