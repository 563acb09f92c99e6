/* code: V0313
 * real: no
 * kind: not released
 * A socket found in a map of sockets is held like one that was looked up. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 4); } servers SEC(".maps");

SEC("sk_lookup")
int steer(struct bpf_sk_lookup *ctx)
{
	u32 key = 0;
	void *sk;
	long err;

	sk = bpf_map_lookup_elem(&servers, &key); // root
	if (!sk)
		return 1;
	err = bpf_sk_assign(ctx, sk, 0);
#ifdef FIXED
	bpf_sk_release(sk);
#endif
	return err ? 0 : 1;
}
