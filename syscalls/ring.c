/* SPDX-License-Identifier: MIT */
/* ring.c: see ring.h. */
#include "ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct sys_ring {
	_Atomic unsigned long *consumer;	/* ours to write */
	_Atomic unsigned long *producer;
	unsigned char *data;
	size_t page, mask, producer_bytes;
	int epoll;
};

struct sys_ring *
sys_ring_open(int map, uint32_t size, int *err)
{
	struct sys_ring *r = calloc(1, sizeof *r);
	struct epoll_event ev = {.events = EPOLLIN};
	void *p;

	*err = -ENOMEM;
	if (!r)
		return NULL;
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	r->mask = size - 1;
	r->epoll = -1;
	p = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (p == MAP_FAILED)
		goto fail;
	r->consumer = p;
	r->producer_bytes = r->page + 2 * (size_t)size;
	p = mmap(NULL, r->producer_bytes, PROT_READ, MAP_SHARED, map, (off_t)r->page);
	if (p == MAP_FAILED)
		goto fail;
	r->producer = p;
	r->data = (unsigned char *)p + r->page;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll < 0 || epoll_ctl(r->epoll, EPOLL_CTL_ADD, map, &ev) < 0)
		goto fail;
	*err = 0;
	return r;
fail:
	*err = -errno;
	sys_ring_close(r);
	return NULL;
}

void
sys_ring_close(struct sys_ring *r)
{
	if (!r)
		return;
	if (r->epoll >= 0)
		close(r->epoll);
	if (r->producer)
		munmap((void *)r->producer, r->producer_bytes);
	if (r->consumer)
		munmap((void *)r->consumer, r->page);
	free(r);
}

int
sys_ring_epoll_fd(const struct sys_ring *r)
{
	return r->epoll;
}

long
sys_ring_consume(struct sys_ring *r, sys_ring_fn fn, void *user)
{
	unsigned long at = atomic_load_explicit(r->consumer, memory_order_relaxed);
	long n = 0;
	int stop = 0;

	for (;;) {
		unsigned long end = atomic_load_explicit(r->producer, memory_order_acquire);

		while (at < end && !stop) {
			unsigned char *rec = r->data + (at & r->mask);
			uint32_t len = atomic_load_explicit((_Atomic uint32_t *)(void *)rec,
							    memory_order_acquire);

			/* Reserved but not yet submitted: later ones wait behind it. */
			if (len & BPF_RINGBUF_BUSY_BIT)
				return n;
			if (!(len & BPF_RINGBUF_DISCARD_BIT)) {
				stop = fn(user, rec + BPF_RINGBUF_HDR_SZ, len);
				n++;
			}
			len &= ~BPF_RINGBUF_DISCARD_BIT;
			at += (len + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
			atomic_store_explicit(r->consumer, at, memory_order_release);
		}
		if (stop || at >= end)
			return n;
	}
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The descriptor is readable as soon as a record is reserved, which may be a moment before it
 * is submitted: then there is nothing to hand over yet, and waiting goes on. */
long
sys_ring_poll(struct sys_ring *r, int timeout_ms, sys_ring_fn fn, void *user)
{
	int64_t end = timeout_ms > 0 ? now_ms() + timeout_ms : 0;
	struct epoll_event ev;

	for (;;) {
		long n = sys_ring_consume(r, fn, user);
		int64_t left = timeout_ms > 0 ? end - now_ms() : timeout_ms;
		int ready;

		if (n || timeout_ms == 0 || (timeout_ms > 0 && left <= 0))
			return n;
		ready = epoll_wait(r->epoll, &ev, 1, (int)left);
		if (ready < 0)
			return -errno;
		if (ready > 0)
			sched_yield();
	}
}

/* ---- user ring buffers ----------------------------------------------------------------- */

/* The page of the producer's position is ours to write here, and the consumer's is read-only:
 * the mirror image of the above. */
struct sys_user_ring {
	_Atomic unsigned long *consumer, *producer;
	unsigned char *data;
	size_t page, size, mapped;
};

struct sys_user_ring *
sys_user_ring_open(int map, uint32_t size, int *err)
{
	struct sys_user_ring *r = calloc(1, sizeof *r);
	void *p;

	*err = -ENOMEM;
	if (!r)
		return NULL;
	r->page = (size_t)sysconf(_SC_PAGESIZE);
	r->size = size;
	r->mapped = r->page + 2 * (size_t)size;
	p = mmap(NULL, r->page, PROT_READ, MAP_SHARED, map, 0);
	if (p == MAP_FAILED)
		goto fail;
	r->consumer = p;
	p = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, map, (off_t)r->page);
	if (p == MAP_FAILED)
		goto fail;
	r->producer = p;
	r->data = (unsigned char *)p + r->page;
	*err = 0;
	return r;
fail:
	*err = -errno;
	sys_user_ring_close(r);
	return NULL;
}

void
sys_user_ring_close(struct sys_user_ring *r)
{
	if (!r)
		return;
	if (r->producer)
		munmap((void *)r->producer, r->mapped);
	if (r->consumer)
		munmap((void *)r->consumer, r->page);
	free(r);
}

/* The head is written busy before the position moves on, so that a program never sees a
 * record without one. */
void *
sys_user_ring_reserve(struct sys_user_ring *r, uint32_t size)
{
	unsigned long read = atomic_load_explicit(r->consumer, memory_order_acquire);
	unsigned long at = atomic_load_explicit(r->producer, memory_order_relaxed);
	unsigned long total = ((unsigned long)size + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
	unsigned char *record = r->data + (at & (r->size - 1));

	if (size >= r->size || total > r->size - (at - read))
		return NULL;
	atomic_store_explicit((_Atomic uint32_t *)(void *)record,
			      size | BPF_RINGBUF_BUSY_BIT, memory_order_relaxed);
	atomic_store_explicit((_Atomic uint32_t *)(void *)(record + 4), 0,
			      memory_order_relaxed);
	atomic_store_explicit(r->producer, at + total, memory_order_release);
	return record + BPF_RINGBUF_HDR_SZ;
}

static void
commit(void *record, uint32_t flags)
{
	_Atomic uint32_t *head = (void *)((unsigned char *)record - BPF_RINGBUF_HDR_SZ);
	uint32_t len = atomic_load_explicit(head, memory_order_relaxed);

	atomic_exchange(head, (len & ~BPF_RINGBUF_BUSY_BIT) | flags);
}

void
sys_user_ring_submit(void *record)
{
	commit(record, 0);
}

void
sys_user_ring_discard(void *record)
{
	commit(record, BPF_RINGBUF_DISCARD_BIT);
}
