/* SPDX-License-Identifier: MIT */
/* bpf.c: bpf(2). One row in commands.def and one function here per command. */
#include "bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum sys_cmd {
#define X(name, number, major, minor, cap) SYS_##name = number,
#include "commands.def"
};

enum {
	LOAD_ATTEMPTS = 5,
	LOG_FIRST = 64 * 1024,
	/* Largest buffer kernels take: UINT_MAX >> 2 since 5.15, UINT_MAX >> 8 before. */
	LOG_MAX = (int)(UINT32_MAX >> 2),
	LOG_MAX_OLD = (int)(UINT32_MAX >> 8),
	FD_FIRST = 3,
};

const char *
sys_command_name(unsigned cmd)
{
	switch (cmd) {
#define X(name, number, major, minor, cap) case number: return "BPF_" #name;
#include "commands.def"
	}
	return NULL;
}

static int
call(enum sys_cmd cmd, void *attr, size_t size)
{
	int saved = errno;
	long r = syscall(__NR_bpf, (int)cmd, attr, (unsigned)size);
	int result = r < 0 ? -errno : (int)r;

	errno = saved;
	return result;
}

/* 0, 1 and 2 are standard streams to everything that runs after us, and 0 means "no
 * descriptor" in many attr fields. bpf(2) sets close-on-exec itself. */
static int
call_fd(enum sys_cmd cmd, void *attr, size_t size)
{
	int fd = call(cmd, attr, size);
	int saved = errno;

	if (fd < 0 || fd >= FD_FIRST)
		return fd;

	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
	int result = moved < 0 ? -errno : moved;

	close(fd);
	errno = saved;
	return result;
}

void
sys_name(char out[BPF_OBJ_NAME_LEN], const char *name)
{
	size_t i = 0;

	memset(out, 0, BPF_OBJ_NAME_LEN);
	for (; name && name[i] && i < BPF_OBJ_NAME_LEN - 1; i++) {
		char c = name[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '.';

		out[i] = good ? c : '_';
	}
}

/* ---- maps ------------------------------------------------------------------------------ */

struct elem_attr {
	__u32 map_fd;
	__aligned_u64 key;
	__aligned_u64 value;	/* or next key */
	__aligned_u64 flags;
};

struct batch_attr {
	__aligned_u64 in, out, keys, values;
	__u32 count, map_fd;
	__aligned_u64 elem_flags, flags;
};

int
sys_map_create(const struct sys_map_create_attr *attr)
{
	struct sys_map_create_attr a = *attr;

	return call_fd(SYS_MAP_CREATE, &a, sizeof a);
}

/* The padding after map_fd must be zero too: memset, not an initialiser. */
static int
elem(enum sys_cmd cmd, int map, const void *key, const void *value, __u64 flags)
{
	struct elem_attr a;

	memset(&a, 0, sizeof a);
	a.map_fd = (__u32)map;
	a.key = sys_ptr(key);
	a.value = sys_ptr(value);
	a.flags = flags;
	return call(cmd, &a, sizeof a);
}

int
sys_map_lookup(int map, const void *key, void *value, __u64 flags)
{
	return elem(SYS_MAP_LOOKUP_ELEM, map, key, value, flags);
}

int
sys_map_update(int map, const void *key, const void *value, __u64 flags)
{
	return elem(SYS_MAP_UPDATE_ELEM, map, key, value, flags);
}

int
sys_map_delete(int map, const void *key)
{
	return elem(SYS_MAP_DELETE_ELEM, map, key, NULL, 0);
}

int
sys_map_lookup_delete(int map, const void *key, void *value, __u64 flags)
{
	return elem(SYS_MAP_LOOKUP_AND_DELETE_ELEM, map, key, value, flags);
}

int
sys_map_next_key(int map, const void *key, void *next)
{
	return elem(SYS_MAP_GET_NEXT_KEY, map, key, next, 0);
}

int
sys_map_freeze(int map)
{
	struct { __u32 map_fd; } a = {(__u32)map};

	return call(SYS_MAP_FREEZE, &a, sizeof a);
}

static int
batch(enum sys_cmd cmd, int map, const struct sys_batch *b)
{
	struct batch_attr a;

	memset(&a, 0, sizeof a);
	a.in = sys_ptr(b->in);
	a.out = sys_ptr(b->out);
	a.keys = sys_ptr(b->keys);
	a.values = sys_ptr(b->values);
	a.count = *b->count;
	a.map_fd = (__u32)map;
	a.elem_flags = b->elem_flags;

	int r = call(cmd, &a, sizeof a);

	/* EFAULT is answered before the count is written. */
	*b->count = r == -EFAULT ? 0 : a.count;
	return r;
}

int
sys_map_lookup_batch(int map, const struct sys_batch *b)
{
	return batch(SYS_MAP_LOOKUP_BATCH, map, b);
}

int
sys_map_lookup_delete_batch(int map, const struct sys_batch *b)
{
	return batch(SYS_MAP_LOOKUP_AND_DELETE_BATCH, map, b);
}

int
sys_map_update_batch(int map, const struct sys_batch *b)
{
	return batch(SYS_MAP_UPDATE_BATCH, map, b);
}

int
sys_map_delete_batch(int map, const struct sys_batch *b)
{
	return batch(SYS_MAP_DELETE_BATCH, map, b);
}

/* ---- programs and BTF ------------------------------------------------------------------ */

int
sys_prog_load(struct sys_prog_load_attr *attr)
{
	int r = -EAGAIN;

	for (int i = 0; i < LOAD_ATTEMPTS && r == -EAGAIN; i++)
		r = call_fd(SYS_PROG_LOAD, attr, sizeof *attr);
	return r;
}

void
sys_log_free(struct sys_log *log)
{
	free(log->text);
	*log = (struct sys_log){0};
}

/* A larger buffer, or false when this one is the largest there will be. */
static bool
log_grow(struct sys_log *log, uint32_t *size, uint32_t wanted)
{
	uint32_t next = *size == 0 ? LOG_FIRST : wanted > *size ? wanted :
			*size < LOG_MAX_OLD / 8 ? *size * 8 :
			*size < LOG_MAX_OLD ? LOG_MAX_OLD :
			*size < LOG_MAX ? LOG_MAX : 0;

	if (next == 0 || next > LOG_MAX)
		return false;

	/* Large zeroed blocks cost nothing until touched, and the kernel touches only what it
	 * needs. (Zeroed for valgrind, which does not know that bpf(2) writes here.) */
	char *bigger = calloc(1, next);

	if (!bigger)
		return false;
	free(log->text);
	log->text = bigger;
	*size = next;
	return true;
}

static void
log_finish(struct sys_log *log, uint32_t size)
{
	log->size = strnlen(log->text, size ? size - 1 : 0);
	if (log->size == 0) {
		bool truncated = log->truncated;

		sys_log_free(log);
		log->truncated = truncated;
		return;
	}
	log->text[log->size] = 0;

	char *fitted = realloc(log->text, log->size + 1);

	if (fitted)
		log->text = fitted;
}

/* Did the answer come from the log buffer and not from the program? ENOSPC: it was too
 * small. EINVAL before anything was written: an older kernel refuses a buffer this large,
 * which a smaller one will tell apart from a bad attribute. */
static bool
log_refused(int r, const struct sys_log *log, uint32_t size)
{
	return r == -EINVAL && size > LOG_MAX_OLD && log->text[0] == 0;
}

int
sys_prog_load_log(struct sys_prog_load_attr *attr, enum sys_log_when when,
		  struct sys_log *log)
{
	uint32_t level = attr->log_level ? attr->log_level : 1, size = 0;
	int plain = -EAGAIN, r = -ENOSPC;

	sys_log_free(log);
	attr->log_level = 0;
	attr->log_buf = attr->log_size = 0;
	if (when == SYS_LOG_ON_FAILURE) {
		plain = sys_prog_load(attr);
		if (plain >= 0 || plain == -E2BIG || plain == -EFAULT) {
			attr->log_level = level;
			return plain;
		}
	}
	while (r == -ENOSPC) {
		if (!log_grow(log, &size, attr->log_true_size)) {
			log->truncated = true;
			break;
		}
		attr->log_level = level;
		attr->log_buf = sys_ptr(log->text);
		attr->log_size = size;
		attr->log_true_size = 0;
		r = sys_prog_load(attr);
		if (log_refused(r, log, size)) {
			log->truncated = true;
			break;
		}
	}
	if (log->text)
		log_finish(log, size);
	attr->log_level = 0;
	attr->log_buf = attr->log_size = 0;
	if (log->truncated)
		r = when == SYS_LOG_ON_FAILURE ? plain : sys_prog_load(attr);
	attr->log_level = level;
	return r;
}

struct btf_load_attr {
	__aligned_u64 btf, log_buf;
	__u32 btf_size, log_size, log_level, log_true_size;
};

int
sys_btf_load(const void *btf, __u32 size, struct sys_log *log)
{
	struct btf_load_attr a = {.btf = sys_ptr(btf), .btf_size = size};
	uint32_t room = 0;
	int r = call_fd(SYS_BTF_LOAD, &a, offsetof(struct btf_load_attr, log_true_size));
	int plain = r;

	if (log)
		sys_log_free(log);
	if (r >= 0 || !log)
		return r;
	for (r = -ENOSPC; r == -ENOSPC;) {
		if (!log_grow(log, &room, 0)) {
			log->truncated = true;
			break;
		}
		a.log_buf = sys_ptr(log->text);
		a.log_size = room;
		a.log_level = 1;
		r = call_fd(SYS_BTF_LOAD, &a, offsetof(struct btf_load_attr, log_true_size));
		if (log_refused(r, log, room)) {
			log->truncated = true;
			break;
		}
	}
	if (log->text)
		log_finish(log, room);
	return log->truncated ? plain : r;
}

int
sys_prog_test_run(struct sys_test_run_attr *attr)
{
	return call(SYS_PROG_TEST_RUN, attr, offsetof(struct sys_test_run_attr, batch_size) +
					     sizeof attr->batch_size);
}

int
sys_prog_bind_map(int prog, int map)
{
	struct { __u32 prog_fd, map_fd, flags; } a = {(__u32)prog, (__u32)map, 0};

	return call(SYS_PROG_BIND_MAP, &a, sizeof a);
}

int
sys_prog_stream_read(int prog, __u32 stream, void *buf, __u32 size)
{
	struct {
		__aligned_u64 buf;
		__u32 len, id, prog_fd, pad;
	} a = {sys_ptr(buf), size, stream, (__u32)prog, 0};

	return call(SYS_PROG_STREAM_READ_BY_FD, &a, sizeof a);
}

/* ---- attaching ------------------------------------------------------------------------- */

int
sys_link_create(const struct sys_link_create_attr *attr)
{
	struct sys_link_create_attr a = *attr;

	return call_fd(SYS_LINK_CREATE, &a, sizeof a);
}

int
sys_link_update(int link, int new_prog, int old_prog)
{
	struct { __u32 link_fd, new_prog_fd, flags, old_prog_fd; } a = {
		(__u32)link, (__u32)new_prog,
		old_prog >= 0 ? BPF_F_REPLACE : 0, old_prog >= 0 ? (__u32)old_prog : 0,
	};

	return call(SYS_LINK_UPDATE, &a, sizeof a);
}

int
sys_link_detach(int link)
{
	struct { __u32 link_fd; } a = {(__u32)link};

	return call(SYS_LINK_DETACH, &a, sizeof a);
}

int
sys_iter_create(int link)
{
	struct { __u32 link_fd, flags; } a = {(__u32)link, 0};

	return call_fd(SYS_ITER_CREATE, &a, sizeof a);
}

int
sys_raw_tracepoint_open(const char *name, int prog, __u64 cookie)
{
	struct {
		__aligned_u64 name;
		__u32 prog_fd, pad;
		__aligned_u64 cookie;
	} a = {sys_ptr(name), (__u32)prog, 0, cookie};

	return call_fd(SYS_RAW_TRACEPOINT_OPEN, &a, sizeof a);
}

int
sys_prog_attach(const struct sys_prog_attach_attr *attr)
{
	struct sys_prog_attach_attr a = *attr;

	return call(SYS_PROG_ATTACH, &a, sizeof a);
}

int
sys_prog_detach(const struct sys_prog_attach_attr *attr)
{
	struct sys_prog_attach_attr a = *attr;

	return call(SYS_PROG_DETACH, &a, sizeof a);
}

int
sys_prog_query(struct sys_prog_query_attr *attr)
{
	return call(SYS_PROG_QUERY, attr, sizeof *attr);
}

/* ---- objects by id, path and descriptor ------------------------------------------------ */

/* ORDER enum sys_object */
static const enum sys_cmd next_id[] = {
	SYS_PROG_GET_NEXT_ID, SYS_MAP_GET_NEXT_ID, SYS_BTF_GET_NEXT_ID, SYS_LINK_GET_NEXT_ID,
};
static const enum sys_cmd fd_by_id[] = {
	SYS_PROG_GET_FD_BY_ID, SYS_MAP_GET_FD_BY_ID, SYS_BTF_GET_FD_BY_ID,
	SYS_LINK_GET_FD_BY_ID,
};

struct id_attr {
	__u32 id, next_id, open_flags;
};

int
sys_next_id(enum sys_object kind, __u32 id, __u32 *next)
{
	struct id_attr a = {.id = id};
	int r = call(next_id[kind], &a, sizeof a);

	if (r == 0)
		*next = a.next_id;
	return r;
}

int
sys_fd_by_id(enum sys_object kind, __u32 id, __u32 flags)
{
	struct id_attr a = {.id = id, .open_flags = flags};

	return call_fd(fd_by_id[kind], &a, sizeof a);
}

struct path_attr {
	__aligned_u64 pathname;
	__u32 fd, flags;
	__s32 path_fd;
	__u32 pad;
};

int
sys_obj_pin(int fd, const char *path, __u32 flags, int path_fd)
{
	struct path_attr a = {sys_ptr(path), (__u32)fd, flags, path_fd, 0};

	return call(SYS_OBJ_PIN, &a, sizeof a);
}

int
sys_obj_get(const char *path, __u32 flags, int path_fd)
{
	struct path_attr a = {sys_ptr(path), 0, flags, path_fd, 0};

	return call_fd(SYS_OBJ_GET, &a, sizeof a);
}

int
sys_obj_info(int fd, void *info, __u32 size)
{
	struct {
		__u32 fd, len;
		__aligned_u64 info;
	} a = {(__u32)fd, size, sys_ptr(info)};

	return call(SYS_OBJ_GET_INFO_BY_FD, &a, sizeof a);
}

/* ---- the rest -------------------------------------------------------------------------- */

int
sys_enable_stats(__u32 type)
{
	struct { __u32 type; } a = {type};

	return call_fd(SYS_ENABLE_STATS, &a, sizeof a);
}

int
sys_token_create(int bpffs_fd, __u32 flags)
{
	struct { __u32 flags, bpffs_fd; } a = {flags, (__u32)bpffs_fd};

	return call_fd(SYS_TOKEN_CREATE, &a, sizeof a);
}

int
sys_task_fd_query(struct sys_task_fd_query_attr *attr)
{
	return call(SYS_TASK_FD_QUERY, attr, sizeof *attr);
}
