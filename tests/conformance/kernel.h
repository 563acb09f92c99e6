/* SPDX-License-Identifier: MIT */
/* kernel.h: the running kernel's verdict on an image's program. */
#ifndef VEERY_CONFORMANCE_KERNEL_H
#define VEERY_CONFORMANCE_KERNEL_H

#include "image/image.h"
#include "outcome.h"

struct kernel {
	char *log;		/* KERNEL_LOG_SIZE bytes */
	void *btf;		/* raw BTF of the running kernel, or null */
	size_t btf_size;
	struct btf *types;	/* the same, opened; or null */
	struct arena arena;
	char release[65];
	char cpus[12];		/* how many are possible, in decimal */
	bool name_maps;		/* all of them, as logs print names */
	uint32_t caps;		/* VCAP_* that programs are loaded with (maps are made with all) */
};

enum { KERNEL_LOG_SIZE = (1 << 24) - 1 };	/* the most that every kernel takes */

/* False with errno when bpf(2) is not allowed here with these capabilities (VCAP_*). */
bool kernel_open(struct kernel *k, uint32_t caps);
/* "bpf" or "none": what is left of the capabilities; null: all. False when it is no such. */
bool kernel_caps_named(const char *name, uint32_t *caps);
void kernel_close(struct kernel *k);
/* Creates the maps, loads the program, unloads everything. With `log_level` 0: statistics
 * first, then again with a log if it was rejected; otherwise one load with that level, and
 * the text stays in k->log. */
struct outcome kernel_try(struct kernel *k, const struct image *im, const struct image_prog *p,
			  uint32_t log_level, struct arena *a);

/* The same for several programs of one image, which share its maps and BTF. The image may be
 * gone when it is closed. */
struct kernel_image {
	const struct image *im;
	uint32_t nmaps;
	int btf;		/* -1 none */
	int *maps;		/* one per map of the image, -1 until a program asks */
	void *arena;
	size_t arena_size;
};

void kernel_image_open(struct kernel_image *ki, const struct image *im, struct arena *a);
void kernel_image_close(struct kernel_image *ki);
struct outcome kernel_image_try(struct kernel *k, struct kernel_image *ki,
				const struct image_prog *p, uint32_t log_level, struct arena *a);

#endif
