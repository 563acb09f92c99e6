/* code: V0158
 * real: yes
 * kind: offset or size not bounded
 * An offset read from the packet as a signed number. */
#include "bpf.h"

struct msg { int off; u32 kind; };

SEC("xdp")
int follow(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx), *pos;
	struct msg *m = data;
	s64 off;

	if ((void *)(m + 1) > data_end)
		return XDP_PASS;
	off = m->off;
#ifdef FIXED
	if (off < 0 || off > 1000)
		return XDP_PASS;
#endif
	pos = data + off; // root
	if (pos + 4 > data_end)
		return XDP_PASS;
	return *(u32 *)pos == 7 ? XDP_DROP : XDP_PASS;
}
