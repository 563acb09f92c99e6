/* SPDX-License-Identifier: MIT */
/* words.c: an input in words. */
#include "origin.h"

#include "base/buf.h"
#include "facts/facts.h"

enum { MAX_PARTS = 3 };

static void
separate(struct buf *b, unsigned n)
{
	buf_puts(b, n ? ", " : "");
}

/* Runs of bytes that were chosen: "bytes 12-13 = 08 00". */
static unsigned
chosen_bytes(struct buf *b, const char *what, const uint8_t *bytes, const bool *set, uint32_t n,
	     unsigned parts)
{
	for (uint32_t i = 0; i < n && parts < MAX_PARTS; i++) {
		uint32_t from = i;

		if (!set[i])
			continue;
		while (i + 1 < n && set[i + 1] && i + 1 - from < 8)
			i++;
		separate(b, parts++);
		if (i > from)
			buf_printf(b, "%s bytes %u-%u =", what, from, i);
		else
			buf_printf(b, "%s byte %u =", what, from);
		for (uint32_t k = from; k <= i; k++)
			buf_printf(b, " %02x", bytes[k]);
	}
	return parts;
}

static const char *
ctx_struct(uint32_t type)
{
	switch (type) {
	case BPF_PROG_TYPE_XDP: return "xdp_md";
	case BPF_PROG_TYPE_KPROBE: return "pt_regs";
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT: case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_SOCKET_FILTER: case BPF_PROG_TYPE_SK_SKB:
		return "__sk_buff";
	}
	return "";
}

static uint32_t
load_size(const struct bpf_insn *in)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};

	return BPF_CLASS(in->code) == BPF_LDX ? sizes[BPF_SIZE(in->code) >> 3] : 0;
}

/* Does the program read any of so many bytes at that offset of anything? */
static bool
reads(const struct image_prog *p, uint32_t off, uint32_t n)
{
	for (uint32_t i = 0; i < p->ninsns; i++)
		if (p->insns[i].off < (int32_t)(off + n) &&
		    p->insns[i].off + (int32_t)load_size(&p->insns[i]) > (int32_t)off)
			return true;
	return false;
}

/* What a load of the context gives that has no name: by its place, as a number. */
static unsigned
ctx_loads(struct buf *b, const struct image_prog *p, const struct world *w, bool *rest,
	  unsigned parts)
{
	bool args = p->type == BPF_PROG_TYPE_RAW_TRACEPOINT || p->type == BPF_PROG_TYPE_TRACING;

	for (uint32_t i = 0; i < p->ninsns && parts < MAX_PARTS; i++) {
		int32_t off = p->insns[i].off;
		uint32_t n = load_size(&p->insns[i]);
		int64_t v = 0;

		if (!n || off < 0 || off + n > MAX_CTX || !memchr(rest + off, 1, n))
			continue;
		memcpy(&v, w->ctx + off, n);
		memset(rest + off, 0, n);
		separate(b, parts++);
		if (args && n == 8 && off % 8 == 0)
			buf_printf(b, "argument %d = %lld", off / 8 + 1, (long long)v);
		else
			buf_printf(b, "the context's %u byte%s at %d = %lld", n, n == 1 ? "" : "s", off,
				   (long long)v);
	}
	return parts;
}

/* Context fields by name where they have one. */
static unsigned
ctx_fields(struct buf *b, const struct image_prog *p, const struct world *w, unsigned parts)
{
	bool rest[MAX_CTX];
	uint32_t n = 0;
	const struct fact_ctx_field *f = fact_ctx_fields(ctx_struct(p->type), &n);

	for (uint32_t i = 0; i < MAX_CTX; i++)
		rest[i] = w->ctx_set[i] && reads(p, i, 1);
	for (uint32_t i = 0; f && i < n && parts < MAX_PARTS; i++) {
		uint64_t v = 0;

		if (f[i].offset + f[i].size > MAX_CTX || !w->ctx_set[f[i].offset])
			continue;
		memset(rest + f[i].offset, 0, f[i].size);
		if (!strncmp(f[i].name, "data", 4) || !reads(p, f[i].offset, f[i].size))
			continue;
		memcpy(&v, w->ctx + f[i].offset, f[i].size);
		separate(b, parts++);
		buf_printf(b, "`%s` = %lu", f[i].name, v);
	}
	return ctx_loads(b, p, w, rest, parts);
}

/* The map of a call: the nearest load of one before it. */
static const char *
map_of_call(const struct image *im, const struct image_prog *p, uint32_t insn)
{
	const char *name = NULL;

	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].kind == RELOC_MAP && p->relocs.at[i].insn < insn &&
		    p->relocs.at[i].map < im->maps.n)
			name = im->maps.at[p->relocs.at[i].map]->lisp_name;
	return name;
}

static const char *
helper_name(const struct image *im, const struct image_prog *p, uint32_t insn, struct arena *a)
{
	const struct fact_helper *h = fact_helper((uint32_t)p->insns[insn].imm);
	const char *called = h ? h->name : "a helper";
	char *name;

	if (p->insns[insn].src_reg) {
		called = "a kernel function";
		for (uint32_t i = 0; i < p->relocs.n; i++)
			if (p->relocs.at[i].insn == insn && p->relocs.at[i].name)
				called = p->relocs.at[i].name;
	}
	name = arena_strdup(a, called);

	for (char *c = name; im->builder && *c; c++)	/* spelled as our language does */
		*c = *c == '_' ? '-' : *c;
	return name;
}

static void
presence(struct buf *b, const struct image *im, const struct image_prog *p,
	 const struct choice *c, struct arena *a)
{
	uint32_t id = p->insns[c->insn].src_reg ? 0 : (uint32_t)p->insns[c->insn].imm;
	const char *map = map_of_call(im, p, c->insn);
	bool missing = c->bytes[0];

	if (id == BPF_FUNC_map_lookup_elem && map)
		buf_printf(b, missing ? "the key is not in `%s`" : "the key is in `%s`", map);
	else if (id == BPF_FUNC_tail_call && map)
		buf_printf(b, missing ? "`%s` has no program there" : "`%s` has a program there", map);
	else if ((id == BPF_FUNC_ringbuf_reserve || id == BPF_FUNC_ringbuf_reserve_dynptr) && map)
		buf_printf(b, missing ? "`%s` is full" : "`%s` has room", map);
	else
		buf_printf(b, missing ? "`%s` fails" : "`%s` succeeds", helper_name(im, p, c->insn, a));
}

static bool
is_tail_call(const struct image_prog *p, const struct choice *c)
{
	return !p->insns[c->insn].src_reg && p->insns[c->insn].imm == BPF_FUNC_tail_call;
}

static unsigned
choices(struct buf *b, const struct image *im, const struct image_prog *p, const struct world *w,
	uint32_t n, unsigned parts, struct arena *a)
{
	for (uint32_t i = 0; i < n && i < MAX_CHOICES && parts < MAX_PARTS; i++) {
		const struct choice *c = &w->choices[i];
		uint64_t v = 0;

		if (!c->bytes || (!c->decided && !(c->what == RUN_MISSING && c->bytes[0]) &&
				  !is_tail_call(p, c)))
			continue;
		if (c->what == RUN_MISSING) {
			struct buf one = buf_new(a);

			presence(&one, im, p, c, a);
			if (b->n >= one.n && !memcmp(b->at + b->n - one.n, one.at, one.n))
				continue;	/* the same again: once is enough */
			separate(b, parts++);
			buf_str(b, buf_text(&one));
			continue;
		}
		separate(b, parts++);
		memcpy(&v, c->bytes, c->n < 8 ? c->n : 8);
		if (c->what == RUN_NUMBER)
			buf_printf(b, "`%s` returns %lu", helper_name(im, p, c->insn, a), v);
		else if (c->what == RUN_CONTENTS)
			buf_printf(b, "the entry begins with %lu", v);
		else
			buf_printf(b, "`%s` delivers %lu first", helper_name(im, p, c->insn, a), v);
	}
	return parts;
}

const char *
world_words(const struct image *im, const struct image_prog *p, const struct world *w,
	    uint32_t n, bool packet, struct arena *a)
{
	struct buf b = buf_new(a);
	unsigned parts = 0;

	bool filled = w->len && !memchr(w->packet_set, 0, w->len);

	if (w->len && packet) {
		buf_printf(&b, "a packet of %u bytes", w->len);
		if (filled)
			buf_printf(&b, ", all of them %02x", w->packet[0]);
		parts++;
	}
	parts = choices(&b, im, p, w, n, parts, a);
	parts = ctx_fields(&b, p, w, parts);
	if (packet && !filled)
		parts = chosen_bytes(&b, "packet", w->packet, w->packet_set, w->len, parts);
	for (uint32_t i = 0; i < w->npokes && parts < MAX_PARTS; i++) {
		separate(&b, parts++);
		buf_printf(&b, "a map value holds %lu", w->pokes[i].v);
	}
	if (!parts)
		buf_puts(&b, "any input");
	return buf_text(&b).p;
}

const char *
world_listing(const struct image *im, const struct image_prog *p, const struct world *w,
	      uint32_t n, struct arena *a)
{
	struct buf b = buf_new(a);

	buf_puts(&b, "");
	if (w->len) {
		buf_puts(&b, "packet:");
		for (uint32_t i = 0; i < w->len; i++)
			buf_printf(&b, " %02x", w->packet[i]);
		buf_putc(&b, '\n');
	}
	for (uint32_t i = 0; i < MAX_CTX; i++)
		if (w->ctx_set[i])
			buf_printf(&b, "context byte %u: %02x\n", i, w->ctx[i]);
	for (uint32_t i = 0; i < n && i < MAX_CHOICES; i++) {
		const struct choice *c = &w->choices[i];

		if (!c->bytes)
			continue;
		buf_printf(&b, "instruction %u: ", c->insn);
		if (c->what == RUN_MISSING) {
			presence(&b, im, p, c, a);
		} else {
			buf_printf(&b, "%s:", helper_name(im, p, c->insn, a));
			for (uint32_t k = 0; k < c->n; k++)
				buf_printf(&b, " %02x", c->bytes[k]);
		}
		buf_putc(&b, '\n');
	}
	for (uint32_t i = 0; i < w->npokes; i++)
		buf_printf(&b, "map value %u, byte %u: %lu\n", w->pokes[i].object, w->pokes[i].off,
			   w->pokes[i].v);
	return buf_text(&b).p;
}
