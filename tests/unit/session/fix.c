/* SPDX-License-Identifier: MIT */
/* fix.c: what is offered for a rejected program reads as expected, is accepted, and trying it
 * leaves the session as it was. */
#include "session/fix.h"
#include "session/check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct result {
	struct session *session;
	struct arena arena;
	struct diags ds;
	struct image im;
	struct verify_result r;
	struct diag *d;
	uint32_t file;
};

static void
judge(struct result *t, const char *text)
{
	struct verify_opts o = {.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT};
	struct reader r = {0};
	enum session_step step;
	value v;

	*t = (struct result){.session = session_new(&(struct session_opts){.fuel = 1000000})};
	arena_init(&t->arena);
	diags_init(&t->ds, &t->arena);
	r.file = t->file = sources_add(session_sources(t->session), "t.lisp", str_of(text));
	do {
		step = session_step(t->session, &r, &v, &t->ds);
	} while (step == STEP_VALUE);
	cr_assert(step == STEP_END, "%s\n%s", t->ds.all.n ? t->ds.all.at[0]->message : "", text);
	cr_assert(session_build(t->session, &t->arena, &t->im, &t->ds));
	check_program(&t->im, t->im.progs.at[0], &o, &t->arena, &t->r);
	struct checked c = {&t->im, t->im.progs.at[0], &o, &t->r, t->session};
	t->d = check_report(&t->ds, &c, NULL);
}

static void
end(struct result *t)
{
	session_free(t->session);
	arena_free(&t->arena);
}

/* The program is rejected; its first fix is verified, and the text then contains `want`. */
static void
mends(const char *text, const char *want)
{
	struct result t, after;
	struct diag_fix *f;
	str fixed;

	judge(&t, text);
	cr_assert(t.r.verdict == VERDICT_REJECT, "accepted:\n%s", text);
	cr_assert(t.d->fixes.n == 1, "no fix for %s:\n%s", t.d->code, text);
	f = &t.d->fixes.at[0];
	cr_assert(f->verified);
	fixed = fix_apply(session_sources(t.session), t.file, f, &t.arena);
	cr_assert(strstr(fixed.p, want), "no `%s` in\n%s", want, fixed.p);
	judge(&after, fixed.p);
	cr_assert(after.r.verdict == VERDICT_ACCEPT, "%s:\n%s", after.r.kernel_message, fixed.p);
	end(&after);
	end(&t);
}

#define MAP "(defmap m :type :hash :key u32 :value u64 :max-entries 16)\n"

Test(fix, null_is_tested_in_the_test_that_uses_it)
{
	mends(MAP "(defprog p (:type :xdp)\n"
	      "  (let ((v (map-lookup m 1)))\n"
	      "    (when (> (load u64 v 0) 3)\n"
	      "      (return XDP_DROP)))\n"
	      "  XDP_PASS)\n", "(when (and v (> (load u64 v 0) 3))");
}

Test(fix, null_is_tested_around_all_uses)
{
	mends(MAP "(defprog p (:type :tc)\n"
	      "  (let ((v (map-lookup m 1)))\n"
	      "    (atomic-add v 0 1)\n"
	      "    (store u64 v 0 2))\n"
	      "  TC_ACT_OK)\n", "(when v\n      (atomic-add v 0 1)\n      (store u64 v 0 2)))");
}

Test(fix, a_packet_check_too_short_is_made_longer)
{
	mends("(defprog p (:type :xdp)\n"
	      "  (with-packet (data end :min-len 14)\n"
	      "    (when (= (load u32 data 26) 1)\n"
	      "      (return XDP_DROP)))\n"
	      "  XDP_PASS)\n", ":min-len 30");
}

Test(fix, a_packet_check_is_put_where_there_is_none)
{
	mends("(defprog p (:type :xdp)\n"
	      "  (let ((data (xdp-data)) (end (xdp-data-end)))\n"
	      "    (when (= (load u16 data 12) 8)\n"
	      "      (return XDP_DROP)))\n"
	      "  XDP_PASS)\n", "(and (<= (+ data 14) end) (= (load u16 data 12) 8))");
}

Test(fix, an_index_is_tested_against_the_array)
{
	mends("(defstruct table (slots (array u32 16)))\n"
	      "(defmap t :type :array :key u32 :value table :max-entries 1)\n"
	      "(defprog p (:type :xdp)\n"
	      "  (when-let ((tb (getmap t 0)))\n"
	      "    (let ((i (ctx rx-queue-index)))\n"
	      "      (incf (table-slots tb i))))\n"
	      "  XDP_PASS)\n", "(when (< i 16)");
}

Test(fix, a_record_is_discarded_on_the_way_out)
{
	mends("(defmap r :type :ringbuf :max-entries 4096)\n"
	      "(defprog p (:type :xdp)\n"
	      "  (let ((e (ringbuf-reserve r 8)))\n"
	      "    (when e\n"
	      "      (when (= (ctx rx-queue-index) 0)\n"
	      "        (return XDP_PASS))\n"
	      "      (store u64 e 0 1)\n"
	      "      (ringbuf-submit e)))\n"
	      "  XDP_PASS)\n", "(ringbuf-discard e)\n        (return XDP_PASS)");
}

Test(fix, a_record_is_submitted_after_its_last_use)
{
	mends("(defmap r :type :ringbuf :max-entries 4096)\n"
	      "(defprog p (:type :xdp)\n"
	      "  (when-let ((e (ringbuf-reserve r 8)))\n"
	      "    (ringbuf-submit e)\n"
	      "    (store u64 e 0 1))\n"
	      "  XDP_PASS)\n", "(store u64 e 0 1)\n    (ringbuf-submit e))");
}

Test(fix, kernel_memory_is_read_by_probe)
{
	mends("(defprog p (:type :kprobe :section \"kprobe/x\")\n"
	      "  (let ((a (pt-regs-parm1)))\n"
	      "    (if (= (load u32 a 8) 3) 1 0)))\n", "(kernel-load u32 a 8)");
}

Test(fix, the_license_is_changed)
{
	mends("(defprog p (:type :kprobe :section \"kprobe/x\" :license \"MIT\")\n"
	      "  (printk \"hello\")\n"
	      "  0)\n", ":license \"GPL\"");
}

Test(fix, what_is_returned_is_what_the_hook_allows)
{
	mends("(defprog p (:type :cgroup-skb :section \"cgroup_skb/egress\")\n"
	      "  (ctx len))\n", "(ctx len)\n  1)");
}

Test(fix, a_size_is_kept_within_the_buffer)
{
	mends("(defprog p (:type :kprobe :section \"kprobe/x\")\n"
	      "  (let ((b (struct-alloc 64)) (n (pt-regs-parm2)))\n"
	      "    (probe-read-user b n (pt-regs-parm1))\n"
	      "    0))\n", "(min n 64)");
}

Test(fix, the_packet_is_read_again_after_it_moved)
{
	mends("(defprog p (:type :xdp)\n"
	      "  (with-packet (data end :min-len 34)\n"
	      "    (let ((ip (+ data 14)))\n"
	      "      (xdp-adjust-head (ctx-ptr) -8)\n"
	      "      (when (= (ipv4-protocol ip) 6)\n"
	      "        (return XDP_DROP))))\n"
	      "  XDP_PASS)\n", "(let* ((data (xdp-data)) (end (xdp-data-end)))");
}

/* A fix that needs another map declares it for the attempt; afterwards the map of the file
 * means what it meant. */
Test(fix, an_attempt_leaves_declarations_as_they_were)
{
	struct verify_result r;
	struct image again;
	struct result t;

	judge(&t, "(defmap m :type :array :key u32 :value u32 :max-entries 4)\n"
		  "(defprog p (:type :xdp)\n"
		  "  (when-let ((v (map-lookup m 0)))\n"
		  "    (store u64 v 0 1))\n"
		  "  XDP_PASS)\n");
	cr_assert(t.r.verdict == VERDICT_REJECT);
	cr_assert(session_build(t.session, &t.arena, &again, &t.ds));
	cr_assert(again.maps.at[0]->value_size == 4);
	check_program(&again, again.progs.at[0],
		      &(struct verify_opts){.kernel = 6 << 8 | 18, .caps = VCAP_DEFAULT},
		      &t.arena, &r);
	cr_assert(r.verdict == VERDICT_REJECT && r.insn == t.r.insn);
	end(&t);
}

Test(fix, a_file_is_replaced_whole_and_keeps_its_mode)
{
	char path[] = "/tmp/veery-fix-XXXXXX", back[16] = {0};
	int fd = mkstemp(path);
	struct stat st;
	FILE *f;

	cr_assert(fd >= 0 && write(fd, "old text", 8) == 8 && fchmod(fd, 0640) == 0);
	close(fd);
	cr_assert(fix_write_file(path, STR("new")) == 0);
	f = fopen(path, "r");
	cr_assert(f && fread(back, 1, 15, f) == 3 && !strcmp(back, "new"));
	fclose(f);
	cr_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
	unlink(path);
	cr_assert(fix_write_file("/nonexistent/file", STR("x")) < 0);
}
