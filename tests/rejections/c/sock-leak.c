/* code: V0313
 * real: yes
 * kind: not released
 * Not the socket we want: away, and it is never released. */
#include "bpf.h"

SEC("tc")
int known(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	int verdict = TC_ACT_OK;

	tuple.ipv4.daddr = skb->hash;
	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof tuple.ipv4, -1, 0);
	if (!sk)
		return TC_ACT_SHOT;
	if (sk->family != 2) { // also
#ifdef FIXED
		bpf_sk_release(sk);
#endif
		return TC_ACT_OK; // root
	}
	if (sk->mark)
		verdict = TC_ACT_SHOT;
	bpf_sk_release(sk);
	return verdict;
}
