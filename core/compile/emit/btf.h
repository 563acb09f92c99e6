/* SPDX-License-Identifier: MIT */
/* btf.h: the BTF of a program whose instructions are there. */
#ifndef VEERY_EMIT_BTF_H
#define VEERY_EMIT_BTF_H

struct cg;

/* btf.c: functions, lines, types of maps, and what core.c adds; into the image. */
void cg_btf(struct cg *c);
/* core.c: CO-RE records and the kernel's types they speak of. */
void cg_btf_cores(struct cg *c);

#endif
