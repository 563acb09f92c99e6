/* SPDX-License-Identifier: MIT */
/* internal.h: what the files of core/session share and nobody else sees. */
#ifndef VEERY_SESSION_INTERNAL_H
#define VEERY_SESSION_INTERNAL_H

#include "session.h"

struct handler {		/* events.c */
	struct map *ring;	/* null for timers */
	uint64_t period, next;	/* nanoseconds; timers only */
	value function;		/* also in the list that keeps it alive */
};

struct record_type_of {
	const struct kenv_struct *layout;
	value type;
};

struct session {
	struct session_opts opts;
	struct arena arena;		/* session's lifetime: names, map specs */
	struct sources sources;
	struct lisp *lisp;
	struct kenv *kenv;
	VEC(struct program *) programs;
	struct program *rejected;	/* the last definition that failed; or null */
	VEC(struct map *) maps;
	VEC(struct handler) handlers;	/* events.c */
	VEC(struct record_type_of) record_types;	/* records.c */
	value forms;			/* symbol whose value lists the defprog forms */
	struct map *printf_ring;	/* printf.c; or null */
	bool mid_line;			/* what was written last did not end its line */
	uint64_t lost[LOST_SLOTS];	/* what was told already: lost.c */
	volatile bool interrupted;
	bool effect_refused;		/* an offline form wanted to touch the kernel */
	/* host.c: the kernel's BTF, mapped on first use. */
	const void *vmlinux;
	size_t vmlinux_size;
	bool vmlinux_tried;
	VEC(const char *) written;	/* objects, by compile-to-elf */
	struct grants {
		VEC(const char *);
	} read, write;			/* directories whose files Lisp code may touch */
	bool may_run;			/* and whether it may start programs */
};

/* define.c */
struct attach_request;
/* Fills in the request's program. */
bool session_attach_with(struct session *s, struct program *p, struct attach_request *rq,
			 struct diags *ds);
void session_define_forms(struct session *s);
/* Not loaded, of no name, in an image of its own. */
struct program *program_new(struct session *s);
/* Judge and load it, put it in the place of the one of its name, say so. */
bool session_bring_in(struct session *s, struct program *p, struct diags *ds);
/* At the prompt the name evaluates to itself. */
void session_bind_name(value name);
/* What defstruct means at the prompt: decode-NAME and the readers of its records. */
void session_define_record(struct session *s, str name);
/* (sizeof STRUCT-OR-TYPE): records.c */
bool session_sizeof(struct lisp *l, void *ud, value form, value *out);
/* The type of the structures that a struct's bytes become: NAME-record. */
value session_record_type(struct session *s, const struct kenv_struct *k);
void program_free(struct program *p);
void map_close(struct map *m);

/* host.c: what the compiler may ask of this machine */
struct compile_host session_host(struct session *s);
bool session_vmlinux(void *ud, const void **data, size_t *size);
/* What this machine is to the simulator: its kernel, its BTF, its CPUs. */
struct verify_opts session_profile(struct session *s);
/* What lies below the directory that may be read; false with the reason in *why. */
bool session_read_file(void *session, str path, struct arena *a, str *out, const char **why);
/* The file that `path` is, if it may be written; else false with the reason in *why. */
bool session_may_write(struct session *s, str path, struct arena *a, const char **real,
		       const char **why);
void session_host_init(struct session *s);
void session_host_free(struct session *s);

/* process.c: run a program, where that was granted */
bool session_run_program(void *session, struct lisp_process *p, const char **why);

/* load_btf.c: what a load needs from the running kernel's BTF: the id of a kernel function
 * or variable in the instruction `in`; the attach_btf_id of tracing and LSM programs. */
struct load_request;
struct sys_prog_load_attr;
bool load_kernel_symbol(const struct load_request *rq, const struct image_reloc *r,
			struct bpf_insn *in, struct diags *ds);
bool load_attach_target(const struct load_request *rq, struct sys_prog_load_attr *attr,
			struct diags *ds);

/* session.c: define a function that touches the kernel or takes time. In an offline session
 * it ends the top-level form that calls it, silently: `veery check` reads whole scripts. */
struct session_fn {
	const char *name;
	int min, max;
	lisp_fn fn;
	const char *doc;
};
void session_define_effects(struct session *s, const struct session_fn *fns, size_t n, void *ud);

/* In an offline session a form ends when it has worked for long beside defining: a script that
 * waits for events must not keep `veery check` waiting. Definitions themselves are whole. */
struct script_bound {
	uint64_t left, start;
};
struct script_bound session_begin_definition(struct session *s);
void session_end_definition(struct session *s, struct script_bound b);

/* report.c */
bool fn_why(struct lisp *l, void *ud, struct lisp_args args, value *out);
bool fn_compile_to_elf(struct lisp *l, void *ud, struct lisp_args args, value *out);
bool fn_save_report(struct lisp *l, void *ud, struct lisp_args args, value *out);

/* object.c: (load-object FILE) */
void session_define_objects(struct session *s);
/* kernel_types.c */
void session_define_kernel_types(struct session *s);
/* pin.c */
void session_define_pins(struct session *s);
/* define.c: a map that was made elsewhere. Its types first, with their readers; then the map
 * under its name, in the place of one that was there. Takes the descriptor; -1: made when it is
 * needed. */
struct btf;
void session_adopt_types(struct session *s, struct btf *b, struct image_map *spec);
void session_adopt_map(struct session *s, const struct image_map *spec, int fd);

/* operate.c, mapops.c: the prompt's functions on programs and maps */
void session_define_operations(struct session *s);
void session_define_map_operations(struct session *s);

/* args.c: a builtin's argument as program or map; null after raising a located error. */
struct program *arg_program(struct session *s, struct lisp_args args, uint32_t i);
struct map *arg_map(struct session *s, struct lisp_args args, uint32_t i);
/* (program-named-p NAME), (map-named-p NAME): is it defined? */
bool fn_program_named_p(struct lisp *l, void *ud, struct lisp_args args, value *out);
bool fn_map_named_p(struct lisp *l, void *ud, struct lisp_args args, value *out);
/* Keyword argument :name among those from index `from` on. */
bool arg_keyword(struct lisp_args args, uint32_t from, const char *name, value *out);
/* false after raising an error that names the range. */
bool arg_integer(struct session *s, struct lisp_args args, uint32_t i, int64_t lowest,
		 int64_t highest, int64_t *out);

uint64_t session_clock_ns(void);

/* mapops.c: the ring's reader, opened on first use; null after adding a diag. */
struct sys_ring *session_ring(struct session *s, struct map *m, span at, struct diags *ds);
/* Records that come within `ms`, each handed to `function`: how many, -1 after a diag. */
long session_drain(struct session *s, struct map *m, value function, int ms, span at,
		   struct diags *ds);

/* printf.c: begin to read what programs print; write out what has come. */
bool session_printf_start(struct session *s, span at, struct diags *ds);
void session_printf_flush(struct session *s);
/* A newline, unless one was written last. */
void session_fresh_line(struct session *s);
void session_tell_losses(struct session *s);

/* events.c: wait, running handlers; true also when interrupted, false after a diag. */
bool session_wait(struct session *s, double seconds, span at, struct diags *ds);
/* The same for a function whose waiting Ctrl-C ends, and nothing else: what the program does
 * next it may do. When it waits again in the same form, it is interrupted: loops end. */
bool session_wait_once(struct session *s, double seconds, span at, struct diags *ds);
void session_define_events(struct session *s);

#endif
