/* code: V0302
 * real: no
 * kind: too complex
 * A search in the packet, and inside the rest a second: the states multiply. */
#include "bpf.h"

SEC("xdp")
int host(struct xdp_md *ctx)
{
	char *end = end_of(ctx), *p = data_of(ctx);
	u32 found = 0, len = 0;

	for (int i = 0; i < 400; i++) {
		if (p + 5 > end)
			return XDP_PASS;
		if (p[0] == 'H' && p[1] == 'o' && p[2] == 's' && p[3] == 't') {
			found = 1;
			break;
		}
		p++;
	}
#ifdef FIXED
	if (!found || p + 16 > end)
		return XDP_PASS;
	for (int j = 0; j < 16; j++) {
		if (p[j] == '\r')
			break;
#else
	if (!found)
		return XDP_PASS;
	for (int j = 0; j < 250; j++) { // root
		if (p + 1 > end)
			return XDP_PASS;
		if (*p == '\r')
			break;
		p++;
#endif
		len++;
	}
	return len > 8 ? XDP_DROP : XDP_PASS;
}
