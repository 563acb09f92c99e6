/* SPDX-License-Identifier: MIT */
/* arena.c: variables in an arena lie in its map. */
#include "bpf.h"

struct {
	__uint(type, 33);
	__uint(map_flags, 1024);
	__uint(max_entries, 2);
} arena SEC(".maps");

u64 counted __attribute__((section(".addr_space.1"))) = 7;

SEC("syscall")
int accept_global(void *ctx)
{
	register u64 *p asm("r1") = &counted;
	void *m = &arena;

	/* address_space 1 -> 0, as compilers with arena support say it themselves */
	asm volatile(".byte 0xbf, 0x11, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00" : "+r"(p));
	*p = *p + 1;
	return m != 0;
}

/* Named behind the cast. */
SEC("syscall")
int accept_cast_first(void *ctx)
{
	register u64 p asm("r1") = 0;

	asm volatile(".byte 0xbf, 0x11, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00" : "+r"(p));
	asm volatile("" : : "r"(&arena));
	return 0;
}

SEC("syscall")
int reject_cast_alone(void *ctx)
{
	register u64 p asm("r1") = 0;

	asm volatile(".byte 0xbf, 0x11, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00" : "+r"(p));
	return 0;
}

char _license[] SEC("license") = "GPL";
