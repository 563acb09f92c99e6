/* code: V0816
 * real: no
 * kind: map not usable here
 * Packets are redirected through maps of devices, not of numbers. */
#include "bpf.h"

struct {
#ifdef FIXED
	__uint(type, BPF_MAP_TYPE_DEVMAP);
#else
	__uint(type, BPF_MAP_TYPE_HASH);
#endif
	__type(key, u32);
	__type(value, u32);
	__uint(max_entries, 64);
} ports SEC(".maps");

SEC("xdp")
int out(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, ctx->rx_queue_index, 0); // root
}
