/* SPDX-License-Identifier: MIT */
/* elf_write.h: an image as an ELF object that libbpf, bpftool and ip load. */
#ifndef VEERY_ELF_WRITE_H
#define VEERY_ELF_WRITE_H

#include "base/diag.h"
#include "image/image.h"

/* Write every program and map of the image to `path`: BTF-defined .maps, one section per
 * program section, .BTF and .BTF.ext with line info naming the sources, CO-RE relocations,
 * license, symbols. Written to a temporary file beside it and renamed, so that `path` is
 * whole or untouched. False after adding a diag. */
bool elf_write(const struct image *im, const char *path, struct diags *ds);

#endif
