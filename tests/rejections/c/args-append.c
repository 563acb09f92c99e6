/* code: V0110
 * real: no
 * kind: map value bounds
 * Arguments are appended at an offset that is kept in the record itself. */
#include "bpf.h"

enum { ARG = 128, ALL = 20 * ARG };
struct event { u32 count, size; char args[ALL]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct event);
	 __uint(max_entries, 1); } events SEC(".maps");

SEC("raw_tp/sys_enter")
int on_execve(struct bpf_raw_tracepoint_args *ctx)
{
	const char **args = (void *)ctx->args[1], *arg;
	u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&events, &zero);

	if (!e)
		return 0;
	e->size = 0;
	for (int i = 1; i < 20; i++) {
		int n;

		bpf_probe_read_user(&arg, sizeof(arg), &args[i]);
		if (!arg)
			return 0;
#ifdef FIXED
		if (e->size > ALL - ARG)
			return 0;
#endif
		n = bpf_probe_read_user_str(&e->args[e->size], ARG, arg); // root
		if (n > ARG)
			return 0;
		e->count++;
		e->size += n;
	}
	return 0;
}
