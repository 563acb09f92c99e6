/* SPDX-License-Identifier: MIT */
/* gen.c: `veery compile --gen LANGUAGE`: what a program shares with whoever reads its maps:
 * every defstruct with the layout it has in the kernel, and every integer defconstant. One row
 * of `languages` says how a language spells things; where a field's own padding is not what
 * the language would choose, the layout is the kernel's by explicit padding. */
#include "gen.h"

#include "base/buf.h"
#include "compile/compile.h"
#include "session/session.h"

#include <ctype.h>
#include <stdio.h>

struct language {
	const char *name, *suffix;	/* of the file */
	const char *head;
	const char *struct_begin;	/* %s: the struct's name */
	const char *struct_end;		/* %s: name, %u: size */
	const char *field;		/* type, name */
	bool type_first;
	const char *array;		/* %s: type, %u: count */
	const char *constant;		/* name, number */
	const char *names[2][4];	/* integers: unsigned, signed; 1, 2, 4, 8 bytes */
	bool camel;			/* names of structs and fields in CamelCase */
};

static const struct language languages[] = {
	{"c", ".h", "#pragma once\n#include <stdint.h>\n\n", "struct %s {\n",
	 "};\n_Static_assert(sizeof(struct %s) == %u, \"layout\");\n\n", "\t%s %s;\n", true, NULL,
	 "#define %s %lld\n", {{"uint8_t", "uint16_t", "uint32_t", "uint64_t"},
			       {"int8_t", "int16_t", "int32_t", "int64_t"}}, false},
	{"go", "_types.go", "package main\n\n", "type %s struct {\n", "} // %.0s%u bytes\n\n",
	 "\t%s %s\n", false, "[%u]%s", "const %s = %lld\n",
	 {{"uint8", "uint16", "uint32", "uint64"}, {"int8", "int16", "int32", "int64"}}, true},
	{"rust", "_types.rs", "", "#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct %s {\n",
	 "}\nconst _: () = assert!(core::mem::size_of::<%s>() == %u);\n\n", "    pub %s: %s,\n",
	 false, "[%2$s; %1$u]", "pub const %s: i64 = %lld;\n",
	 {{"u8", "u16", "u32", "u64"}, {"i8", "i16", "i32", "i64"}}, false},
	{"python", "_types.py", "import ctypes\n\n",
	 "class %s(ctypes.Structure):\n    _fields_ = [\n", "    ]\nassert ctypes.sizeof(%s) == %u\n\n",
	 "        (\"%s\", %s),\n", false, "%2$s * %1$u", "%s = %lld\n",
	 {{"ctypes.c_uint8", "ctypes.c_uint16", "ctypes.c_uint32", "ctypes.c_uint64"},
	  {"ctypes.c_int8", "ctypes.c_int16", "ctypes.c_int32", "ctypes.c_int64"}}, false},
	{"lisp", "_types.lisp", "", "(defstruct %s", ") ; %.0s%u bytes\n\n", "\n  (%s %s)", false,
	 "(array %2$s %1$u)", "(defconstant %s %lld)\n",
	 {{"u8", "u16", "u32", "u64"}, {"i8", "i16", "i32", "i64"}}, false},
};

bool
gen_knows(const char *language)
{
	for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
		if (strcmp(languages[i].name, language) == 0)
			return true;
	return strcmp(language, "all") == 0;
}

/* Rust's keywords can be names when they are marked. */
static const char *
rust_name(struct arena *a, const char *name)
{
	static const char *const keywords[] = {
		"as", "box", "const", "dyn", "else", "enum", "extern", "final", "fn", "for", "if",
		"impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
		"static", "struct", "trait", "type", "union", "unsafe", "use", "where", "while"};

	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (strcmp(keywords[i], name) == 0)
			return arena_printf(a, "r#%s", name);
	return name;
}

/* packet-count: packet_count, PacketCount or as it is. */
static const char *
spelled(struct arena *a, const struct language *g, const char *name, bool type)
{
	char *s = arena_strdup(a, name), *out = s;
	bool capital = true, rust_type = type && strcmp(g->name, "rust") == 0;

	if (strcmp(g->name, "lisp") == 0)
		return s;
	for (const char *p = name; *p; p++) {
		if (g->camel || rust_type) {
			if (isalnum((unsigned char)*p))
				*out++ = (char)(capital ? toupper((unsigned char)*p) : *p);
			capital = !isalnum((unsigned char)*p);
		} else {
			*out++ = isalnum((unsigned char)*p) ? *p : '_';
		}
	}
	*out = 0;
	return strcmp(g->name, "rust") == 0 && !type ? rust_name(a, s) : s;
}

/* +max-paths+: MAX_PATHS. */
static const char *
constant_name(struct arena *a, const struct language *g, const char *name)
{
	char *s = arena_strdup(a, name), *out = s;

	if (strcmp(g->name, "lisp") == 0)
		return s;
	for (const char *p = name; *p; p++)
		if (isalnum((unsigned char)*p) || (*p == '-' && out != s && p[1]))
			*out++ = (char)(*p == '-' ? '_' : toupper((unsigned char)*p));
	*out = 0;
	return s;
}

static void
put_field(struct buf *b, struct arena *a, const struct language *g, const char *type, const char *name,
	  uint32_t count, bool is_array)
{
	if (is_array && !g->array)	/* C has the count behind the name */
		name = arena_printf(a, "%s[%u]", name, count);
	else if (is_array)
		type = arena_printf(a, g->array, count, type);
	buf_printf(b, g->field, g->type_first ? type : name, g->type_first ? name : type);
}

static void
put_padding(struct buf *b, struct arena *a, const struct language *g, uint32_t *at, uint32_t to,
	    unsigned *pads)
{
	if (to <= *at || strcmp(g->name, "lisp") == 0)
		return;
	put_field(b, a, g, g->names[0][0],
		  arena_printf(a, g->camel ? "Pad%u" : "pad%u", (*pads)++), to - *at, true);
	*at = to;
}

static const char *
type_of(struct arena *a, const struct language *g, const struct kenv_field *f)
{
	if (f->struct_name)
		return arena_printf(a, strcmp(g->name, "c") == 0 ? "struct %s" : "%s",
				    spelled(a, g, f->struct_name, true));
	return g->names[f->is_signed][__builtin_ctz(f->size)];
}

/* Bit fields that share a unit are that unit: readers take them apart. */
static void
put_struct(struct buf *b, struct arena *a, const struct language *g, const struct kenv_struct *st)
{
	const char *name = spelled(a, g, st->name, true);
	uint32_t at = 0;
	unsigned pads = 0;

	buf_printf(b, g->struct_begin, name);
	for (uint32_t i = 0; i < st->nfields; i++) {
		const struct kenv_field *f = &st->fields[i];

		if (f->offset < at)
			continue;
		put_padding(b, a, g, &at, f->offset, &pads);
		put_field(b, a, g, type_of(a, g, f), spelled(a, g, f->name, false), f->count,
			  f->is_array);
		at = f->offset + f->size * f->count;
	}
	put_padding(b, a, g, &at, st->size, &pads);
	buf_printf(b, g->struct_end, name, st->size);
}

static void
put_constants(struct buf *b, struct arena *a, const struct language *g, struct lisp *l)
{
	const struct symbol *s;
	__int128 n;

	for (uint32_t id = 1; (s = lisp_symbol_at(l, id)) != NULL; id++)
		if (lisp_user_constant(s) && as_int128(s->global, &n) && n >= INT64_MIN &&
		    n <= INT64_MAX)
			buf_printf(b, g->constant, constant_name(a, g, arena_strndup(a, s->name.p,
								 s->name.n)), (long long)n);
	buf_putc(b, '\n');
}

static int
write_one(struct work *w, const struct language *g, const char *stem)
{
	const char *path = arena_printf(&w->arena, "%s%s", stem, g->suffix);
	struct kenv *k = session_kenv(w->session);
	struct buf b = buf_new(&w->arena);
	const struct kenv_struct *st;
	FILE *f;

	buf_puts(&b, g->head);
	put_constants(&b, &w->arena, g, session_lisp(w->session));
	for (uint32_t i = 0; (st = kenv_struct_at(k, i)) != NULL; i++)
		put_struct(&b, &w->arena, g, st);
	f = fopen(path, "we");
	if (!f || fwrite(b.at, 1, b.n, f) != b.n || fclose(f))
		return cli_usage("cannot write %s", path);
	printf("%s\n", path);
	return STATUS_OK;
}

/* "dir/name" of "dir/name.bpf.o". */
static const char *
stem_of(struct arena *a, const char *object)
{
	size_t n = strlen(object);

	if (n > 2 && strcmp(object + n - 2, ".o") == 0)
		n -= 2;
	if (n > 4 && strncmp(object + n - 4, ".bpf", 4) == 0)
		n -= 4;
	return arena_strndup(a, object, n);
}

int
gen_write(struct work *w, const char *list, const char *object)
{
	const char *stem = stem_of(&w->arena, object);
	bool all = strcmp(list, "all") == 0;
	int status = STATUS_OK;

	for (size_t i = 0; i < sizeof languages / sizeof *languages && status == STATUS_OK; i++) {
		const char *at = strstr(list, languages[i].name);
		size_t n = strlen(languages[i].name);

		while (at && ((at > list && at[-1] != ',') || (at[n] && at[n] != ',')))
			at = strstr(at + 1, languages[i].name);
		if (all || at)
			status = write_one(w, &languages[i], stem);
	}
	return status;
}
