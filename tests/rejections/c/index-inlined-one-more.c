/* code: V0105
 * real: yes
 * kind: bounds lost
 * A function that was inlined lets one more through than there are elements; what is used
 * lies in its caller, where the index has no name. */
#include "bpf.h"

enum { MOST = 4096 };

struct where { u32 id, index; };
struct slots { struct { u64 a, b; } e[MOST]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u64); __type(value, struct where);
	 __uint(max_entries, 4096); } threads SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct slots);
	 __uint(max_entries, 1); } all SEC(".maps");

static __always_inline u64 *slot_of(u64 id)
{
	struct where *w = bpf_map_lookup_elem(&threads, &id);
	struct slots *s;
	u32 zero = 0;

	if (!w)
		return NULL;
	s = bpf_map_lookup_elem(&all, &zero);
	if (!s)
		return NULL;
#ifdef FIXED
	if (w->index >= MOST)
#else
	if (w->index > MOST)
#endif
		return NULL;
	return &s->e[w->index].a;
}

SEC("raw_tp/sched_switch")
int on_switch(void *ctx)
{
	u64 *a = slot_of(bpf_get_current_pid_tgid());

	if (!a)
		return 0;
	(*a)++; // root
	return 0;
}
