/* code: V0101
 * real: yes
 * kind: possible null
 * Storage of a socket that was never created. */
#include "bpf.h"

struct conn { u64 bytes; u32 packets; };
struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC);
	 __type(key, int); __type(value, struct conn); } conns SEC(".maps");

SEC("cgroup_skb/ingress")
int account(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct conn *c;

	if (!sk)
		return 1;
	c = bpf_sk_storage_get(&conns, sk, 0, 0);
#ifdef FIXED
	if (!c)
		return 1;
#endif
	c->bytes += skb->len; // root
	c->packets++; // also
	return 1;
}
