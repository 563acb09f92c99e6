/* code: V0101
 * real: yes
 * kind: possible null
 * A packet need not belong to a socket. */
#include "bpf.h"

SEC("cgroup_skb/egress")
int by_family(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

#ifdef FIXED
	if (!sk)
		return 1;
#endif
	if (sk->family == 10) // root
		return 0;
	return 1;
}
