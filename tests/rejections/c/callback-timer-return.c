/* code: V0808
 * real: no
 * kind: callback
 * A timer's callback always returns 0. */
#include "bpf.h"

struct ticker { struct bpf_timer timer; u64 turns; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, struct ticker);
	 __uint(max_entries, 1); } tickers SEC(".maps");

static int tick(void *map, u32 *key, struct ticker *t)
{
	t->turns++;
	bpf_timer_start(&t->timer, 1000000, 0);
#ifdef FIXED
	return 0;
#else
	return 1; // root
#endif
}

SEC("tc")
int arm(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct ticker *t = bpf_map_lookup_elem(&tickers, &zero);

	if (!t)
		return TC_ACT_OK;
	bpf_timer_init(&t->timer, &tickers, 1);
	bpf_timer_set_callback(&t->timer, tick);
	bpf_timer_start(&t->timer, 0, 0);
	return TC_ACT_OK;
}
