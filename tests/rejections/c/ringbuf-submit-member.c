/* code: V0516
 * real: no
 * kind: wrong argument
 * Not the record is submitted but a place inside it. */
#include "bpf.h"

struct event { u64 hdr; char text[24]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");

SEC("raw_tp/sys_enter")
int put(void *ctx)
{
	struct event *e = bpf_ringbuf_reserve(&rb, sizeof(*e), 0);

	if (!e)
		return 0;
	e->hdr = 1;
#ifdef FIXED
	bpf_ringbuf_submit(e, 0);
#else
	bpf_ringbuf_submit(&e->text, 0); // root
#endif
	return 0;
}
