/* code: V0101
 * real: no
 * kind: number as pointer
 * A structure of the process, read as if it were here: two members of it. */
#include "bpf.h"

struct request { int id, kind; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, u64);
	 __uint(max_entries, 64); } seen SEC(".maps");

SEC("uprobe")
int handle(struct pt_regs *ctx)
{
	struct request *req = (void *)ctx->rdi;
	u64 now = bpf_ktime_get_ns();
#ifdef FIXED
	struct request copy = {};

	bpf_probe_read_user(&copy, sizeof(copy), req);
	req = &copy;
#endif
	int id = req->id; // root

	if (req->kind == 2)
		bpf_map_update_elem(&seen, &id, &now, BPF_ANY);
	return 0;
}
