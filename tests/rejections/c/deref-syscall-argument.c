/* code: V0101
 * real: yes
 * kind: number as pointer
 * The file name is an address of the process, not memory of the program. */
#include "bpf.h"

struct openat_args { u64 pad; u64 nr, dfd; const char *filename; u64 flags, mode; };

SEC("tp/syscalls/sys_enter_openat")
int absolute_only(struct openat_args *ctx)
{
	const char *name = ctx->filename;
#ifdef FIXED
	char first = 0;

	bpf_probe_read_user(&first, 1, name);
	if (first == '/')
#else
	if (name[0] == '/') // root
#endif
		bpf_get_current_pid_tgid();
	return 0;
}
