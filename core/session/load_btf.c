/* SPDX-License-Identifier: MIT */
/* load_btf.c: names of the running kernel that a program refers to, as BTF ids. */
#include "internal.h"

#include "facts/facts.h"
#include "image/btf.h"
#include "load.h"
#include "syscalls/bpf.h"

static struct btf *
kernel_btf(const struct load_request *rq, const char *what, struct diags *ds)
{
	struct btf *b = NULL;

	if (rq->vmlinux_btf)
		b = btf_open(rq->arena, rq->vmlinux_btf, rq->vmlinux_btf_size, NULL, NULL);
	if (!b) {
		struct diag *d = diag_error(ds, "K0023", rq->prog->at,
					    "`%s` uses %s, which needs the kernel's BTF",
					    rq->prog->lisp_name, what);

		diag_help(ds, d, "/sys/kernel/btf/vmlinux is not readable here: a kernel built with "
				 "CONFIG_DEBUG_INFO_BTF has it");
	}
	return b;
}

static bool
absent(const char *kind, const char *name, span at, struct diags *ds)
{
	struct diag *d = diag_error(ds, "K0024", at, "this kernel has no %s `%s`", kind, name);

	diag_help(ds, d, "bpftool btf dump file /sys/kernel/btf/vmlinux lists what it has; the name "
			 "may differ between kernel versions");
	return false;
}

bool
load_kernel_symbol(const struct load_request *rq, const struct image_reloc *r,
		   struct bpf_insn *in, struct diags *ds)
{
	bool func = r->kind == RELOC_KFUNC;
	struct btf *b = kernel_btf(rq, func ? "a kernel function" : "a kernel variable", ds);
	span at = rq->prog->src ? rq->prog->src[r->insn] : rq->prog->at;
	uint32_t id;

	if (!b)
		return false;
	id = btf_find(b, str_of(r->name), func ? BTF_KIND_FUNC : BTF_KIND_VAR);
	if (!id && !r->weak)
		return absent(func ? "kernel function" : "kernel variable", r->name, at, ds);
	if (func) {
		in->src_reg = BPF_PSEUDO_KFUNC_CALL;
		in->off = 0;
		in->imm = (int32_t)id;
	} else {
		in->src_reg = id ? BPF_PSEUDO_BTF_ID : 0;
		in->imm = (int32_t)id;
		in[1].imm = 0;
	}
	return true;
}

/* What attach types of TRACING and LSM look up, and how the type's name begins there
 * (kernel/bpf/btf.c: "btf_trace_", "bpf_lsm_", "bpf_iter_"). */
bool
load_attach_target(const struct load_request *rq, struct sys_prog_load_attr *attr,
		   struct diags *ds)
{
	const struct image_prog *p = rq->prog;
	const char *prefix = "", *kind = "function";
	uint32_t btf_kind = BTF_KIND_FUNC, id;
	struct btf *b;

	if (p->type != BPF_PROG_TYPE_TRACING && p->type != BPF_PROG_TYPE_LSM)
		return true;
	if (p->type == BPF_PROG_TYPE_TRACING && fact_attach_many(p->expected_attach))
		return true;	/* which functions is said when it is attached */
	if (p->type == BPF_PROG_TYPE_LSM) {
		prefix = "bpf_lsm_";
		kind = "LSM hook";
	} else if (p->expected_attach == BPF_TRACE_RAW_TP) {
		prefix = "btf_trace_";
		kind = "tracepoint";
		btf_kind = BTF_KIND_TYPEDEF;
	} else if (p->expected_attach == BPF_TRACE_ITER) {
		prefix = "bpf_iter_";
		kind = "iterator";
	}
	if (!p->attach_target || !*p->attach_target) {
		diag_error(ds, "K0025", p->at, "`%s` does not say which %s it is for: :section "
			   "\"%s/NAME\"", p->lisp_name, kind, p->section);
		return false;
	}
	b = kernel_btf(rq, "a hook named by BTF", ds);
	if (!b)
		return false;
	id = btf_find(b, str_of(arena_printf(rq->arena, "%s%s", prefix, p->attach_target)), btf_kind);
	if (!id)
		return absent(kind, p->attach_target, p->at, ds);
	attr->attach_btf_id = id;
	return true;
}
