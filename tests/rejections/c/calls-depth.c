/* code: V0305
 * real: no
 * kind: calls too deep
 * Nine functions, each in the other. */
#include "bpf.h"

#define LEVEL(n, next) \
	static __noinline int level##n(int x) { return next(x + 1) + (int)bpf_get_prandom_u32(); }
static __noinline int level9(int x) { return x * 3 + (int)bpf_get_prandom_u32(); }
LEVEL(8, level9) // root
LEVEL(7, level8) // also
LEVEL(6, level7)
LEVEL(5, level6)
LEVEL(4, level5)
LEVEL(3, level4)
LEVEL(2, level3)
LEVEL(1, level2)

SEC("tc")
int deep(struct __sk_buff *skb)
{
#ifdef FIXED
	return level4(skb->len) & 1;
#else
	return level1(skb->len) & 1; // also
#endif
}
