/* code: V0106
 * real: yes
 * kind: packet bounds
 * One byte is checked, two are read. */
#include "bpf.h"

struct opt { u8 kind, len; u16 mss; };

SEC("xdp")
int first_option(struct xdp_md *ctx)
{
	void *data = data_of(ctx), *data_end = end_of(ctx);
	u8 *pos = data + sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct tcphdr);

#ifdef FIXED
	if (pos + 2 > (u8 *)data_end)
#else
	if (pos + 1 > (u8 *)data_end)
#endif
		return XDP_PASS;
	if (pos[0] == 2 && pos[1] == 4) // root
		return XDP_DROP;
	return XDP_PASS;
}
