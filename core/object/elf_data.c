/* SPDX-License-Identifier: MIT */
/* elf_data.c: global variables: data sections as maps of one element, variables that the
 * kernel or its configuration provides, and values set from outside. */
#include "elf_private.h"

#include "base/suggest.h"
#include "facts/facts.h"

#include <stdlib.h>

#ifndef BPF_F_MMAPABLE
#define BPF_F_MMAPABLE 1024
#endif

/* ---- data sections ------------------------------------------------------------------------ */

/* The kernel keeps 15 characters: eight of the object's name, then the section's. Sections that
 * have a name of their own (.data.x) or belong to each CPU come without the object's. */
static const char *
data_map_name(struct reader *r, const char *section, bool percpu)
{
	size_t n = strlen(section), room = n < 15 ? 15 - n : 0;

	room = percpu || strchr(section + 1, '.') ? 0 : room > 8 ? 8 : room;
	return arena_printf(r->a, "%.*s%s", (int)room, r->object, section);
}

/* Worth mapping into a process: one of the variables can be named there. */
static bool
has_global(const struct reader *r, uint32_t datasec)
{
	const struct btf_var_secinfo *v;
	uint32_t n = 0;

	v = datasec ? btf_secinfos(r->btf, datasec, &n) : NULL;
	for (uint32_t i = 0; v && i < n; i++) {
		const struct btf_var *var = btf_var_of(r->btf, v[i].type);

		if (var && var->linkage != BTF_VAR_STATIC)
			return true;
	}
	return false;
}

static struct image_map *
add_data_map(struct reader *r, const char *section, uint32_t size, bool read_only)
{
	bool percpu = str_starts(str_of(section), ".percpu");
	struct image_map *m = elf_add_map(r, data_map_name(r, section, percpu),
					  percpu ? BPF_MAP_TYPE_PERCPU_ARRAY : BPF_MAP_TYPE_ARRAY);

	m->key_size = 4;
	m->value_size = size;
	m->max_entries = 1;
	m->read_only = read_only;
	m->flags = read_only ? BPF_F_RDONLY_PROG : 0;
	m->value_type_id = elf_btf_datasec(r, section);
	if (!percpu && has_global(r, m->value_type_id))
		m->flags |= BPF_F_MMAPABLE;
	return m;
}

/* The map that .maps defines for them holds the variables of the arena. */
static struct image_map *
arena_of(struct reader *r, uint32_t section)
{
	for (uint32_t i = 0; i < r->im->maps.n; i++) {
		if (r->im->maps.at[i]->type != FACT_MAP_ARENA)
			continue;
		r->data_map[section] = i + 1;
		return r->im->maps.at[i];
	}
	diag_error(r->ds, "O0017", r->at,
		   "variables are in an arena, but no map of type BPF_MAP_TYPE_ARENA is defined");
	return NULL;
}

static void
set_contents(struct reader *r, struct image_map *m, const struct elf_section *s)
{
	uint8_t *data = arena_array(r->a, uint8_t, s->size);

	if (s->data)
		memcpy(data, s->data, s->size);
	m->data = data;
	m->data_size = (uint32_t)s->size;
}

void
elf_read_data(struct reader *r)
{
	enum { MAX_DATA = 64 << 20 };

	for (uint32_t i = 1; i < r->elf.nsections; i++) {
		const struct elf_section *s = &r->elf.sections[i];
		bool arena = r->roles[i] == ROLE_ARENA;
		struct image_map *m;

		if ((r->roles[i] != ROLE_DATA && !arena) || s->size == 0)
			continue;
		if (s->size > MAX_DATA) {
			diag_error(r->ds, "O0013", r->at, "section `%s` is larger than 64 MiB",
				   s->name);
			continue;
		}
		if (arena) {
			m = arena_of(r, i);
		} else {
			m = add_data_map(r, s->name, (uint32_t)s->size,
					 str_starts(str_of(s->name), ".rodata"));
			r->data_map[i] = r->im->maps.n;
		}
		if (m)
			set_contents(r, m, s);
	}
}

/* ---- externs -------------------------------------------------------------------------------- */

/* The text after `NAME=` in the configuration; .p null when it is not there. */
static str
config_value(str config, const char *name)
{
	size_t n = strlen(name), at = 0;

	while (at < config.n) {
		const char *line = config.p + at;
		const char *nl = memchr(line, '\n', config.n - at);
		size_t len = nl ? (size_t)(nl - line) : config.n - at;

		if (len > n && line[n] == '=' && !memcmp(line, name, n))
			return (str){line + n + 1, len - n - 1};
		at += len + 1;
	}
	return (str){NULL, 0};
}

/* Writes a value as the variable's type has it: y, n, m; a number; a quoted text. */
static bool
write_config(str v, uint8_t *out, uint32_t size, bool letter)
{
	char text[32];
	uint64_t x;
	char *end;

	if (v.n >= 2 && v.p[0] == '"') {
		memcpy(out, v.p + 1, v.n - 2 < size ? v.n - 2 : size);
		return true;
	}
	if (v.n == 0 || v.n >= sizeof text)
		return false;
	memcpy(text, v.p, v.n);
	text[v.n] = 0;
	if (v.n == 1 && (text[0] == 'y' || text[0] == 'm' || text[0] == 'n')) {
		/* A bool or an enum libbpf_tristate (no, yes, module), or the letter itself. */
		out[0] = (uint8_t)(letter ? text[0] : text[0] == 'y' ? 1 : text[0] == 'm' ? 2 : 0);
		return true;
	}
	x = strtoull(text, &end, 0);
	memcpy(out, &x, size < 8 ? size : 8);
	return *end == 0;
}

static void
fill_config(struct reader *r, const struct extern_var *e, uint8_t *out, uint32_t size, bool weak)
{
	uint32_t version = (uint32_t)(r->o->kernel >> 8) << 16 | (r->o->kernel & 0xffu) << 8;
	str v;

	if (!strcmp(e->name, "LINUX_KERNEL_VERSION")) {
		memcpy(out, &version, size < 4 ? size : 4);
		return;
	}
	if (str_starts(str_of(e->name), "LINUX_HAS_")) {
		out[0] = r->o->kernel >= (5 << 8 | 15);
		return;
	}
	v = config_value(r->o->kconfig, e->name);
	if (v.p && write_config(v, out, size, e->letter))
		return;
	if (!v.p && !weak && r->o->kconfig.n)
		diag_error(r->ds, "O0014", r->at,
			   "the kernel's configuration does not say what `%s` is", e->name);
}

static bool
extern_is_weak(const struct reader *r, const char *name)
{
	for (uint32_t i = 0; i < r->elf.nsymbols; i++)
		if (!r->elf.symbols[i].section && !strcmp(r->elf.symbols[i].name, name))
			return r->elf.symbols[i].bind == STB_WEAK;
	return false;
}

static void
read_kconfig(struct reader *r, uint32_t datasec)
{
	const struct btf_var_secinfo *v;
	struct image_map *m;
	uint32_t n = 0, size = 0;
	uint8_t *data;

	v = btf_secinfos(r->btf, datasec, &n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t type = btf_resolve(r->btf, btf_target(r->btf, v[i].type)), bits, enc;
		int64_t bytes = btf_size(r->btf, type);
		struct extern_var e = {btf_name(r->btf, v[i].type), true, true, false, 0};

		if (bytes <= 0 || bytes > 4096 || size > 1 << 20)
			continue;
		e.letter = bytes == 1 && btf_int(r->btf, type, &bits, &enc) &&
			   !(enc & BTF_INT_BOOL);
		size = (size + 7) & ~7u;
		e.offset = size;
		size += (uint32_t)bytes;
		vec_push(r->a, &r->externs, e);
	}
	if (!size)
		return;
	m = add_data_map(r, ".kconfig", size, true);
	m->value_type_id = 0;
	m->flags = BPF_F_RDONLY_PROG;
	r->kconfig_map = r->im->maps.n;
	data = arena_array(r->a, uint8_t, size);
	m->data = data;
	m->data_size = size;
	for (uint32_t i = 0; i < r->externs.n; i++) {
		const struct extern_var *e = &r->externs.at[i];
		uint32_t end = i + 1 < r->externs.n ? r->externs.at[i + 1].offset : size;

		fill_config(r, e, data + e->offset, end - e->offset,
			    extern_is_weak(r, e->name));
	}
}

void
elf_read_externs(struct reader *r)
{
	uint32_t config = elf_btf_datasec(r, ".kconfig"), ksyms = elf_btf_datasec(r, ".ksyms");
	const struct btf_var_secinfo *v;
	uint32_t n = 0;

	if (config)
		read_kconfig(r, config);
	v = ksyms ? btf_secinfos(r->btf, ksyms, &n) : NULL;
	for (uint32_t i = 0; v && i < n; i++) {
		uint32_t type = btf_unqualified(r->btf, btf_target(r->btf, v[i].type));
		struct extern_var e = {btf_name(r->btf, v[i].type), false, type != 0, false, 0};

		vec_push(r->a, &r->externs, e);
	}
	if (config)
		elf_fix_externs(r, ".kconfig");
	if (ksyms)
		elf_fix_externs(r, ".ksyms");
}

const struct extern_var *
elf_extern(const struct reader *r, const char *name)
{
	for (uint32_t i = 0; i < r->externs.n; i++)
		if (!strcmp(r->externs.at[i].name, name))
			return &r->externs.at[i];
	return NULL;
}

/* ---- variables and their values --------------------------------------------------------------- */

static bool
nth_var(const struct btf *b, const struct image *im, uint32_t i, struct elf_var *out,
	uint32_t *type)
{
	for (uint32_t m = 0; m < im->maps.n; m++) {
		const struct image_map *map = im->maps.at[m];
		const struct btf_var_secinfo *v;
		uint32_t n = 0;

		v = map->value_type_id ? btf_secinfos(b, map->value_type_id, &n) : NULL;
		if (!v || i >= n) {
			i -= v ? n : 0;
			continue;
		}
		*type = btf_resolve(b, btf_target(b, v[i].type));
		*out = (struct elf_var){btf_name(b, v[i].type), m, v[i].offset, v[i].size,
					map->read_only, false};
		if (out->offset > map->data_size || out->size > map->data_size - out->offset)
			out->size = 0;
		return true;
	}
	return false;
}

bool
elf_var(const struct image *im, uint32_t i, struct elf_var *out)
{
	struct btf *b = im->btf ? btf_open(im->arena, im->btf, im->btf_size, NULL, NULL) : NULL;
	uint32_t type, bits, encoding;

	if (!b || !nth_var(b, im, i, out, &type))
		return false;
	out->is_bool = btf_int(b, type, &bits, &encoding) && (encoding & BTF_INT_BOOL);
	return true;
}

static bool
parse_value(const char *s, uint32_t size, bool is_signed, uint64_t *v)
{
	char *end;

	if (!strcmp(s, "true") || !strcmp(s, "false")) {
		*v = s[0] == 't';
		return true;
	}
	*v = *s == '-' ? (uint64_t)strtoll(s, &end, 0) : strtoull(s, &end, 0);
	if (end == s || *end)
		return false;
	if (size >= 8)
		return true;
	if (*s == '-' || is_signed)
		return (int64_t)*v >= -(1ll << (size * 8 - 1)) && (int64_t)*v < 1ll << (size * 8);
	return *v >> (size * 8) == 0;
}

static void
set_one(struct reader *r, const char *text)
{
	const char *eq = strchr(text, '=');
	str name = {text, eq ? (size_t)(eq - text) : strlen(text)};
	struct suggest near = suggest_start(name);
	struct elf_var var;
	struct diag *d;
	uint32_t type;
	uint64_t v;

	for (uint32_t i = 0; r->btf && nth_var(r->btf, r->im, i, &var, &type); i++) {
		struct image_map *m = r->im->maps.at[var.map];

		suggest_offer(&near, str_of(var.name));
		if (!str_is(name, var.name))
			continue;
		if (!eq || var.size == 0 || var.size > 8 ||
		    !parse_value(eq + 1, var.size, btf_is_signed(r->btf, type), &v))
			diag_error(r->ds, "O0016", 0, "`%s` is not a value for `%s` (%u bytes)",
				   eq ? eq + 1 : "", var.name, var.size);
		else
			memcpy((uint8_t *)(uintptr_t)m->data + var.offset, &v, var.size);
		return;
	}
	d = diag_error(r->ds, "O0015", 0, "the object has no global variable `%.*s`",
		       STR_ARG(name));
	if (near.best.p)
		diag_help(r->ds, d, "did you mean `%.*s`?", STR_ARG(near.best));
}

void
elf_apply_sets(struct reader *r)
{
	for (uint32_t i = 0; i < r->o->nsets; i++)
		set_one(r, r->o->sets[i]);
}
