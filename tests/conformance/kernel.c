/* SPDX-License-Identifier: MIT */
/* kernel.c: loads a program with its maps into the running kernel, for its verdict only. */
#include "kernel.h"

#include "facts/facts.h"
#include "image/btf.h"
#include "syscalls/bpf.h"
#include "syscalls/caps.h"
#include "verifier-sim/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

struct try {
	struct kernel *k;
	const struct image *im;
	const struct image_prog *p;
	struct kernel_image *ki;
};

enum { MAP_TYPE_ARENA = 33, LOAD_SECONDS = 5 };

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

/* ---- capabilities ---------------------------------------------------------------------- */

bool
kernel_caps_named(const char *name, uint32_t *caps)
{
	*caps = !name ? VCAP_DEFAULT : !strcmp(name, "bpf") ? VCAP_BPF | VCAP_NET_ADMIN : 0;
	return !name || *caps || !strcmp(name, "none");
}

static void
set_effective(sys_caps caps)
{
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &h, d) < 0)
		return;
	d[0].effective = (uint32_t)caps;
	d[1].effective = (uint32_t)(caps >> 32);
	syscall(SYS_capset, &h, d);
}

/* Loads with the capabilities asked for, and takes the others up again. */
static int
load_with(const struct kernel *k, struct sys_prog_load_attr *attr)
{
	/* Again and again, since an interrupted load is tried again. */
	struct itimerval limit = {.it_value.tv_sec = LOAD_SECONDS, .it_interval.tv_usec = 100000};
	sys_caps held = sys_caps_held(), with = held;
	int fd;

	if (k->caps != VCAP_DEFAULT)
		with &= (k->caps & VCAP_BPF ? SYS_CAP(CAP_BPF) : 0) |
			(k->caps & VCAP_NET_ADMIN ? SYS_CAP(CAP_NET_ADMIN) : 0);
	if (with != held)
		set_effective(with);
	/* The verifier gives up at a signal: a program may take minutes without CAP_PERFMON. */
	setitimer(ITIMER_REAL, &limit, NULL);
	fd = sys_prog_load(attr);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	if (with != held)
		set_effective(held);
	return fd;
}

static void
woken(int sig)
{
	(void)sig;
}

bool
kernel_open(struct kernel *k, uint32_t caps)
{
	struct bpf_insn ret[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
				 {.code = BPF_JMP | BPF_EXIT}};
	struct sys_prog_load_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = sys_ptr(ret),
		.insn_cnt = 2, .license = sys_ptr("GPL"),
	};
	struct sigaction quiet = {.sa_handler = woken};
	struct utsname u;
	int fd;

	*k = (struct kernel){.caps = caps};
	fd = load_with(k, &attr);
	sigaction(SIGALRM, &quiet, NULL);
	uname(&u);
	memcpy(k->release, u.release, sizeof k->release);
	snprintf(k->cpus, sizeof k->cpus, "%u", (unsigned)sysconf(_SC_NPROCESSORS_CONF));
	if (fd < 0) {
		errno = -fd;
		return false;
	}
	close(fd);
	k->log = calloc(1, KERNEL_LOG_SIZE);
	read_btf(k);
	arena_init(&k->arena);
	if (k->btf_size)
		k->types = btf_open(&k->arena, k->btf, k->btf_size, NULL, NULL);
	return k->log;
}

void
kernel_close(struct kernel *k)
{
	free(k->log);
	free(k->btf);
	arena_free(&k->arena);
}

/* ---- names in the kernel's BTF --------------------------------------------------------- */

/* The id of kind `kind` named prefix + name, or 0. */
static uint32_t
find_type(struct kernel *k, const char *prefix, const char *name, uint32_t kind)
{
	char text[256];

	snprintf(text, sizeof text, "%s%s", prefix, name);
	return k->types ? btf_find(k->types, str_of(text), kind) : 0;
}

/* Programs of these types are loaded for one thing in the kernel. */
static bool
has_target(uint32_t type)
{
	return type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM ||
	       type == BPF_PROG_TYPE_STRUCT_OPS || type == BPF_PROG_TYPE_EXT;
}

static uint32_t
struct_id(struct kernel *k, const char *target)
{
	const char *dot = strchr(target, '.');
	str name = {target, dot ? (size_t)(dot - target) : strlen(target)};

	return k->types ? btf_find(k->types, name, BTF_KIND_STRUCT) : 0;
}

static uint32_t
attach_id(struct kernel *k, const struct image_prog *p)
{
	if (!p->attach_target || !has_target(p->type) || fact_attach_many(p->expected_attach))
		return 0;
	if (p->type == BPF_PROG_TYPE_STRUCT_OPS)
		return struct_id(k, p->attach_target);
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
	uint32_t zero = 0;

	if (t->p->nfunc_info || t->k->name_maps)	/* the arrays' maps have no names */
		sys_name(attr.map_name, m->name);
	if (m->key_type_id || m->value_type_id) {
		attr.btf_fd = (uint32_t)t->ki->btf;
		attr.btf_key_type_id = m->key_type_id;
		attr.btf_value_type_id = m->value_type_id;
	}
	if (m->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !attr.max_entries)
		attr.max_entries = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	if (m->inner) {
		inner = make_map(t, m->inner);
		attr.inner_map_fd = (uint32_t)inner;
	}
	fd = sys_map_create(&attr);
	if (fd < 0 && attr.btf_fd && t->p->nfunc_info) {
		/* As loaders do: many types of maps take no BTF. */
		attr.btf_fd = attr.btf_key_type_id = attr.btf_value_type_id = 0;
		fd = sys_map_create(&attr);
	}
	if (inner >= 0)
		close(inner);
	/* Where an arena lies for the process is decided by mapping it. */
	if (fd >= 0 && m->type == MAP_TYPE_ARENA) {
		t->ki->arena_size = (size_t)m->max_entries * (size_t)sysconf(_SC_PAGESIZE);
		t->ki->arena = mmap((void *)(uintptr_t)m->extra, t->ki->arena_size,
				    PROT_READ | PROT_WRITE,
				    MAP_SHARED | (m->extra ? MAP_FIXED : 0), fd, 0);
	}
	if (fd >= 0 && m->data && m->type != MAP_TYPE_ARENA)
		sys_map_update(fd, &zero, m->data, m->type == BPF_MAP_TYPE_PERCPU_ARRAY ? 16 : 0);
	if (fd >= 0 && m->read_only)
		sys_map_freeze(fd);
	return fd;
}

/* The maps that the program names. */
static bool
make_maps(struct try *t)
{
	int *maps = t->ki->maps;

	for (uint32_t i = 0; i < t->p->relocs.n; i++) {
		const struct image_reloc *r = &t->p->relocs.at[i];

		if ((r->kind != RELOC_MAP && r->kind != RELOC_MAP_VALUE) || maps[r->map] >= 0)
			continue;
		maps[r->map] = make_map(t, t->im->maps.at[r->map]);
		if (maps[r->map] < 0)
			return false;
	}
	return true;
}

/* The kernel ties a map of programs to the type of the first that is loaded with it. */
static void
forget_owned_maps(struct kernel_image *ki)
{
	for (uint32_t i = 0; i < ki->im->maps.n; i++)
		if (ki->maps[i] >= 0 && ki->im->maps.at[i]->type == BPF_MAP_TYPE_PROG_ARRAY) {
			close(ki->maps[i]);
			ki->maps[i] = -1;
		}
}

/* False when the program names a variable that this kernel lacks. */
static bool
patch(struct try *t, struct bpf_insn *in)
{
	for (uint32_t i = 0; i < t->p->relocs.n; i++) {
		const struct image_reloc *r = &t->p->relocs.at[i];

		if (r->kind == RELOC_MAP || r->kind == RELOC_MAP_VALUE)
			in[r->insn].imm = t->ki->maps[r->map];
		if (r->kind == RELOC_KFUNC)
			in[r->insn].imm = (__s32)find_type(t->k, "", r->name, BTF_KIND_FUNC);
		if (r->kind == RELOC_KSYM && in[r->insn].src_reg) {
			uint32_t id = find_type(t->k, "", r->name, BTF_KIND_VAR);

			id = id ? id : find_type(t->k, "", r->name, BTF_KIND_FUNC);
			if (!id && !r->weak)
				return false;
			in[r->insn].src_reg = id ? BPF_PSEUDO_BTF_ID : 0;
			in[r->insn].imm = (__s32)id;
		}
	}
	return true;
}

static struct bpf_insn *
patched(struct try *t, struct arena *a)
{
	struct bpf_insn *in = arena_array(a, struct bpf_insn, t->p->ninsns);

	memcpy(in, t->p->insns, t->p->ninsns * sizeof *in);
	return patch(t, in) ? in : NULL;
}

/* errno or 0; the log is in k->log. */
static int
load(struct try *t, const struct bpf_insn *in, uint32_t level)
{
	const struct image_prog *p = t->p;
	struct sys_prog_load_attr attr = {
		.prog_type = p->type, .insns = sys_ptr(in), .insn_cnt = p->ninsns,
		.license = sys_ptr(p->license), .log_buf = sys_ptr(t->k->log),
		.log_size = KERNEL_LOG_SIZE, .log_level = level,
		.prog_flags = p->flags | (p->sleepable ? BPF_F_SLEEPABLE : 0),
		.expected_attach_type = p->expected_attach,
		.attach_btf_id = attach_id(t->k, p),
	};
	int fd;

	if (p->nfunc_info && t->ki->btf >= 0) {
		attr.prog_btf_fd = (uint32_t)t->ki->btf;
		attr.func_info = sys_ptr(p->func_info);
		attr.func_info_cnt = p->nfunc_info;
		attr.func_info_rec_size = sizeof *p->func_info;
	}
	if (p->nline_info && t->ki->btf >= 0) {
		attr.line_info = sys_ptr(p->line_info);
		attr.line_info_cnt = p->nline_info;
		attr.line_info_rec_size = sizeof *p->line_info;
	}
	t->k->log[0] = 0;
	fd = load_with(t->k, &attr);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static uint64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct outcome
judge(struct try *t, uint32_t level, struct arena *a)
{
	const struct bpf_insn *in = patched(t, a);
	struct outcome o = {.kind = OUTCOME_SKIP, .insn = -1, .message = ""}, logged = o;
	uint64_t start, spent;

	if (!in) {
		o.message = "it reads a variable this kernel does not have";
		return o;
	}
	start = cpu_ns();
	o.err = load(t, in, level ? level : 4);
	spent = cpu_ns() - start;
	if (o.err == -EAGAIN) {
		o.message = "the kernel takes too long";
		return o;
	}
	o.kind = o.err ? OUTCOME_REJECT : OUTCOME_ACCEPT;
	outcome_read_log(&o, t->k->log, a);
	/* The log counts what others ran meanwhile on this processor; the call cannot have. */
	if (o.ns > spent)
		o.ns = spent;
	/* A sandbox's word, not the verifier's; without capabilities, the kernel's own. */
	if (o.err == -EPERM && !o.message[0] && t->k->caps == VCAP_DEFAULT) {
		o.kind = OUTCOME_SKIP;
		o.message = "not permitted";
	}
	if (level || o.kind != OUTCOME_REJECT)
		return o;
	load(t, in, 1);
	outcome_read_log(&logged, t->k->log, a);
	o.insn = logged.insn;
	/* A log that was cut short is no reason to forget what the other said. */
	if (*logged.message)
		o.message = logged.message;
	return o;
}

void
kernel_image_open(struct kernel_image *ki, const struct image *im, struct arena *a)
{
	*ki = (struct kernel_image){.im = im, .nmaps = im->maps.n,
				    .maps = arena_array(a, int, im->maps.n + 1)};
	ki->btf = load_btf(im);
	for (uint32_t i = 0; i < im->maps.n; i++)
		ki->maps[i] = -1;
}

void
kernel_image_close(struct kernel_image *ki)
{
	for (uint32_t i = 0; i < ki->nmaps; i++)
		if (ki->maps[i] >= 0)
			close(ki->maps[i]);
	if (ki->im && ki->btf >= 0)
		close(ki->btf);
	if (ki->arena && ki->arena != MAP_FAILED)
		munmap(ki->arena, ki->arena_size);
	*ki = (struct kernel_image){0};
}

struct outcome
kernel_image_try(struct kernel *k, struct kernel_image *ki, const struct image_prog *p,
		 uint32_t log_level, struct arena *a)
{
	struct try t = {.k = k, .im = ki->im, .p = p, .ki = ki};
	struct outcome o = {.kind = OUTCOME_SKIP, .insn = -1, .message = ""};

	if (p->type == BPF_PROG_TYPE_EXT)
		o.message = "it extends a program that is not there";
	else if (has_target(p->type) && p->attach_target && !attach_id(k, p) &&
		 !fact_attach_many(p->expected_attach))
		o.message = "it is for something this kernel does not have";
	else if (make_maps(&t))
		o = judge(&t, log_level, a);
	else
		o.message = "a map cannot be made";
	forget_owned_maps(ki);
	return o;
}

struct outcome
kernel_try(struct kernel *k, const struct image *im, const struct image_prog *p,
	   uint32_t log_level, struct arena *a)
{
	struct kernel_image ki;
	struct outcome o;

	kernel_image_open(&ki, im, a);
	o = kernel_image_try(k, &ki, p, log_level, a);
	kernel_image_close(&ki);
	return o;
}
