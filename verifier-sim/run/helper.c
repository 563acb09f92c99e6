/* SPDX-License-Identifier: MIT */
/* helper.c: maps and helpers of the reference interpreter.
 *
 * Only helpers whose effect is defined by their arguments are here; what depends on the
 * machine (clocks, random numbers, the current task) answers from the run's seed. */
#include "vm.h"

#include "facts/facts.h"

enum { MAX_MAP_BYTES = 16 << 20, MAX_ENTRIES = 4096 };

#define ERR(e) ((uint64_t)-(int64_t)(e))
enum { E_NOENT = 2, E_2BIG = 7, E_FAULT = 14, E_EXIST = 17, E_INVAL = 22 };

/* ---- maps ---------------------------------------------------------------------------------- */

enum store { STORE_NONE, STORE_ARRAY, STORE_HASH, STORE_QUEUE, STORE_STACK, STORE_RECORDS };

static enum store
store_of(const struct image_map *m)
{
	switch (m->type) {
	case BPF_MAP_TYPE_ARRAY: case BPF_MAP_TYPE_PERCPU_ARRAY:
		return STORE_ARRAY;
	case BPF_MAP_TYPE_HASH: case BPF_MAP_TYPE_PERCPU_HASH: case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return STORE_HASH;
	case BPF_MAP_TYPE_QUEUE:
		return STORE_QUEUE;
	case BPF_MAP_TYPE_STACK:
		return STORE_STACK;
	case BPF_MAP_TYPE_RINGBUF:
		return STORE_RECORDS;
	default:
		return STORE_NONE;
	}
}

void
run_maps_init(struct run_maps *m, const struct image *im)
{
	m->n = im->maps.n;
	m->at = arena_array(m->arena, struct run_map, m->n + 1);
	for (uint32_t i = 0; i < m->n; i++) {
		const struct image_map *s = im->maps.at[i];
		struct run_map *r = &m->at[i];
		uint64_t bytes;

		r->spec = s;
		r->handle = run_object_new(m, RUN_MAP, NULL, 0);
		if (store_of(s) != STORE_ARRAY)
			continue;
		r->stride = (s->value_size + 7) & ~7u;
		bytes = (uint64_t)r->stride * s->max_entries;
		if (bytes > MAX_MAP_BYTES)
			continue;
		/* What fills up the last element to 8 bytes is not part of it. */
		r->value = run_object_new(m, RUN_VALUE, arena_array(m->arena, uint8_t, bytes),
					  (uint32_t)bytes - (r->stride - s->value_size));
		m->objects.at[r->value].read_only = s->read_only;
		if (s->data && s->data_size <= bytes)
			memcpy(m->objects.at[r->value].at, s->data, s->data_size);
	}
}

static struct run_entry *
find_entry(struct run_map *m, const void *key)
{
	for (uint32_t i = 0; i < m->entries.n; i++)
		if (!memcmp(m->entries.at[i].key, key, m->spec->key_size))
			return &m->entries.at[i];
	return NULL;
}

/* An element of an array has bounds of its own: what lies behind it is another's. */
static uint64_t
element(struct run_maps *ms, struct run_map *m, uint32_t i)
{
	const struct run_object *all = &ms->objects.at[m->value];
	uint32_t *id;

	if (!m->elements)
		m->elements = arena_array(ms->arena, uint32_t, m->spec->max_entries);
	id = &m->elements[i];
	if (!*id) {
		uint32_t off = i * m->stride;
		bool read_only = all->read_only;

		*id = run_object_new(ms, RUN_VALUE, all->at + off, m->spec->value_size);
		ms->objects.at[*id].whole = m->value;
		ms->objects.at[*id].at_off = off;
		ms->objects.at[*id].read_only = read_only;
	}
	return run_address(ms, *id, 0);
}

/* Address of an element, 0 when there is none. */
static uint64_t
lookup(struct run_maps *ms, struct run_map *m, const void *key)
{
	struct run_entry *e;
	uint32_t i;

	if (store_of(m->spec) == STORE_ARRAY) {
		memcpy(&i, key, 4);
		return i < m->spec->max_entries && m->value ? element(ms, m, i) : 0;
	}
	e = find_entry(m, key);
	return e ? run_address(ms, e->object, 0) : 0;
}

const void *
run_map_lookup(struct run_maps *ms, uint32_t map, const void *key)
{
	uint64_t addr = lookup(ms, &ms->at[map], key);
	uint32_t off;

	if (!addr)
		return NULL;
	run_address_kind(addr, &off);
	return ms->objects.at[addr >> 32 & 0xfffff].at + off;
}

static void *
copy(struct run_maps *ms, const void *p, uint32_t n)
{
	return memcpy(arena_array(ms->arena, uint8_t, n), p, n);
}

static uint64_t
push_entry(struct run_maps *ms, struct run_map *m, const void *key, const void *value)
{
	uint32_t max = m->spec->max_entries < MAX_ENTRIES ? m->spec->max_entries : MAX_ENTRIES;
	struct run_entry e;

	if (m->entries.n >= max)
		return ERR(E_2BIG);
	e.key = key ? copy(ms, key, m->spec->key_size) : NULL;
	e.object = run_object_new(ms, RUN_VALUE, copy(ms, value, m->spec->value_size),
				  m->spec->value_size);
	vec_push(ms->arena, &m->entries, e);
	return 0;
}

static uint64_t
update(struct run_maps *ms, struct run_map *m, const void *key, const void *value,
       uint64_t flags)
{
	uint64_t addr = lookup(ms, m, key);
	uint32_t off;

	if (flags > BPF_EXIST)
		return ERR(E_INVAL);
	if (addr && flags == BPF_NOEXIST)
		return ERR(E_EXIST);
	if (!addr && (flags == BPF_EXIST || store_of(m->spec) == STORE_ARRAY))
		return ERR(store_of(m->spec) == STORE_ARRAY ? E_2BIG : E_NOENT);
	if (!addr)
		return push_entry(ms, m, key, value);
	run_address_kind(addr, &off);
	memcpy(ms->objects.at[addr >> 32 & 0xfffff].at + off, value, m->spec->value_size);
	return 0;
}

static void
remove_entry(struct run_map *m, struct run_entry *e)
{
	uint32_t i = (uint32_t)(e - m->entries.at);

	memmove(e, e + 1, (m->entries.n - i - 1) * sizeof *e);
	m->entries.n--;
}

/* Queues give the oldest, stacks the newest. */
static uint64_t
peek(struct run_vm *vm, struct run_map *m, uint8_t *out, bool pop)
{
	struct run_entry *e;

	if (!m->entries.n) {
		memset(out, 0, m->spec->value_size);
		return ERR(E_NOENT);
	}
	e = store_of(m->spec) == STORE_QUEUE ? m->entries.at : vec_last(&m->entries);
	memcpy(out, vm->maps->objects.at[e->object].at, m->spec->value_size);
	if (pop)
		remove_entry(m, e);
	return 0;
}

/* ---- map helpers ------------------------------------------------------------------------------ */

/* A map is shared: an element that is not there may have been put there by somebody else, and
 * one that is may have been taken away. True when there is one. */
static bool
is_there(struct run_vm *vm, struct run_map *m, const uint8_t *key)
{
	bool found = find_entry(m, key) != NULL;
	uint8_t missing = !found, *value;

	run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing || found)
		return !missing;
	value = arena_array(vm->arena, uint8_t, m->spec->value_size);
	run_choose(vm, RUN_CONTENTS, value, m->spec->value_size);
	push_entry(vm->maps, m, key, value);
	return true;
}

static uint64_t
help_lookup(struct run_vm *vm, const uint64_t *a)
{
	struct run_map *m = run_map_of(vm, a[1]);
	const uint8_t *key = m ? run_bytes(vm, a[2], m->spec->key_size, false) : NULL;
	enum store s = m ? store_of(m->spec) : STORE_NONE;

	if (!key)
		return 0;
	if ((s != STORE_ARRAY && s != STORE_HASH) || (s == STORE_ARRAY && !m->value))
		run_end(vm, RUN_UNSUPPORTED, "a look-up in a map of this type or size");
	if (vm->ended || (s == STORE_HASH && !is_there(vm, m, key)))
		return 0;
	return lookup(vm->maps, m, key);
}

static uint64_t
help_update(struct run_vm *vm, const uint64_t *a)
{
	struct run_map *m = run_map_of(vm, a[1]);
	const uint8_t *key = m ? run_bytes(vm, a[2], m->spec->key_size, false) : NULL;
	const uint8_t *value = key ? run_bytes(vm, a[3], m->spec->value_size, false) : NULL;
	enum store s = m ? store_of(m->spec) : STORE_NONE;

	if (!value)
		return 0;
	if ((s != STORE_ARRAY && s != STORE_HASH) || (s == STORE_ARRAY && !m->value))
		run_end(vm, RUN_UNSUPPORTED, "an update of a map of this type or size");
	return vm->ended ? 0 : update(vm->maps, m, key, value, a[4]);
}

static uint64_t
help_delete(struct run_vm *vm, const uint64_t *a)
{
	struct run_map *m = run_map_of(vm, a[1]);
	const uint8_t *key = m ? run_bytes(vm, a[2], m->spec->key_size, false) : NULL;
	struct run_entry *e;

	if (!key)
		return 0;
	if (store_of(m->spec) != STORE_HASH)
		return ERR(E_INVAL);
	e = find_entry(m, key);
	if (!e)
		return ERR(E_NOENT);
	remove_entry(m, e);	/* the element itself lives on, as under RCU */
	return 0;
}

static uint64_t
help_queue(struct run_vm *vm, const uint64_t *a, uint32_t id)
{
	struct run_map *m = run_map_of(vm, a[1]);
	uint8_t *p = m ? run_bytes(vm, a[2], m->spec->value_size, id != BPF_FUNC_map_push_elem)
		       : NULL;
	enum store s = m ? store_of(m->spec) : STORE_NONE;

	if (!p)
		return 0;
	if (s != STORE_QUEUE && s != STORE_STACK) {
		run_end(vm, RUN_UNSUPPORTED, "a queue operation on a map of this type");
		return 0;
	}
	if (id != BPF_FUNC_map_push_elem)
		return peek(vm, m, p, id == BPF_FUNC_map_pop_elem);
	if (m->entries.n >= m->spec->max_entries && a[3] == BPF_EXIST)
		remove_entry(m, m->entries.at);
	return push_entry(vm->maps, m, NULL, p);
}

static uint64_t
help_reserve(struct run_vm *vm, const uint64_t *a)
{
	struct run_map *m = run_map_of(vm, a[1]);
	uint8_t *p, missing = 0;
	uint32_t object;

	run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing || !m || a[2] > m->spec->max_entries || a[2] > MAX_MAP_BYTES)
		return 0;
	p = arena_array(vm->arena, uint8_t, a[2] + 1);
	object = run_object_new(vm->maps, RUN_RECORD, p, (uint32_t)a[2]);
	vm->maps->objects.at[object].owed = true;
	return run_address(vm->maps, object, 0);
}

static uint64_t
help_submit(struct run_vm *vm, const uint64_t *a)
{
	if (run_bytes(vm, a[1], 0, false))
		vm->maps->objects.at[a[1] >> 32 & 0xfffff].at = NULL;
	return 0;
}

static uint64_t
help_for_each(struct run_vm *vm, const uint64_t *a)
{
	struct run_map *m = run_map_of(vm, a[1]);
	uint64_t n = 0, stop = 0;
	uint32_t key_object;
	uint8_t *key;

	if (!m)
		return 0;
	key = arena_array(vm->arena, uint8_t, m->spec->key_size);
	key_object = run_object_new(vm->maps, RUN_VALUE, key, m->spec->key_size);
	if (store_of(m->spec) != STORE_ARRAY && store_of(m->spec) != STORE_HASH)
		run_end(vm, RUN_UNSUPPORTED, "bpf_for_each_map_elem on a map of this type");
	for (uint32_t i = 0; !vm->ended && !stop; i++, n++) {
		bool array = store_of(m->spec) == STORE_ARRAY;
		uint64_t args[5] = {a[1], 0, 0, a[3], 0};

		if (i >= (array ? m->spec->max_entries : m->entries.n))
			break;
		memcpy(key, array ? (uint8_t *)&i : m->entries.at[i].key, m->spec->key_size);
		args[1] = run_address(vm->maps, key_object, 0);
		args[2] = lookup(vm->maps, m, key);
		if (!run_callback(vm, a[2], args, &stop))
			return 0;
	}
	return n;
}

/* ---- other helpers ---------------------------------------------------------------------------- */

static uint64_t
help_loop(struct run_vm *vm, const uint64_t *a)
{
	uint64_t n = 0, stop = 0;

	if (a[4])
		return ERR(E_INVAL);
	if (a[1] > 1u << 23)
		return ERR(E_2BIG);
	while (n < a[1] && !stop) {
		uint64_t args[5] = {n++, a[3], 0, 0, 0};

		if (!run_callback(vm, a[2], args, &stop))
			return 0;
	}
	return n;
}

static uint64_t
help_skb_bytes(struct run_vm *vm, const uint64_t *a, bool store)
{
	const struct run_object *o = &vm->maps->objects.at[vm->packet];
	uint32_t len = vm->packet ? o->size - vm->packet_at : 0, off = (uint32_t)a[2];
	uint64_t n = (uint32_t)a[4];
	uint8_t *p = run_bytes(vm, a[3], n, !store);

	if (p && !n)
		run_end(vm, RUN_FAULT, "a size of 0 where there must be at least 1 byte");
	if (!p || !n)
		return 0;
	if (off > len || n > len - off) {
		if (!store)
			memset(p, 0, n);
		return ERR(E_FAULT);
	}
	if (store) {
		memcpy(o->at + vm->packet_at + off, p, n);
		run_move_packet(vm);
	} else {
		memcpy(p, o->at + vm->packet_at + off, n);
	}
	return 0;
}

static uint64_t
help_adjust_head(struct run_vm *vm, const uint64_t *a)
{
	int64_t at = (int64_t)vm->packet_at + (int32_t)a[2];

	if (!vm->packet || at < 0 || at + 14 > vm->maps->objects.at[vm->packet].size)
		return ERR(E_INVAL);
	vm->packet_at = (uint32_t)at;
	run_move_packet(vm);
	return 0;
}

/* The internet checksum's running sum: minus `from`, plus `to`, folded to 32 bits. */
static uint64_t
help_csum_diff(struct run_vm *vm, const uint64_t *a)
{
	const uint8_t *from = a[2] ? run_bytes(vm, a[1], a[2], false) : NULL;
	const uint8_t *to = a[4] ? run_bytes(vm, a[3], a[4], false) : NULL;
	uint64_t sum = (uint32_t)a[5];
	uint32_t w;

	if (a[2] % 4 || a[4] % 4)
		return ERR(E_INVAL);
	for (uint64_t i = 0; from && i < a[2]; i += 4) {
		memcpy(&w, from + i, 4);
		sum += (uint32_t)~w;
	}
	for (uint64_t i = 0; to && i < a[4]; i += 4) {
		memcpy(&w, to + i, 4);
		sum += w;
	}
	while (sum >> 32)
		sum = (uint32_t)sum + (sum >> 32);
	return sum;
}

static uint64_t
help_comm(struct run_vm *vm, const uint64_t *a)
{
	uint8_t *p = run_bytes(vm, a[1], a[2], true), fails = 0;

	if (!p || !a[2])
		return 0;
	memset(p, 0, a[2]);
	run_choose(vm, RUN_MISSING, &fails, 1);
	if (fails)
		return ERR(E_INVAL);
	memcpy(p, "run", a[2] < 4 ? a[2] - 1 : 3);
	run_choose(vm, RUN_BYTES, p, (uint32_t)a[2]);
	p[a[2] - 1] = 0;
	return 0;
}

/* Reading kernel or user memory: there is none, so it fails as a bad address does, unless
 * somebody says what is there. */
static uint64_t
help_probe_read(struct run_vm *vm, const uint64_t *a, bool text)
{
	uint32_t n = (uint32_t)a[2];
	uint8_t *p = run_bytes(vm, a[1], a[2], true), missing = 1;

	if (!p)
		return 0;
	memset(p, 0, n);
	run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing)
		return ERR(E_FAULT);
	run_choose(vm, RUN_BYTES, p, n);
	if (!text || !n)
		return 0;
	p[n - 1] = 0;
	return strlen((const char *)p) + 1;
}

/* Another program goes on, if there is one; whatever this one holds is held for good. An empty
 * slot is what harms nobody, so it is only filled when something is held. */
static uint64_t
help_tail_call(struct run_vm *vm, const uint64_t *a)
{
	uint8_t missing = !run_holds(vm);

	if (!run_map_of(vm, a[2]))
		return 0;
	run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing)
		return ERR(E_NOENT);
	run_settle(vm);
	run_end(vm, RUN_EXIT, NULL);
	return 0;
}

static uint64_t
number(struct run_vm *vm, uint64_t v, uint32_t size)
{
	run_choose(vm, RUN_NUMBER, &v, size);
	return size == 4 ? (uint32_t)v : v;
}

static uint64_t
help_lock(struct run_vm *vm, const uint64_t *a, bool take)
{
	if (!run_bytes(vm, a[1], 4, true))
		return 0;
	if (take && vm->lock == a[1])
		run_end(vm, RUN_FAULT, "a lock that is held is taken again");
	else if (take && vm->lock)	/* only the order of others' locks makes it harmful */
		run_end(vm, RUN_UNSUPPORTED, "two locks at once");
	else if (!take && vm->lock != a[1])
		run_end(vm, RUN_FAULT, "a lock is released that is not held");
	vm->lock = take ? a[1] : 0;
	return 0;
}

/* A socket to be given back, if there is one. */
static uint64_t
help_socket(struct run_vm *vm)
{
	enum { SOCKET_BYTES = 256 };
	uint8_t missing = 1;
	uint32_t object;

	run_choose(vm, RUN_MISSING, &missing, 1);
	if (missing)
		return 0;
	object = run_object_new(vm->maps, RUN_RECORD,
				arena_array(vm->arena, uint8_t, SOCKET_BYTES), SOCKET_BYTES);
	vm->maps->objects.at[object].owed = true;
	vm->maps->objects.at[object].read_only = true;
	return run_address(vm->maps, object, 0);
}

/* Memory handed to a helper, of the size its next argument says. */
static bool
pass_memory(struct run_vm *vm, const struct fact_proto *proto, unsigned i, const uint64_t *a)
{
	bool out = proto->arg[i] == FACT_ARG_MEM_OUT || proto->arg[i] == FACT_ARG_MEM;
	bool null = proto->arg[i] == FACT_ARG_MEM_RW_NULL || proto->arg[i] == FACT_ARG_MEM_RO_NULL;
	uint8_t *p;

	if (null && !a[i + 1])
		return true;
	p = run_bytes(vm, a[i + 1], a[i + 2], out);
	if (p && !a[i + 2] && proto->arg[i + 1] == FACT_ARG_SIZE)
		run_end(vm, RUN_FAULT, "a size of 0 where there must be at least 1 byte");
	if (!p || vm->ended)
		return false;
	if (out)
		run_choose(vm, RUN_BYTES, p, (uint32_t)a[i + 2]);
	return true;
}

/* Any other helper: its arguments are looked at as its prototype says, its answer is open. */
static uint64_t
help_other(struct run_vm *vm, uint32_t id, const uint64_t *a)
{
	const struct fact_proto *proto = fact_helper_proto(id, vm->p->type);
	struct run_map *m = NULL;

	for (unsigned i = 0; proto && i < HELPER_MAX_ARGS; i++) {
		unsigned k = proto->arg[i];

		if (k == FACT_ARG_MAP)
			m = run_map_of(vm, a[i + 1]);
		else if ((k == FACT_ARG_KEY || k == FACT_ARG_VALUE) && m)
			run_bytes(vm, a[i + 1], k == FACT_ARG_KEY ? m->spec->key_size
								  : m->spec->value_size, false);
		else if (k >= FACT_ARG_MEM && k <= FACT_ARG_MEM_OUT && i + 1 < HELPER_MAX_ARGS)
			pass_memory(vm, proto, i, a);
		else if (k > FACT_ARG_SIZE0 && k != FACT_ARG_CTX && k != FACT_ARG_CTX_NULL &&
			 k != FACT_ARG_BTF_SOCK_FREE)
			run_end(vm, RUN_UNSUPPORTED, "an argument of this kind");
		if (vm->ended)
			return 0;
	}
	if (!proto || (proto->ret != FACT_RET_INT && proto->ret != FACT_RET_VOID &&
		       proto->ret != FACT_RET_SOCKET_NULL && proto->ret != FACT_RET_SOCK_NULL)) {
		run_end(vm, RUN_UNSUPPORTED, arena_printf(vm->arena, "helper #%u", id));
		return 0;
	}
	if (proto->flags & FACT_HELPER_CHANGES_PKT)
		run_move_packet(vm);
	if (proto->ret == FACT_RET_SOCKET_NULL || proto->ret == FACT_RET_SOCK_NULL)
		return help_socket(vm);
	return number(vm, 0, 8);
}

static uint64_t
call_helper(struct run_vm *vm, uint32_t id, const uint64_t *a)
{
	uint64_t ret;

	if (run_dynptr_helper(vm, id, a, &ret))
		return ret;
	switch (id) {
	case BPF_FUNC_map_lookup_elem: return help_lookup(vm, a);
	case BPF_FUNC_map_update_elem: return help_update(vm, a);
	case BPF_FUNC_map_delete_elem: return help_delete(vm, a);
	case BPF_FUNC_map_push_elem: case BPF_FUNC_map_pop_elem: case BPF_FUNC_map_peek_elem:
		return help_queue(vm, a, id);
	case BPF_FUNC_for_each_map_elem: return help_for_each(vm, a);
	case BPF_FUNC_ringbuf_reserve: return help_reserve(vm, a);
	case BPF_FUNC_ringbuf_submit: case BPF_FUNC_ringbuf_discard: return help_submit(vm, a);
	case BPF_FUNC_ktime_get_ns: case BPF_FUNC_ktime_get_boot_ns:
	case BPF_FUNC_jiffies64:
		return number(vm, vm->clock += 1 + (run_random(vm) & 0xffff), 8);
	case BPF_FUNC_get_prandom_u32: return number(vm, run_random(vm), 4);
	case BPF_FUNC_get_smp_processor_id: case BPF_FUNC_get_numa_node_id: return 0;
	case BPF_FUNC_get_current_pid_tgid: case BPF_FUNC_get_current_uid_gid:
		return number(vm, (uint64_t)1000 << 32 | 1000, 8);
	case BPF_FUNC_get_current_comm: return help_comm(vm, a);
	case BPF_FUNC_probe_read: case BPF_FUNC_probe_read_kernel:
	case BPF_FUNC_probe_read_user:
		return help_probe_read(vm, a, false);
	case BPF_FUNC_probe_read_str: case BPF_FUNC_probe_read_kernel_str:
	case BPF_FUNC_probe_read_user_str:
		return help_probe_read(vm, a, true);
	case BPF_FUNC_spin_lock: return help_lock(vm, a, true);
	case BPF_FUNC_spin_unlock: return help_lock(vm, a, false);
	case BPF_FUNC_sk_release: return help_submit(vm, a);
	case BPF_FUNC_loop: return help_loop(vm, a);
	case BPF_FUNC_tail_call: return help_tail_call(vm, a);
	case BPF_FUNC_skb_load_bytes: return help_skb_bytes(vm, a, false);
	case BPF_FUNC_skb_store_bytes: return help_skb_bytes(vm, a, true);
	case BPF_FUNC_xdp_adjust_head: return help_adjust_head(vm, a);
	case BPF_FUNC_csum_diff: return help_csum_diff(vm, a);
	default: return help_other(vm, id, a);
	}
}

void
run_helper(struct run_vm *vm, uint32_t id)
{
	struct run_frame *f = &vm->frames[vm->depth];
	uint64_t v = call_helper(vm, id, f->regs);

	if (vm->ended)
		return;
	f->regs[0] = v;
	f->written = (uint16_t)((f->written & ~0x3eu) | 1);
}
