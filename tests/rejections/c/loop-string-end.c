/* code: V0302
 * real: no
 * kind: too complex
 * A string is walked until its end; nothing says that it has one. */
#include "bpf.h"

u64 total;

SEC("raw_tp/sys_enter")
int length(struct bpf_raw_tracepoint_args *ctx)
{
	const char *s = (void *)ctx->args[1];
	char c = 1;
	u32 n = 0;

#ifdef FIXED
	for (int i = 0; c && i < 64; i++) {
#else
	while (c) { // root
#endif
		bpf_probe_read_user(&c, 1, s + n);
		n++;
	}
	total += n;
	return 0;
}
