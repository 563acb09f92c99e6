/* SPDX-License-Identifier: MIT */
/* mapops.c: maps as Lisp values at the prompt: (map-ref m k), (dump m), (ring-poll m) ... */
#include "aggregate.h"
#include "decode.h"
#include "reasons.h"

#include "base/buf.h"
#include "syscalls/bpf.h"
#include "syscalls/ring.h"

#include <errno.h>

enum { LARGEST_KEY = 512, LARGEST_VALUE = 1 << 20, DEFAULT_POLL_MS = 100 };

struct entry {
	struct map *map;
	unsigned char key[LARGEST_KEY];
	unsigned char *value;		/* map_transfer_size() bytes */
	struct arena arena;
};

/* The map of argument 0, live, with argument 1 as its key. Free e->arena in any case. */
static bool
get_entry(struct session *s, struct lisp_args args, struct entry *e)
{
	arena_init(&e->arena);
	e->map = arg_map(s, args, 0);
	if (!e->map || session_map_fd(s, e->map, args.call, lisp_diags(s->lisp)) < 0)
		return false;
	if (e->map->spec.key_size > LARGEST_KEY || map_transfer_size(e->map) > LARGEST_VALUE)
		return lisp_error(s->lisp, args.call, "entries of `%s` are too large for the prompt",
				  e->map->name);
	e->value = arena_alloc(&e->arena, map_transfer_size(e->map) + 8);
	if (args.n < 2 || !e->map->spec.key_size)
		return true;
	return encode_key(s, e->map, args.at[1], e->key, args.call);
}

static bool
failed(struct session *s, struct lisp_args args, const struct map *m, const char *what, int err)
{
	static const struct { int err; const char *means; } known[] = {
		{ENOENT, "there is no such key"},
		{EEXIST, "the key is there already"},
		{E2BIG, "the map is full, or the index is past its end"},
		{EPERM, "the map is frozen or read-only"},
		{KERNEL_ENOTSUPP, "this type of map does not offer that"},
		{EOPNOTSUPP, "this type of map does not offer that"},
	};

	const char *means = reason_error(err);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].err == -err)
			means = known[i].means;
	diag_error(lisp_diags(s->lisp), "K0041", args.call, "cannot %s `%s`: %s", what, m->name,
		   means)->err = -err;
	return false;
}

/* The end of an operation that gave `err` when `ok`, 0 or a negated errno: a missing key is an
 * answer, the rest says what could not be done. */
static bool
put_entry(struct session *s, struct lisp_args args, struct entry *e, bool ok, const char *what,
	  int err)
{
	if (ok && err && err != -ENOENT)
		ok = failed(s, args, e->map, what, err);
	arena_free(&e->arena);
	return ok;
}

/* (map-ref @name key...): the group of these keys. */
static bool
group_ref(struct session *s, struct map *m, struct lisp_args args, value *out)
{
	struct arena a;
	struct agg_table t;
	unsigned char *key;
	bool ok;

	*out = NIL;
	if (args.n - 1 != m->spec.agg->nkeys)
		return lisp_error(s->lisp, args.call, "`%s` has %u keys, found %u", m->name,
				  m->spec.agg->nkeys, args.n - 1);
	arena_init(&a);
	key = arena_alloc(&a, m->spec.key_size);
	ok = agg_read(s, m, &a, &t, args.call, lisp_diags(s->lisp));
	for (uint32_t i = 0; ok && i < m->spec.agg->nkeys; i++) {
		const struct kenv_field *f = &t.keys->fields[i];

		ok = encode_value(s, args.at[i + 1], f->struct_name, key + f->offset,
				  f->size * f->count, args.call);
	}
	for (uint32_t i = 0; ok && i < t.n; i++)
		if (!t.at[i].key || memcmp(t.at[i].key, key, m->spec.key_size -
					   (t.nrows ? 8 : 0)) == 0)
			*out = agg_value(s, &t, &t.at[i]);
	arena_free(&a);
	return ok;
}

static bool
fn_map_ref(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct map *m = arg_map(s, args, 0);
	struct entry e;
	int err = 0;
	bool ok;

	(void)l;
	*out = NIL;
	if (m && m->spec.agg)
		return group_ref(s, m, args, out);
	if (!m || args.n > 2)
		return m && lisp_error(s->lisp, args.call, "map-ref takes one key");
	ok = get_entry(s, args, &e);
	if (ok) {
		err = sys_map_lookup(e.map->fd, e.map->spec.key_size ? e.key : NULL, e.value, 0);
		if (err == 0)
			*out = decode_value(s, e.map, e.value);
	}
	return put_entry(s, args, &e, ok, "read", err);
}

/* (set-map-ref m key value [flags]): what (setf (map-ref m key) value) becomes. */
static bool
fn_set_map_ref(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct entry e;
	bool ok = get_entry(s, args, &e);
	int64_t flags = 0;
	int err;

	(void)l;
	ok = ok && (args.n < 4 || arg_integer(s, args, 3, 0, INT64_MAX, &flags));
	ok = ok && encode_map_value(s, e.map, args.at[2], e.value, args.call);
	if (ok) {
		err = sys_map_update(e.map->fd, e.map->spec.key_size ? e.key : NULL, e.value,
				     (uint64_t)flags);
		if (err)
			ok = failed(s, args, e.map, "write", err);
	}
	arena_free(&e.arena);
	*out = args.at[2];
	return ok;
}

/* t when the key was there, nil when not. */
static bool
fn_map_delete(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct entry e;
	bool ok = get_entry(s, args, &e);
	int err = ok ? sys_map_delete(e.map->fd, e.key) : 0;

	(void)l;
	*out = ok && err == 0 ? T : NIL;
	return put_entry(s, args, &e, ok, "delete from", err);
}

/* (map-next-key m key): the key after `key`, the first for nil; nil after the last. */
static bool
fn_map_next_key(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct entry e;
	unsigned char next[LARGEST_KEY];
	bool first = args.at[1] == NIL;
	bool ok = get_entry(s, first ? (struct lisp_args){args.at, 1, args.call} : args, &e);
	int err = ok ? sys_map_next_key(e.map->fd, first ? NULL : e.key, next) : 0;

	(void)l;
	*out = ok && err == 0 ? decode_key(s, e.map, next) : NIL;
	return put_entry(s, args, &e, ok, "walk", err);
}

/* ---- whole maps ----------------------------------------------------------------------------- */

enum gather { GATHER_KEYS, GATHER_ENTRIES };

/* An aggregation's entries are its groups, merged over the processors. */
static bool
gather_groups(struct session *s, struct map *m, struct arena *a, enum gather what, span at,
	      value *out)
{
	struct agg_table t;

	if (!agg_read(s, m, a, &t, at, lisp_diags(s->lisp)))
		return false;
	for (uint32_t i = t.n; i-- > 0;) {
		value item = agg_key(s, &t, &t.at[i]);

		if (what == GATHER_ENTRIES)
			item = cons(s->lisp, item, agg_value(s, &t, &t.at[i]));
		*out = cons(s->lisp, item, *out);
	}
	return true;
}

static bool
gather(struct session *s, struct lisp_args args, enum gather what, value *out)
{
	struct map *m = arg_map(s, args, 0);
	struct map_entries e;
	struct arena a;
	bool ok;

	*out = NIL;
	if (!m)
		return false;
	arena_init(&a);
	if (m->spec.agg) {
		ok = gather_groups(s, m, &a, what, args.call, out);
		arena_free(&a);
		return ok;
	}
	ok = session_map_entries(s, m, &a, &e, args.call, lisp_diags(s->lisp));
	for (uint32_t i = ok ? e.n : 0; i-- > 0;) {
		value item = decode_key(s, m, e.keys + (size_t)i * e.key_size);

		if (what == GATHER_ENTRIES)
			item = cons(s->lisp, item,
				    decode_value(s, m, e.values + (size_t)i * e.value_size));
		*out = cons(s->lisp, item, *out);
	}
	arena_free(&a);
	return ok;
}

static bool
fn_map_keys(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	(void)l;
	return gather(ud, args, GATHER_KEYS, out);
}

static bool
fn_map_entries(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	(void)l;
	return gather(ud, args, GATHER_ENTRIES, out);
}

/* Delete every entry (array maps: zero it); how many there were. */
static bool
fn_map_clear(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct map *m = arg_map(s, args, 0);
	struct map_entries e;
	struct arena a;
	bool ok;

	if (!m)
		return false;
	arena_init(&a);
	ok = session_map_entries(s, m, &a, &e, args.call, lisp_diags(l));
	if (ok) {
		unsigned char *zero = arena_alloc(&a, e.value_size + 8);

		for (uint32_t i = 0; i < e.n; i++) {
			unsigned char *key = e.keys + (size_t)i * e.key_size;

			if (sys_map_delete(m->fd, key) == -EINVAL)
				sys_map_update(m->fd, key, zero, 0);
		}
		*out = make_int(l, e.n);
	}
	arena_free(&a);
	return ok;
}

/* One entry per line, sorted by key. */
static bool
fn_dump(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct arena a;
	struct buf b;
	value list;

	*out = NIL;
	if (!gather(s, args, GATHER_ENTRIES, &list))
		return false;
	arena_init(&a);
	b = buf_new(&a);
	for (value e = list; is_cons(e); e = cdr(e)) {
		buf_puts(&b, "  ");
		buf_str(&b, lisp_print(l, &a, car(car(e)), true));
		buf_puts(&b, " => ");
		buf_str(&b, lisp_print(l, &a, cdr(car(e)), true));
		buf_putc(&b, '\n');
	}
	session_write(s, "%s", b.n ? b.at : "  (empty)\n");
	arena_free(&a);
	return true;
}

/* ---- ring buffers ---------------------------------------------------------------------------- */

struct drain {
	struct session *session;
	const struct map *map;
	value function;		/* NIL: gather into a list */
	value gathered;		/* newest first */
	bool failed;
};

static int
on_record(void *ud, const void *data, size_t size)
{
	struct drain *d = ud;
	struct session *s = d->session;
	value ignored, rec = decode_bytes(s, d->map->spec.value_struct, d->map->spec.value_signed,
					  data, (uint32_t)size);
	uint32_t mark;

	if (d->function == NIL) {
		d->gathered = cons(s->lisp, rec, d->gathered);
		return 0;
	}
	mark = lisp_root(s->lisp, rec);
	d->failed = !lisp_call(s->lisp, d->function, &rec, 1, &ignored, lisp_diags(s->lisp));
	lisp_unroot(s->lisp, mark);
	return d->failed || s->interrupted;
}

static void
explain_ring(const struct map *m, int err, span at, struct diags *ds)
{
	diag_error(ds, "K0040", at, "cannot read ring buffer `%s`: %s", m->name,
		   reason_error(err))->err = -err;
}

struct sys_ring *
session_ring(struct session *s, struct map *m, span at, struct diags *ds)
{
	int err = 0;

	if (session_map_fd(s, m, at, ds) < 0)
		return NULL;
	if (m->spec.type != BPF_MAP_TYPE_RINGBUF) {
		diag_error(ds, "S0005", at, "`%s` is not a ring buffer", m->name);
		return NULL;
	}
	if (!m->ring)
		m->ring = sys_ring_open(m->fd, m->spec.max_entries, &err);
	if (!m->ring)
		explain_ring(m, err, at, ds);
	return m->ring;
}

static long
drain_ring(struct drain *d, struct map *m, int ms, span at, struct diags *ds)
{
	struct sys_ring *ring = session_ring(d->session, m, at, ds);
	long n = ring ? sys_ring_poll(ring, ms, on_record, d) : -1;

	if (!ring || d->failed)
		return -1;
	if (n < 0 && n != -EINTR) {
		explain_ring(m, (int)n, at, ds);
		return -1;
	}
	return n < 0 ? 0 : n;
}

long
session_drain(struct session *s, struct map *m, value function, int ms, span at,
	      struct diags *ds)
{
	struct drain d = {.session = s, .map = m, .function = function, .gathered = NIL};

	return drain_ring(&d, m, ms, at, ds);
}

/* (ring-poll map &optional milliseconds function): records as a list, or handed to function
 * and counted. Whistler's consumers, (MAP . FUNCTION) here, are polled as
 * (ring-poll consumer :timeout-ms milliseconds). */
static bool
fn_ring_poll(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	bool consumer = is_cons(args.at[0]);
	value plain[2] = {consumer ? car(args.at[0]) : args.at[0], NIL};
	struct lisp_args of = {.at = plain, .n = 1, .call = args.call};
	struct map *m = arg_map(s, of, 0);
	struct drain d = {.session = s, .map = m, .function = NIL, .gathered = NIL};
	int64_t ms = DEFAULT_POLL_MS;
	long n;

	if (consumer)
		d.function = cdr(args.at[0]);
	if (args.n == 3 && is_keyword(args.at[1])) {
		if (!arg_keyword(args, 1, "timeout-ms", &plain[1]))
			return lisp_error(l, args.call, "ring-poll has the option :timeout-ms");
		of.n = 2;
		args = of;
	}
	if (!m || (args.n > 1 && !arg_integer(s, args, 1, -1, 86400000, &ms)))
		return false;
	if (args.n > 2)
		d.function = args.at[2];
	n = drain_ring(&d, m, (int)ms, args.call, lisp_diags(l));
	if (n < 0)
		return false;
	*out = make_int(l, n);
	if (d.function == NIL)
		for (*out = NIL; is_cons(d.gathered); d.gathered = cdr(d.gathered))
			*out = cons(l, car(d.gathered), *out);
	return true;
}

void
session_define_map_operations(struct session *s)
{
	static const struct session_fn all[] = {
		{"map-ref", 1, 7, fn_map_ref,
		 "(map-ref MAP KEY)\nThe value at KEY, or nil. (setf (map-ref MAP KEY) VALUE) stores."},
		{"set-map-ref", 3, 4, fn_set_map_ref,
		 "(set-map-ref MAP KEY VALUE [FLAGS])\nStore an entry; flags are BPF_NOEXIST and the like."},
		{"map-remove", 2, 2, fn_map_delete,
		 "(map-remove MAP KEY)\nDelete an entry; t when it was there."},
		{"map-next-key", 2, 2, fn_map_next_key,
		 "(map-next-key MAP KEY)\nThe key after KEY (nil: the first); nil after the last."},
		{"map-keys", 1, 1, fn_map_keys, "(map-keys MAP)\nThe keys in order, as a list."},
		{"map-entries", 1, 1, fn_map_entries,
		 "(map-entries MAP)\nThe entries in order of key, as a list of (key . value)."},
		{"map-clear", 1, 1, fn_map_clear,
		 "(map-clear MAP)\nDelete all entries (zero them in arrays); how many there were."},
		{"dump", 1, 1, fn_dump, "(dump MAP)\nPrint every entry, sorted by key."},
		{"ring-poll", 1, 3, fn_ring_poll,
		 "(ring-poll MAP &optional MILLISECONDS FUNCTION)\nWait for records of a ring buffer: "
		 "a list of them,\nor FUNCTION is called with each and they are counted."},
	};

	session_define_effects(s, all, sizeof all / sizeof *all, s);
}
