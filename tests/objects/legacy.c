/* SPDX-License-Identifier: MIT */
/* legacy.c: map definitions in words, no BTF, and a section that says nothing. */
#include "bpf.h"

struct map_def {
	u32 type, key_size, value_size, max_entries, map_flags;
};

struct map_def old_map SEC("maps") = {MAP_HASH, 4, 8, 64, 0};
struct map_def older_map SEC("maps") = {MAP_ARRAY, 4, 4, 2, 0};

SEC("tracepoint/sched/sched_switch")
int on_switch(void *ctx)
{
	u32 key = 1;
	u64 *v = map_lookup(&old_map, &key);
	u32 *w = map_lookup(&older_map, &key);

	return v && w ? 0 : 0;
}

SEC("whatever")
int mystery(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
