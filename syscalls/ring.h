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

#endif
