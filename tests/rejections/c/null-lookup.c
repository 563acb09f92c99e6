/* code: V0101
 * real: yes
 * kind: possible null
 * The usual first program: the entry is used as if it were always there. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 10240); } calls SEC(".maps");

SEC("raw_tp/sys_enter")
int count_calls(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u64 *n, one = 1;

	n = bpf_map_lookup_elem(&calls, &pid);
#ifdef FIXED
	if (!n) {
		bpf_map_update_elem(&calls, &pid, &one, BPF_ANY);
		return 0;
	}
#endif
	*n += 1; // root
	return 0;
}
