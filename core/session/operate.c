/* SPDX-License-Identifier: MIT */
/* operate.c: programs at the prompt: (attach p), (programs), (dis p), (test-run p bytes) ... */
#include "internal.h"

#include "attach.h"
#include "base/buf.h"
#include "facts/facts.h"
#include "listing.h"
#include "reasons.h"
#include "syscalls/bpf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { LARGEST_PACKET = 1 << 20, TEST_ROOM = 4096, SMALLEST_PACKET = 14,
       RAW_CONTEXT = 12 * 8 };	/* all the arguments a function may have */

/* ---- attaching ---------------------------------------------------------------------------- */

static bool
truthy(struct lisp_args args, uint32_t from, const char *name)
{
	value v;

	return arg_keyword(args, from, name, &v) && v != NIL;
}

/* (attach prog [target] &key retprobe egress pid) */
static bool
fn_attach(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = arg_program(s, args, 0);
	struct attach_request rq = {.at = args.call};
	uint32_t keys = 1;
	char target[512];
	value pid;

	if (!p)
		return false;
	if (args.n > 1 && (is_string(args.at[1]) ||
			   (is_symbol(args.at[1]) && !is_keyword(args.at[1])))) {
		str t = is_string(args.at[1]) ? as_string(args.at[1]) : as_symbol(args.at[1])->name;

		if (t.n >= sizeof target)
			return lisp_error(l, args.call, "the target's name is too long");
		memcpy(target, t.p, t.n);
		target[t.n] = 0;
		rq.target = target;
		keys = 2;
		/* Whistler's uprobes: (attach p "path" "symbol"). */
		if (args.n > 2 && is_string(args.at[2])) {
			str sym = as_string(args.at[2]);

			if (t.n + sym.n + 2 > sizeof target)
				return lisp_error(l, args.call, "the target's name is too long");
			target[t.n] = ':';
			memcpy(target + t.n + 1, sym.p, sym.n);
			target[t.n + 1 + sym.n] = 0;
			keys = 3;
		}
	}
	rq.retprobe = truthy(args, keys, "retprobe");
	rq.egress = truthy(args, keys, "egress");
	if (arg_keyword(args, keys, "pid", &pid)) {
		__int128 n;

		if (!as_int128(pid, &n) || n < 1 || n > 1 << 22)
			return lisp_error(l, args.call, ":pid wants a process id");
		rq.pid = (int)n;
	}
	*out = args.at[0];
	return session_attach_with(s, p, &rq, lisp_diags(l));
}

static bool
fn_detach(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = arg_program(s, args, 0);

	if (!p)
		return false;
	*out = make_int(l, session_detach(s, p));
	return true;
}

/* ---- looking ------------------------------------------------------------------------------- */

static bool
fn_programs(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)l;
	(void)args;
	*out = NIL;
	if (!s->programs.n)
		session_write(s, "  (none)\n");
	for (uint32_t i = 0; i < s->programs.n; i++) {
		struct program *p = s->programs.at[i];
		const struct fact_prog_type *t = fact_prog_type(p->prog->type);

		session_write(s, "  %-20s %-16s %5u insns  %s", p->name, t ? t->name : "?",
			      p->prog->ninsns, p->state == PROGRAM_LOADED ? "loaded" : "compiled");
		for (uint32_t j = 0; j < p->attachments.n; j++)
			session_write(s, "%s %s", j ? "," : ", attached:",
				      attachment_describe(p->attachments.at[j]));
		session_write(s, "\n");
	}
	return true;
}

static bool
fn_maps(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	uint32_t n = 0;

	(void)l;
	(void)args;
	*out = NIL;
	for (uint32_t i = 0; i < s->maps.n; i++) {
		struct map *m = s->maps.at[i];
		const struct fact_map_type *t = fact_map_type(m->spec.type);

		if (m->forgotten && m->fd < 0)
			continue;
		n++;
		session_write(s, "  %-20s %-16s key %u, value %u, max %u%s\n", m->name,
			      t ? t->name : "?", m->spec.key_size, m->spec.value_size,
			      m->spec.max_entries, m->fd >= 0 ? "" : "  (not yet in the kernel)");
	}
	if (!n)
		session_write(s, "  (none)\n");
	return true;
}

static bool
fn_dis(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = arg_program(s, args, 0);
	struct arena a;
	struct buf b;

	(void)l;
	*out = NIL;
	if (!p)
		return false;
	arena_init(&a);
	b = buf_new(&a);
	program_listing(&b, &p->image, p->prog);
	session_write(s, "%s", b.at);
	arena_free(&a);
	return true;
}

/* ---- running once ---------------------------------------------------------------------------- */

/* Bytes from a vector of integers, a list of them, or a string of hex digits. */
static bool
packet_bytes(struct session *s, value v, unsigned char *out, uint32_t *size, span at)
{
	uint32_t n = 0, count = 0;
	value *items = is_vector(v) ? vector_at(v, &count) : NULL;
	int digit = -1;

	if (is_string(v)) {
		str t = as_string(v);

		for (size_t i = 0; i < t.n && n < LARGEST_PACKET; i++) {
			char c = t.p[i];
			int d = c >= '0' && c <= '9' ? c - '0'
				: (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;

			if (d < 0 && (c == ' ' || c == ':' || c == '\n'))
				continue;
			if (d < 0)
				return lisp_error(s->lisp, at, "a packet as a string is hex digits, "
								"not `%c`", c);
			if (digit >= 0)
				out[n++] = (unsigned char)(digit << 4 | d);
			digit = digit >= 0 ? -1 : d;
		}
		if (digit >= 0)
			return lisp_error(s->lisp, at, "a hex string needs two digits a byte");
	}
	for (uint32_t i = 0; n < LARGEST_PACKET && (items ? i < count : is_cons(v)); i++) {
		__int128 byte;

		if (!as_int128(items ? items[i] : car(v), &byte) || byte < 0 || byte > 255)
			return lisp_error(s->lisp, at, "a packet is made of integers from 0 to 255");
		out[n++] = (unsigned char)byte;
		v = items ? v : cdr(v);
	}
	*size = n;
	return true;
}

static value
byte_vector(struct session *s, struct arena *a, const unsigned char *p, uint32_t n)
{
	value *items = arena_array(a, value, n + 1);

	for (uint32_t i = 0; i < n; i++)
		items[i] = make_int(s->lisp, p[i]);
	return make_vector(s->lisp, items, n);
}

static bool
takes_packet(uint32_t type)
{
	return type != BPF_PROG_TYPE_RAW_TRACEPOINT && type != BPF_PROG_TYPE_TRACING &&
	       type != BPF_PROG_TYPE_SYSCALL;
}

/* On a packet; programs that see none run on their context, zeros unless given, and the kernel
 * runs them once a call. */
static int
run_program(struct sys_test_run_attr *attr, bool packet, const unsigned char *in, uint32_t size,
	    uint32_t times)
{
	int err = 0;

	if (packet) {
		attr->data_in = sys_ptr(in);
		attr->data_size_in = size;
		attr->repeat = times;
		return sys_prog_test_run(attr);
	}
	attr->ctx_in = sys_ptr(in);
	attr->ctx_size_in = size ? size : RAW_CONTEXT;
	for (uint32_t i = 0; i < times && !err; i++)
		err = sys_prog_test_run(attr);
	return err;
}

/* (test-run prog bytes :repeat n): the return code, the packet afterwards, nanoseconds. */
static bool
fn_test_run(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;
	struct program *p = arg_program(s, args, 0);
	struct sys_test_run_attr attr = {0};
	uint32_t keywords = args.n > 1 && !is_keyword(args.at[1]) ? 2 : 1, size = 0;
	struct arena a;
	unsigned char *in;
	value results[3], repeat;
	__int128 times = 1;
	bool ok = false, packet;
	int err;

	if (!p)
		return false;
	packet = takes_packet(p->prog->type);
	if (p->state != PROGRAM_LOADED)
		return lisp_error(l, args.call, "`%s` is not loaded, so it cannot run", p->name);
	if (arg_keyword(args, keywords, "repeat", &repeat) &&
	    (!as_int128(repeat, &times) || times < 1 || times > INT32_MAX))
		return lisp_error(l, args.call, ":repeat is a number of runs, 1 or more");
	arena_init(&a);
	in = arena_alloc(&a, LARGEST_PACKET + TEST_ROOM);
	if (keywords > 1 && !packet_bytes(s, args.at[1], in, &size, args.call))
		goto out;
	attr.prog_fd = (uint32_t)p->fd;
	if (packet) {
		attr.data_out = sys_ptr(arena_alloc(&a, LARGEST_PACKET + TEST_ROOM));
		attr.data_size_out = LARGEST_PACKET + TEST_ROOM;
	}
	err = run_program(&attr, packet, in, size, (uint32_t)times);
	if (err) {
		lisp_error(l, args.call, "cannot run `%s` on %u bytes: %s%s", p->name, size,
			   reason_error(err),
			   err == -EINVAL && packet && size < SMALLEST_PACKET
				   ? " (the kernel wants at least 14 bytes, an Ethernet header)"
			   : err == -EOPNOTSUPP || err == -KERNEL_ENOTSUPP
				   ? " (this kernel cannot test-run programs of this type)" : "");
		goto out;
	}
	results[0] = make_int(l, attr.retval);
	results[1] = packet
			     ? byte_vector(s, &a, (const unsigned char *)(uintptr_t)attr.data_out,
					   attr.data_size_out) : NIL;
	results[2] = make_int(l, attr.duration);
	*out = lisp_values(l, results, 3);
	ok = true;
out:
	arena_free(&a);
	return ok;
}

static bool
read_all(struct buf *out, int fd)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0)
		buf_bytes(out, part, (size_t)n);
	return n == 0;
}

/* (run-iterator prog): over all objects once; the text it wrote. */
static bool
fn_run_iterator(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct program *p = arg_program(ud, args, 0);
	struct sys_link_create_attr attr = {.attach_type = BPF_TRACE_ITER};
	struct arena a;
	struct buf text;
	int link, fd;
	bool ok = false;

	if (!p)
		return false;
	if (p->prog->expected_attach != BPF_TRACE_ITER || p->state != PROGRAM_LOADED)
		return lisp_error(l, args.call, "`%s` is no iterator that is loaded: :section "
						"\"iter/task\" makes one", p->name);
	attr.prog_fd = (uint32_t)p->fd;
	link = sys_link_create(&attr);
	fd = link < 0 ? link : sys_iter_create(link);
	if (fd < 0) {
		if (link >= 0)
			close(link);
		return lisp_error(l, args.call, "cannot run `%s`: %s", p->name, reason_error(fd));
	}
	arena_init(&a);
	text = buf_new(&a);
	ok = read_all(&text, fd);
	if (ok)
		*out = make_string(l, buf_text(&text));
	else
		lisp_error(l, args.call, "`%s` stopped: %s", p->name, strerror(errno));
	arena_free(&a);
	close(fd);
	close(link);
	return ok;
}

/* (time FORM): evaluate and say how long it took. */
static bool
form_time(struct lisp *l, void *ud, value form, value *out)
{
	uint64_t start = session_clock_ns();
	bool ok = lisp_eval(l, car(cdr(form)), out, lisp_diags(l));

	if (ok)
		session_write(ud, "; %.1f us\n", (double)(session_clock_ns() - start) / 1e3);
	return ok;
}

/* Programs are detached and unloaded, maps closed. */
static bool
forget(struct session *s, struct lisp_args args, bool must_exist)
{
	for (uint32_t i = 0; i < args.n; i++) {
		str name = is_symbol(args.at[i]) ? as_symbol(args.at[i])->name : (str){0};

		if (is_string(args.at[i]))
			name = as_string(args.at[i]);
		if (!session_forget(s, name) && must_exist)
			return lisp_error(s->lisp, args.call, "no program or map `%.*s` is defined",
					  STR_ARG(name));
	}
	return true;
}

static bool
fn_forget(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	(void)l;
	*out = NIL;
	return forget(ud, args, true);
}

/* What with-bpf-session leaves by: a definition that failed is not there. */
static bool
fn_forget_if_defined(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)l;
	*out = NIL;
	return !s->opts.live || forget(s, args, false);
}

/* (reset-compilation-state): nothing is defined, as Whistler's sources expect between objects. */
static bool
fn_reset(struct lisp *l, void *ud, struct lisp_args args, value *out)
{
	struct session *s = ud;

	(void)l;
	(void)args;
	*out = NIL;
	while (s->opts.live && s->programs.n && session_forget(s, str_of(s->programs.at[0]->name)))
		;
	for (uint32_t i = 0; s->opts.live && i < s->maps.n; i++)
		session_forget(s, str_of(s->maps.at[i]->name));
	return true;
}

void
session_define_operations(struct session *s)
{
	static const struct session_fn all[] = {
		{"attach", 1, -1, fn_attach,
		 "(attach PROGRAM [TARGET] &key retprobe egress pid)\nPut a loaded program on its hook: "
		 "an interface, tracepoint, \"path:function\",\ncgroup directory... Without TARGET the "
		 "program's :section says where."},
		{"detach", 1, 1, fn_detach, "(detach PROGRAM)\nTake it off every hook; how many."},
		{"programs", 0, 0, fn_programs, "(programs)\nList the programs of this session."},
		{"maps", 0, 0, fn_maps, "(maps)\nList the maps of this session."},
		{"dis", 1, 1, fn_dis,
		 "(dis PROGRAM)\nIts instructions, each run under its source line."},
		{"test-run", 1, 4, fn_test_run,
		 "(test-run PROGRAM [BYTES] &key repeat)\nRun it on a packet (a vector, list or hex "
		 "string), once or :repeat times: the return\ncode, the packet afterwards, nanoseconds "
		 "of one run. For programs that see no packet\nBYTES is their context, zeros unless "
		 "given."},
		{"run-iterator", 1, 1, fn_run_iterator,
		 "(run-iterator PROGRAM)\nRun an iterator (:section \"iter/task\" and the like) over all "
		 "objects once;\nthe text it wrote with seq-write."},
		{"why", 0, 0, fn_why,
		 "(why)\nThe verifier's complete log of the definition that was refused last."},
		{"save-report", 2, 2, fn_save_report,
		 "(save-report PROGRAM FILE)\nWrite the program and both verifiers' logs to FILE."},
		{"compile-to-elf", 1, 1, fn_compile_to_elf,
		 "(compile-to-elf FILE)\nWrite every program of the session as an ELF object; how many "
		 "instructions."},
		{"forget", 1, -1, fn_forget,
		 "(forget NAME...)\nDetach and unload programs, close maps. What still uses a map keeps it."},
	};

	session_define_effects(s, all, sizeof all / sizeof *all, s);
	/* No effect offline: a script's definitions stay, to be checked. */
	lisp_define(s->lisp, "forget-if-defined", 0, -1, fn_forget_if_defined, s,
		    "(forget-if-defined NAME...)\nAs forget, but names may be unknown.");
	lisp_define(s->lisp, "reset-compilation-state", 0, 0, fn_reset, s,
		    "(reset-compilation-state)\nForget every program and map of the session.");
	lisp_define(s->lisp, "program-named-p", 1, 1, fn_program_named_p, s,
		    "(program-named-p NAME)\nIs a program of that name defined?");
	lisp_define(s->lisp, "map-named-p", 1, 1, fn_map_named_p, s,
		    "(map-named-p NAME)\nIs a map of that name defined?");
	lisp_define_form(s->lisp, "time", form_time, s,
			 "(time FORM)\nEvaluate FORM and print how long it took.");
}
