/* code: V0106
 * real: no
 * kind: packet bounds
 * Three lengths of a hello message: each is checked, their sum may pass 64 KiB. */
#include "bpf.h"

SEC("tc")
int hello(struct __sk_buff *skb)
{
	void *data = data_of(skb), *data_end = end_of(skb);
	u8 *p = data + 43;
	u16 ciphers;

	if ((void *)(p + 1) > data_end)
		return TC_ACT_OK;
	p += 1 + *p;
	if ((void *)(p + 2) > data_end)
		return TC_ACT_OK;
	ciphers = p[0] << 8 | p[1];
#ifdef FIXED
	if (ciphers > 1024)
		return TC_ACT_OK;
#endif
	p += 2 + ciphers;
	if ((void *)(p + 1) > data_end)
		return TC_ACT_OK;
	return *p > 1 ? TC_ACT_SHOT : TC_ACT_OK; // root
}
