/* code: V0511
 * real: yes
 * kind: offset or size not bounded
 * The length is cut down to the buffer, but may be 0; a record is held meanwhile. */
#include "bpf.h"

struct event { u32 len; u8 data[256]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } rb SEC(".maps");

SEC("tc")
int copy(struct __sk_buff *skb)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return TC_ACT_OK;
	e->len = skb->len;
	if (e->len > sizeof(e->data))
		e->len = sizeof(e->data);
#ifdef FIXED
	if (e->len)
#endif
		bpf_skb_load_bytes(skb, 0, e->data, e->len); // root
	bpf_ringbuf_submit(e, 0);
	return TC_ACT_OK;
}
