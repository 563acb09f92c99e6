/* code: V0102
 * real: no
 * kind: uninitialised
 * A pointer is handed over, but nothing was ever made for it to point to. */
#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } names SEC(".maps");

SEC("raw_tp/sys_enter")
int name(void *ctx)
{
#ifdef FIXED
	char buf[16] = {};
#else
	char *buf;
#endif

	bpf_ringbuf_output(&names, buf, 16, 0); // root
	return 0;
}
