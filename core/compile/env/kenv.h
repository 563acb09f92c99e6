/* SPDX-License-Identifier: MIT */
/* kenv.h: what kernel-side code can name, and the types of the language.
 *
 * Everything a symbol can mean on the kernel side stands in one record found by the symbol's
 * number (`struct ksym`): the form or function it names in head position, the map, the
 * struct, the constant, and the lexical variable bound to it right now. */
#ifndef VEERY_KENV_H
#define VEERY_KENV_H

#include "compile/compile.h"

/* ---- types ------------------------------------------------------------------------------ */

enum kty_kind { KT_INT, KT_PTR, KT_VOID, KT_POISON };

/* By value. Integers: size and sign. Pointers: the struct they point to, when known. */
typedef struct {
	uint8_t kind, size;
	bool is_signed;
	uint16_t of;		/* KT_PTR: index into kenv.structs, 0 unknown */
} kty;

#define TY_INT(n, s) ((kty){KT_INT, (n), (s), 0})
#define TY_U64 TY_INT(8, false)
#define TY_PTR(n) ((kty){KT_PTR, 8, false, (uint16_t)(n)})
#define TY_VOID ((kty){KT_VOID, 0, false, 0})
#define TY_POISON ((kty){KT_POISON, 0, false, 0})

/* u8..u64, i8..i64 by name; false when it is none. */
bool kty_named(str name, kty *out);
const char *kty_name(kty t);

/* ---- declarations ----------------------------------------------------------------------- */

struct kstruct {
	struct kenv_struct pub;
	VEC(struct kenv_field) fields;
	uint32_t align;
	bool is_union;
	bool is_kernel;		/* layout from kernel BTF: kfield.c */
	uint32_t btf_id;	/* of kernel structs */
	span at;
};

struct kheader_field {		/* of a packet header: (NAME ptr) */
	const char *name;
	uint16_t off;
	uint8_t size;
	bool net;		/* big endian in memory */
};

struct ktrace_field {		/* of a tracepoint: (tp-NAME) */
	const char *name;
	uint16_t off;
	uint32_t size;		/* bytes of one element */
	uint32_t count;		/* 0: scalar */
	bool is_signed, data_loc;
};

struct kmap {
	struct image_map spec;
	kty key, value;		/* scalar types; KT_VOID when not a scalar of 1, 2, 4, 8 */
	uint16_t key_struct, value_struct;	/* indices, 0 none */
	uint32_t fact;		/* BPF_MAP_TYPE_* */
	const struct symbol *name;
	const char *maker;	/* of an aggregation: the program that used it first */
};

enum kfn_kind { KF_NONE, KF_FORM, KF_FIELD, KF_FIELD_PTR, KF_MAKE, KF_HEADER, KF_TRACE,
		KF_TRACE_PTR, KF_DEFN, KF_KFUNC, KF_AS, KF_HELPER };

struct ksym {
	uint8_t fn;		/* enum kfn_kind: meaning as the head of a form */
	bool has_const, no_const;	/* no_const: known to be none of the kernel's */
	uint32_t index, sub;	/* struct and field, header field, form ... */
	uint32_t map;		/* number + 1 */
	uint32_t strukt;	/* index, 0 none */
	int64_t constant;
	uint32_t global;	/* number + 1 of a defglobal */
	uint32_t binding;	/* number + 1 in the lowerer's stack while it runs */
	span at;		/* where the function meaning was declared */
};

struct kfunction {		/* (defn name (args) body...) */
	const struct symbol *name;
	value form;		/* kept alive by lisp_keep */
	span at;
};

struct kkfunc {			/* (defkfunc name (args) ret flags) */
	const char *name;	/* kernel's */
	uint8_t nargs;
	uint16_t flags;		/* FACT_KF_*, as declared by hand; 0: the tables know */
	kty ret;
	span at;
};

struct kglobal {		/* (defglobal name type) */
	const struct symbol *name;
	uint32_t map;		/* kenv.maps */
	kty type;		/* of the value, or pointer to the object */
	bool is_object;		/* array or struct: the name stands for its address */
};

struct kfailed {		/* a declaration with an error in it */
	const char *name;	/* it would have declared this, NAME-..., make-NAME and as-NAME */
	span at;
};

struct kenv {
	struct lisp *l;
	struct arena arena;
	struct arena work;	/* of the compilation under way; emptied after each */
	struct compile_host host;
	VEC(struct ksym) syms;			/* by symbol id */
	VEC(struct kmap *) maps;
	VEC(struct kstruct *) structs;		/* [0] null */
	VEC(struct kheader_field) headers;
	VEC(struct ktrace_field) traces;
	VEC(struct kfunction) functions;
	VEC(struct kkfunc) kfuncs;
	VEC(struct kglobal) globals;
	VEC(struct kenv_format) formats;	/* of printf, by number */
	VEC(struct kfailed) failed;
	struct btf *vmlinux;			/* opened on first need */
};

struct ksym *kenv_sym(struct kenv *k, const struct symbol *s);
/* kenv_sym without growing: null when the symbol means nothing here. */
const struct ksym *kenv_peek(const struct kenv *k, const struct symbol *s);
struct symbol *kenv_intern(struct kenv *k, const char *name);
/* For "did you mean". */
const char *kenv_suggest(struct kenv *k, str wanted, bool (*is)(const struct ksym *));

/* A name of the tables, whose words have '_' between them, as the language writes it. */
char *kenv_dashed(struct arena *a, str name);
/* One more name of a list in a message, as the language writes it; the list ends with "..." where
 * it grows too long. */
void kenv_list_name(struct buf *list, str name);
/* A C identifier as the language writes it: small letters, '-' for '_'. */
const char *kenv_lisp_name(struct kenv *k, const char *c);
/* btf.c: size, count and sign of a member, all dimensions of an array as one; the type of
 * an element, 0 when it has no size. */
uint32_t kenv_extent(const struct btf *b, uint32_t type, struct kenv_field *f);
/* Under its name, in the place of one that was there; it is complete but for pub.fields. */
void kenv_add_struct(struct kenv *k, const struct symbol *name, struct kstruct *st);
void kenv_add_map(struct kenv *k, struct kmap *m);

/* map.c */
bool kenv_defmap(struct kenv *k, value form, struct diags *ds);
/* struct.c */
bool kenv_defstruct(struct kenv *k, value form, struct diags *ds);
bool kenv_defunion(struct kenv *k, value form, struct diags *ds);
bool kenv_defheader(struct kenv *k, value form, struct diags *ds);
void kenv_builtin_headers(struct kenv *k);
void kenv_builtin_structs(struct kenv *k);
uint32_t kenv_struct_index(struct kenv *k, value name);	/* 0 when it is none */
/* An integer type, struct or array of them: size, count, sign into *f. */
bool kenv_data_type(struct kenv *k, value form, span at, struct kenv_field *f, uint32_t *align,
		    struct diags *ds);
/* fn.c */
bool kenv_defn(struct kenv *k, value form, struct diags *ds);
bool kenv_defglobal(struct kenv *k, value form, struct diags *ds);
/* Is `name` unknown only because its declaration failed? Where that has just been said, another
 * error says nothing new: true, and it counts without being shown. Otherwise the caller
 * complains, and kenv_blame() adds where the declaration is. */
bool kenv_excused(struct kenv *k, str name, struct diags *ds);
void kenv_blame(struct kenv *k, str name, struct diags *ds, struct diag *d);
/* kernel.c */
bool kenv_import_struct(struct kenv *k, value form, struct diags *ds);
bool kenv_defkfunc(struct kenv *k, value form, struct diags *ds);
/* Any kernel function, by its kernel name, declared on first use; its prototype is BTF's. */
bool kenv_kernel_function(struct kenv *k, const struct symbol *name, span at,
			  struct diags *ds);
/* One of the tables; false when it is none, or after saying that the kernel lacks it. */
bool kenv_known_kfunc(struct kenv *k, const struct symbol *name, span at, struct diags *ds);
/* The struct of the kernel with that BTF id, as a type of the language. */
uint32_t kenv_kernel_struct(struct kenv *k, uint32_t id);
/* The struct a pointer goes to; 0 when it is no such pointer. *tag: what the pointer says about
 * where it leads: "user", "percpu", "rcu"... */
uint32_t kenv_pointee(const struct btf *b, uint32_t id, const char **tag);
/* trace.c */
bool kenv_deftracepoint(struct kenv *k, value form, struct diags *ds);

/* Options of a declaration, :NAME VALUE, by their place in a table of names. */
enum { MAX_OPTIONS = 12 };
struct koptions {
	value v[MAX_OPTIONS];
	span at[MAX_OPTIONS];
	bool given[MAX_OPTIONS];
};
bool kenv_options(const char *what, value list, const char *const *names, int n,
		  struct koptions *o, struct diags *ds);
/* An integer expression of a declaration, evaluated by the Lisp machine where it is more
 * than a literal or a constant. */
bool kenv_integer(struct kenv *k, value form, span at, int64_t *out, struct diags *ds);
/* "foo_bar" of foo-bar. */
const char *kenv_c_name(struct arena *a, str lisp);
/* The i-th element of a list form, and its place. */
value nth(value form, unsigned i);
span arg_span(value form, unsigned i);

#endif
