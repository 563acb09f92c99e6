/* code: V0301
 * real: yes
 * kind: loop not shown to end
 * An option of length 0 keeps the walk on the spot. */
#include "bpf.h"

SEC("tc")
int walk(struct __sk_buff *skb)
{
	u32 off = 54;
	volatile u32 step = 0;

	while (off < 1500) { // root
#ifdef FIXED
		off += 1;
#else
		off += step & 0; // also
#endif
	}
	return TC_ACT_OK;
}
