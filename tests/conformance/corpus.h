/* SPDX-License-Identifier: MIT */
/* corpus.h: programs to judge, from either source: the kernel's hand-made verifier tests, or
 * a directory of compiled objects. */
#ifndef VEERY_CORPUS_H
#define VEERY_CORPUS_H

#include "base/arena.h"
#include "image/image.h"

enum corpus_expect { EXPECT_ACCEPT, EXPECT_REJECT };

struct corpus_case {
	const char *name;
	const char *file;	/* "calls.c" */
	const struct image *im;
	const struct image_prog *prog;
	/* What the tests' authors say, for the kernel the arrays came with. The text is a part
	 * of the log, or several separated by tabs; null or empty when they do not say. */
	enum corpus_expect expect, expect_unpriv;
	const char *text, *text_unpriv;
	bool unpriv;		/* loading without privilege is meant to be tried */
};

struct corpus {
	uint32_t count;
	const char *(*name)(void *self, uint32_t i);
	/* Case i; what it needs is in the arena, or lasts until the next call. */
	void (*get)(void *self, uint32_t i, struct arena *a, struct corpus_case *c);
	void *self;
};

/* corpus.c: the kernel's arrays; fixups become maps and relocations. */
struct corpus corpus_of_arrays(void);
/* Identifies the program of a case whatever its place in the corpus. */
uint64_t corpus_key(const struct corpus_case *c);

/* objects.c: every program of every *.o file of a directory, read with the kernel types
 * `btf` for CO-RE. Says on stderr what cannot be read. */
struct objects_opts {
	const char *dir;
	const void *btf;
	size_t btf_size;
	uint16_t kernel;
};
/* A whole file into the arena; null when it cannot be read. */
void *corpus_read_file(struct arena *a, const char *path, size_t *n);
struct corpus corpus_of_objects(const struct objects_opts *o, struct arena *a);

/* mutate.c: `each` broken variants of every program of another corpus. The same seed makes
 * the same variants. */
struct corpus corpus_of_mutants(const struct corpus *base, uint32_t each, uint64_t seed,
				struct arena *a);

#endif
