/* SPDX-License-Identifier: MIT */
/* session.h: definitions, the programs and maps that live in the kernel because of them, and
 * what happens when they are defined again.
 *
 * A session owns everything: sources, the Lisp machine, the compiler's environment, loaded
 * programs, maps and attachments. session_free() leaves nothing behind in the kernel. */
#ifndef VEERY_SESSION_H
#define VEERY_SESSION_H

#include "base/diag.h"
#include "compile/compile.h"
#include "image/image.h"
#include "lang/lisp.h"
#include "verifier-sim/verify.h"

struct session;

struct session_opts {
	bool live;		/* create maps and load programs as they are defined */
	bool strict;		/* refuse to load what the simulator rejects */
	bool report;		/* one line of output per definition */
	/* Where reports and what Lisp code prints go. */
	void (*write)(void *ud, str text);
	void *ud;
	const char *kernel_btf;	/* file of the kernel's BTF; null: the running kernel's */
	uint64_t fuel;		/* Lisp steps a top-level form may take; 0: no bound */
};

struct session *session_new(const struct session_opts *o);
void session_free(struct session *s);

enum session_step { STEP_VALUE, STEP_END, STEP_INCOMPLETE, STEP_FAILED };
/* Read and evaluate the next form of r. On STEP_FAILED ds has at least one error more and
 * r stands after the faulty form. Warnings may be added in any case. */
enum session_step session_step(struct session *s, struct reader *r, value *out,
			       struct diags *ds);
/* Would `text` be read as whole forms (true), or does it end inside one? */
bool session_complete(struct session *s, const char *text);

/* Powers for Lisp code beyond computing; none without these. A directory that is not there
 * grants nothing. */
void session_allow_read(struct session *s, const char *dir);
void session_allow_write(struct session *s, const char *dir);
void session_allow_run(struct session *s);
/* Switch loading on or off; what is loaded stays. */
void session_set_live(struct session *s, bool live);
/* The running kernel's BTF, mapped on first use; false when there is none. */
bool session_kernel_btf(struct session *s, const void **data, size_t *size);
struct sources *session_sources(struct session *s);
struct lisp *session_lisp(struct session *s);
struct kenv *session_kenv(struct session *s);
void session_write(struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- programs ------------------------------------------------------------------------- */

enum program_state {
	PROGRAM_COMPILED,	/* not in the kernel (offline session, or loading not allowed) */
	PROGRAM_LOADED,
};

struct attachment;

struct program {
	const char *name;		/* as the user wrote it */
	struct arena arena;		/* of this version */
	struct image image;
	struct image_prog *prog;	/* in image */
	bool from_object;		/* not from a form: read from a compiled object */
	struct compile_stats phases;
	uint64_t compile_ns, check_ns, load_ns;
	struct verify_result check;	/* the simulator's verdict, in live sessions */
	str kernel_log;			/* of the verifier, when it rejected the program */
	enum program_state state;
	int fd;				/* -1 unless loaded */
	VEC(struct attachment *) attachments;
	struct program *older;		/* versions that attachments still need, newest first */
};

/* In order of definition; null past the end. */
struct program *session_program(struct session *s, uint32_t i);
struct program *session_program_named(struct session *s, str name);
bool session_attach(struct session *s, struct program *p, const char *target, span at,
		    struct diags *ds);
/* Detach every attachment; returns how many there were. */
uint32_t session_detach(struct session *s, struct program *p);

/* All programs of the session compiled into one image (for ELF output). */
bool session_build(struct session *s, struct arena *a, struct image *out, struct diags *ds);

/* Detach and unload the program, close the map of that name; false when there is neither. */
bool session_forget(struct session *s, str name);
/* The program's IR as text after the pass of that name. */
str session_ir(struct session *s, struct program *p, const char *pass, struct arena *a,
	       struct diags *ds);

/* ---- maps ------------------------------------------------------------------------------ */

struct map {
	const char *name;		/* as the user wrote it */
	struct image_map spec;		/* copied; what the kernel's map was made from */
	int fd;				/* -1 until first used */
	bool forgotten;			/* not listed until defined or used again */
	struct sys_ring *ring;		/* reader of a ring buffer, opened on first use */
};

struct map *session_map(struct session *s, uint32_t i);
struct map *session_map_named(struct session *s, str name);
/* The map's fd, creating it in the kernel now if need be; negative after adding a diag. */
int session_map_fd(struct session *s, struct map *m, span at, struct diags *ds);
/* Bytes of a value as bpf(2) transfers it: per-CPU maps carry one per possible CPU. */
uint32_t map_transfer_size(const struct map *m);

/* Every entry at one time or nearly so (batches where the kernel has them): n keys and n
 * values of map_transfer_size() bytes, one after the other, sorted by key. Array maps give
 * all their slots. */
struct map_entries {
	uint32_t n, key_size, value_size;
	unsigned char *keys, *values;
};
bool session_map_entries(struct session *s, struct map *m, struct arena *a,
			 struct map_entries *out, span at, struct diags *ds);

/* ---- event loop -------------------------------------------------------------------------- */

/* Ask whatever runs to stop soon; async-signal-safe. */
void session_interrupt(struct session *s);

#endif
