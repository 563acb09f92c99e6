/* code: V0106
 * real: no
 * kind: packet bounds
 * The offset is a whole 32-bit number: the check behind it tells nothing. */
#include "bpf.h"

struct tlv { u16 type, pad; u32 len; };

SEC("tc")
int second_tlv(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	struct tlv *a = data, *b;
	u32 len;

	if ((void *)(a + 1) > data_end)
		return TC_ACT_OK;
	len = a->len;
#ifdef FIXED
	if (len > 1500)
		return TC_ACT_OK;
#endif
	b = data + sizeof(*a) + len;
	if ((void *)(b + 1) > data_end)
		return TC_ACT_OK;
	skb->mark = b->type; // root
	return TC_ACT_OK;
}
