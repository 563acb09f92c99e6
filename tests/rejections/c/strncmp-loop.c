/* code: V0105
 * real: no
 * kind: map value bounds
 * A home-made string length that may run to the end of the buffer and one further. */
#include "bpf.h"

struct name { char text[16]; };
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __type(key, u32); __type(value, struct name);
	 __uint(max_entries, 1); } names SEC(".maps");

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	u32 zero = 0, len = 0;
	struct name *n = bpf_map_lookup_elem(&names, &zero);

	if (!n)
		return 0;
	bpf_get_current_comm(n->text, sizeof n->text);
#ifdef FIXED
	while (len < 16 && n->text[len])
#else
	while (len <= 16 && n->text[len]) // root
#endif
		len++;
	n->text[0] = len & 15;
	return 0;
}
