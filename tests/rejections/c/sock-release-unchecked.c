/* code: V0155
 * real: yes
 * kind: possible null
 * What was not found is released all the same. */
#include "bpf.h"

SEC("tc")
int has_socket(struct __sk_buff *skb)
{
	struct bpf_sock_tuple t = {};
	struct bpf_sock *sk;

	t.ipv4.dport = bpf_htons(80);
	sk = bpf_sk_lookup_tcp(skb, &t, sizeof(t.ipv4), -1, 0);
#ifdef FIXED
	if (sk)
		bpf_sk_release(sk);
	return TC_ACT_OK;
#else
	bpf_sk_release(sk); // root
	return TC_ACT_OK;
#endif
}
