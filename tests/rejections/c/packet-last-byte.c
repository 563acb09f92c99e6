/* code: V0106
 * real: yes
 * kind: packet bounds
 * The last byte of a payload of which the length may be 0. */
#include "bpf.h"

SEC("xdp")
int trailer(struct xdp_md *ctx)
{
	u8 *data = data_of(ctx), *data_end = end_of(ctx), *payload;
	struct udphdr *udp = (void *)(data + 34);
	u16 len;

	if ((u8 *)(udp + 1) > data_end)
		return XDP_PASS;
	len = bpf_ntohs(udp->len);
	if (len > 512)
		return XDP_PASS;
#ifdef FIXED
	if (len < 1)
		return XDP_PASS;
#endif
#ifdef FIXED
	payload = (u8 *)(udp + 1) + ((len - 1) & 511);
	asm volatile("" : "+r"(payload));
	if (payload + 1 > data_end)
		return XDP_PASS;
	return *payload == '\n' ? XDP_DROP : XDP_PASS;
#endif
	payload = (u8 *)(udp + 1);
	if (payload + len > data_end)
		return XDP_PASS;
	if (payload[len - 1] == '\n') // root
		return XDP_DROP;
	return XDP_PASS;
}
