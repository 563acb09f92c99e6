/* SPDX-License-Identifier: MIT */
/* pages.c: the pages about codes. tests/unit/session/pages.c checks that each failing
 * program fails with its code and that the other one is accepted. */
#include "verifier-sim/verify.h"

static const struct vs_page pages[] = {
#define PAGE(code, protects, fails, passes, kernels) \
	{code, protects, fails, passes, kernels},
#include "pages.def"
#undef PAGE
};
enum { NPAGES = sizeof pages / sizeof *pages };

const struct vs_page *
verify_page(const char *code)
{
	for (size_t i = 0; i < NPAGES; i++)
		if (!strcmp(pages[i].code, code))
			return &pages[i];
	return NULL;
}

const struct vs_page *
verify_page_at(uint32_t i)
{
	return i < NPAGES ? &pages[i] : NULL;
}
