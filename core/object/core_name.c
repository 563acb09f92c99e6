/* SPDX-License-Identifier: MIT */
/* core_name.c: what a CO-RE record asks for, as its source would write it. */
#include "core_relo.h"

#include <stdlib.h>

enum { FIRST_TYPE_KIND = 6, FIRST_ENUM_KIND = 10 };	/* enum bpf_core_relo_kind */

/* "0:1:2": the first index is of the object itself, each further one of a member or element. */
static void
write_members(struct buf *b, const struct btf *btf, uint32_t type, const char *access)
{
	char *at;

	strtoul(access, &at, 10);
	while (*at == ':') {
		uint32_t i = (uint32_t)strtoul(at + 1, &at, 10);
		const struct btf_array *array;
		struct btf_field f;

		type = btf_resolve(btf, type);
		array = btf_array_of(btf, type);
		if (array) {
			buf_printf(b, "[%u]", i);
			type = array->type;
		} else if (btf_member(btf, type, i, &f)) {
			if (*f.name)
				buf_printf(b, ".%s", f.name);
			type = f.type;
		} else {
			return;
		}
	}
}

const char *
core_name(struct arena *a, const struct btf *btf, uint32_t type, const char *access,
	  uint32_t kind)
{
	struct buf b = buf_new(a);
	const char *name;
	int64_t value;

	btf_write_type(btf, type, &b);
	if (kind >= FIRST_ENUM_KIND) {
		if (btf_enumerator(btf, btf_resolve(btf, type), (uint32_t)strtoul(access, NULL, 10),
				   &name, &value))
			buf_printf(&b, ": %s", name);
	} else if (kind < FIRST_TYPE_KIND) {
		write_members(&b, btf, type, access);
	}
	return b.n ? b.at : "?";
}
