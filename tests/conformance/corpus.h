/* SPDX-License-Identifier: MIT */
/* corpus.h: the kernel's hand-made verifier tests as images. */
#ifndef VEERY_CORPUS_H
#define VEERY_CORPUS_H

#include "base/arena.h"
#include "image/image.h"

enum corpus_expect { EXPECT_ACCEPT, EXPECT_REJECT };

struct corpus_case {
	const char *name;
	const char *file;	/* "calls.c" */
	struct image *im;
	struct image_prog *prog;	/* im->progs.at[0] */
	/* What the tests' authors say, for the kernel the arrays came with. The text is a part
	 * of the log, or several separated by tabs; null or empty when they do not say. */
	enum corpus_expect expect, expect_unpriv;
	const char *text, *text_unpriv;
	bool unpriv;		/* loading without privilege is meant to be tried */
};

uint32_t corpus_count(void);
const char *corpus_name(uint32_t i);
/* Build case i in the arena: fixups become maps and relocations. */
void corpus_get(uint32_t i, struct arena *a, struct corpus_case *c);
/* Identifies the program of a case whatever its place in the corpus. */
uint64_t corpus_key(const struct corpus_case *c);

#endif
