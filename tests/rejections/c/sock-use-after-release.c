/* code: V0101
 * real: yes
 * kind: used after release
 * Released first, looked at after. */
#include "bpf.h"

SEC("tc")
int marked(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof tuple.ipv4, -1, 0);
	u32 mark = 0;

	if (!sk)
		return TC_ACT_OK;
#ifdef FIXED
	mark = sk->mark;
	bpf_sk_release(sk);
#else
	bpf_sk_release(sk);
	mark = sk->mark; // root
#endif
	return mark ? TC_ACT_SHOT : TC_ACT_OK;
}
