/* SPDX-License-Identifier: MIT */
/* maps.c: every way to define a map and a global variable. */
#include "bpf.h"

struct key {
	u32 a, b;
};

struct value {
	u64 count;
	char name[16];
};

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, 1);
	__type(key, struct key);
	__type(value, struct value);
} flows SEC(".maps");

struct {
	__uint(type, MAP_RINGBUF);
	__uint(max_entries, 4096);
	__uint(pinning, 1);
} events SEC(".maps");

struct {
	__uint(type, MAP_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 16);
	__uint(max_entries, 3);
} plain SEC(".maps");

struct inner {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 8);
	__type(key, u32);
	__type(value, u64);
};

struct {
	__uint(type, MAP_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, u32);
	__array(values, struct inner);
} outer SEC(".maps");

const volatile u32 limit = 100;
const volatile _Bool verbose = 0;
volatile u64 seen;
volatile u32 started = 7;
static volatile u32 hidden_counter = 3;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	struct key k = {ctx->ingress_ifindex, limit};
	struct value *v = map_lookup(&flows, &k);
	u32 zero = 0;
	u64 *n = map_lookup(&plain, &zero);

	seen++;
	hidden_counter += started;
	if (v)
		v->count++;
	if (n && verbose)
		*n += 1;
	return 2;
}

char _license[] SEC("license") = "GPL";
