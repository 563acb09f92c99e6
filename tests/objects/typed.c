/* SPDX-License-Identifier: MIT */
/* typed.c: what the prompt shows of an object's maps: every kind of member C has. */
#include "bpf.h"

enum colour { RED, GREEN = 7 };

struct pair {
	unsigned short a, b;
};

struct stats {
	unsigned long long packets;
	char name[8];
	enum colour colour;
	struct pair pairs[2];
	unsigned low : 4, high : 12;
	union {
		unsigned short half;
		unsigned word;
	};
	int below;
	void *nowhere;
};

struct key {
	unsigned address;
	unsigned short port, pad;
};

struct {
	__uint(type, MAP_HASH);
	__type(key, struct key);
	__type(value, struct stats);
	__uint(max_entries, 8);
} flows SEC(".maps");

int total = 5;
struct pair both = {1, 2};

SEC("xdp")
int fill(struct xdp_md *ctx)
{
	struct key k;
	struct stats s;

	__builtin_memset(&k, 0, sizeof k);
	__builtin_memset(&s, 0, sizeof s);
	k.address = 16909060;
	k.port = 80;
	s.packets = 1;
	s.name[0] = 'e';
	s.colour = GREEN;
	s.pairs[1].b = 9;
	s.low = 3;
	s.high = 100;
	s.word = 70000;
	s.below = -4;
	total += 3;
	both.a++;
	map_update(&flows, &k, &s, 0);
	return 2;
}
