/* code: V0124
 * real: yes
 * kind: stack bounds
 * Letters are appended to an array without looking at its end. */
#include "bpf.h"

SEC("xdp")
int name(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	u8 *p = data + 54;
	char text[16] = {};
	u32 n = 0;

	for (int i = 0; i < 24; i++) {
		u8 c;

		if ((void *)(p + 1) > data_end)
			return XDP_PASS;
		c = *p++;
		if (!c)
			break;
#ifdef FIXED
		if (n >= sizeof(text))
			break;
#endif
		if (c >= 'a' && c <= 'z')
			text[n++] = c; // root
	}
	bpf_trace_printk(text, sizeof(text));
	return text[0] == 'x' && text[1] == 'y' ? XDP_DROP : XDP_PASS;
}
