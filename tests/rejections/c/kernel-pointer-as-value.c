/* code: V0155
 * real: no
 * kind: wrong argument
 * A string of the kernel given to the map as its value. */
#include "bpf.h"

struct filename { const char *name; };
struct rec { char name[16]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, struct rec);
	 __uint(max_entries, 512); } names SEC(".maps");

SEC("kprobe/do_unlinkat")
int on_unlink(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct filename *file = (void *)ctx->rsi;
	const char *name;

	bpf_probe_read_kernel(&name, sizeof(name), &file->name);
#ifdef FIXED
	struct rec r = {};

	bpf_probe_read_kernel_str(r.name, sizeof(r.name), name);
	bpf_map_update_elem(&names, &pid, &r, BPF_ANY);
#else
	bpf_map_update_elem(&names, &pid, name, BPF_ANY); // root
#endif
	return 0;
}
