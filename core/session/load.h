/* SPDX-License-Identifier: MIT */
/* load.h: an image's maps and programs into the kernel. Policy over syscalls/bpf.h: what to
 * retry, what to leave out on older kernels, and how to say what went wrong.
 *
 * Every failure adds one diag: what was tried, what the kernel answered (errno by name and
 * its own words), and what a person can do (the missing capability or kernel option by
 * name). A verifier rejection is told from its log (logged.h), under the verifier's code, or
 * K0020 when its words are unknown; nothing else is ever reported as one. */
#ifndef VEERY_LOAD_H
#define VEERY_LOAD_H

#include "base/diag.h"
#include "image/image.h"

/* Create the map; the fd, or negative errno after adding a diag at `at`. Inner maps are
 * created (and closed again) as templates. Map BTF (key and value types) is given when
 * `btf_fd` >= 0 and left out when the kernel refuses it. */
int load_map(const struct image_map *m, int btf_fd, span at, struct diags *ds);
/* pin.c: the map at m->pin, or if there is none a new one that is pinned there. */
int load_pinned_map(const struct image_map *m, int btf_fd, span at, struct diags *ds);

/* The image's BTF loaded; -1 when there is none or the kernel takes none (then a warning is
 * not worth a line: programs load without). */
int load_btf(const struct image *im);

struct load_request {
	const struct image *image;
	const struct image_prog *prog;
	const int *map_fds;	/* one per image.maps */
	int btf_fd;		/* of load_btf, or -1 */
	/* The running kernel's BTF, for kfuncs, kernel variables and attach targets; or null. */
	const void *vmlinux_btf;
	size_t vmlinux_btf_size;
	struct arena *arena;	/* for the patched instructions and the log */
	uint32_t log_level;	/* 0: a log only on failure */
};

struct load_result {
	int fd;			/* negative errno when not loaded */
	uint64_t ns;		/* spent in BPF_PROG_LOAD (the successful or last call) */
	bool rejected;		/* by the verifier, which said why */
	str log;		/* complete verifier log when one was asked for or it failed */
	uint64_t verified_insns;	/* from bpf_prog_info, 0 when unknown */
};

/* Load one program: patches relocations in a copy of its instructions, loads with BTF
 * (without, when the kernel refuses that), and on a rejection loads again for the log. */
bool load_program(const struct load_request *rq, struct load_result *out, struct diags *ds);

/* May this process load programs at all? Fills a diag's worth of reasons into `why` (arena
 * text, several lines) when not: missing capability, kernel.unprivileged_bpf_disabled... */
bool load_allowed(struct arena *a, const char **why);

#endif
