/* code: V0106
 * real: no
 * kind: packet bounds
 * The check is there, but the length before it may be anything up to 4 GiB. */
#include "bpf.h"

struct tlv { u32 type, len; };

SEC("xdp")
int second(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	struct tlv *t = data;
	u32 len;
	u8 *next;

	if ((void *)(t + 1) > data_end)
		return XDP_PASS;
	len = bpf_ntohl(t->len);
#ifdef FIXED
	if (len > 1500)
		return XDP_PASS;
#endif
	next = (u8 *)(t + 1) + len;
	if ((void *)(next + 1) > data_end)
		return XDP_PASS;
	return *next == 0xff ? XDP_DROP : XDP_PASS; // root
}
