/* SPDX-License-Identifier: MIT */
/* heap.c: the collector: mark and sweep, objects never move.
 *
 * Memory is cut in blocks of 64 KiB, each full of cells of one size; what does not fit in a
 * cell (long strings, vectors, tables, code) hangs off its object as a malloc'ed payload.
 * Every object carries a colour. The colour that means "reached" alternates, so that no
 * pass has to whiten what survived. Sweeping is lazy: a block is swept when its class runs
 * out of cells, and what was left unswept is swept before the next marking.
 *
 * Marking uses a stack of its own and so does not depend on the depth of the structure; a
 * list is followed along its cdrs without touching that stack. */
#include "lang/machine.h"

#include <stdio.h>
#include <stdlib.h>

const uint16_t heap_sizes[HEAP_CLASSES] = {
	16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512
};

unsigned
heap_class(size_t size)
{
	unsigned c = 0;

	while (heap_sizes[c] < size)
		c++;
	return c;
}

static void
out_of_memory(void)
{
	fputs("veery: out of memory\n", stderr);
	abort();
}

void *
heap_payload(struct lisp *l, void *old, size_t had, size_t want)
{
	void *p;

	if (want > had && (want > l->heap.limit || l->heap.bytes + want > l->heap.limit * 2))
		return NULL;
	p = realloc(old, want ? want : 1);
	if (!p)
		return NULL;
	l->heap.bytes += want - had;
	if (want > had) {
		l->heap.since += want - had;
		if (l->heap.since > l->heap.threshold) {
			l->gc_wanted = true;
			l->steps = 0;
		}
	}
	return p;
}

void
heap_release(struct lisp *l, void *p, size_t n)
{
	l->heap.bytes -= n;
	free(p);
}

/* What an object owns beside its cell. */
static void
finalize(struct lisp *l, struct object *o)
{
	switch (o->header & 0xff) {
	case OBJ_STRING: {
		struct string_obj *s = (struct string_obj *)o;

		if (s->p != s->inline_)
			heap_release(l, s->p, s->cap);
		break;
	}
	case OBJ_VECTOR: {
		struct vector_obj *v = (struct vector_obj *)o;

		if (v->at != v->inline_)
			heap_release(l, v->at, v->cap * sizeof(value));
		break;
	}
	case OBJ_TABLE: {
		struct table_obj *t = (struct table_obj *)o;

		heap_release(l, t->at, t->cap * sizeof *t->at);
		heap_release(l, t->index, t->index ? (t->mask + 1) * sizeof *t->index : 0);
		break;
	}
	case OBJ_CODE: {
		struct code *c = (struct code *)o;

		heap_release(l, c->mem, c->mem_size);
		break;
	}
	case OBJ_SYMBOL:
		symbol_release(l, (struct symbol *)o);
		break;
	default:
		break;
	}
}

static bool
has_payload(uint64_t header)
{
	uint64_t t = header & 0xff;

	return t == OBJ_STRING || t == OBJ_VECTOR || t == OBJ_TABLE || t == OBJ_CODE ||
	       t == OBJ_SYMBOL;
}

/* Put the unreached cells of a block on the free list; returns the bytes gained. */
static size_t
sweep_block(struct lisp *l, struct heap_block *b, unsigned cls)
{
	struct free_cell *list = l->heap.free[cls];
	uint64_t live = l->heap.live;
	size_t gained = 0;

	/* Backwards, so that the list hands out ascending addresses. */
	for (uint32_t i = b->count; i-- > 0; ) {
		struct free_cell *c = (struct free_cell *)(void *)(b->cells + i * b->size);

		if ((c->header & FLAG_COLOUR) == live)
			continue;
		if (has_payload(c->header))
			finalize(l, (struct object *)c);
		/* Looking for rooting bugs: what still uses the cell shall fail. */
		if (l->gc_stress)
			memset((char *)c + sizeof *c, 0xd8, b->size - sizeof *c);
		c->header = OBJ_FREE;
		c->next = list;
		list = c;
		gained += b->size;
	}
	l->heap.free[cls] = list;
	return gained;
}

/* A page's worth of fresh cells from the newest block, so that memory is touched only as it
 * is needed; a new block when that one is used up. */
static size_t
carve(struct lisp *l, unsigned cls)
{
	struct heap_block *b = l->heap.blocks[cls];
	uint32_t size = heap_sizes[cls], room = (HEAP_BLOCK - sizeof *b) / size;
	uint32_t n = 4096 / size, first;

	if (!b || b->count == room) {
		b = malloc(HEAP_BLOCK);
		if (!b)
			out_of_memory();
		memory_populate(b, HEAP_BLOCK);
		b->size = size;
		b->count = 0;
		b->next = l->heap.blocks[cls];
		l->heap.blocks[cls] = b;
		l->heap.bytes += HEAP_BLOCK;
	}
	first = b->count;
	n = n < room - first ? n : room - first;
	b->count += n;
	for (uint32_t i = first + n; i-- > first; ) {
		struct free_cell *c = (struct free_cell *)(void *)(b->cells + i * size);

		c->header = OBJ_FREE;
		c->next = l->heap.free[cls];
		l->heap.free[cls] = c;
	}
	return (size_t)n * size;
}

void *
heap_slow(struct lisp *l, unsigned cls)
{
	struct free_cell *c;
	size_t gained = 0;

	while (l->heap.unswept[cls] && !gained) {
		struct heap_block *b = l->heap.unswept[cls];

		l->heap.unswept[cls] = b->next;
		gained = sweep_block(l, b, cls);
	}
	if (!gained)
		gained = carve(l, cls);
	l->heap.since += gained;
	/* A safe point soon: to collect, or to see that an expansion eats memory. */
	if (l->heap.since > l->heap.threshold)
		l->gc_wanted = true;
	if (l->gc_wanted || l->bounded)
		l->steps = 0;
	c = l->heap.free[cls];
	l->heap.free[cls] = c->next;
	return c;
}

/* ---- marking ------------------------------------------------------------------------ */

static void
push_mark(struct heap *h, value v)
{
	if (h->nmarks == h->marks_cap) {
		h->marks_cap = h->marks_cap ? h->marks_cap * 2 : 1024;
		h->marks = realloc(h->marks, h->marks_cap * sizeof *h->marks);
		if (!h->marks)
			out_of_memory();
	}
	h->marks[h->nmarks++] = v;
}

static bool
is_pointer(value v)
{
	return (v & 1) == 0 && (v & 7) != 2 && v != 0;
}

/* Colour o; true when it was not yet reached. */
static inline bool
reach(struct heap *h, struct object *o)
{
	if ((o->header & FLAG_COLOUR) == h->live)
		return false;
	o->header = (o->header & ~(uint64_t)FLAG_COLOUR) | h->live;
	return true;
}

static inline void
mark_later(struct heap *h, value v)
{
	if (is_pointer(v))
		push_mark(h, v);
}

static void
mark_array(struct heap *h, const value *at, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		mark_later(h, at[i]);
}

/* About the bytes an object and its payload take. */
static size_t
size_of(const struct object *o)
{
	switch (o->header & 0xff) {
	case OBJ_STRING: return 40 + ((const struct string_obj *)o)->cap;
	case OBJ_VECTOR: return 40 + ((const struct vector_obj *)o)->cap * sizeof(value);
	case OBJ_TABLE: return 64 + ((const struct table_obj *)o)->cap * 24;
	case OBJ_CODE: return 128 + ((const struct code *)o)->mem_size;
	case OBJ_SYMBOL: return 96;
	default: return 32;
	}
}

static void
mark_parts(struct heap *h, struct object *o)
{
	switch (o->header & 0xff) {
	case OBJ_SYMBOL: {
		struct symbol *s = (struct symbol *)o;

		mark_later(h, s->global);
		mark_later(h, s->function);
		mark_later(h, s->macro);
		mark_later(h, s->plist);
		break;
	}
	case OBJ_VECTOR:
		mark_array(h, ((struct vector_obj *)o)->at, ((struct vector_obj *)o)->n);
		break;
	case OBJ_TABLE: {
		struct table_obj *t = (struct table_obj *)o;

		for (uint32_t i = 0; i < t->used; i++) {
			mark_later(h, t->at[i].key);
			mark_later(h, t->at[i].val);
		}
		break;
	}
	case OBJ_CLOSURE: {
		struct closure *c = (struct closure *)o;

		mark_later(h, (value)(uintptr_t)c->code);
		mark_array(h, c->caps, c->ncaps);
		break;
	}
	case OBJ_CODE:
		mark_array(h, ((struct code *)o)->consts, ((struct code *)o)->nconsts);
		mark_later(h, ((struct code *)o)->name);
		break;
	case OBJ_BOX:
		mark_later(h, ((struct box *)o)->v);
		break;
	case OBJ_RECORD:
		mark_later(h, ((struct record *)o)->type);
		mark_array(h, ((struct record *)o)->slots, ((struct record *)o)->n);
		break;
	case OBJ_ARRAY:
		mark_later(h, ((struct array_obj *)o)->data);
		break;
	case OBJ_STREAM:
		mark_later(h, ((struct stream *)o)->text);
		mark_later(h, ((struct stream *)o)->path);
		break;
	default:
		break;
	}
}

void
heap_mark(struct lisp *l, value v)
{
	struct heap *h = &l->heap;
	uint32_t floor = h->nmarks;

	mark_later(h, v);
	while (h->nmarks > floor) {
		v = h->marks[--h->nmarks];
		while (is_cons(v)) {
			struct cons *c = as_cons(v);

			if (!reach(h, (struct object *)c))
				break;
			h->marked += sizeof *c;
			mark_later(h, c->car);
			v = c->cdr;
		}
		if (!is_cons(v) && is_pointer(v)) {
			struct object *o = OBJ(object, v & ~(value)7);

			if (reach(h, o)) {
				h->marked += size_of(o);
				mark_parts(h, o);
			}
		}
	}
}

void
heap_collect(struct lisp *l)
{
	struct heap *h = &l->heap;

	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		for (; h->unswept[c]; h->unswept[c] = h->unswept[c]->next)
			sweep_block(l, h->unswept[c], c);
		h->free[c] = NULL;
		h->unswept[c] = h->blocks[c];
	}
	h->live ^= FLAG_COLOUR;
	h->marked = 0;
	lisp_mark_roots(l);
	h->collections++;
	l->gc_wanted = false;
	/* Twice the heap between collections: total work stays proportional to allocation. */
	h->since = 0;
	h->threshold = h->marked > HEAP_SLACK ? h->marked : HEAP_SLACK;
	if (h->threshold > h->limit / 4)
		h->threshold = h->limit / 4;
}

size_t
heap_live(struct lisp *l)
{
	size_t free_bytes = 0;

	for (unsigned c = 0; c < HEAP_CLASSES; c++)
		for (; l->heap.unswept[c]; l->heap.unswept[c] = l->heap.unswept[c]->next)
			free_bytes += sweep_block(l, l->heap.unswept[c], c);
	return l->heap.bytes > free_bytes ? l->heap.bytes - free_bytes : 0;
}

void
heap_settle(struct lisp *l)
{
	heap_live(l);
	memcpy(l->heap.settled, l->heap.free, sizeof l->heap.free);
}

bool
heap_touched(const struct lisp *l)
{
	return l->heap.since || memcmp(l->heap.settled, l->heap.free, sizeof l->heap.free) != 0;
}

void
heap_free(struct lisp *l)
{
	for (unsigned c = 0; c < HEAP_CLASSES; c++) {
		for (struct heap_block *b = l->heap.blocks[c], *next; b; b = next) {
			next = b->next;
			for (uint32_t i = 0; i < b->count; i++) {
				struct object *o = (void *)(b->cells + i * b->size);

				if (has_payload(o->header) &&
				    (o->header & 0xff) != OBJ_SYMBOL)
					finalize(l, o);
			}
			free(b);
		}
	}
	free(l->heap.marks);
}
