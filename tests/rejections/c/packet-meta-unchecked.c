/* code: V0106
 * real: yes
 * kind: packet bounds
 * Metadata lies before the packet, when there is any. */
#include "bpf.h"

struct meta { u32 mark; };

SEC("tc")
int take_mark(struct __sk_buff *skb)
{
	void *data = data_of(skb);
	struct meta *meta = (void *)(long)skb->data_meta;

#ifdef FIXED
	if ((void *)(meta + 1) > data)
		return TC_ACT_OK;
#endif
	skb->mark = meta->mark; // root
	return TC_ACT_OK;
}
