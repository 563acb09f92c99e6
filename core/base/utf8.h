/* SPDX-License-Identifier: MIT */
/* utf8.h: decoding UTF-8 (RFC 3629) and the width of characters in a terminal. */
#ifndef VEERY_UTF8_H
#define VEERY_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes in the valid sequence at p (1 to 4), or 0 when it is not UTF-8. n > 0. */
unsigned utf8_len(const char *p, size_t n);
/* The code point of the valid sequence of `len` bytes at p. */
uint32_t utf8_decode(const char *p, unsigned len);
/* Writes 1 to 4 bytes, returns how many. */
unsigned utf8_encode(uint32_t cp, char out[4]);
/* Terminal columns of a code point: 0 combining, 1, or 2 wide. */
unsigned utf8_width(uint32_t cp);

#endif
