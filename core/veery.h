/* SPDX-License-Identifier: MIT */
/* veery.h: the whole public interface of libveery.
 *
 *   struct veery *v = veery_new(NULL);
 *   if (veery_eval(v, "probe", "(defmap m ...) (defprog p ...) (attach p \"lo\")") < 0)
 *           puts(veery_complaint(v, 0)->text);
 *   veery_map_get(veery_map(v, "m"), &key, &value);
 *   veery_free(v);
 *
 * Unless said otherwise functions return 0 or a negative errno, strings are null-terminated
 * UTF-8, and what a function returns a pointer to belongs to the session: it is valid until
 * the next call that evaluates source. Sessions are independent of each other; one session
 * must not be used from two threads at the same time. */
#ifndef VEERY_H
#define VEERY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VEERY_API __attribute__((visibility("default")))

struct veery;
struct veery_program;
struct veery_map;

struct veery_options {
	size_t size;		/* sizeof(struct veery_options), for later versions */
	int offline;		/* 1: compile and check, never call bpf(2) */
	int strict;		/* 1: never load what the simulated verifier rejects */
	/* Receives what evaluated code prints; null: standard output. */
	void (*write)(void *user, const char *text, size_t length);
	void *user;
};

/* A session with nothing defined. `options` may be null. Null when memory runs out. */
VEERY_API struct veery *veery_new(const struct veery_options *options);
/* Detaches and unloads everything the session made, then frees it. */
VEERY_API void veery_free(struct veery *v);

/* Evaluate every form of `source`; `name` stands for it in messages. Stops at the first form
 * that fails: then negative, and veery_complaint(v, 0) says why. */
VEERY_API int veery_eval(struct veery *v, const char *name, const char *source);
/* The value of the last form, as the prompt prints it. */
VEERY_API const char *veery_value(struct veery *v);

/* What was found wrong by the last veery_eval, errors and warnings in order. */
enum veery_severity { VEERY_ERROR, VEERY_WARNING, VEERY_NOTE };
struct veery_complaint {
	enum veery_severity severity;
	const char *code;	/* stable, "C0012" */
	const char *message;	/* one line */
	const char *file;	/* null when there is no place */
	unsigned line, column, end_line, end_column;	/* 1-based; end column is exclusive */
	const char *kernel;	/* the kernel's own words, or null */
	const char *text;	/* everything, as shown at a terminal without colour */
	const char *json;	/* everything, as one JSON object */
};
VEERY_API size_t veery_complaints(struct veery *v);
VEERY_API const struct veery_complaint *veery_complaint(struct veery *v, size_t i);

/* Programs: defined by (defprog NAME ...), found by NAME. Null when there is none. */
VEERY_API struct veery_program *veery_program(struct veery *v, const char *name);
VEERY_API const char *veery_program_name(const struct veery_program *p);
VEERY_API int veery_program_fd(const struct veery_program *p);	/* -1 while not loaded */
/* Instruction slots, 8 bytes each (struct bpf_insn), before map addresses are filled in. */
VEERY_API const void *veery_program_insns(const struct veery_program *p, size_t *count);
/* Attach to `target` (interface, tracepoint, "path:symbol"...; null: as :section says).
 * On failure veery_complaint(v, 0) says why. */
VEERY_API int veery_attach(struct veery *v, struct veery_program *p, const char *target);
VEERY_API int veery_detach(struct veery *v, struct veery_program *p);
/* Run once over `in` with BPF_PROG_TEST_RUN. out_size is the room on entry and the length on
 * return; out may be null. */
VEERY_API int veery_test_run(struct veery *v, struct veery_program *p, const void *in,
			     size_t in_size, void *out, size_t *out_size, uint32_t *result,
			     uint32_t *nanoseconds);

/* Maps: defined by (defmap NAME ...), created in the kernel on first use. */
VEERY_API struct veery_map *veery_map(struct veery *v, const char *name);
VEERY_API uint32_t veery_map_key_size(const struct veery_map *m);
/* Of one value as user space sees it: per-CPU maps have one per possible CPU, each rounded
 * up to 8 bytes. */
VEERY_API uint32_t veery_map_value_size(const struct veery_map *m);
VEERY_API int veery_map_fd(struct veery_map *m);
VEERY_API int veery_map_get(struct veery_map *m, const void *key, void *value);
VEERY_API int veery_map_set(struct veery_map *m, const void *key, const void *value);
VEERY_API int veery_map_delete(struct veery_map *m, const void *key);
/* The key after `key` (null: the first) into `next`; -ENOENT after the last. */
VEERY_API int veery_map_next(struct veery_map *m, const void *key, void *next);

/* Wait up to timeout_ms (-1: for ever) for records of a ring buffer map and hand each to
 * `record`, which returns non-zero to stop. The number of records handed over, or -errno. */
VEERY_API long veery_poll(struct veery_map *m, int timeout_ms,
			  int (*record)(void *user, const void *data, size_t size), void *user);

#ifdef __cplusplus
}
#endif
#endif
