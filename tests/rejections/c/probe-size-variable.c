/* code: V0510
 * real: yes
 * kind: offset or size not bounded
 * The length a process gave to write(2) is taken as the number of bytes to copy. */
#include "bpf.h"

struct buffer { u8 bytes[256]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct buffer);
	 __uint(max_entries, 1); } buffers SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_write")
int on_write(u64 *ctx)
{
	u32 zero = 0;
	struct buffer *b = bpf_map_lookup_elem(&buffers, &zero);
	u64 count = ctx[4];

	if (!b)
		return 0;
#ifdef FIXED
	if (count > sizeof b->bytes)
		count = sizeof b->bytes;
#endif
	bpf_probe_read_user(b->bytes, count, (void *)ctx[3]); // root
	return 0;
}
