/* code: V0101
 * real: yes
 * kind: number as pointer
 * A kernel function's argument is a number to a kprobe. */
#include "bpf.h"

struct sock_common { u32 daddr, rcv_saddr; u32 hash; u16 dport, num; u16 family; };
struct sock { struct sock_common common; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64);
	 __uint(max_entries, 1024); } peers SEC(".maps");

SEC("kprobe/tcp_connect")
int tcp_connect(struct pt_regs *ctx)
{
	struct sock *sk = (struct sock *)ctx->rdi;
	u64 one = 1;
#ifdef FIXED
	u32 daddr = 0;

	bpf_probe_read_kernel(&daddr, sizeof(daddr), &sk->common.daddr);
#else
	u32 daddr = sk->common.daddr; // root
#endif
	bpf_map_update_elem(&peers, &daddr, &one, BPF_ANY);
	return 0;
}
