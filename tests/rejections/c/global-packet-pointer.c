/* code: V0106
 * real: yes
 * kind: packet bounds
 * A packet pointer is handed to a global function before it is checked. */
#include "bpf.h"

__noinline int is_ip(struct ethhdr *eth)
{
	if (!eth)
		return 0;
	return eth->h_proto == bpf_htons(ETH_P_IP);
}

SEC("tc")
int gate(struct __sk_buff *skb)
{
	void *data = data_of(skb);

#ifdef FIXED
	if (data + sizeof(struct ethhdr) > end_of(skb))
		return TC_ACT_OK;
#endif
	return is_ip(data) ? TC_ACT_OK : TC_ACT_SHOT; // root
}
