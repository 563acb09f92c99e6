/* SPDX-License-Identifier: MIT */
/* verify.h: the verifier, simulated. The whole public face of this folder.
 *
 * Pure: bytes in, verdict out; no system call, no global state, re-entrant. All results live
 * in the caller's arena. Usable without any other part of Veery but core/base, core/facts
 * and core/image. */
#ifndef VEERY_VERIFY_H
#define VEERY_VERIFY_H

#include "base/diag.h"
#include "image/image.h"

struct btf;
struct vs_env;

enum verdict {
	VERDICT_ACCEPT,
	VERDICT_REJECT,
	VERDICT_UNKNOWN,	/* something is not modelled: `unknown` names it */
	VERDICT_BUG,		/* our own fault: `unknown` says where */
};

enum {			/* capabilities the loading process is taken to have */
	VCAP_BPF = 1,
	VCAP_PERFMON = 2,
	VCAP_NET_ADMIN = 4,
	VCAP_SYS_ADMIN = 8,
	VCAP_DEFAULT = VCAP_BPF | VCAP_PERFMON | VCAP_NET_ADMIN,
};

/* Kernel types opened at the first question about them, and kept for the verifications that
 * follow with the same BTF. Starts with the arena alone. */
struct verify_types {
	struct arena *arena;
	struct btf *btf;
};

struct verify_opts {
	uint16_t kernel;	/* KVER of the profile to judge by (core/facts/facts.h) */
	uint32_t caps;		/* VCAP_* */
	uint32_t flags;		/* prog_flags as for BPF_PROG_LOAD, joined with the program's */
	uint32_t log_level;	/* 0 none, 1 and 2 as the kernel's, 4 statistics */
	const void *vmlinux_btf;	/* the profile's kernel BTF, or null when there is none */
	size_t vmlinux_btf_size;
	struct btf *vmlinux;	/* the same, opened (image/btf.h): saves opening it for every
				 * program. May be null. Its name index is made on first use:
				 * not for several threads at once. */
	struct verify_types *types;	/* the same, opened when asked for. May be null. */
	uint32_t cpus;		/* of the machine to run on (possible ones); 0: unknown */
	uint16_t patch;		/* of a stable series: 44 of 6.18.44; 0: unknown */
	/* How that kernel was built: 1 when the option ("CONFIG_KALLSYMS_ALL") is set, 0 when
	 * it is not, -1 when that is unknown. May be null. */
	int (*config)(void *user, const char *option);
	void *config_user;
	/* For tests of soundness: shown the state (env.h) before each instruction walked; and
	 * no path ends because an earlier one covers it, so that every path is shown. */
	void (*on_insn)(void *user, const struct vs_env *env);
	void *on_insn_user;
	bool no_prune;
	uint64_t insn_limit;	/* 0: the kernel's one million */
};

struct verify_result {
	enum verdict verdict;
	uint32_t insn;		/* where it was rejected (slot index) */
	const char *code;	/* "V0101", a row of errors.def; null when accepted */
	const char *kernel_message;	/* what the kernel's log ends with, without statistics */
	const char *unknown;	/* what is not modelled, or which assertion of ours failed */
	int err;		/* negative errno the kernel would answer, 0 when accepted */
	uint64_t processed;	/* instructions walked */
	uint32_t total_states, peak_states, max_states_per_insn;
	uint32_t stack_depth;
	uint64_t ns;		/* filled by the caller if it has a clock */
	str log;		/* in the kernel's format, when log_level asks */
};

/* Judge one program of an image. Always fills *r; memory comes from `a` (bounded: a program
 * at the kernel's limits stays under 256 MiB). */
void verify_prog(const struct image *im, const struct image_prog *p,
		 const struct verify_opts *o, struct arena *a, struct verify_result *r);

/* A code in words: one line that names the fault, and what to do about it. Null when there is
 * no such code. */
const char *verify_headline(const char *code);
const char *verify_help(const char *code);
/* The kernel's text as a printf format; several lines where it prints several. */
const char *verify_text(const char *code);
/* What `veery explain CODE` shows beyond that (explain/pages.def); null for codes without a page. */
struct vs_page {
	const char *code;
	const char *protects;	/* why there is such a rule */
	const char *fails;	/* a small program in our language that fails so */
	const char *passes;	/* the same with its fix */
	const char *kernels;	/* how kernels differ; may be empty */
};
const struct vs_page *verify_page(const char *code);
/* Why a code has no page; null when it has one. */
const char *verify_no_page(const char *code);
const struct vs_page *verify_page_at(uint32_t i);	/* null past the end */
const char *verify_code_at(uint32_t i);	/* the i-th code, null past the end */

#endif
