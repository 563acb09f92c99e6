/* code: V0124
 * real: yes
 * kind: stack bounds
 * More is asked for than the variable has. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(key_size, 16); __type(value, u64);
	 __uint(max_entries, 1024); } by_comm SEC(".maps");

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
	char comm[16];
	u64 one = 1;

#ifdef FIXED
	bpf_get_current_comm(comm, sizeof(comm));
#else
	bpf_get_current_comm(comm, 32); // root
#endif
	bpf_map_update_elem(&by_comm, comm, &one, BPF_ANY);
	return 0;
}
