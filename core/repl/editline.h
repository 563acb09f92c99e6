/* SPDX-License-Identifier: MIT */
/* editline.h: libedit, opened when a prompt begins on a terminal. */
#ifndef VEERY_EDITLINE_H
#define VEERY_EDITLINE_H

#include <histedit.h>
#include <stdbool.h>

/* What the prompt calls, by its name in histedit.h. */
#define LIBEDIT(X) X(el_init) X(el_end) X(el_reset) X(el_gets) X(el_set) X(el_get) X(el_line) \
	X(el_insertstr) X(el_source) X(history_init) X(history_end) X(history)

struct libedit {
#define FIELD(name) __typeof__(name) *name;
	LIBEDIT(FIELD)
#undef FIELD
};

/* False when the library is not installed or lacks one of them. It stays open to the end. */
bool libedit_open(struct libedit *ed);

#endif
