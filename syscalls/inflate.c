/* SPDX-License-Identifier: MIT */
/* inflate.c: unpacking gzip, for /proc/config.gz. Small rather than fast.
 *
 * A deflate stream (RFC 1951) is a sequence of blocks: stored, or coded with Huffman codes
 * that are fixed or described in the block's head. A code is canonical: its symbols are
 * sorted by length and then by value, and codes of one length count up from where those of
 * the length before left off, doubled. So decoding needs only how many codes each length has:
 * read bit by bit, and as soon as the number read, less the first code of this length, is
 * below that count, it is an index into the sorted symbols. */
#include "kconfig.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum {
	OUT_MAX = 16 << 20,
	MAX_BITS = 15,
	MAX_LITERALS = 288, MAX_DISTANCES = 32,
	GZIP_HEAD = 10, GZIP_TAIL = 8,
};

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16 };

struct stream {
	const uint8_t *in, *end;
	uint32_t bits, nbits;		/* read but not used */
	uint8_t *out;
	size_t n, cap;
	jmp_buf wrong;
};

struct code {
	uint16_t count[MAX_BITS + 1];
	uint16_t symbol[MAX_LITERALS];
};

static uint32_t
take(struct stream *s, uint32_t n)
{
	while (s->nbits < n) {
		if (s->in == s->end)
			longjmp(s->wrong, 1);
		s->bits |= (uint32_t)*s->in++ << s->nbits;
		s->nbits += 8;
	}

	uint32_t value = s->bits & ((1U << n) - 1);

	s->bits >>= n;
	s->nbits -= n;
	return value;
}

static void
put(struct stream *s, uint8_t byte)
{
	if (s->n + 1 >= s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 1 << 18;
		uint8_t *bigger = cap > OUT_MAX ? NULL : realloc(s->out, cap);

		if (!bigger)
			longjmp(s->wrong, 1);
		s->out = bigger;
		s->cap = cap;
	}
	s->out[s->n++] = byte;
}

static void
make_code(struct stream *s, struct code *c, const uint8_t *lengths, uint32_t n)
{
	uint16_t at[MAX_BITS + 2] = {0};
	int32_t left = 1;

	memset(c, 0, sizeof *c);
	for (uint32_t i = 0; i < n; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	for (int bits = 1; bits <= MAX_BITS; bits++) {
		left = left * 2 - c->count[bits];
		if (left < 0)		/* more codes than there is room for */
			longjmp(s->wrong, 1);
		at[bits + 1] = (uint16_t)(at[bits] + c->count[bits]);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (lengths[i])
			c->symbol[at[lengths[i]]++] = (uint16_t)i;
	}
}

static uint32_t
decode(struct stream *s, const struct code *c)
{
	uint32_t code = 0, first = 0, index = 0;

	for (int bits = 1; bits <= MAX_BITS; bits++) {
		code |= take(s, 1);
		if (code - first < c->count[bits])
			return c->symbol[index + code - first];
		index += c->count[bits];
		first = (first + c->count[bits]) << 1;
		code <<= 1;
	}
	longjmp(s->wrong, 1);
}

static void
read_codes(struct stream *s, struct code *literals, struct code *distances)
{
	static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13,
					  2, 14, 1, 15};
	uint8_t lengths[MAX_LITERALS + MAX_DISTANCES] = {0};
	uint32_t nliterals = take(s, 5) + 257, ndistances = take(s, 5) + 1;
	uint32_t nlengths = take(s, 4) + 4, n = 0;

	if (nliterals > 286)
		longjmp(s->wrong, 1);
	for (uint32_t i = 0; i < nlengths; i++)
		lengths[order[i]] = (uint8_t)take(s, 3);
	make_code(s, literals, lengths, 19);
	memset(lengths, 0, sizeof lengths);
	while (n < nliterals + ndistances) {
		uint32_t symbol = decode(s, literals), repeat = 1;
		uint8_t length = (uint8_t)symbol;

		if (symbol == 16) {
			if (n == 0)
				longjmp(s->wrong, 1);
			length = lengths[n - 1];
			repeat = 3 + take(s, 2);
		} else if (symbol >= 17) {
			length = 0;
			repeat = symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
		}
		if (repeat > nliterals + ndistances - n)
			longjmp(s->wrong, 1);
		while (repeat--)
			lengths[n++] = length;
	}
	make_code(s, literals, lengths, nliterals);
	make_code(s, distances, lengths + nliterals, ndistances);
}

static void
fixed_codes(struct stream *s, struct code *literals, struct code *distances)
{
	uint8_t lengths[MAX_LITERALS];

	for (int i = 0; i < MAX_LITERALS; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	make_code(s, literals, lengths, MAX_LITERALS);
	memset(lengths, 5, 30);
	make_code(s, distances, lengths, 30);
}

static void
coded_block(struct stream *s, const struct code *literals, const struct code *distances)
{
	static const uint16_t length_base[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23,
		27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
	static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
		3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
	uint32_t symbol;

	while ((symbol = decode(s, literals)) != 256) {
		if (symbol < 256) {
			put(s, (uint8_t)symbol);
			continue;
		}
		symbol -= 257;
		if (symbol >= sizeof length_extra)
			longjmp(s->wrong, 1);

		uint32_t length = length_base[symbol] + take(s, length_extra[symbol]);
		uint32_t d = decode(s, distances), distance = d + 1;

		if (d >= 30)
			longjmp(s->wrong, 1);
		if (d >= 4) {
			uint32_t extra = d / 2 - 1;

			distance = ((2 + d % 2) << extra) + 1 + take(s, extra);
		}
		if (distance > s->n)
			longjmp(s->wrong, 1);
		while (length--)
			put(s, s->out[s->n - distance]);
	}
}

static void
stored_block(struct stream *s)
{
	s->bits = s->nbits = 0;

	uint32_t n = take(s, 16);

	if (take(s, 16) != (n ^ 0xffff))
		longjmp(s->wrong, 1);
	while (n--)
		put(s, (uint8_t)take(s, 8));
}

static void
inflate(struct stream *s)
{
	struct code literals, distances;
	uint32_t last;

	do {
		last = take(s, 1);
		switch (take(s, 2)) {
		case 0:
			stored_block(s);
			break;
		case 1:
			fixed_codes(s, &literals, &distances);
			coded_block(s, &literals, &distances);
			break;
		case 2:
			read_codes(s, &literals, &distances);
			coded_block(s, &literals, &distances);
			break;
		default:
			longjmp(s->wrong, 1);
		}
	} while (!last);
}

static uint32_t
crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0U;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void
skip_text(struct stream *s)
{
	while (take(s, 8))
		continue;
}

static void
gzip_member(struct stream *s)
{
	uint32_t magic = take(s, 16), method = take(s, 8), flags = take(s, 8);

	if (magic != 0x8b1f || method != 8)
		longjmp(s->wrong, 1);
	for (int i = 4; i < GZIP_HEAD; i++)
		take(s, 8);
	if (flags & FLAG_EXTRA) {
		for (uint32_t n = take(s, 16); n--;)
			take(s, 8);
	}
	if (flags & FLAG_NAME)
		skip_text(s);
	if (flags & FLAG_COMMENT)
		skip_text(s);
	if (flags & FLAG_HCRC)
		take(s, 16);
	inflate(s);
	s->bits = s->nbits = 0;

	uint32_t crc = take(s, 16);

	crc |= take(s, 16) << 16;
	if (crc != crc32(s->out, s->n))
		longjmp(s->wrong, 1);
}

char *
sys_gunzip(const void *data, size_t n, size_t *size)
{
	struct stream *s = calloc(1, sizeof *s);
	char *result = NULL;

	if (!s)
		return NULL;
	s->in = data;
	s->end = s->in + n;
	if (setjmp(s->wrong) == 0) {
		gzip_member(s);
		put(s, 0);
		*size = s->n - 1;
		result = (char *)s->out;
	} else {
		free(s->out);
	}
	free(s);
	return result;
}
