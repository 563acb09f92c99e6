/* SPDX-License-Identifier: MIT */
/* decode.h: bytes of maps, records and contexts as Lisp values, and back. Integers are in
 * the machine's byte order; structs become structures, see records.c. */
#ifndef VEERY_DECODE_H
#define VEERY_DECODE_H

#include "internal.h"

/* Bytes as what they are declared to be: struct `struct_name` when not null, else an integer
 * of 1, 2, 4 or 8 bytes (signed when asked), else a vector of bytes. */
value decode_bytes(struct session *s, const char *struct_name, bool is_signed,
		   const unsigned char *bytes, uint32_t size);
/* The reverse into `out`; false after raising an error at `at` that says what fits. */
bool encode_value(struct session *s, value v, const char *struct_name, unsigned char *out,
		  uint32_t size, span at);
/* A key, or a value as bpf(2) transfers it (per-CPU: a vector, one element per CPU). */
value decode_key(struct session *s, const struct map *m, const unsigned char *bytes);
value decode_value(struct session *s, const struct map *m, const unsigned char *bytes);
bool encode_key(struct session *s, const struct map *m, value v, unsigned char *out, span at);
bool encode_map_value(struct session *s, const struct map *m, value v, unsigned char *out,
		      span at);
/* Zero-terminated printable text in an array of bytes? Then `*text` is it. */
bool bytes_are_text(const unsigned char *bytes, uint32_t size, str *text);

#endif
