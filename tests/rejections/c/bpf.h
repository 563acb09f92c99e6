/* SPDX-License-Identifier: MIT */
/* bpf.h: the little these programs need of what kernel and libbpf headers give. */
#ifndef REJECTIONS_BPF_H
#define REJECTIONS_BPF_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#define __array(name, val) typeof(val) *name[]
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __packed __attribute__((packed))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __ksym __attribute__((section(".ksyms")))
#define bpf_htons(x) __builtin_bswap16(x)
#define bpf_ntohs(x) __builtin_bswap16(x)
#define bpf_htonl(x) __builtin_bswap32(x)
#define bpf_ntohl(x) __builtin_bswap32(x)
#define NULL ((void *)0)

#ifndef LICENSE			/* programs that set their own */
char _license[] SEC("license") = "GPL";
#endif

enum { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PROG_ARRAY = 3,
       BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4, BPF_MAP_TYPE_PERCPU_HASH = 5,
       BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_MAP_TYPE_STACK_TRACE = 7, BPF_MAP_TYPE_LRU_HASH = 9,
       BPF_MAP_TYPE_LPM_TRIE = 11, BPF_MAP_TYPE_ARRAY_OF_MAPS = 12, BPF_MAP_TYPE_DEVMAP = 14,
       BPF_MAP_TYPE_SOCKMAP = 15, BPF_MAP_TYPE_CGROUP_STORAGE = 19, BPF_MAP_TYPE_QUEUE = 22,
       BPF_MAP_TYPE_SK_STORAGE = 24, BPF_MAP_TYPE_RINGBUF = 27, BPF_MAP_TYPE_TASK_STORAGE = 29 };
enum { BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK = 4, BPF_F_NO_PREALLOC = 1,
       BPF_F_RDONLY_PROG = 128 };
enum xdp_action { XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT };
enum { TC_ACT_OK, TC_ACT_RECLASSIFY, TC_ACT_SHOT };
enum { ETH_P_IP = 0x0800, ETH_P_IPV6 = 0x86dd, ETH_P_8021Q = 0x8100 };
enum { IPPROTO_HOPOPTS = 0, IPPROTO_ICMP = 1, IPPROTO_TCP = 6, IPPROTO_UDP = 17,
       IPPROTO_ROUTING = 43, IPPROTO_DSTOPTS = 60 };

/* ---- contexts ---- */
struct xdp_md {
	u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};

struct bpf_sock { u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4; };

struct __sk_buff {
	u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto;
	u32 priority, ingress_ifindex, ifindex, tc_index, cb[5], hash, tc_classid, data;
	u32 data_end, napi_id, family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4];
	u32 remote_port, local_port, data_meta;
	u64 flow_keys, tstamp;
	u32 wire_len, gso_segs;
	struct bpf_sock *sk;
};

struct bpf_raw_tracepoint_args { u64 args[0]; };

struct pt_regs {
	u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip;
	u64 cs, flags, rsp, ss;
};

struct bpf_sock_addr {
	u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol, msg_src_ip4;
	u32 msg_src_ip6[4];
};

struct bpf_sock_ops {
	u32 op, args[4], family, remote_ip4, local_ip4, remote_ip6[4], local_ip6[4];
	u32 remote_port, local_port;
};
struct sk_msg_md { void *data, *data_end; u32 family, remote_ip4, local_ip4; };
struct bpf_sk_lookup { void *sk; u32 family, protocol, remote_ip4, remote_ip6[4]; u16 remote_port;
		       u32 : 32, local_ip4, local_ip6[4], local_port; };
struct bpf_sockopt { void *sk, *optval, *optval_end; s32 level, optname, optlen, retval; };

/* A program whose argument a macro takes from the registers. */
#define BPF_KRETPROBE(name, ret) \
	name(struct pt_regs *ctx); \
	static __always_inline int body_of_##name(struct pt_regs *ctx, ret); \
	int name(struct pt_regs *ctx) { return body_of_##name(ctx, ctx->rax); } \
	static __always_inline int body_of_##name(struct pt_regs *ctx, ret)

struct bpf_sock_tuple {
	struct { u32 saddr, daddr; u16 sport, dport; } ipv4;
};
struct bpf_iter_num { u64 opaque; } __attribute__((aligned(8)));

/* ---- what is in packets ---- */
struct ethhdr { u8 h_dest[6], h_source[6]; u16 h_proto; } __packed;
struct vlan_hdr { u16 tci, proto; };
struct iphdr {
	u8 ihl : 4, version : 4;
	u8 tos;
	u16 tot_len, id, frag_off;
	u8 ttl, protocol;
	u16 check;
	u32 saddr, daddr;
};
struct ipv6hdr { u32 flow; u16 payload_len; u8 nexthdr, hop_limit; u8 saddr[16], daddr[16]; };
struct tcphdr {
	u16 source, dest;
	u32 seq, ack_seq;
	u16 res1 : 4, doff : 4, fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1, ece : 1, cwr : 1;
	u16 window, check, urg_ptr;
};
struct udphdr { u16 source, dest, len, check; };

struct bpf_spin_lock { u32 val; };
struct bpf_timer { u64 opaque[2]; } __attribute__((aligned(8)));
struct bpf_dynptr { u64 opaque[2]; } __attribute__((aligned(8)));
struct bpf_list_head { u64 opaque[2]; } __attribute__((aligned(8)));
struct bpf_list_node { u64 opaque[3]; } __attribute__((aligned(8)));

/* ---- helpers ---- */
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*bpf_map_update_elem)(void *map, const void *k, const void *v, u64 flags) =
	(void *)2;
static long (*bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static long (*bpf_probe_read)(void *dst, u32 size, const void *src) = (void *)4;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;
static long (*bpf_trace_printk)(const char *fmt, u32 size, ...) = (void *)6;
static u32 (*bpf_get_prandom_u32)(void) = (void *)7;
static u32 (*bpf_get_smp_processor_id)(void) = (void *)8;
static long (*bpf_skb_store_bytes)(void *skb, u32 off, const void *from, u32 len, u64 f) =
	(void *)9;
static long (*bpf_tail_call)(void *ctx, void *map, u32 index) = (void *)12;
static u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*bpf_get_current_comm)(void *buf, u32 size) = (void *)16;
static long (*bpf_skb_vlan_push)(void *skb, u16 proto, u16 tci) = (void *)18;
static long (*bpf_l3_csum_replace)(void *skb, u32 off, u64 from, u64 to, u64 size) =
	(void *)10;
static long (*bpf_redirect_map)(void *map, u64 key, u64 flags) = (void *)51;
static long (*bpf_redirect)(u32 ifindex, u64 flags) = (void *)23;
static long (*bpf_perf_event_output)(void *ctx, void *map, u64 flags, void *data, u64 size) =
	(void *)25;
static s64 (*bpf_csum_diff)(void *from, u32 from_size, void *to, u32 to_size, u32 seed) =
	(void *)28;
static long (*bpf_skb_load_bytes)(const void *skb, u32 off, void *to, u32 len) = (void *)26;
static u64 (*bpf_get_current_task)(void) = (void *)35;
static long (*bpf_skb_change_head)(void *skb, u32 len, u64 flags) = (void *)43;
static long (*bpf_skb_pull_data)(void *skb, u32 len) = (void *)39;
static long (*bpf_xdp_adjust_head)(void *ctx, int delta) = (void *)44;
static long (*bpf_probe_read_str)(void *dst, u32 size, const void *src) = (void *)45;
static long (*bpf_xdp_adjust_tail)(void *ctx, int delta) = (void *)65;
static struct bpf_sock *(*bpf_sk_lookup_tcp)(void *ctx, void *tuple, u32 size, u64 netns, u64 flags) =
	(void *)84;
static long (*bpf_sk_release)(void *sk) = (void *)86;
static long (*bpf_spin_lock)(struct bpf_spin_lock *lock) = (void *)93;
static long (*bpf_spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;
static void *(*bpf_sk_storage_get)(void *map, void *sk, void *value, u64 flags) = (void *)107;
static long (*bpf_get_stack)(void *ctx, void *buf, u32 size, u64 flags) = (void *)67;
static long (*bpf_xdp_adjust_meta)(void *ctx, int delta) = (void *)54;
static long (*bpf_probe_read_user)(void *dst, u32 size, const void *src) = (void *)112;
static long (*bpf_probe_read_kernel)(void *dst, u32 size, const void *src) = (void *)113;
static long (*bpf_probe_read_user_str)(void *dst, u32 size, const void *src) = (void *)114;
static long (*bpf_probe_read_kernel_str)(void *dst, u32 size, const void *src) = (void *)115;
static long (*bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*bpf_ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*bpf_ringbuf_submit)(void *data, u64 flags) = (void *)132;
static void (*bpf_ringbuf_discard)(void *data, u64 flags) = (void *)133;
static long (*bpf_d_path)(void *path, char *buf, u32 size) = (void *)147;
static long (*bpf_copy_from_user)(void *dst, u32 size, const void *src) = (void *)148;
static void *(*bpf_per_cpu_ptr)(const void *ptr, u32 cpu) = (void *)153;
static long (*bpf_snprintf)(char *str, u32 size, const char *fmt, u64 *data, u32 n) = (void *)165;
static void *(*bpf_get_current_task_btf)(void) = (void *)158;
static long (*bpf_for_each_map_elem)(void *map, void *fn, void *ctx, u64 flags) = (void *)164;
static long (*bpf_timer_init)(struct bpf_timer *t, void *map, u64 flags) = (void *)169;
static long (*bpf_timer_set_callback)(struct bpf_timer *t, void *fn) = (void *)170;
static long (*bpf_timer_start)(struct bpf_timer *t, u64 ns, u64 flags) = (void *)171;
static long (*bpf_sk_assign)(void *ctx, void *sk, u64 flags) = (void *)124;
static long (*bpf_strncmp)(const char *s, u32 size, const char *with) = (void *)182;
static long (*bpf_loop)(u32 n, void *fn, void *ctx, u64 flags) = (void *)181;
static long (*bpf_ringbuf_reserve_dynptr)(void *ring, u32 size, u64 flags, struct bpf_dynptr *d) =
	(void *)198;
static void (*bpf_ringbuf_submit_dynptr)(struct bpf_dynptr *d, u64 flags) = (void *)199;
static void (*bpf_ringbuf_discard_dynptr)(struct bpf_dynptr *d, u64 flags) = (void *)200;
static long (*bpf_dynptr_read)(void *dst, u32 len, struct bpf_dynptr *src, u32 off, u64 f) =
	(void *)201;
static long (*bpf_dynptr_write)(struct bpf_dynptr *dst, u32 off, void *src, u32 len, u64 f) =
	(void *)202;
static void *(*bpf_dynptr_data)(struct bpf_dynptr *d, u32 off, u32 len) = (void *)203;

#define data_of(ctx) ((void *)(long)(ctx)->data)
#define end_of(ctx) ((void *)(long)(ctx)->data_end)

#endif
