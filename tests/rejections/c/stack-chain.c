/* code: V0308
 * real: no
 * kind: stack too large
 * The function has a large buffer, and so has who calls it. */
#include "bpf.h"

#ifdef FIXED
#define LARGE 32
#else
#define LARGE 320
#endif

static __noinline int name_length(u32 x) // also
{
	char name[LARGE]; // root

	bpf_get_current_comm(name, sizeof name);
	return name[0] + x;
}

SEC("tc")
int outer(struct __sk_buff *skb) // also
{
	char buffer[256]; // also

	bpf_get_current_comm(buffer, sizeof buffer); // also
	return (buffer[1] + name_length(skb->len)) & 1; // also
}
