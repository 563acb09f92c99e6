/* code: V0160
 * real: yes
 * kind: offset or size not bounded
 * An index straight from the arguments of a system call. */
#include "bpf.h"

u32 by_fd[1024];

SEC("raw_tp/sys_enter")
int count_fd(struct bpf_raw_tracepoint_args *ctx)
{
	u64 fd = ctx->args[1];

#ifdef FIXED
	if (fd >= 1024)
		return 0;
#endif
	by_fd[fd]++; // root
	return 0;
}
