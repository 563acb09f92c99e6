/* SPDX-License-Identifier: MIT */
/* veery.c: the public interface (veery.h) over a session. */
#include "veery.h"

#include "base/render.h"
#include "session/session.h"
#include "syscalls/bpf.h"
#include "syscalls/ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct veery_map {
	struct veery *v;
	struct map *map;
};

struct veery {
	struct session *session;
	struct veery_options options;
	struct arena life;		/* handles of maps */
	VEC(struct veery_map *) maps;
	/* Of the last evaluation: */
	struct arena last;
	struct diags diags;
	VEC(struct veery_complaint) complaints;
	const char *value;
};

static void
write_text(void *ud, str text)
{
	struct veery *v = ud;

	if (v->options.write)
		v->options.write(v->options.user, text.p, text.n);
	else
		fwrite(text.p, 1, text.n, stdout);
}

struct veery *
veery_new(const struct veery_options *options)
{
	struct veery *v = calloc(1, sizeof *v);
	struct session_opts o = {.live = true};

	if (!v)
		return NULL;
	if (options)
		memcpy(&v->options, options,
		       options->size < sizeof v->options ? options->size : sizeof v->options);
	arena_init(&v->life);
	arena_init(&v->last);
	diags_init(&v->diags, &v->last);
	o.live = !v->options.offline;
	o.strict = v->options.strict;
	o.write = write_text;
	o.ud = v;
	v->session = session_new(&o);
	v->value = "nil";
	if (!v->session) {
		veery_free(v);
		return NULL;
	}
	return v;
}

void
veery_free(struct veery *v)
{
	if (!v)
		return;
	session_free(v->session);
	arena_free(&v->last);
	arena_free(&v->life);
	free(v);
}

/* ---- evaluating ---------------------------------------------------------------------------- */

static void
forget(struct veery *v)
{
	arena_reset(&v->last);
	diags_init(&v->diags, &v->last);
	memset(&v->complaints, 0, sizeof v->complaints);
	v->value = "nil";
}

static struct veery_complaint
complaint_of(struct veery *v, const struct diag *d)
{
	struct sources *s = session_sources(v->session);
	span at = span_user(s, d->at);
	struct line_col lc = span_line_col(s, at);
	struct buf text = buf_new(&v->last), json = buf_new(&v->last);

	render_diag(&text, s, d, &(struct render_opts){0});
	render_json(&json, s, d);
	return (struct veery_complaint){
		.severity = (enum veery_severity)d->severity, .code = d->code,
		.message = d->message,
		.file = lc.line ? s->files.at[span_place(s, at).file].name : NULL,
		.line = lc.line, .column = lc.col, .end_line = lc.end_line,
		.end_column = lc.end_col, .kernel = d->kernel, .text = text.at, .json = json.at,
	};
}

static int
conclude(struct veery *v)
{
	for (uint32_t i = 0; i < v->diags.all.n; i++)
		vec_push(&v->last, &v->complaints, complaint_of(v, v->diags.all.at[i]));
	return v->diags.errors ? -EINVAL : 0;
}

int
veery_eval(struct veery *v, const char *name, const char *source)
{
	struct reader r = {0};
	enum session_step step;
	value last = NIL;
	str text;

	forget(v);
	r.file = sources_add(session_sources(v->session), name ? name : "<text>", str_of(source));
	do {
		step = session_step(v->session, &r, &last, &v->diags);
	} while (step == STEP_VALUE);
	if (step != STEP_FAILED) {
		text = lisp_print(session_lisp(v->session), &v->last, last, true);
		v->value = arena_strndup(&v->last, text.p, text.n);
	}
	return conclude(v);
}

const char *
veery_value(struct veery *v)
{
	return v->value;
}

size_t
veery_complaints(struct veery *v)
{
	return v->complaints.n;
}

const struct veery_complaint *
veery_complaint(struct veery *v, size_t i)
{
	return i < v->complaints.n ? &v->complaints.at[i] : NULL;
}

/* ---- programs -------------------------------------------------------------------------------- */

struct veery_program *
veery_program(struct veery *v, const char *name)
{
	return (struct veery_program *)session_program_named(v->session, str_of(name));
}

static const struct program *
program_of(const struct veery_program *p)
{
	return (const struct program *)p;
}

const char *
veery_program_name(const struct veery_program *p)
{
	return program_of(p)->name;
}

int
veery_program_fd(const struct veery_program *p)
{
	return program_of(p)->fd;
}

const void *
veery_program_insns(const struct veery_program *p, size_t *count)
{
	*count = program_of(p)->prog->ninsns;
	return program_of(p)->prog->insns;
}

int
veery_attach(struct veery *v, struct veery_program *p, const char *target)
{
	forget(v);
	session_attach(v->session, (struct program *)p, target, 0, &v->diags);
	return conclude(v);
}

int
veery_detach(struct veery *v, struct veery_program *p)
{
	return session_detach(v->session, (struct program *)p) ? 0 : -ENOENT;
}

int
veery_test_run(struct veery *v, struct veery_program *p, const void *in, size_t in_size,
	       void *out, size_t *out_size, uint32_t *result, uint32_t *nanoseconds)
{
	struct sys_test_run_attr attr = {
		.prog_fd = (uint32_t)program_of(p)->fd, .data_in = sys_ptr(in),
		.data_size_in = (uint32_t)in_size, .data_out = sys_ptr(out),
		.data_size_out = out && out_size ? (uint32_t)*out_size : 0, .repeat = 1,
	};
	int err;

	(void)v;
	if (program_of(p)->fd < 0)
		return -EBADF;
	err = sys_prog_test_run(&attr);
	if (out_size)
		*out_size = attr.data_size_out;
	if (result)
		*result = attr.retval;
	if (nanoseconds)
		*nanoseconds = attr.duration;
	return err;
}

/* ---- maps -------------------------------------------------------------------------------------- */

struct veery_map *
veery_map(struct veery *v, const char *name)
{
	struct map *m = session_map_named(v->session, str_of(name));
	struct veery_map *handle;

	for (uint32_t i = 0; m && i < v->maps.n; i++)
		if (v->maps.at[i]->map == m)
			return v->maps.at[i];
	if (!m)
		return NULL;
	handle = arena_new(&v->life, struct veery_map);
	*handle = (struct veery_map){v, m};
	vec_push(&v->life, &v->maps, handle);
	return handle;
}

uint32_t
veery_map_key_size(const struct veery_map *m)
{
	return m->map->spec.key_size;
}

uint32_t
veery_map_value_size(const struct veery_map *m)
{
	return map_transfer_size(m->map);
}

int
veery_map_fd(struct veery_map *m)
{
	if (m->map->fd >= 0)
		return m->map->fd;
	forget(m->v);
	session_map_fd(m->v->session, m->map, 0, &m->v->diags);
	conclude(m->v);
	return m->map->fd;
}

int
veery_map_get(struct veery_map *m, const void *key, void *bytes)
{
	int fd = veery_map_fd(m);

	return fd < 0 ? fd : sys_map_lookup(fd, key, bytes, 0);
}

int
veery_map_set(struct veery_map *m, const void *key, const void *bytes)
{
	int fd = veery_map_fd(m);

	return fd < 0 ? fd : sys_map_update(fd, key, bytes, BPF_ANY);
}

int
veery_map_delete(struct veery_map *m, const void *key)
{
	int fd = veery_map_fd(m);

	return fd < 0 ? fd : sys_map_delete(fd, key);
}

int
veery_map_next(struct veery_map *m, const void *key, void *next)
{
	int fd = veery_map_fd(m);

	return fd < 0 ? fd : sys_map_next_key(fd, key, next);
}

long
veery_poll(struct veery_map *m, int timeout_ms,
	   int (*record)(void *user, const void *data, size_t size), void *user)
{
	int fd = veery_map_fd(m), err = 0;

	if (fd < 0)
		return fd;
	if (m->map->spec.type != BPF_MAP_TYPE_RINGBUF)
		return -EINVAL;
	if (!m->map->ring)
		m->map->ring = sys_ring_open(fd, m->map->spec.max_entries, &err);
	return m->map->ring ? sys_ring_poll(m->map->ring, timeout_ms, record, user) : err;
}
