/* SPDX-License-Identifier: MIT */
/* kernel.c: loads a program with its maps into the running kernel, for its verdict only. */
#include "kernel.h"
#include "syscalls/bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

struct try {
	struct kernel *k;
	const struct image *im;
	const struct image_prog *p;
	int btf;		/* of the image, -1 none */
	int *maps;		/* one per image map */
};

static void
read_btf(struct kernel *k)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		size_t size = (size_t)st.st_size, n = 0;
		ssize_t got = 1;

		/* sysfs hands it out in pieces. */
		k->btf = malloc(size);
		while (k->btf && n < size && got > 0) {
			got = read(fd, (char *)k->btf + n, size - n);
			n += got > 0 ? (size_t)got : 0;
		}
		if (k->btf && n == size)
			k->btf_size = size;
	}
	close(fd);
}

bool
kernel_open(struct kernel *k)
{
	struct bpf_insn ret[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
				 {.code = BPF_JMP | BPF_EXIT}};
	struct sys_prog_load_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = sys_ptr(ret),
		.insn_cnt = 2, .license = sys_ptr("GPL"),
	};
	struct utsname u;
	int fd = sys_prog_load(&attr);

	*k = (struct kernel){0};
	uname(&u);
	memcpy(k->release, u.release, sizeof k->release);
	snprintf(k->cpus, sizeof k->cpus, "%u", (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	if (fd < 0) {
		errno = -fd;
		return false;
	}
	close(fd);
	k->log = malloc(KERNEL_LOG_SIZE);
	read_btf(k);
	return k->log;
}

void
kernel_close(struct kernel *k)
{
	free(k->log);
	free(k->btf);
}

/* ---- names in the kernel's BTF --------------------------------------------------------- */

static size_t
type_words(const uint32_t *t)
{
	uint32_t vlen = t[1] & 0xffff;

	switch (t[1] >> 24 & 0x1f) {
	case BTF_KIND_INT: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return 6;
	case BTF_KIND_STRUCT: case BTF_KIND_UNION: case BTF_KIND_DATASEC: case 19:
		return 3 + 3 * (size_t)vlen;
	case BTF_KIND_ENUM: case BTF_KIND_FUNC_PROTO:
		return 3 + 2 * (size_t)vlen;
	default:
		return 3;
	}
}

/* The id of kind `kind` named prefix + name, or 0. The kernel's own BTF is trusted. */
static uint32_t
find_type(const struct kernel *k, const char *prefix, const char *name, uint32_t kind)
{
	const struct btf_header *h = k->btf;
	const uint32_t *t, *end;
	size_t n = strlen(prefix);

	if (!h)
		return 0;
	t = (const void *)((const char *)h + h->hdr_len + h->type_off);
	end = (const void *)((const char *)t + h->type_len);
	for (uint32_t id = 1; t < end; id++, t += type_words(t)) {
		const char *s = (const char *)h + h->hdr_len + h->str_off + t[0];

		if ((t[1] >> 24 & 0x1f) == kind && !strncmp(s, prefix, n) &&
		    !strcmp(s + n, name))
			return id;
	}
	return 0;
}

static uint32_t
attach_id(const struct kernel *k, const struct image_prog *p)
{
	if (!p->attach_target)
		return 0;
	if (p->type == BPF_PROG_TYPE_LSM)
		return find_type(k, "bpf_lsm_", p->attach_target, BTF_KIND_FUNC);
	if (p->expected_attach == BPF_TRACE_RAW_TP)
		return find_type(k, "btf_trace_", p->attach_target, BTF_KIND_TYPEDEF);
	if (p->expected_attach == BPF_TRACE_ITER)
		return find_type(k, "bpf_iter_", p->attach_target, BTF_KIND_FUNC);
	return find_type(k, "", p->attach_target, BTF_KIND_FUNC);
}

/* ---- loading ------------------------------------------------------------------------------ */

static int
load_btf(const struct image *im)
{
	return im->btf ? sys_btf_load(im->btf, im->btf_size, NULL) : -1;
}

static int
make_map(struct try *t, const struct image_map *m)
{
	struct sys_map_create_attr attr = {
		.map_type = m->type, .key_size = m->key_size, .value_size = m->value_size,
		.max_entries = m->max_entries, .map_flags = m->flags, .map_extra = m->extra,
	};
	int inner = -1, fd;

	if (m->key_type_id || m->value_type_id) {
		attr.btf_fd = (uint32_t)t->btf;
		attr.btf_key_type_id = m->key_type_id;
		attr.btf_value_type_id = m->value_type_id;
	}
	if (m->inner) {
		inner = make_map(t, m->inner);
		attr.inner_map_fd = (uint32_t)inner;
	}
	fd = sys_map_create(&attr);
	if (inner >= 0)
		close(inner);
	return fd;
}

static bool
make_maps(struct try *t)
{
	for (uint32_t i = 0; i < t->im->maps.n; i++)
		t->maps[i] = -1;
	for (uint32_t i = 0; i < t->im->maps.n; i++) {
		t->maps[i] = make_map(t, t->im->maps.at[i]);
		if (t->maps[i] < 0)
			return false;
	}
	return true;
}

static struct bpf_insn *
patched(struct try *t, struct arena *a)
{
	struct bpf_insn *in = arena_array(a, struct bpf_insn, t->p->ninsns);

	memcpy(in, t->p->insns, t->p->ninsns * sizeof *in);
	for (uint32_t i = 0; i < t->p->relocs.n; i++) {
		const struct image_reloc *r = &t->p->relocs.at[i];

		if (r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE)
			in[r->insn].imm = t->maps[r->map];
		if (r->kind == RELOC_KFUNC)
			in[r->insn].imm = (__s32)find_type(t->k, "", r->name, BTF_KIND_FUNC);
	}
	return in;
}

/* errno or 0; the log is in k->log. */
static int
load(struct try *t, const struct bpf_insn *in, uint32_t level)
{
	const struct image_prog *p = t->p;
	struct sys_prog_load_attr attr = {
		.prog_type = p->type, .insns = sys_ptr(in), .insn_cnt = p->ninsns,
		.license = sys_ptr(p->license), .log_buf = sys_ptr(t->k->log),
		.log_size = KERNEL_LOG_SIZE, .log_level = level, .prog_flags = p->flags,
		.expected_attach_type = p->expected_attach,
		.attach_btf_id = attach_id(t->k, p),
	};
	int fd;

	if (p->nfunc_info && t->btf >= 0) {
		attr.prog_btf_fd = (uint32_t)t->btf;
		attr.func_info = sys_ptr(p->func_info);
		attr.func_info_cnt = p->nfunc_info;
		attr.func_info_rec_size = sizeof *p->func_info;
	}
	t->k->log[0] = 0;
	fd = sys_prog_load(&attr);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static struct outcome
judge(struct try *t, uint32_t level, struct arena *a)
{
	const struct bpf_insn *in = patched(t, a);
	struct outcome o = {.insn = -1, .message = ""}, logged = o;

	o.err = load(t, in, level ? level : 4);
	o.kind = o.err ? OUTCOME_REJECT : OUTCOME_ACCEPT;
	outcome_read_log(&o, t->k->log, a);
	if (o.err == -EPERM && !o.message[0])	/* a sandbox's word, not the verifier's */
		o.kind = OUTCOME_SKIP;
	if (level || o.kind != OUTCOME_REJECT)
		return o;
	load(t, in, 1);
	outcome_read_log(&logged, t->k->log, a);
	o.insn = logged.insn;
	o.message = logged.message;
	return o;
}

struct outcome
kernel_try(struct kernel *k, const struct image *im, const struct image_prog *p,
	   uint32_t log_level, struct arena *a)
{
	struct try t = {k, im, p, load_btf(im), arena_array(a, int, im->maps.n + 1)};
	struct outcome o = {.kind = OUTCOME_SKIP, .insn = -1, .message = ""};

	if (make_maps(&t))
		o = judge(&t, log_level, a);
	for (uint32_t i = 0; i < im->maps.n; i++)
		if (t.maps[i] >= 0)
			close(t.maps[i]);
	if (t.btf >= 0)
		close(t.btf);
	return o;
}
