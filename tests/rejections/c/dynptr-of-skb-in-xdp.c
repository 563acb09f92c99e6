/* code: V0604
 * real: no
 * kind: not available here
 * The context of XDP has a function of its own. */
#include "bpf.h"

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, u64 flags, struct bpf_dynptr *p) __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, u64 flags, struct bpf_dynptr *p) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 at, void *buf, u32 size) __ksym;

SEC("xdp")
int look(struct xdp_md *ctx)
{
	struct ethhdr copy, *eth;
	struct bpf_dynptr p;

#ifdef FIXED
	bpf_dynptr_from_xdp(ctx, 0, &p);
#else
	bpf_dynptr_from_skb((void *)ctx, 0, &p); // root
#endif
	eth = bpf_dynptr_slice(&p, 0, &copy, sizeof copy);
	return eth && eth->h_proto == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}
