/* code: V0160
 * real: yes
 * kind: offset or size not bounded
 * The deepest frame is at n - 1; n may be an error. */
#include "bpf.h"

u64 last_ip;

SEC("perf_event")
int sample(void *ctx)
{
	u64 ips[16];
	long n = bpf_get_stack(ctx, ips, sizeof(ips), 0);

#ifdef FIXED
	if (n < 8 || n > sizeof(ips))
		return 0;
#endif
	n = (n >> 3) - 1;
	last_ip = ips[n]; // root
	return 0;
}
