/* code: V0511
 * real: yes
 * kind: offset or size not bounded
 * The rest of the packet is loaded; its length may be 0. */
#include "bpf.h"

SEC("tc")
int payload(struct __sk_buff *skb)
{
	u8 buf[64] = {};
	u32 len = skb->len - 54;

	if (len > sizeof(buf))
		len = sizeof(buf);
#ifdef FIXED
	if (len == 0)
		return TC_ACT_OK;
#endif
	if (bpf_skb_load_bytes(skb, 54, buf, len)) // root
		return TC_ACT_OK;
	return buf[0] == 0x16 ? TC_ACT_SHOT : TC_ACT_OK;
}
