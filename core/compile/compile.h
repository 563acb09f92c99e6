/* SPDX-License-Identifier: MIT */
/* compile.h: kernel-side forms in, image out. The public face of core/compile.
 *
 * `struct kenv` holds what kernel-side code can name: maps, structs, unions, headers,
 * tracepoints, constants. One per session; declarations update it, programs read it. */
#ifndef VEERY_COMPILE_H
#define VEERY_COMPILE_H

#include "image/image.h"
#include "lang/lisp.h"

struct kenv;

/* What only the host can fetch. Each may be null. Texts and BTF stay owned by the host and
 * valid for its life. */
struct compile_host {
	void *ud;
	/* The running kernel's (or chosen) vmlinux BTF; false when there is none. */
	bool (*vmlinux_btf)(void *ud, const void **data, size_t *size);
	/* Contents of tracefs events/CATEGORY/EVENT/format; .p null with *why set when not
	 * readable ("tracefs is not mounted: mount -t tracefs ..."). */
	str (*tracepoint_format)(void *ud, const char *category, const char *event,
				 const char **why);
};

struct kenv *kenv_new(struct lisp *l, const struct compile_host *host);
void kenv_free(struct kenv *k);

/* defmap, defstruct, defunion, defheader, defconstant, deftracepoint, import-kernel-struct:
 * true when `head` is one of them. */
bool kenv_is_declaration(const struct symbol *head);
/* Declare one; redeclaring replaces. False after adding diags, the old one then stays. */
bool kenv_declare(struct kenv *k, value form, struct diags *ds);

/* Indices of the phases in compile_stats.ns, also the names `veery bench` prints. */
enum compile_phase {
	PH_READ,
	PH_EXPAND,
	PH_LOWER,
	PH_PASSES,
	PH_REGISTERS,
	PH_EMIT,
	PH_COUNT
};
struct compile_stats {
	uint64_t ns[PH_COUNT];
};
struct compile_opts {
	uint64_t disabled_passes;	/* bit per entry of the pass list */
	const char *dump_after;		/* pass whose IR text is wanted, or null */
	str *dump;			/* receives it */
	bool no_optimise;
	bool for_object;		/* types of kernel functions too, which loaders of files need */
};

/* Compile one defprog form into an image: adds one program and those maps it uses that are
 * not yet there. Called again with the same image (and arena) for the further programs of a
 * file, it goes on: types are added to image.builder, ids given out earlier stay valid, and
 * image.btf is serialised anew. An empty image is {.arena = a, .sources = s}. Returns false
 * after adding at least one error to ds. `opts`, `stats` may be null. */
bool compile_prog(struct kenv *k, value defprog, struct arena *a, struct image *out,
		  const struct compile_opts *opts, struct compile_stats *stats,
		  struct diags *ds);

/* A constant of the kernel's headers, the protocols or the program: XDP_PASS, BPF_NOEXIST. */
bool kenv_constant(struct kenv *k, const struct symbol *s, int64_t *out);

/* The maps declared so far, in order of declaration. */
const struct image_map *kenv_map(const struct kenv *k, uint32_t i);	/* null past the end */
const struct image_map *kenv_map_named(const struct kenv *k, str name);


/* BTF of a declared map's keys and values into im, their ids there into m; neither where this
 * type of map takes none. im has an arena and nothing else. */
void compile_map_types(struct kenv *k, struct image_map *m, struct image *im);

/* Layout of a declared struct or union, for decoding its bytes on the user side. */
struct kenv_field {
	const char *name;
	uint32_t offset;		/* bytes */
	uint32_t size;			/* of one element, bytes */
	uint32_t count;			/* elements; 1 for scalars */
	uint8_t bit_offset, bit_size;	/* bit_size 0: no bit field */
	bool is_array;			/* (array T 1) is one, a scalar is not */
	bool is_signed;
	bool is_text;			/* char[] of C */
	const char *struct_name;	/* element is this struct; null for integers */
};
struct kenv_struct {
	const char *name;
	uint32_t size;
	const struct kenv_field *fields;
	uint32_t nfields;
};
/* The structs and unions the program defines, in order; null past the end. */
const struct kenv_struct *kenv_struct_at(const struct kenv *k, uint32_t i);
const struct kenv_struct *kenv_struct_named(const struct kenv *k, str name);	/* or null */
/* Bytes of a struct or of an integer type; 0 when it is none. */
uint32_t kenv_sizeof(const struct kenv *k, str name);

/* env/btf.c: maps that were defined elsewhere, by their BTF. The structs of the keys and values
 * become known here, under their names or, when these mean something else, MAP-key and MAP-value;
 * m gets their names. */
struct btf;
void kenv_adopt_types(struct kenv *k, struct btf *b, struct image_map *m);
/* The kernel's types, opened on first need; null after saying why there are none. */
struct btf *kenv_vmlinux(struct kenv *k, span at, struct diags *ds);
/* The host has other types now: structs that were imported are looked up again by name. */
void kenv_reset_vmlinux(struct kenv *k);
/* From now on programs may name the map. */
void kenv_adopt_map(struct kenv *k, const struct image_map *m);

/* (printf "format" ...): what a record of the ring FORMAT_RING begins with, in 8 bytes, is the
 * number of its format; the arguments follow, each at a multiple of 8. */
#define FORMAT_RING "%printf"
struct kenv_format {
	str text;
	uint32_t nargs;
	uint16_t *sizes;		/* bytes of a text, 0 for an integer of 8 */
};
const struct kenv_format *kenv_format(const struct kenv *k, uint32_t number);
/* The next part of a format: plain text (conversion 0) or a directive. */
struct format_piece {
	str text;
	char flags[6], conversion;
	int width, precision;		/* precision -1: none */
};
bool format_next(str *rest, struct format_piece *out);

/* What had no room is counted in the words of this map's only value, by map. */
#define LOST_MAP "%lost"
enum { LOST_SLOTS = 256 };	/* the last one is shared */
uint32_t kenv_lost_slot(const struct kenv *k, str name);

/* What a kernel-side name means, for (doc NAME), completion and "did you mean": one line of
 * syntax and a text; false when the compiler knows no such form. */
bool compile_doc(str name, const char **syntax, const char **text);
/* What an error code ("C0009") means, for `veery explain`; false when it is none. */
bool compile_explain(str code, const char **headline, const char **text);
/* The i-th kernel-side form's name; null past the end. */
const char *compile_form_name(uint32_t i);
/* Names of the passes in order, for --pass; null past the end. */
const char *compile_pass_name(uint32_t i);

#endif
