/* code: V0684
 * real: no
 * kind: global function
 * How much a void pointer points to cannot be seen from the prototype. */
#include "bpf.h"

u64 total;

#ifdef FIXED
static __noinline int add(void *amount)
#else
__noinline int add(void *amount) // root
#endif
{
	if (!amount)
		return 0;
	total += *(u64 *)amount;
	return 1;
}

SEC("raw_tp/sys_enter")
int main_prog(void *ctx)
{
	u64 one = 1;

	return add(&one) - 1;
}
