/* SPDX-License-Identifier: MIT */
/* bpf.h: what the C twins need of helpers, types and headers. */
#include <linux/bpf.h>
#include <linux/types.h>

#define SEC(name) __attribute__((section(name), used))
#define inline inline __attribute__((always_inline))
#define bswap16(x) __builtin_bswap16(x)
#define bswap32(x) __builtin_bswap32(x)
#define MAP(name, kind, key, val, max) \
	struct { \
		int (*type)[kind]; \
		int (*key_size)[sizeof(key)]; \
		int (*value_size)[sizeof(val)]; \
		int (*max_entries)[max]; \
	} name SEC(".maps")

static void *(*const map_lookup)(void *map, const void *key) = (void *)1;
static long (*const map_update)(void *map, const void *key, const void *value, __u64 flags) =
	(void *)2;
static long (*const map_delete)(void *map, const void *key) = (void *)3;
static __u64 (*const ktime_get_ns)(void) = (void *)5;
static __u64 (*const get_current_pid_tgid)(void) = (void *)14;
static void *(*const ringbuf_reserve)(void *map, __u64 size, __u64 flags) = (void *)131;
static void (*const ringbuf_submit)(void *data, __u64 flags) = (void *)132;

struct eth {
	__u8 to[6], from[6];
	__u16 type;
};

struct ipv4 {
	__u8 ver_ihl, tos;
	__u16 len, id, frag;
	__u8 ttl, protocol;
	__u16 check;
	__u32 from, to;
};

struct tcp {
	__u16 from, to;
	__u32 seq, ack;
	__u8 off, flags;
	__u16 window, check, urgent;
};

struct udp {
	__u16 from, to, len, check;
};

char gpl[] SEC("license") = "GPL";
