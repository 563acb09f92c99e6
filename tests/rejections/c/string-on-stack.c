/* code: V0155
 * real: no
 * kind: wrong argument
 * The string to compare with has to lie in read-only memory; a local array is a copy. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1); } hits SEC(".maps");

SEC("raw_tp/sys_enter")
int match(void *ctx)
{
	char comm[16], want[16] = "nginx";
	u32 zero = 0;
	u64 *n = bpf_map_lookup_elem(&hits, &zero);

	bpf_get_current_comm(comm, sizeof comm);
#ifdef FIXED
	if (n && bpf_strncmp(comm, sizeof comm, "nginx") == 0)
#else
	if (n && bpf_strncmp(comm, sizeof comm, want) == 0) // root
#endif
		*n += 1;
	return 0;
}
