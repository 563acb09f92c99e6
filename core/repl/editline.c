/* SPDX-License-Identifier: MIT */
/* editline.c: libedit, opened when a prompt begins on a terminal.
 *
 * It brings three libraries of its own; linked, they were 31 of the 155 page faults of a start,
 * of `veery check` and `veery run` too, which edit no lines. */
#include "editline.h"

#include <dlfcn.h>
#include <stddef.h>

bool
libedit_open(struct libedit *ed)
{
	/* Debian counts the library's versions on its own. */
	static const char *const sonames[] = {"libedit.so.2", "libedit.so.0"};
	void *handle = NULL;
	bool whole = true;

	for (size_t i = 0; i < 2 && !handle; i++)
		handle = dlopen(sonames[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!handle)
		return false;
#define LOOK_UP(name) \
	*(void **)&ed->name = dlsym(handle, #name); \
	whole &= ed->name != NULL;
	LIBEDIT(LOOK_UP)
#undef LOOK_UP
	return whole;
}
