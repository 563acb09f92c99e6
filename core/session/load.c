/* SPDX-License-Identifier: MIT */
/* load.c: see load.h. A failed load is classified before it is reported: not permitted,
 * unknown to this kernel, malformed, or rejected by the verifier; in that order, and never
 * one as another. */
#include "load.h"

#include "base/buf.h"
#include "facts/facts.h"
#include "check.h"
#include "internal.h"
#include "logged.h"
#include "reasons.h"
#include "syscalls/bpf.h"
#include "syscalls/cpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- what this process may do ---------------------------------------------------------- */

bool
load_allowed(struct arena *a, const char **why)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT},
	};
	struct sys_prog_load_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP, .insn_cnt = 2, .insns = sys_ptr(nothing),
		.license = sys_ptr("GPL"),
	};
	int fd = sys_prog_load(&attr);

	*why = NULL;
	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (fd == -ENOSYS)
		*why = "this kernel was built without CONFIG_BPF_SYSCALL";
	else if (fd == -EPERM || fd == -EACCES)
		*why = reason_permission(a, sys_caps_for_prog(BPF_PROG_TYPE_EXT));
	else
		*why = arena_printf(a, "loading an empty program fails: %s", reason_error(fd));
	return false;
}

/* ---- maps ------------------------------------------------------------------------------ */

/* Kernels before 5.11 charge maps to RLIMIT_MEMLOCK and answer EPERM. */
static bool
raise_memlock(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_MEMLOCK, &r) < 0 || r.rlim_cur == RLIM_INFINITY)
		return false;
	r.rlim_cur = r.rlim_max = RLIM_INFINITY;
	return setrlimit(RLIMIT_MEMLOCK, &r) == 0;
}

static void
explain_map_failure(const struct image_map *m, int err, span at, struct diags *ds)
{
	const struct fact_map_type *t = fact_map_type(m->type);
	struct diag *d = diag_error(ds, "K0010", at, "cannot create map `%s`: %s", m->lisp_name,
				    reason_error(err));
	uint16_t here = check_running_kernel();
	const char *option = err == -EINVAL ? reason_option_of_map(m->type) : NULL;

	if (option)
		option = reason_option(ds->arena, option);
	d->err = -err;
	d->kernel = arena_printf(ds->arena, "BPF_MAP_CREATE: %s", reason_error(err));
	diag_note(ds, d, "tried: type %s, key %u bytes, value %u bytes, %u entries, flags %#x",
		  t ? t->name : "?", m->key_size, m->value_size, m->max_entries, m->flags);
	if (err == -EPERM)
		diag_help(ds, d, "%s", reason_permission(ds->arena,
							 sys_caps_for_map(m->type)));
	else if (t && here && t->since > here)
		diag_help(ds, d, "maps of type %s exist since Linux %u.%u; this is %u.%u", t->name,
			  t->since >> 8, t->since & 0xff, here >> 8, here & 0xff);
	else if (m->type == BPF_MAP_TYPE_PERCPU_ARRAY && m->data && here &&
		 here < fact_feature_since(FACT_HAS_PERCPU_DATA))
		diag_help(ds, d, "%s exist since Linux 7.3; this is %u.%u",
			  fact_feature_what(FACT_HAS_PERCPU_DATA), here >> 8, here & 0xff);
	else if (option)
		diag_help(ds, d, "%s", option);
	else if (m->type == BPF_MAP_TYPE_RINGBUF && err == -EINVAL)
		diag_help(ds, d, "a ring buffer's :max-entries is its size in bytes: a power of two "
				 "and a multiple of the page size (%ld)", sysconf(_SC_PAGESIZE));
	else if (err == -EINVAL && m->type == BPF_MAP_TYPE_ARRAY && m->key_size != 4)
		diag_help(ds, d, "keys of an array map are 4 bytes");
	else if (err == -ENOMEM || err == -E2BIG)
		diag_help(ds, d, "make it smaller: :max-entries or the value's size");
}

static int
create_map(const struct image_map *m, int btf_fd)
{
	struct sys_map_create_attr attr = {
		.map_type = m->type, .key_size = m->key_size, .value_size = m->value_size,
		.max_entries = m->max_entries, .map_flags = m->flags, .map_extra = m->extra,
	};
	int inner = -1, fd;

	if (m->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !attr.max_entries)
		attr.max_entries = sys_cpus_possible();
	if (m->inner) {
		inner = create_map(m->inner, -1);
		if (inner < 0)
			return inner;
		attr.inner_map_fd = (uint32_t)inner;
	}
	sys_name(attr.map_name, m->name);
	if (btf_fd >= 0 && m->value_type_id) {
		attr.btf_fd = (uint32_t)btf_fd;
		attr.btf_key_type_id = m->key_type_id;
		attr.btf_value_type_id = m->value_type_id;
	}
	fd = sys_map_create(&attr);
	if (fd == -EPERM && raise_memlock())
		fd = sys_map_create(&attr);
	if (fd < 0 && attr.btf_fd) {
		attr.btf_fd = attr.btf_key_type_id = attr.btf_value_type_id = 0;
		fd = sys_map_create(&attr);
	}
	if (inner >= 0)
		close(inner);
	return fd;
}

/* Mapping an arena decides where it lies, which programs are compiled for; what is written
 * there stays when it is unmapped. */
static int
fill_arena(const struct image_map *m, int fd)
{
	size_t size = (size_t)m->max_entries * (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap((void *)(uintptr_t)m->extra, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | (m->extra ? MAP_FIXED_NOREPLACE : 0), fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	if (m->data && m->data_size <= size)
		memcpy(p, m->data, m->data_size);
	munmap(p, size);
	return 0;
}

int
load_map(const struct image_map *m, int btf_fd, span at, struct diags *ds)
{
	enum { UPDATE_ALL_CPUS = 16 };	/* since 7.0 */
	int fd = create_map(m, btf_fd), err = 0;
	uint32_t zero = 0;

	if (fd < 0) {
		explain_map_failure(m, fd, at, ds);
		return fd;
	}
	if (m->type == FACT_MAP_ARENA)
		err = fill_arena(m, fd);
	else if (m->data)
		err = sys_map_update(fd, &zero, m->data, m->type == BPF_MAP_TYPE_PERCPU_ARRAY
				     ? UPDATE_ALL_CPUS : 0);
	if (!err && m->read_only)
		err = sys_map_freeze(fd);
	if (err) {
		diag_error(ds, "K0011", at, "cannot fill map `%s`: %s", m->lisp_name,
			   reason_error(err));
		close(fd);
		return err;
	}
	return fd;
}

int
load_btf(const struct image *im)
{
	int fd = im->btf ? sys_btf_load(im->btf, im->btf_size, NULL) : -1;

	return fd < 0 ? -1 : fd;
}

/* ---- programs -------------------------------------------------------------------------- */

static bool
relocate(const struct load_request *rq, struct bpf_insn *insns, struct diags *ds)
{
	const struct image_prog *p = rq->prog;

	for (uint32_t i = 0; i < p->relocs.n; i++) {
		const struct image_reloc *r = &p->relocs.at[i];
		struct bpf_insn *in = &insns[r->insn];

		switch (r->kind) {
		case RELOC_MAP:
			in->src_reg = BPF_PSEUDO_MAP_FD;
			in->imm = rq->map_fds[r->map];
			break;
		case RELOC_MAP_VALUE:
			in->src_reg = BPF_PSEUDO_MAP_VALUE;
			in->imm = rq->map_fds[r->map];
			in[1].imm = (int32_t)r->addend;
			break;
		case RELOC_FUNC:
			in->src_reg = BPF_PSEUDO_FUNC;
			break;
		case RELOC_KFUNC:
		case RELOC_KSYM:
			if (!load_kernel_symbol(rq, r, in, ds))
				return false;
			break;
		}
	}
	return true;
}

static void
explain_einval(const struct load_request *rq, struct diag *d, struct diags *ds)
{
	const struct fact_prog_type *t = fact_prog_type(rq->prog->type);
	const struct fact_attach_type *at = fact_attach_type(rq->prog->expected_attach);
	const char *option = reason_option_of_prog(rq->prog->type);
	uint16_t here = check_running_kernel();

	if (option)
		option = reason_option(ds->arena, option);

	if (t && here && t->since > here)
		diag_help(ds, d, "programs of type %s exist since Linux %u.%u; this is %u.%u",
			  t->name, t->since >> 8, t->since & 0xff, here >> 8, here & 0xff);
	else if (at && rq->prog->expected_attach && here && at->since > here)
		diag_help(ds, d, "attach type %s exists since Linux %u.%u; this is %u.%u", at->name,
			  at->since >> 8, at->since & 0xff, here >> 8, here & 0xff);
	else if (option)
		diag_help(ds, d, "%s", option);
	else
		diag_note(ds, d, "the kernel refused the request before verifying it: program type "
				 "%s, attach type %s, flags %#x",
			  t ? t->name : "?", at ? at->name : "?", rq->prog->flags);
}

/* What the verifier said, told from its log. Null when it said nothing. */
static struct diag *
explain_log(const struct load_request *rq, str log, struct diags *ds)
{
	struct log_read read;
	struct logged l = {.log = &read, .image = rq->image, .prog = rq->prog,
			   .sources = rq->image->sources};
	struct diag *d;

	log_parse(log.p ? log.p : "", log.n, ds->arena, &read);
	if (!read.message)
		return NULL;
	d = logged_report(ds, &l);
	diag_note(ds, d, "the kernel's verifier rejects `%s`; (why) shows its complete log",
		  rq->prog->lisp_name);
	return d;
}

static void
explain_failure(const struct load_request *rq, int err, struct load_result *out,
		struct diags *ds)
{
	const char *name = rq->prog->lisp_name;
	struct diag *d = explain_log(rq, out->log, ds);

	out->rejected = d != NULL;
	if (d)
		return;
	d = diag_error(ds, err == -EPERM || err == -EACCES ? "K0021" : "K0022", rq->prog->at,
		       "cannot load `%s`: %s", name, reason_error(err));
	d->err = -err;
	d->kernel = arena_printf(ds->arena, "BPF_PROG_LOAD: %s", reason_error(err));
	if (err == -EPERM || err == -EACCES)
		diag_help(ds, d, "%s", reason_permission(ds->arena,
							 sys_caps_for_prog(rq->prog->type)));
	else if (err == -EINVAL)
		explain_einval(rq, d, ds);
	else if (err == -E2BIG)
		diag_help(ds, d, "%u instructions are more than this process may load (4,096 "
				 "without CAP_BPF, a million with it)", rq->prog->ninsns);
	else if (err == -ENOSYS)
		diag_help(ds, d, "this kernel was built without CONFIG_BPF_SYSCALL");
	else if (err == -ENOMEM)
		diag_help(ds, d, "the kernel ran out of memory for the program or its JIT "
				 "(net.core.bpf_jit_limit)");
}

static void
fill_info(const struct load_request *rq, struct sys_prog_load_attr *attr, bool with_btf)
{
	const struct image_prog *p = rq->prog;

	attr->prog_btf_fd = 0;
	attr->func_info_cnt = attr->line_info_cnt = 0;
	attr->func_info = attr->line_info = 0;
	attr->func_info_rec_size = attr->line_info_rec_size = 0;
	if (!with_btf || rq->btf_fd < 0)
		return;
	attr->prog_btf_fd = (uint32_t)rq->btf_fd;
	if (p->nfunc_info) {
		attr->func_info = sys_ptr(p->func_info);
		attr->func_info_cnt = p->nfunc_info;
		attr->func_info_rec_size = sizeof *p->func_info;
	}
	if (p->nline_info) {
		attr->line_info = sys_ptr(p->line_info);
		attr->line_info_cnt = p->nline_info;
		attr->line_info_rec_size = sizeof *p->line_info;
	}
}

static int
try_load(const struct load_request *rq, struct sys_prog_load_attr *attr, struct sys_log *log,
	 uint64_t *ns)
{
	uint64_t start = session_clock_ns();
	int fd = sys_prog_load_log(attr, rq->log_level ? SYS_LOG_ALWAYS : SYS_LOG_ON_FAILURE, log);

	*ns = session_clock_ns() - start;
	/* Also what the verifier answers when too many branches are open: then it has words. */
	if ((fd == -E2BIG || fd == -EFAULT) && !log->text)
		return sys_prog_load_log(attr, SYS_LOG_ALWAYS, log);
	return fd;
}

bool
load_program(const struct load_request *rq, struct load_result *out, struct diags *ds)
{
	const struct image_prog *p = rq->prog;
	size_t size = p->ninsns * sizeof *p->insns;
	struct bpf_insn *insns = arena_alloc(rq->arena, size);
	struct sys_prog_load_attr attr = {
		.prog_type = p->type, .insn_cnt = p->ninsns, .insns = sys_ptr(insns),
		.license = sys_ptr(p->license), .prog_flags = p->flags,
		.expected_attach_type = p->expected_attach, .log_level = rq->log_level,
	};
	struct sys_log log = {0};

	*out = (struct load_result){.fd = -EINVAL};
	memcpy(insns, p->insns, size);
	if (!relocate(rq, insns, ds) || !load_attach_target(rq, &attr, ds))
		return false;
	if (p->sleepable)
		attr.prog_flags |= BPF_F_SLEEPABLE;
	sys_name(attr.prog_name, p->name);
	fill_info(rq, &attr, true);
	out->fd = try_load(rq, &attr, &log, &out->ns);
	/* Old kernels do not know BTF kinds that we use: load without it. */
	if (out->fd == -EINVAL && !log.size && rq->btf_fd >= 0) {
		fill_info(rq, &attr, false);
		out->fd = try_load(rq, &attr, &log, &out->ns);
	}
	if (log.text)
		out->log = (str){arena_strndup(rq->arena, log.text, log.size), log.size};
	sys_log_free(&log);
	if (out->fd < 0)
		explain_failure(rq, out->fd, out, ds);
	return out->fd >= 0;
}
