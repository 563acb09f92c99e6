/* code: V0321
 * real: yes
 * kind: RCU and other sections
 * The read section is left open on the early return. */
#include "bpf.h"

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 16); } m SEC(".maps");

SEC("syscall")
int read_one(void *ctx)
{
	u32 key = 1;
	u64 *v;
	int ret = 0;

	bpf_rcu_read_lock();
	v = bpf_map_lookup_elem(&m, &key);
	if (!v) {
#ifdef FIXED
		bpf_rcu_read_unlock();
#endif
		return 1; // root
	}
	ret = *v & 1;
	bpf_rcu_read_unlock();
	return ret;
}
