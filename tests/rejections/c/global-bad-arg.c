/* code: V0124
 * real: no
 * kind: global function
 * The function wants 16 bytes, the caller has 8 on its stack. */
#include "bpf.h"

struct stats { u64 packets, bytes; };

__noinline int sum(struct stats *s)
{
	return s ? s->packets + s->bytes : 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
#ifdef FIXED
	u64 small[2] = {skb->len, 0};
#else
	u64 small[1] = {skb->len}; // also
#endif

	return sum((struct stats *)small) > 100; // root
}
