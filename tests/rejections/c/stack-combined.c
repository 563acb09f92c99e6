/* code: V0308
 * real: no
 * Each function alone is fine; together they need more than 512 bytes. */
#include "bpf.h"

struct name { char text[272]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, struct name); __type(value, u64);
	 __uint(max_entries, 1024); } opens SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct name);
	 __uint(max_entries, 1); } scratch SEC(".maps");

static __noinline int count(const char *user)
{
#ifdef FIXED
	u32 zero = 0;
	struct name *n = bpf_map_lookup_elem(&scratch, &zero);
#else
	struct name on_stack = {}, *n = &on_stack; // also
#endif
	u64 one = 1;

	if (!n || bpf_probe_read_user_str(n->text, sizeof n->text, user) < 0)
		return 0;
	return bpf_map_update_elem(&opens, n, &one, BPF_NOEXIST);
}

SEC("raw_tp/sys_enter")
int on_open(struct bpf_raw_tracepoint_args *ctx) // also
{
	struct name own = {};

	bpf_probe_read_kernel(own.text, 16, (void *)ctx->args[0]);
	if (own.text[0])
		bpf_map_delete_elem(&opens, &own);
	return count((const char *)ctx->args[1]) < 0; // root
}
