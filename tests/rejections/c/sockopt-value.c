/* code: V0106
 * real: no
 * kind: packet bounds
 * The value of a socket option ends where the context says, like a packet. */
#include "bpf.h"

SEC("cgroup/getsockopt")
int answer(struct bpf_sockopt *ctx)
{
	u8 *value = ctx->optval;

	ctx->retval = 0;
	if (ctx->level != 6 || ctx->optname != 13)
		return 1;
#ifdef FIXED
	if ((void *)(value + 1) > ctx->optval_end)
		return 1;
#endif
	value[0] = 0x41; // root
	ctx->optlen = 1;
	return 1;
}
