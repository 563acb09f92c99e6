/* code: V0808
 * real: yes
 * kind: return value
 * A cgroup program says yes or no, not why. */
#include "bpf.h"

SEC("cgroup/connect4")
int deny_dns(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port == bpf_htons(53))
#ifdef FIXED
		return 0;
#else
		return -1; // root
#endif
	return 1;
}
