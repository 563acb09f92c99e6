/* SPDX-License-Identifier: MIT */
/* pin.c: what outlives the session, and what was there before it: maps and programs pinned in
 * a BPF file system, and maps of other programs, opened by path or id. */
#include "internal.h"
#include "load.h"
#include "reasons.h"

#include "check.h"
#include "facts/facts.h"
#include "image/btf.h"
#include "syscalls/bpf.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	LARGEST_BTF = 16 << 20,
	/* Say what a descriptor may be used for; the map itself does not keep them. */
	OF_DESCRIPTORS = BPF_F_RDONLY | BPF_F_WRONLY,
};

/* Files are made, and removed, in a BPF file system only. */
static bool
on_bpffs(const char *path)
{
	char dir[4096];
	struct statfs fs;
	char *slash;

	if ((size_t)snprintf(dir, sizeof dir, "%s", path) >= sizeof dir)
		return false;
	slash = strrchr(dir, '/');
	if (!slash)
		return false;
	slash[slash == dir] = 0;
	return statfs(dir, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

static void
explain_pin(const char *what, const char *name, const char *path, int err, span at,
	    struct diags *ds)
{
	struct diag *d = diag_error(ds, "K0014", at, "cannot %s `%s` at %s: %s", what, name, path,
				    reason_error(err));

	d->err = -err;
	if (!on_bpffs(path))
		diag_help(ds, d, "that is no directory of a BPF file system; /sys/fs/bpf is usually "
				 "one (mount -t bpf bpf /sys/fs/bpf)");
	else if (err == -EEXIST)
		diag_help(ds, d, "(unpin \"%s\") removes what is there", path);
	else if (err == -EPERM)
		diag_help(ds, d, "%s", reason_permission(ds->arena, sys_caps_for_map(0)));
}

/* An object file may be a map's, a program's or a link's: the kernel tells by the name. */
static bool
is_map(int fd)
{
	char link[64], text[64] = "";

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, text, sizeof text - 1) > 0 && strcmp(text, "anon_inode:bpf-map") == 0;
}

static bool
map_info(int fd, struct sys_map_info *info)
{
	memset(info, 0, sizeof *info);
	return is_map(fd) && sys_obj_info(fd, info, sizeof *info) == 0;
}

/* ---- (defmap ... :pin PATH), and objects that ask for it ---------------------------------- */

/* Programs are checked and compiled against a shape: what is there must have it. */
static bool
fits(const struct image_map *m, const struct sys_map_info *info, span at, struct diags *ds)
{
	const struct {
		const char *what;
		uint32_t wanted, there;
	} all[] = {
		{"type", m->type, info->type},
		{"size of keys", m->key_size, info->key_size},
		{"size of values", m->value_size, info->value_size},
		{"number of entries", m->max_entries, info->max_entries},
		{"flags", m->flags & ~OF_DESCRIPTORS, info->map_flags & ~OF_DESCRIPTORS},
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct diag *d;

		/* The kernel fills in what may be left out. */
		if (all[i].wanted == all[i].there || (i == 3 && !all[i].wanted))
			continue;
		d = diag_error(ds, "K0015", at, "map `%s` is not the one pinned at %s: its %s is %u, "
			       "that one's %u", m->lisp_name, m->pin, all[i].what, all[i].wanted,
			       all[i].there);
		diag_help(ds, d, "(unpin \"%s\") forgets that one; or define it as it is there",
			  m->pin);
		return false;
	}
	return true;
}

int
load_pinned_map(const struct image_map *m, int btf_fd, span at, struct diags *ds)
{
	int fd = sys_obj_get(m->pin, 0, 0), err;
	struct sys_map_info info;

	if (fd >= 0) {
		if (!map_info(fd, &info))
			diag_error(ds, "K0015", at, "what is pinned at %s is no map", m->pin);
		else if (fits(m, &info, at, ds))
			return fd;
		close(fd);
		return -EINVAL;
	}
	if (fd != -ENOENT) {
		explain_pin("open", m->lisp_name, m->pin, fd, at, ds);
		return fd;
	}
	fd = load_map(m, btf_fd, at, ds);
	err = fd < 0 ? 0 : sys_obj_pin(fd, m->pin, 0, 0);
	if (err) {
		explain_pin("pin", m->lisp_name, m->pin, err, at, ds);
		close(fd);
		return err;
	}
	return fd;
}

/* ---- (open-map NAME WHERE) ------------------------------------------------------------------ */

/* Its types as the kernel keeps them; null when it was made without. */
static struct btf *
btf_of_map(struct session *s, const struct sys_map_info *info)
{
	int fd = info->btf_id ? sys_fd_by_id(SYS_BTF, info->btf_id, 0) : -1;
	struct sys_btf_info about = {0};
	struct btf *b = NULL;
	void *data;

	if (fd < 0)
		return NULL;
	if (sys_obj_info(fd, &about, sizeof about) == 0 && about.btf_size < LARGEST_BTF) {
		data = arena_alloc(&s->arena, about.btf_size);
		about = (struct sys_btf_info){.btf = sys_ptr(data), .btf_size = about.btf_size};
		if (sys_obj_info(fd, &about, sizeof about) == 0)
			b = btf_open(&s->arena, data, about.btf_size, NULL, NULL);
	}
	close(fd);
	return b;
}

static int
open_by(struct session *s, struct lisp_args args, const char **path)
{
	int64_t id;
	int fd;

	*path = NULL;
	if (is_string(args.at[1])) {
		str text = as_string(args.at[1]);

		*path = arena_strndup(&s->arena, text.p, text.n);
		fd = sys_obj_get(*path, 0, 0);
		if (fd < 0)
			explain_pin("open", "map", *path, fd, args.call, lisp_diags(s->lisp));
		return fd;
	}
	if (!arg_integer(s, args, 1, 1, UINT32_MAX, &id))
		return -1;
	fd = sys_fd_by_id(SYS_MAP, (uint32_t)id, 0);
	if (fd == -ENOENT)
		lisp_error(s->lisp, args.call, "no map has the id %u; (kernel-maps) lists them",
			   (unsigned)id);
	else if (fd < 0)
		lisp_error(s->lisp, args.call, "cannot open map %u: %s", (unsigned)id,
			   reason_error(fd));
	return fd;
}

/* (open-map NAME PATH-OR-ID) */
static bool
fn_open_map(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct sys_map_info info;
	struct image_map *spec;
	struct btf *b;
	const char *path;
	str name;
	int fd;

	if (!is_symbol(args.at[0]) || args.at[0] == NIL || is_keyword(args.at[0]))
		return lisp_error(l, args.call, "(open-map 'NAME PATH-OR-ID) wants a name to give it");
	fd = open_by(s, args, &path);
	if (fd < 0)
		return false;
	if (!map_info(fd, &info)) {
		close(fd);
		return lisp_error(l, args.call, "what is pinned at %s is no map", path);
	}
	name = as_symbol(args.at[0])->name;
	spec = arena_new(&s->arena, struct image_map);
	*spec = (struct image_map){
		.name = arena_strndup(&s->arena, info.name, strnlen(info.name, sizeof info.name)),
		.lisp_name = arena_strndup(&s->arena, name.p, name.n), .type = info.type,
		.key_size = info.key_size, .value_size = info.value_size,
		.max_entries = info.max_entries, .flags = info.map_flags, .extra = info.map_extra,
		.key_type_id = info.btf_key_type_id, .value_type_id = info.btf_value_type_id,
		.at = args.call,
	};
	b = btf_of_map(s, &info);
	if (b)
		session_adopt_types(s, b, spec);
	/* Ids of that BTF mean nothing in a program's own. */
	spec->key_type_id = spec->value_type_id = 0;
	session_adopt_map(s, spec, fd);
	*out = args.at[0];
	return true;
}

/* (kernel-maps): (id type name key-size value-size max-entries) of every map there is. */
static bool
fn_kernel_maps(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	uint32_t id = 0;

	(void)ud;
	(void)args;
	*out = NIL;
	while (sys_next_id(SYS_MAP, id, &id) == 0) {
		int fd = sys_fd_by_id(SYS_MAP, id, 0);
		struct sys_map_info info = {0};
		value row[6];

		if (fd < 0)
			continue;
		if (map_info(fd, &info)) {
			const struct fact_map_type *t = fact_map_type(info.type);
			value list = NIL;

			row[0] = make_int(l, id);
			row[1] = t ? make_symbol(l, str_of(t->name)) : make_int(l, info.type);
			row[2] = make_string(l, (str){info.name, strnlen(info.name, sizeof info.name)});
			row[3] = make_int(l, info.key_size);
			row[4] = make_int(l, info.value_size);
			row[5] = make_int(l, info.max_entries);
			for (unsigned i = 6; i-- > 0;)
				list = cons(l, row[i], list);
			*out = cons(l, list, *out);
		}
		close(fd);
	}
	return true;
}

/* ---- (pin X PATH), (unpin PATH) ------------------------------------------------------------- */

static bool
path_of(struct session *s, struct lisp_args args, uint32_t i, const char **path)
{
	str text;

	if (!is_string(args.at[i]))
		return lisp_error(s->lisp, args.call, "argument %u must be a path, a string", i + 1);
	text = as_string(args.at[i]);
	*path = arena_strndup(&s->arena, text.p, text.n);
	return true;
}

static bool
fn_pin(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	str name = is_symbol(args.at[0]) ? as_symbol(args.at[0])->name
		 : is_string(args.at[0]) ? as_string(args.at[0]) : (str){0};
	struct program *p = session_program_named(s, name);
	struct map *m = p ? NULL : arg_map(s, args, 0);
	const char *path;
	int fd, err;

	if ((!p && !m) || !path_of(s, args, 1, &path))
		return false;
	fd = p ? p->fd : session_map_fd(s, m, args.call, lisp_diags(l));
	if (fd < 0)
		return p ? lisp_error(l, args.call, "`%s` is not loaded", p->name) : false;
	err = sys_obj_pin(fd, path, 0, 0);
	if (err) {
		explain_pin("pin", p ? p->name : m->name, path, err, args.call, lisp_diags(l));
		return false;
	}
	*out = args.at[1];
	return true;
}

static bool
fn_unpin(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	const char *path;

	if (!path_of(s, args, 0, &path))
		return false;
	if (!on_bpffs(path))
		return lisp_error(l, args.call, "%s is not in a BPF file system", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return lisp_error(l, args.call, "cannot unpin %s: %s", path, strerror(errno));
	*out = T;
	return true;
}

void
session_define_pins(struct session *s)
{
	static const struct session_fn all[] = {
		{"pin", 2, 2, fn_pin,
		 "(pin MAP-OR-PROGRAM PATH)\nKeep it in the kernel after this session, under a path below "
		 "/sys/fs/bpf."},
		{"unpin", 1, 1, fn_unpin,
		 "(unpin PATH)\nForget what is pinned there; who uses it keeps it."},
		{"open-map", 2, 2, fn_open_map,
		 "(open-map 'NAME PATH-OR-ID)\nA map that exists already, pinned at a path or by its id, as "
		 "NAME: (dump NAME),\n(map-ref NAME key), and in programs. Its types come from its BTF."},
		{"kernel-maps", 0, 0, fn_kernel_maps,
		 "(kernel-maps)\n(ID TYPE NAME KEY-SIZE VALUE-SIZE MAX-ENTRIES) of every map in the kernel."},
	};

	session_define_effects(s, all, sizeof all / sizeof *all, s);
}
