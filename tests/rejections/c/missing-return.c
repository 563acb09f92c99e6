/* code: V0102
 * real: yes
 * kind: uninitialised
 * A function that should return a value and does not. */
#include "bpf.h"

u64 n;

SEC("raw_tp/sys_enter")
int tick(void *ctx)
{
	n++;
#ifdef FIXED
	return 0;
#endif
} // root
