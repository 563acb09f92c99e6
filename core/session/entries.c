/* SPDX-License-Identifier: MIT */
/* entries.c: reading a whole map: in batches where the kernel has them for its type, key by
 * key otherwise. While a program changes the map, entries may be missed or seen twice by key;
 * what is returned has each key once. */
#include "internal.h"
#include "reasons.h"

#include "syscalls/bpf.h"

#include <errno.h>
#include <stdlib.h>

enum { BATCH = 1024 };

static void
make_room(struct arena *a, struct map_entries *e, uint32_t *cap, uint32_t need)
{
	while (need > *cap) {
		uint32_t keys = *cap * e->key_size, values = *cap * e->value_size;

		*cap *= 2;
		e->keys = arena_grow(a, e->keys, &keys, *cap * e->key_size, 1);
		e->values = arena_grow(a, e->values, &values, *cap * e->value_size, 1);
	}
}

/* 1 done, 0 the kernel has no batches for this map, negative errno. */
static int
read_batches(struct map *m, struct arena *a, struct map_entries *e, uint32_t *cap)
{
	unsigned char *where = arena_alloc(a, m->spec.key_size < 8 ? 8 : m->spec.key_size);
	const void *in = NULL;
	uint32_t room = BATCH;

	for (;;) {
		struct sys_batch b = {.in = in, .out = where, .count = &(uint32_t){room}};
		int err;

		make_room(a, e, cap, e->n + room);
		b.keys = e->keys + (size_t)e->n * e->key_size;
		b.values = e->values + (size_t)e->n * e->value_size;
		err = sys_map_lookup_batch(m->fd, &b);
		if (err == -ENOSPC && room < m->spec.max_entries) {
			room *= 2;	/* a bucket larger than the batch */
			continue;
		}
		if (err && err != -ENOENT)
			return in ? err : 0;
		e->n += *b.count;
		if (err == -ENOENT || *b.count == 0)
			return 1;
		in = where;
	}
}

static int
read_one_by_one(struct map *m, struct arena *a, struct map_entries *e, uint32_t *cap)
{
	unsigned char *key = arena_alloc(a, e->key_size), *next = arena_alloc(a, e->key_size);
	const void *last = NULL;

	e->n = 0;
	while (e->n < m->spec.max_entries && sys_map_next_key(m->fd, last, next) == 0) {
		make_room(a, e, cap, e->n + 1);
		memcpy(key, next, e->key_size);
		last = key;
		/* Deleted since: skip it. */
		if (sys_map_lookup(m->fd, key, e->values + (size_t)e->n * e->value_size, 0))
			continue;
		memcpy(e->keys + (size_t)e->n * e->key_size, key, e->key_size);
		e->n++;
	}
	return 1;
}

/* Little-endian keys of integer size compare as integers, others byte by byte. */
static int
compare_keys(const void *x, const void *y, void *ud)
{
	const struct map_entries *e = ud;
	const unsigned char *a = e->keys + (size_t)*(const uint32_t *)x * e->key_size;
	const unsigned char *b = e->keys + (size_t)*(const uint32_t *)y * e->key_size;
	uint64_t m = 0, n = 0;

	if (e->key_size > 8)
		return memcmp(a, b, e->key_size);
	memcpy(&m, a, e->key_size);
	memcpy(&n, b, e->key_size);
	return (m > n) - (m < n);
}

/* Into order of key, each key once. */
static void
sort_entries(struct arena *a, struct map_entries *e)
{
	uint32_t *order = arena_array(a, uint32_t, e->n + 1), n = 0;
	unsigned char *keys = arena_alloc(a, (size_t)e->n * e->key_size + 1);
	unsigned char *values = arena_alloc(a, (size_t)e->n * e->value_size + 1);

	for (uint32_t i = 0; i < e->n; i++)
		order[i] = i;
	qsort_r(order, e->n, sizeof *order, compare_keys, e);
	for (uint32_t i = 0; i < e->n; i++) {
		const unsigned char *key = e->keys + (size_t)order[i] * e->key_size;

		if (n && memcmp(keys + (size_t)(n - 1) * e->key_size, key, e->key_size) == 0)
			continue;
		memcpy(keys + (size_t)n * e->key_size, key, e->key_size);
		memcpy(values + (size_t)n * e->value_size,
		       e->values + (size_t)order[i] * e->value_size, e->value_size);
		n++;
	}
	e->keys = keys;
	e->values = values;
	e->n = n;
}

bool
session_map_entries(struct session *s, struct map *m, struct arena *a, struct map_entries *out,
		    span at, struct diags *ds)
{
	uint32_t cap = BATCH;
	int done;

	*out = (struct map_entries){.key_size = m->spec.key_size,
				    .value_size = map_transfer_size(m)};
	if (session_map_fd(s, m, at, ds) < 0)
		return false;
	if (!out->key_size) {
		diag_error(ds, "S0004", at, "`%s` has no keys to go through", m->name);
		return false;
	}
	out->keys = arena_alloc(a, (size_t)cap * out->key_size);
	out->values = arena_alloc(a, (size_t)cap * out->value_size);
	done = read_batches(m, a, out, &cap);
	if (done == 0)
		done = read_one_by_one(m, a, out, &cap);
	if (done < 0) {
		diag_error(ds, "K0030", at, "cannot read map `%s`: %s", m->name, reason_error(done));
		return false;
	}
	sort_entries(a, out);
	return true;
}
