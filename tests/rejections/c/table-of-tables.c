/* code: V0160
 * real: yes
 * kind: offset or size not bounded
 * Of two indices one is a constant: the other is the one that nothing bounds. */
#include "bpf.h"

struct machine { int initial, next[4][4]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, int);
	 __uint(max_entries, 64); } states SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct machine);
	 __uint(max_entries, 1); } machines SEC(".maps");

SEC("raw_tp/sys_exit")
int step(void *ctx)
{
	u32 zero = 0;
	int *state = bpf_map_lookup_elem(&states, &zero);
	struct machine *m = bpf_map_lookup_elem(&machines, &zero);
	int next;

	if (!state || !m)
		return 0;
#ifdef FIXED
	next = m->next[*state & 3][1];
#else
	next = m->next[*state][1]; // root
#endif
	if (next >= 0)
		*state = next;
	return 0;
}
