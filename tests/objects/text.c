/* SPDX-License-Identifier: MIT */
/* text.c: functions, and no section that says what they are. */
#include "bpf.h"

int one(struct xdp_md *ctx)
{
	return 1;
}

int two(struct xdp_md *ctx)
{
	return 2;
}
