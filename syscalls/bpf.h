/* SPDX-License-Identifier: MIT */
/* bpf.h: bpf(2), one thin C function per command. No policy: what to try, in which order
 * and what to tell the user is decided by the caller.
 *
 * Shapes. Each command has an attr struct of its own with exactly the kernel's layout
 * (union bpf_attr in linux/bpf.h), so that nothing depends on how old the installed uapi
 * headers are. The size given to the kernel is that of the struct: kernels that know fewer
 * fields accept it as long as the bytes they do not know are zero, so leave a field you do
 * not need alone (designated initialisers zero the rest). A pointer travels as u64: sys_ptr().
 *
 * Results. A descriptor (3 or higher, close-on-exec, owned by the caller, who closes it) or
 * 0, or a negative errno. errno itself is left as it was. The errors that mean something:
 *   -EPERM    a capability is missing (caps.h says which)
 *   -EINVAL   an attribute is wrong, or this kernel does not know it
 *   -E2BIG    a field this kernel does not know is not zero; or too many instructions
 *   -ENOENT   no such key, id, BTF type or end of iteration
 *   -EOPNOTSUPP / -ENOTSUPP (524)   the map or hook does not offer this
 *
 * Strings and buffers stay the caller's and need live only during the call. */
#ifndef VEERY_SYSCALLS_BPF_H
#define VEERY_SYSCALLS_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Attach and link types newer than Linux 6.1. */
enum {
	SYS_ATTACH_NETFILTER = 45,
	SYS_ATTACH_TCX_INGRESS = 46,
	SYS_ATTACH_TCX_EGRESS = 47,
	SYS_ATTACH_UPROBE_MULTI = 48,
	SYS_ATTACH_NETKIT_PRIMARY = 54,
	SYS_ATTACH_NETKIT_PEER = 55,
	SYS_ATTACH_KPROBE_SESSION = 56,
	SYS_ATTACH_UPROBE_SESSION = 57,

	SYS_LINK_NETFILTER = 10,
	SYS_LINK_TCX = 11,
	SYS_LINK_UPROBE_MULTI = 12,
	SYS_LINK_NETKIT = 13,
	SYS_LINK_SOCKMAP = 14,
};
#define SYS_F_TOKEN_FD (1U << 16)	/* BPF_F_TOKEN_FD: a token field is in use */
#define SYS_F_PATH_FD (1U << 14)	/* BPF_F_PATH_FD: path_fd is in use */

static inline __u64
sys_ptr(const void *p)
{
	return (__u64)(uintptr_t)p;
}

/* "BPF_PROG_LOAD"; null when there is no such command. */
const char *sys_command_name(unsigned cmd);

/* ---- maps ------------------------------------------------------------------------------ */

struct sys_map_create_attr {
	__u32 map_type;			/* BPF_MAP_TYPE_* */
	__u32 key_size, value_size;	/* bytes */
	__u32 max_entries;		/* ring buffers: bytes, a power of two of pages */
	__u32 map_flags;		/* BPF_F_* */
	__u32 inner_map_fd;		/* template, for map-in-map */
	__u32 numa_node;		/* with BPF_F_NUMA_NODE */
	char map_name[BPF_OBJ_NAME_LEN];/* sys_name() makes one */
	__u32 map_ifindex;
	__u32 btf_fd;			/* with the two ids: lets tools print entries */
	__u32 btf_key_type_id, btf_value_type_id;
	__u32 btf_vmlinux_value_type_id;/* struct_ops */
	__aligned_u64 map_extra;
	__s32 value_type_btf_obj_fd;
	__s32 map_token_fd;		/* with SYS_F_TOKEN_FD in map_flags */
};

/* The kernel takes letters, digits, '_' and '.', at most 15 of them: others become '_'. */
void sys_name(char out[BPF_OBJ_NAME_LEN], const char *name);

int sys_map_create(const struct sys_map_create_attr *attr);
/* Per-CPU maps: `value` holds one value per *possible* CPU, each rounded up to 8 bytes
 * (cpus.h). `key` is null for queues, stacks and bloom filters. flags: BPF_ANY, BPF_NOEXIST,
 * BPF_EXIST, BPF_F_LOCK. */
int sys_map_lookup(int map, const void *key, void *value, __u64 flags);
int sys_map_update(int map, const void *key, const void *value, __u64 flags);
int sys_map_delete(int map, const void *key);
int sys_map_lookup_delete(int map, const void *key, void *value, __u64 flags);
/* The key after `key`, or the first when `key` is null or gone. -ENOENT at the end. */
int sys_map_next_key(int map, const void *key, void *next);
/* No more writes from user space, for ever. */
int sys_map_freeze(int map);

/* Many entries at once. `in` is null to begin; `out` receives where to go on (4 bytes for
 * hash maps, a key for others; give max(4, key size)). *count: entries there is room for,
 * then entries done. -ENOENT: that was the last of it (and *count is right); -ENOSPC: a hash
 * bucket does not fit, give more room. */
struct sys_batch {
	const void *in;
	void *out;
	void *keys, *values;
	__u32 *count;
	__u64 elem_flags;
};
int sys_map_lookup_batch(int map, const struct sys_batch *b);
int sys_map_lookup_delete_batch(int map, const struct sys_batch *b);
int sys_map_update_batch(int map, const struct sys_batch *b);
int sys_map_delete_batch(int map, const struct sys_batch *b);

/* ---- programs and BTF ------------------------------------------------------------------ */

struct sys_prog_load_attr {
	__u32 prog_type;		/* BPF_PROG_TYPE_* */
	__u32 insn_cnt;			/* slots of 8 bytes */
	__aligned_u64 insns;
	__aligned_u64 license;
	__u32 log_level;		/* 1 errors, 2 every state, 4 statistics; bits */
	__u32 log_size;
	__aligned_u64 log_buf;
	__u32 kern_version;		/* kprobes before 5.0 */
	__u32 prog_flags;		/* BPF_F_SLEEPABLE ... */
	char prog_name[BPF_OBJ_NAME_LEN];
	__u32 prog_ifindex;
	__u32 expected_attach_type;
	__u32 prog_btf_fd;
	__u32 func_info_rec_size;
	__aligned_u64 func_info;	/* struct bpf_func_info */
	__u32 func_info_cnt;
	__u32 line_info_rec_size;
	__aligned_u64 line_info;	/* struct bpf_line_info */
	__u32 line_info_cnt;
	__u32 attach_btf_id;
	union {
		__u32 attach_prog_fd;	/* freplace, fentry of a program */
		__u32 attach_btf_obj_fd;/* a module's BTF; 0 is vmlinux */
	};
	__u32 core_relo_cnt;
	__aligned_u64 fd_array;		/* maps and module BTFs */
	__aligned_u64 core_relos;
	__u32 core_relo_rec_size;
	__u32 log_true_size;		/* out (since 6.4): bytes the whole log would take */
	__s32 prog_token_fd;		/* with SYS_F_TOKEN_FD in prog_flags */
	__u32 fd_array_cnt;		/* since 6.14 */
};

/* As the attr says, log included. A pending signal makes the kernel answer EAGAIN: tried
 * five times. */
int sys_prog_load(struct sys_prog_load_attr *attr);

enum sys_log_when { SYS_LOG_ON_FAILURE, SYS_LOG_ALWAYS };

/* What the verifier wrote. Zero it before first use; free with sys_log_free(). */
struct sys_log {
	char *text;		/* null-terminated; null when nothing was written */
	size_t size;		/* without the null */
	bool truncated;		/* this kernel would not take a larger buffer, or no memory */
};

/* Load with a log that is grown until it fits. SYS_LOG_ON_FAILURE loads without a log
 * first, which is faster when the program is good. Log trouble never decides the result: it
 * is what the same load without a log answers. attr->log_level 0 means 1; log_buf and
 * log_size are ignored and left zero. */
int sys_prog_load_log(struct sys_prog_load_attr *attr, enum sys_log_when when,
		      struct sys_log *log);
void sys_log_free(struct sys_log *log);

/* Raw BTF (header, types, strings). `log` may be null; filled on failure only. */
int sys_btf_load(const void *btf, __u32 size, struct sys_log *log);

struct sys_test_run_attr {
	__u32 prog_fd;
	__u32 retval;			/* out */
	__u32 data_size_in;
	__u32 data_size_out;		/* in: room; out: bytes (more than room: -ENOSPC) */
	__aligned_u64 data_in, data_out;
	__u32 repeat;			/* 0 is 1 */
	__u32 duration;			/* out: mean nanoseconds of one run */
	__u32 ctx_size_in, ctx_size_out;
	__aligned_u64 ctx_in, ctx_out;
	__u32 flags;
	__u32 cpu;
	__u32 batch_size;
};
int sys_prog_test_run(struct sys_test_run_attr *attr);

/* Let a program keep a map alive without using it (metadata, 5.10). */
int sys_prog_bind_map(int prog, int map);
/* Read what the kernel reported about a program (6.17): stream 1 output, 2 errors. Returns
 * the number of bytes. */
int sys_prog_stream_read(int prog, __u32 stream, void *buf, __u32 size);

/* ---- attaching ------------------------------------------------------------------------- */

/* What a link joins. prog_fd (or map_fd for struct_ops), attach_type, and by kind:
 *   BPF_XDP                     target_ifindex; flags XDP_FLAGS_SKB_MODE/_DRV_MODE
 *   SYS_ATTACH_TCX_*, NETKIT_*  target_ifindex; tcx: relative_fd/_id, expected_revision
 *   BPF_CGROUP_*                target_fd is the cgroup's directory
 *   BPF_SK_LOOKUP, FLOW_DISSECTOR   target_fd is a network namespace
 *   BPF_PERF_EVENT              target_fd is a perf event (perf.h); perf_event.bpf_cookie
 *   BPF_TRACE_KPROBE_MULTI, SYS_ATTACH_KPROBE_SESSION    kprobe_multi
 *   SYS_ATTACH_UPROBE_MULTI, _SESSION   uprobe_multi
 *   SYS_ATTACH_NETFILTER        netfilter
 *   BPF_TRACE_ITER              iter: union bpf_iter_link_info
 *   BPF_TRACE_RAW_TP, FENTRY, FEXIT, MODIFY_RETURN, LSM_MAC   tracing.cookie (the target
 *                               was named at load time); freplace: target_fd, target_btf_id
 * The link is gone when its last descriptor is closed, unless pinned. */
struct sys_link_create_attr {
	union {
		__u32 prog_fd, map_fd;
	};
	union {
		__u32 target_fd, target_ifindex;
	};
	__u32 attach_type;
	__u32 flags;
	union {
		struct {
			__aligned_u64 info;
			__u32 info_len;
		} iter;
		struct {
			__aligned_u64 bpf_cookie;
		} perf_event;
		struct {
			__u32 flags;	/* 1: at return */
			__u32 cnt;
			__aligned_u64 syms, addrs, cookies;
		} kprobe_multi;
		struct {
			__u32 target_btf_id;
			__aligned_u64 cookie;
		} tracing;
		struct {
			__u32 pf, hooknum;
			__s32 priority;
			__u32 flags;
		} netfilter;
		struct {
			union {
				__u32 relative_fd, relative_id;
			};
			__aligned_u64 expected_revision;
		} tcx;			/* netkit and, since 6.17, cgroup too */
		struct {
			__aligned_u64 path, offsets, ref_ctr_offsets, cookies;
			__u32 cnt, flags, pid;
		} uprobe_multi;
	};
};
int sys_link_create(const struct sys_link_create_attr *attr);
/* Swap the program in place. With old_prog >= 0 only if that one is still there (-EPERM
 * otherwise). -EINVAL or -EOPNOTSUPP: this kind of link cannot. */
int sys_link_update(int link, int new_prog, int old_prog);
/* Detach now though descriptors stay open; the link remains as an empty shell. */
int sys_link_detach(int link);
/* Open an iterator link for reading. */
int sys_iter_create(int link);

/* Without a name: for tracing programs whose target was given at load time. The descriptor
 * is the attachment. `cookie` needs 6.10, leave it 0 before. */
int sys_raw_tracepoint_open(const char *name, int prog, __u64 cookie);

/* The older way for cgroups, sockmaps, flow dissectors, LIRC: no descriptor holds it, so it
 * outlives the process until detached. */
struct sys_prog_attach_attr {
	union {
		__u32 target_fd, target_ifindex;
	};
	__u32 attach_bpf_fd;
	__u32 attach_type;
	__u32 attach_flags;		/* BPF_F_ALLOW_OVERRIDE, _MULTI, BPF_F_REPLACE */
	__u32 replace_bpf_fd;
	union {
		__u32 relative_fd, relative_id;
	};
	__aligned_u64 expected_revision;
};
int sys_prog_attach(const struct sys_prog_attach_attr *attr);
int sys_prog_detach(const struct sys_prog_attach_attr *attr);

struct sys_prog_query_attr {
	union {
		__u32 target_fd, target_ifindex;
	};
	__u32 attach_type;
	__u32 query_flags;
	__u32 attach_flags;		/* out */
	__aligned_u64 prog_ids;
	__u32 count;			/* in: room; out: how many there are */
	__u32 pad;
	__aligned_u64 prog_attach_flags, link_ids, link_attach_flags;
	__aligned_u64 revision;		/* out */
};
int sys_prog_query(struct sys_prog_query_attr *attr);

/* ---- objects by id, path and descriptor ------------------------------------------------ */

enum sys_object { SYS_PROG, SYS_MAP, SYS_BTF, SYS_LINK };

/* The id after `id` (0 to begin) into *next; -ENOENT past the last. */
int sys_next_id(enum sys_object kind, __u32 id, __u32 *next);
/* flags: BPF_F_RDONLY and so on, maps only. -ENOENT: gone by now. */
int sys_fd_by_id(enum sys_object kind, __u32 id, __u32 flags);
/* flags as for maps; path_fd as openat(2)'s with SYS_F_PATH_FD, else 0. */
int sys_obj_pin(int fd, const char *path, __u32 flags, int path_fd);
int sys_obj_get(const char *path, __u32 flags, int path_fd);

struct sys_prog_info {
	__u32 type, id;
	__u8 tag[BPF_TAG_SIZE];
	__u32 jited_prog_len, xlated_prog_len;
	__aligned_u64 jited_prog_insns, xlated_prog_insns;
	__aligned_u64 load_time;	/* nanoseconds since boot */
	__u32 created_by_uid;
	__u32 nr_map_ids;
	__aligned_u64 map_ids;
	char name[BPF_OBJ_NAME_LEN];
	__u32 ifindex;
	__u32 gpl_compatible;		/* bit 0 */
	__aligned_u64 netns_dev, netns_ino;
	__u32 nr_jited_ksyms, nr_jited_func_lens;
	__aligned_u64 jited_ksyms, jited_func_lens;
	__u32 btf_id;
	__u32 func_info_rec_size;
	__aligned_u64 func_info;
	__u32 nr_func_info, nr_line_info;
	__aligned_u64 line_info, jited_line_info;
	__u32 nr_jited_line_info, line_info_rec_size, jited_line_info_rec_size;
	__u32 nr_prog_tags;
	__aligned_u64 prog_tags;
	__aligned_u64 run_time_ns, run_cnt;	/* while statistics are enabled */
	__aligned_u64 recursion_misses;
	__u32 verified_insns;
	__u32 attach_btf_obj_id, attach_btf_id;
	__u32 pad;
};

struct sys_map_info {
	__u32 type, id;
	__u32 key_size, value_size, max_entries, map_flags;
	char name[BPF_OBJ_NAME_LEN];
	__u32 ifindex;
	__u32 btf_vmlinux_value_type_id;
	__aligned_u64 netns_dev, netns_ino;
	__u32 btf_id, btf_key_type_id, btf_value_type_id, btf_vmlinux_id;
	__aligned_u64 map_extra;
};

struct sys_btf_info {
	__aligned_u64 btf;
	__u32 btf_size;
	__u32 id;
	__aligned_u64 name;
	__u32 name_len;
	__u32 kernel_btf;
};

struct sys_link_info {
	__u32 type;			/* BPF_LINK_TYPE_*, SYS_LINK_* */
	__u32 id, prog_id;
	union {
		struct {
			__aligned_u64 tp_name;
			__u32 tp_name_len;
		} raw_tracepoint;
		struct {
			__u32 attach_type, target_obj_id, target_btf_id;
		} tracing;
		struct {
			__aligned_u64 cgroup_id;
			__u32 attach_type;
		} cgroup;
		struct {
			__u32 netns_ino, attach_type;
		} netns;
		struct {
			__u32 ifindex;
		} xdp;
		struct {
			__u32 pf, hooknum;
			__s32 priority;
			__u32 flags;
		} netfilter;
		struct {
			__u32 ifindex, attach_type;
		} tcx;			/* netkit too */
		struct {
			__u32 type, pad;
			__aligned_u64 name;
			__u32 name_len, offset;
			__aligned_u64 addr, missed, cookie;
		} perf_event;
		__aligned_u64 room[8];	/* the kinds not spelled out */
	};
};

/* Fill `info` (one of the four structs above, zeroed or with buffers set). The kernel fills
 * what it knows and the rest stays. */
int sys_obj_info(int fd, void *info, __u32 size);

/* ---- the rest -------------------------------------------------------------------------- */

/* Count run time and runs of every program (BPF_STATS_RUN_TIME 0) until the returned
 * descriptor is closed. */
int sys_enable_stats(__u32 type);
/* A token from a bpffs mounted with delegation (6.9). */
int sys_token_create(int bpffs_fd, __u32 flags);
/* Which program a perf event descriptor of a process has attached. */
struct sys_task_fd_query_attr {
	__u32 pid, fd, flags;
	__u32 buf_len;			/* in, out */
	__aligned_u64 buf;
	__u32 prog_id, fd_type;
	__aligned_u64 probe_offset, probe_addr;
};
int sys_task_fd_query(struct sys_task_fd_query_attr *attr);

#endif
