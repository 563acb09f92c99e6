/* SPDX-License-Identifier: MIT */
/* calls.c: subprograms, static, global and hidden, callbacks, several programs a section. */
#include "bpf.h"

static __noinline int
twice(int x)
{
	return x * 2 + (int)prandom();
}

__noinline int
checked_alone(u32 x)
{
	return twice((int)x) & 1;
}

__hidden __noinline int
with_callers(u32 x)
{
	return checked_alone(x + 1) + 1;
}

static int
step(u32 i, u64 *sum)
{
	*sum += i;
	return 0;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	return with_callers(ctx->rx_queue_index) & 3;
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	u64 sum = 0;

	loop(10, step, &sum, 0);
	return twice((int)sum) & 1 ? 1 : 2;
}

SEC("raw_tp/sys_enter")
int third(void *ctx)
{
	return checked_alone(1) & 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
