/* code: V0512
 * real: no
 * kind: bounds lost
 * The length is kept in the record and checked there; a helper that fills the record comes
 * between check and use. */
#include "bpf.h"

struct event { u32 len; char comm[16]; char text[64]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct event);
	 __uint(max_entries, 1); } tmp SEC(".maps");

SEC("raw_tp/sys_enter")
int fill(struct bpf_raw_tracepoint_args *ctx)
{
	u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&tmp, &zero);

	if (!e)
		return 0;
	e->len = ctx->args[0];
#ifdef FIXED
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	if (e->len > sizeof(e->text))
		return 0;
#else
	if (e->len > sizeof(e->text))
		return 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
#endif
	bpf_probe_read_user(e->text, e->len, (void *)ctx->args[1]); // root
	return 0;
}
