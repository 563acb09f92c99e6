/* SPDX-License-Identifier: MIT */
/* halves.c: one half of two objects, and a map whose numbers are in memory. */
#include "bpf.h"

extern u32 elsewhere;

struct {
	u32 type, max_entries;
	u32 *key;
	u64 *value;
} spelled SEC(".maps") = {.type = MAP_HASH, .max_entries = 8};

SEC("xdp")
int uses_elsewhere(struct xdp_md *ctx)
{
	return elsewhere;
}

SEC("xdp")
int uses_spelled(struct xdp_md *ctx)
{
	u32 key = 0;

	return map_lookup(&spelled, &key) ? 1 : 2;
}

SEC("xdp")
int whole(struct xdp_md *ctx)
{
	return 2;
}

char _license[] SEC("license") = "GPL";
