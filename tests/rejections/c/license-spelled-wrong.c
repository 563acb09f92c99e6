/* code: V0504
 * real: no
 * kind: not available here
 * Only a few spellings are taken for the GPL. */
#define LICENSE own
#include "bpf.h"

#ifdef FIXED
char _license[] SEC("license") = "Dual MIT/GPL";
#else
char _license[] SEC("license") = "GPL-2.0-only";
#endif
char comm[16];

SEC("raw_tp/sys_enter")
int peek(struct bpf_raw_tracepoint_args *ctx)
{
	bpf_probe_read_kernel(comm, sizeof(comm), (void *)ctx->args[0]); // root
	return 0;
}
