/* code: V0536
 * real: no
 * kind: wrong argument
 * The format lies in writable memory. */
#include "bpf.h"

char fmt[16] = "pid %d";

SEC("raw_tp/sys_enter")
int log_pid(void *ctx)
{
	char text[32];
	u64 pid = bpf_get_current_pid_tgid() >> 32;
#ifdef FIXED
	static const char fixed[] = "pid %d";

	bpf_snprintf(text, sizeof(text), fixed, &pid, sizeof(pid));
#else
	bpf_snprintf(text, sizeof(text), fmt, &pid, sizeof(pid)); // root
#endif
	return 0;
}
