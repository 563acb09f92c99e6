/* code: V0105
 * real: yes
 * kind: map value bounds
 * One less than what was checked, in 8 bits: 0 becomes 255. */
#include "bpf.h"

enum { DEPTH = 16 };
struct calls { u64 task, ips[DEPTH]; u8 depth; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u64); __type(value, struct calls);
	 __uint(max_entries, 512); } stacks SEC(".maps");
u64 last_ip;

SEC("kretprobe/do_nanosleep")
int on_return(void *ctx)
{
	u64 task = bpf_get_current_task();
	struct calls *c = bpf_map_lookup_elem(&stacks, &task);
	u8 depth, last;

	if (!c)
		return 0;
	depth = c->depth;
	if (depth > DEPTH)
		return 0;
	last = depth - 1;
#ifdef FIXED
	last_ip = c->ips[last & (DEPTH - 1)];
#else
	last_ip = c->ips[last]; // root
#endif
	c->depth = last;
	return 0;
}
