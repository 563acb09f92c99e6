/* SPDX-License-Identifier: MIT */
/* events.c: the prompt's event loop: (on-event RING FUNCTION), (every SECONDS BODY...),
 * (run-for SECONDS). Handlers run while the session waits: in run-for, sleep and live tables.
 * Ctrl-C ends the waiting, not the handlers. */
#include "internal.h"

#include "syscalls/ring.h"

#include <errno.h>
#include <poll.h>

enum { LONGEST_NAP_MS = 50, MAX_RINGS = 64 };

static struct handler *
add_handler(struct session *s, value function)
{
	struct symbol *keep = as_symbol(make_symbol(s->lisp, STR("%event-handlers")));
	struct handler *h = vec_add(&s->arena, &s->handlers);

	if (keep->global == UNBOUND)
		keep->global = NIL;
	keep->global = cons(s->lisp, function, keep->global);
	h->function = function;
	return h;
}

static bool
run_timers(struct session *s, struct diags *ds)
{
	uint64_t now = session_clock_ns();

	for (uint32_t i = 0; i < s->handlers.n; i++) {
		struct handler *h = &s->handlers.at[i];
		value ignored;

		if (h->ring || h->next > now)
			continue;
		h->next += h->period;
		if (h->next < now)	/* we were late by more than a period: no burst */
			h->next = now + h->period;
		if (!lisp_call(s->lisp, h->function, NULL, 0, &ignored, ds))
			return false;
	}
	return true;
}

static bool
drain_rings(struct session *s, span at, struct diags *ds)
{
	session_printf_flush(s);
	session_tell_losses(s);
	for (uint32_t i = 0; i < s->handlers.n; i++) {
		struct handler h = s->handlers.at[i];

		if (h.ring && session_drain(s, h.ring, h.function, 0, at, ds) < 0)
			return false;
	}
	return true;
}

/* Until a ring has something, the next timer is due, or `end`. */
static void
wait_a_little(struct session *s, uint64_t end)
{
	struct pollfd fds[MAX_RINGS];
	uint64_t now = session_clock_ns(), until = now + LONGEST_NAP_MS * 1000000ull;
	nfds_t n = 0;

	if (end < until)
		until = end;
	if (s->printf_ring && s->printf_ring->ring)
		fds[n++] = (struct pollfd){sys_ring_epoll_fd(s->printf_ring->ring), POLLIN, 0};
	for (uint32_t i = 0; i < s->handlers.n; i++) {
		struct handler *h = &s->handlers.at[i];

		if (h->ring && h->ring->ring && n < MAX_RINGS)
			fds[n++] = (struct pollfd){sys_ring_epoll_fd(h->ring->ring), POLLIN, 0};
		if (!h->ring && h->next < until)
			until = h->next;
	}
	if (until > now) {
		struct timespec t = {0, (long)(until - now)};

		ppoll(fds, n, &t, NULL);
	}
}

bool
session_wait(struct session *s, double seconds, span at, struct diags *ds)
{
	uint64_t end = session_clock_ns() + (uint64_t)(seconds * 1e9);

	while (!s->interrupted) {
		if (!run_timers(s, ds) || !drain_rings(s, at, ds))
			return false;
		if (session_clock_ns() >= end)
			return true;
		wait_a_little(s, end);
	}
	return true;
}

bool
session_wait_once(struct session *s, double seconds, span at, struct diags *ds)
{
	if (s->interrupted)
		return lisp_interrupted(s->lisp);
	if (!session_wait(s, seconds, at, ds))
		return false;
	if (s->interrupted)
		lisp_forget_interrupt(s->lisp);
	return true;
}

/* ---- the functions ------------------------------------------------------------------------- */

static bool
seconds_of(struct session *s, value v, span at, double *out)
{
	__int128 n;

	if (is_float(v))
		*out = as_float(v);
	else if (as_int128(v, &n))
		*out = (double)n;
	else
		return lisp_error(s->lisp, at, "a number of seconds was expected");
	if (!(*out >= 0 && *out <= 31536000))
		return lisp_error(s->lisp, at, "seconds are from 0 to 31536000 (a year)");
	return true;
}

static bool
fn_run_for(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	double seconds;

	*out = NIL;
	return seconds_of(ud, args.at[0], args.call, &seconds) &&
	       session_wait_once(ud, seconds, args.call, lisp_diags(l));
}

static bool
fn_on_event(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct map *m = arg_map(s, args, 0);

	if (!m)
		return false;
	if (!session_ring(s, m, args.call, lisp_diags(l)))
		return false;
	add_handler(s, args.at[1])->ring = m;
	*out = args.at[0];
	return true;
}

/* (call-every SECONDS FUNCTION): what (every SECONDS BODY...) becomes. */
static bool
fn_call_every(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct handler *h;
	double seconds;

	(void)l;
	if (!seconds_of(ud, args.at[0], args.call, &seconds))
		return false;
	if (seconds < 0.001)
		return lisp_error(l, args.call, "every thousandth of a second is the shortest");
	h = add_handler(ud, args.at[1]);
	h->period = (uint64_t)(seconds * 1e9);
	h->next = session_clock_ns() + h->period;
	*out = NIL;
	return true;
}

static bool
fn_stop_events(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)args;
	*out = make_int(l, s->handlers.n);
	s->handlers.n = 0;
	as_symbol(make_symbol(l, STR("%event-handlers")))->global = NIL;
	return true;
}

void
session_define_events(struct session *s)
{
	static const struct session_fn all[] = {
		{"run-for", 1, 1, fn_run_for,
		 "(run-for SECONDS)\nWait while programs run and handlers are called; Ctrl-C ends it."},
		{"on-event", 2, 2, fn_on_event,
		 "(on-event RING FUNCTION)\nCall FUNCTION with each record of the ring buffer while "
		 "the session waits."},
		{"call-every", 2, 2, fn_call_every,
		 "(call-every SECONDS FUNCTION)\nCall FUNCTION again and again while the session waits."},
		{"stop-events", 0, 0, fn_stop_events,
		 "(stop-events)\nForget every on-event and every handler; how many there were."},
	};

	session_define_effects(s, all, sizeof all / sizeof *all, s);
}
