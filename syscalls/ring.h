/* SPDX-License-Identifier: MIT */
/* ring.h: reading a BPF ring buffer (BPF_MAP_TYPE_RINGBUF) through its memory.
 *
 * The kernel maps one page with our position, one with the producer's, and the data twice in
 * a row so that a record never wraps (kernel/bpf/ringbuf.c). Records come in the order they
 * were reserved. */
#ifndef VEERY_SYSCALLS_RING_H
#define VEERY_SYSCALLS_RING_H

#include <stddef.h>
#include <stdint.h>

struct sys_ring;

/* One record, valid only during the call. Non-zero stops reading; the record counts as read. */
typedef int (*sys_ring_fn)(void *user, const void *data, size_t size);

/* `size` is the map's max_entries (bytes). The map's descriptor stays the caller's and must
 * outlive the ring. Null with *err a negative errno. */
struct sys_ring *sys_ring_open(int map, uint32_t size, int *err);
void sys_ring_close(struct sys_ring *r);
/* Hand over the records that are there; how many. */
long sys_ring_consume(struct sys_ring *r, sys_ring_fn fn, void *user);
/* The same after waiting up to timeout_ms (-1: for ever) for the first; 0 when none came,
 * -EINTR when a signal did. */
long sys_ring_poll(struct sys_ring *r, int timeout_ms, sys_ring_fn fn, void *user);
/* Becomes readable when records arrive: for event loops of one's own. */
int sys_ring_epoll_fd(const struct sys_ring *r);

/* ---- user ring buffers (BPF_MAP_TYPE_USER_RINGBUF, 6.1): we write, programs read ------- */

struct sys_user_ring;

struct sys_user_ring *sys_user_ring_open(int map, uint32_t size, int *err);
void sys_user_ring_close(struct sys_user_ring *r);
/* Room for a record of `size` bytes, to be filled and then submitted or discarded, in the
 * order reserved; null when there is not that much. One thread at a time. */
void *sys_user_ring_reserve(struct sys_user_ring *r, uint32_t size);
void sys_user_ring_submit(void *record);
void sys_user_ring_discard(void *record);

#endif
