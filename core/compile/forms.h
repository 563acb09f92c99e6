/* SPDX-License-Identifier: MIT */
/* forms.h: the table of built-in forms, forms.def: their names, arguments, documentation, and
 * the functions of lower/ that compile them. */
#ifndef VEERY_FORMS_H
#define VEERY_FORMS_H

#include "lang/lisp.h"

struct cg;
struct kval;

typedef struct kval (*form_fn)(struct cg *c, value form, uint32_t tag);

struct form {
	const char *name;
	int8_t min, max;	/* arguments; max -1: any number */
	uint32_t tag;
	form_fn lower;
	const char *syntax, *doc;
};
extern const struct form kforms[];
extern const uint32_t nkforms;

#define FORM(fn, name, min, max, tag, syntax, doc) \
	struct kval fn(struct cg *c, value form, uint32_t tag_);
#include "compile/forms.def"

#endif
