/* code: V0114
 * real: no
 * kind: context wrong size or modified
 * An array in the context is indexed by a number; the context is read at constant offsets. */
#include "bpf.h"

SEC("sockops")
int reply(struct bpf_sock_ops *ops)
{
	u32 which = ops->op & 3;
#ifdef FIXED
	u32 args[] = {ops->args[0], ops->args[1], ops->args[2], ops->args[3]};

	return args[which] == 7;
#else

	return ops->args[which] == 7; // root
#endif
}
