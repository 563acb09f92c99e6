/* code: V0808
 * real: yes
 * kind: return value
 * The return value of a helper is handed on: a cgroup hook wants 0 or 1. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u32);
	 __uint(max_entries, 64); } allowed SEC(".maps");

SEC("cgroup/connect4")
int guard(struct bpf_sock_addr *ctx)
{
	u32 ip = ctx->user_ip4, *verdict;

	verdict = bpf_map_lookup_elem(&allowed, &ip);
	if (!verdict)
		return 1;
#ifdef FIXED
	return *verdict != 0;
#else
	return *verdict; // root
#endif
}
