/* code: V0116
 * real: no
 * kind: context field
 * The tracepoint has fewer arguments. */
#include "bpf.h"

u64 last;

SEC("tp_btf/sched_wakeup")
int wake(u64 *ctx)
{
#ifdef FIXED
	last = ctx[0] != 0;
#else
	last = ctx[3]; // root
#endif
	return 0;
}
