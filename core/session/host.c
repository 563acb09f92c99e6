/* SPDX-License-Identifier: MIT */
/* host.c: what the compiler may ask of this machine: kernel BTF and tracepoint formats. */
#include "internal.h"

#include "base/buf.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* May `path` be read? Then *real is the file meant. */
static bool may_read(struct session *s, str path, struct arena *a, const char **real,
		     const char **why);

/* The kernel's types: those of the command line, or of *vmlinux-btf-path* where that file may be
 * read. */
static const char *
btf_path(struct session *s)
{
	value v = as_symbol(make_symbol(s->lisp, STR("*vmlinux-btf-path*")))->global;
	const char *real, *why;

	if (s->opts.kernel_btf)
		return s->opts.kernel_btf;
	if (is_string(v) && may_read(s, as_string(v), &s->arena, &real, &why))
		return real;
	return "/sys/kernel/btf/vmlinux";
}

bool
session_vmlinux(void *ud, const void **data, size_t *size)
{
	struct session *s = ud;

	if (!s->vmlinux_tried) {
		int fd = open(btf_path(s), O_RDONLY | O_CLOEXEC);
		struct stat st;
		void *p = MAP_FAILED;

		s->vmlinux_tried = true;
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
			/* mmap of this file needs kernel 6.16; older ones only read it. */
			p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
			if (p == MAP_FAILED) {
				size_t n = 0;
				ssize_t got;

				p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
				while (p != MAP_FAILED && n < (size_t)st.st_size &&
				       (got = read(fd, (char *)p + n, (size_t)st.st_size - n)) > 0)
					n += (size_t)got;
			}
		}
		if (p != MAP_FAILED) {
			s->vmlinux = p;
			s->vmlinux_size = (size_t)st.st_size;
		}
		if (fd >= 0)
			close(fd);
	}
	*data = s->vmlinux;
	*size = s->vmlinux_size;
	return s->vmlinux != NULL;
}

struct verify_opts
session_profile(struct session *s)
{
	struct verify_opts o = {.caps = VCAP_DEFAULT};

	check_as_running(&o);
	session_vmlinux(s, &o.vmlinux_btf, &o.vmlinux_btf_size);
	return o;
}

static str
tracepoint_format(void *ud, const char *category, const char *event, const char **why)
{
	static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	struct session *s = ud;
	struct buf text = buf_new(&s->arena);
	bool mounted = false;

	for (size_t i = 0; i < 2; i++) {
		char *path = arena_printf(&s->arena, "%s/events/%s/%s/format", roots[i], category,
					  event);
		FILE *f = fopen(path, "re");
		char part[4096];
		size_t n;

		mounted |= access(arena_printf(&s->arena, "%s/events", roots[i]), F_OK) == 0;
		if (!f) {
			if (errno == EACCES)
				*why = "tracefs is readable by root only here: run as root, or "
				       "mount -o remount,mode=755 /sys/kernel/tracing";
			continue;
		}
		while ((n = fread(part, 1, sizeof part, f)) > 0)
			buf_bytes(&text, part, n);
		fclose(f);
		return buf_text(&text);
	}
	if (!mounted)
		*why = "tracefs is not mounted: mount -t tracefs tracefs /sys/kernel/tracing";
	else if (!*why)
		*why = "this kernel has no such tracepoint; ls /sys/kernel/tracing/events lists them";
	return (str){0};
}

struct compile_host
session_host(struct session *s)
{
	return (struct compile_host){s, session_vmlinux, tracepoint_format};
}

/* ---- what Lisp code may do outside -------------------------------------------------------- */

/* One of the directories that `path`, all links resolved, is below; else the reason. */
static bool
below(const struct grants *g, const char *path, struct arena *a, const char *verb,
      const char *option, const char **why)
{
	struct buf list = buf_new(a);

	for (uint32_t i = 0; i < g->n; i++) {
		size_t n = strlen(g->at[i]);

		if (strncmp(path, g->at[i], n) == 0 && (n == 1 || !path[n] || path[n] == '/'))
			return true;
		buf_printf(&list, "%s%s", i ? ", " : "", g->at[i]);
	}
	*why = arena_printf(a, "only files below %s may be %s (%s)", list.at, verb, option);
	return false;
}

static bool
may_read(struct session *s, str path, struct arena *a, const char **real, const char **why)
{
	char resolved[PATH_MAX];

	if (!s->read.n) {
		*why = "reading files is not granted: start with --allow-read DIR";
		return false;
	}
	if (!realpath(arena_strndup(a, path.p, path.n), resolved)) {
		*why = arena_strdup(a, strerror(errno));
		return false;
	}
	*real = arena_strdup(a, resolved);
	return below(&s->read, resolved, a, "read", "--allow-read", why);
}

/* May `path` be written? It need not be there yet, but its directory must. */
bool
session_may_write(struct session *s, str path, struct arena *a, const char **real,
		  const char **why)
{
	char *name = arena_strndup(a, path.p, path.n), *slash = strrchr(name, '/');
	const char *dir = slash == name ? "/" : slash ? name : ".";
	char resolved[PATH_MAX];

	if (!s->write.n) {
		*why = "writing files is not granted: start with --allow-write DIR";
		return false;
	}
	if (realpath(name, resolved)) {
		*real = arena_strdup(a, resolved);
	} else if (errno == ENOENT) {
		struct stat st;

		if (lstat(name, &st) == 0) {
			*why = "it is a link to what is not there";
			return false;
		}
		if (slash)
			*slash = 0;
		if (!realpath(dir, resolved)) {
			*why = arena_strdup(a, strerror(errno));
			return false;
		}
		*real = arena_printf(a, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved,
				     slash ? slash + 1 : name);
	} else {
		*why = arena_strdup(a, strerror(errno));
		return false;
	}
	return below(&s->write, *real, a, "written", "--allow-write", why);
}

static bool
write_file(void *ud, str path, str text, bool append, struct arena *a, const char **why)
{
	struct session *s = ud;
	const char *real;
	FILE *f;
	bool ok;

	if (!s->opts.live) {
		s->effect_refused = true;
		*why = "this session only checks";
		return false;
	}
	if (!session_may_write(s, path, a, &real, why))
		return false;
	f = fopen(real, append ? "ae" : "we");
	ok = f && fwrite(text.p, 1, text.n, f) == text.n;
	if (f)
		ok = fclose(f) == 0 && ok;
	if (!ok)
		*why = arena_strdup(a, strerror(errno));
	return ok;
}

bool
session_read_file(void *ud, str path, struct arena *a, str *out, const char **why)
{
	struct buf text = buf_new(a);
	const char *real;
	char part[4096];
	FILE *f;
	size_t n;

	if (!may_read(ud, path, a, &real, why))
		return false;
	f = fopen(real, "re");
	if (!f) {
		*why = arena_strdup(a, strerror(errno));
		return false;
	}
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_bytes(&text, part, n);
	fclose(f);
	*out = buf_text(&text);
	return true;
}

/* Tracefs may be looked at without a grant: what a kernel offers is no secret of the user's,
 * and Whistler's programs ask for it at load time. */
static bool
file_exists(void *ud, str path)
{
	const char *real, *why;
	struct arena a;
	bool there;

	arena_init(&a);
	if (str_starts(path, "/sys/kernel/tracing/") ||
	    str_starts(path, "/sys/kernel/debug/tracing/"))
		there = access(arena_strndup(&a, path.p, path.n), F_OK) == 0;
	else
		there = may_read(ud, path, &a, &real, &why) ||
			(session_may_write(ud, path, &a, &real, &why) && access(real, F_OK) == 0);
	arena_free(&a);
	return there;
}

static bool
sleep_for(void *ud, double seconds)
{
	struct session *s = ud;

	if (!s->opts.live)
		return true;	/* no time passes in a script that is only checked */
	return session_wait(s, seconds, 0, lisp_diags(s->lisp)) &&
	       (!s->interrupted || lisp_interrupted(s->lisp));
}

static void
add_directory(struct session *s, struct grants *g, const char *dir)
{
	char resolved[PATH_MAX];

	if (realpath(dir, resolved))
		vec_push(&s->arena, g, arena_strdup(&s->arena, resolved));
}

void
session_allow_read(struct session *s, const char *dir)
{
	add_directory(s, &s->read, dir);
}

void
session_allow_write(struct session *s, const char *dir)
{
	add_directory(s, &s->write, dir);
}

void
session_allow_run(struct session *s)
{
	s->may_run = true;
}

void
session_host_init(struct session *s)
{
	lisp_grant(s->lisp, &(struct lisp_powers){
		.ud = s, .read_file = session_read_file, .file_exists = file_exists,
		.write_file = write_file, .run = session_run_program, .sleep = sleep_for});
}

void
session_host_free(struct session *s)
{
	if (s->vmlinux)
		munmap((void *)(uintptr_t)s->vmlinux, s->vmlinux_size);
}
