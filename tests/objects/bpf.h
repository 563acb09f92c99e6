/* SPDX-License-Identifier: MIT */
/* bpf.h: the little that the test objects need of what libbpf's headers give. */
#ifndef TEST_BPF_H
#define TEST_BPF_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __noinline __attribute__((noinline))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __core __attribute__((preserve_access_index))

enum { MAP_HASH = 1, MAP_ARRAY = 2, MAP_PROG_ARRAY = 3, MAP_HASH_OF_MAPS = 13, MAP_RINGBUF = 27 };

struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

static void *(*map_lookup)(void *map, const void *key) = (void *)1;
static long (*map_update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u32 (*prandom)(void) = (void *)7;
static u64 (*pid_tgid)(void) = (void *)14;
static u64 (*current_task)(void) = (void *)35;
static long (*probe_read_kernel)(void *dst, u32 size, const void *src) = (void *)113;
static long (*loop)(u32 n, void *f, void *ctx, u64 flags) = (void *)181;

/* _(x): x read with CO-RE offsets. */
#define _(x) __builtin_preserve_access_index(x)
#define field_exists(x) __builtin_preserve_field_info(x, 2)
#define field_size(x) __builtin_preserve_field_info(x, 1)
#define field_offset(x) __builtin_preserve_field_info(x, 0)
#define type_exists(t) __builtin_preserve_type_info(*(t *)0, 0)
#define type_size(t) __builtin_preserve_type_info(*(t *)0, 1)
#define type_matches(t) __builtin_preserve_type_info(*(t *)0, 2)
#define type_id_kernel(t) __builtin_btf_type_id(*(t *)0, 1)
#define enum_exists(t, v) __builtin_preserve_enum_value(*(typeof(t) *)v, 0)
#define enum_value(t, v) __builtin_preserve_enum_value(*(typeof(t) *)v, 1)

#endif
