/* code: V0846
 * real: no
 * kind: not available here
 * kernel: no, not every kernel lets functions of its own be traced
 * A path can be looked up in few functions only. */
#include "bpf.h"

#ifdef FIXED
SEC("fentry/filp_close")
#else
SEC("fentry/vfs_open")
#endif
int on_open(u64 *ctx)
{
	char text[64];
#ifdef FIXED
	struct file { char before[64]; } *file = (void *)ctx[0];

	return file ? 0 : 0;
#else
	bpf_d_path((void *)ctx[0], text, sizeof(text)); // root
	return 0;
#endif
}
