/* SPDX-License-Identifier: MIT */
/* fix.c: see fix.h: which candidates are made for a fault, and how the search ends. */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What all attempts together may cost: instructions compiled and walked, some milliseconds of
 * them. Counted and not timed, so that the same is offered on every machine. */
enum { WORK = 40000 };

static const struct {
	const char *code;
	bool (*fn)(struct fix *f);
} fixes[] = {
#define FIX(code, fn) {code, fn},
#include "fixes.def"
};

/* The form of an instruction as a node; 0 when it has none in this file. */
static uint32_t
node_of(const struct fix *f, uint32_t insn)
{
	const struct image_prog *p = f->rq->prog;
	struct place at;

	if (insn >= p->ninsns)
		return 0;
	at = span_place(f->s, span_user(f->s, p->src[insn]));
	return at.by_line || at.file != f->file || at.end <= at.start ? 0
		: fix_node_at(&f->tree, at.start, at.end);
}

/* The failing form in the user's text, as nodes. */
static bool
locate(struct fix *f)
{
	const struct image_prog *p = f->rq->prog;
	uint32_t insn = f->rq->result->insn;
	struct place at;

	f->s = f->rq->im->sources;
	if (!f->s || !p->src || insn >= p->ninsns)
		return false;
	f->insn = &p->insns[insn];
	at = span_place(f->s, span_user(f->s, p->src[insn]));
	f->file = at.file;
	if (at.by_line || at.file >= f->s->files.n || at.end <= at.start || !fix_tree_read(f))
		return false;
	f->at = fix_node_at(&f->tree, at.start, at.end);
	f->root = f->rq->why ? node_of(f, f->rq->why->root) : 0;
	at = span_place(f->s, span_user(f->s, p->at));
	f->top = fix_node_at(&f->tree, at.start, at.end);
	while (f->top && fix_at(f, f->top)->parent)
		f->top = fix_at(f, f->top)->parent;
	return f->at && f->top && at.file == f->file;
}

static bool
try_all(struct fix *f)
{
	for (size_t i = 0; i < sizeof fixes / sizeof *fixes; i++)
		if (strcmp(fixes[i].code, f->code) == 0 && fixes[i].fn(f))
			return true;
	return false;
}

/* Of a fault inside a macro of the user's own, the macro is mended: what calls it may be many.
 * If that does not help, the call is. */
static bool
search(struct fix *f)
{
	const struct image_prog *p = f->rq->prog;
	struct place at = span_place(f->s, p->src[f->rq->result->insn]);
	uint32_t call = f->at;

	if (at.parent && at.file == f->file && at.end > at.start && !at.by_line) {
		f->at = fix_node_at(&f->tree, at.start, at.end);
		if (f->at && try_all(f))
			return true;
		f->at = call;
	}
	return try_all(f);
}

bool
fix_offer(const struct fix_request *rq, struct diags *ds, struct diag *d)
{
	struct fix f = {.rq = rq, .a = ds->arena, .ds = ds, .d = d, .code = rq->result->code,
			.kernel = rq->result->kernel_message ? rq->result->kernel_message : ""};

	if (rq->result->verdict != VERDICT_REJECT || !f.code)
		return false;
	arena_init(&f.scratch);
	/* Where the check itself took long, so may this. */
	f.work = WORK + 4 * rq->result->processed;
	if (rq->prog->lisp_name && locate(&f)) {
		search(&f);
		if (!d->fixes.n && f.second.n)
			fix_add(&f, &f.second, false,
				f.second_fault ? arena_printf(f.a, "another fault is behind it: %s",
							      f.second_fault)
					       : NULL);
	}
	arena_free(&f.scratch);
	return d->fixes.n && d->fixes.at[0].verified;
}

/* ---- applying ------------------------------------------------------------------------------ */

str
fix_apply(const struct sources *s, uint32_t file, const struct diag_fix *x, struct arena *a)
{
	str text = s->files.at[file].text;
	struct buf b = buf_new(a);
	uint32_t at = 0;

	for (uint32_t i = 0; i < x->edits.n; i++) {
		struct place p = span_place(s, x->edits.at[i].at);

		if (p.file != file || p.start < at || p.end > text.n)
			return (str){0};
		buf_bytes(&b, text.p + at, p.start - at);
		buf_puts(&b, x->edits.at[i].text);
		at = p.end;
	}
	buf_bytes(&b, text.p + at, text.n - at);
	return buf_text(&b);
}

static int
write_all(int fd, str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text.p += n;
		text.n -= (size_t)n;
	}
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

int
fix_write_file(const char *path, str text)
{
	char *real = realpath(path, NULL);	/* the file itself, not a link to it */
	struct arena a;
	struct stat st;
	char *temp;
	int fd, err = 0;

	if (!real)
		return -errno;
	arena_init(&a);
	temp = arena_printf(&a, "%s.XXXXXX", real);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0 || stat(real, &st) < 0)
		err = -errno;
	if (!err && fchmod(fd, st.st_mode & 07777) < 0)
		err = -errno;
	if (!err && fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM)
		err = -errno;
	if (!err)
		err = write_all(fd, text);
	if (fd >= 0)
		close(fd);
	if (!err && rename(temp, real) < 0)
		err = -errno;
	if (err && fd >= 0)
		unlink(temp);
	arena_free(&a);
	free(real);
	return err;
}
