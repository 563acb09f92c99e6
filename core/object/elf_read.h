/* SPDX-License-Identifier: MIT */
/* elf_read.h: a compiled BPF object (clang, gcc, Rust) as an image.
 *
 * What libbpf does before it loads an object: maps from `.maps` and `maps`, one map for each
 * data section, programs by section with the subprograms they call appended, CO-RE against
 * the given kernel types, kernel symbols as relocations. Nothing is loaded and no file is
 * read: pure, like the verifier it feeds. */
#ifndef VEERY_ELF_READ_H
#define VEERY_ELF_READ_H

#include "base/diag.h"
#include "image/image.h"

struct elf_opts {
	/* The types CO-RE resolves against; null: instructions stay as compiled. */
	const void *target_btf;
	size_t target_btf_size;
	uint16_t kernel;		/* KVER for LINUX_KERNEL_VERSION */
	str kconfig;			/* CONFIG_X=y lines, for __kconfig variables; may be empty */
	/* "NAME=VALUE": values of global variables before anything is verified. */
	const char *const *sets;
	uint32_t nsets;
	/* Instead of what the section names say (0: sections decide). */
	uint32_t type, attach;
	/* A source file the object names: its text in *text, false when there is none. It is
	 * used when it agrees with the lines that the object quotes. May be null. */
	bool (*source)(void *user, const char *name, str *text);
	void *source_user;
};

/* Null when the file cannot be read at all. Otherwise an image of the programs that are whole:
 * what is wrong with others is in `ds`. `name` is the file's, for messages. */
struct image *elf_read(const void *bytes, size_t n, const char *name,
		       const struct elf_opts *o, struct sources *sources, struct arena *a,
		       struct diags *ds);

/* A global variable of the object, for --set and for notes about switches. */
struct elf_var {
	const char *name;
	uint32_t map, offset, size;	/* where it lies: index in image.maps */
	bool read_only, is_bool;
};
/* The i-th variable of a data section, in BTF order; false past the end. */
bool elf_var(const struct image *im, uint32_t i, struct elf_var *out);

#endif
