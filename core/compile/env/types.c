/* SPDX-License-Identifier: MIT */
/* types.c: the integer types by name. */
#include "compile/env/kenv.h"

static const struct { const char *name; kty ty; } types[] = {
	{"u8", {KT_INT, 1, false, 0}}, {"u16", {KT_INT, 2, false, 0}},
	{"u32", {KT_INT, 4, false, 0}}, {"u64", {KT_INT, 8, false, 0}},
	{"i8", {KT_INT, 1, true, 0}}, {"i16", {KT_INT, 2, true, 0}},
	{"i32", {KT_INT, 4, true, 0}}, {"i64", {KT_INT, 8, true, 0}},
};

bool
kty_named(str name, kty *out)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (str_is(name, types[i].name)) {
			*out = types[i].ty;
			return true;
		}
	}
	return false;
}

const char *
kty_name(kty t)
{
	if (t.kind == KT_PTR)
		return "pointer";
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (t.kind == KT_INT && types[i].ty.size == t.size &&
		    types[i].ty.is_signed == t.is_signed)
			return types[i].name;
	return "nothing";
}
