/* code: V0101
 * real: yes
 * kind: bounds lost
 * The TTL is rewritten with a helper, the checksum through an old pointer. */
#include "bpf.h"

SEC("tc")
int age(struct __sk_buff *skb)
{
	void *data = data_of(skb), *end = end_of(skb);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	u8 ttl;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	ttl = ip->ttl - 1;
#ifdef FIXED
	ip->check += 1;
	bpf_skb_store_bytes(skb, 22, &ttl, 1, 0);
#else
	bpf_skb_store_bytes(skb, 22, &ttl, 1, 0);
	ip->check += 1; // root
#endif
	return TC_ACT_OK;
}
