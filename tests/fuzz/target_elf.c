/* SPDX-License-Identifier: MIT */
/* target_elf.c: libFuzzer target: any bytes as an object file. */
#include "object/elf_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_opts o = {.kernel = 6 << 8 | 12};
	struct sources sources;
	struct arena a;
	struct diags ds;

	arena_init(&a);
	sources_init(&sources);
	diags_init(&ds, &a);
	elf_read(data, size, "fuzz.o", &o, &sources, &a, &ds);
	sources_free(&sources);
	arena_free(&a);
	return 0;
}
