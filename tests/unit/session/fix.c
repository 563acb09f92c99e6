/* SPDX-License-Identifier: MIT */
/* fix.c: what is offered for a rejected program reads as expected, is accepted, and trying it
 * leaves the session as it was. */
#include "fix/fix.h"
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
	      "  (let ((v (map-lookup m 1)) (w (ctx rx-queue-index)))\n"
	      "    (when (> (load u64 v 0) w)\n"
	      "      (return XDP_DROP)))\n"
	      "  XDP_PASS)\n", "(when (and v (> (load u64 v 0) w))");
}

Test(fix, what_is_for_one_value_only_begins_with_its_test)
{
	mends(MAP "(defprog p (:type :tc)\n"
	      "  (let ((v (map-lookup m 1)))\n"
	      "    (atomic-add v 0 1)\n"
	      "    (store u64 v 0 2))\n"
	      "  TC_ACT_OK)\n", "(when-let ((v (map-lookup m 1)))\n    (atomic-add v 0 1)\n");
}

Test(fix, what_does_not_need_the_value_stays)
{
	mends(MAP "(defprog p (:type :tc)\n"
	      "  (let ((v (map-lookup m 1)))\n"
	      "    (incf (getmap m 7))\n"
	      "    (atomic-add v 0 1)\n"
	      "    (store u64 v 0 2))\n"
	      "  TC_ACT_OK)\n",
	      "    (incf (getmap m 7))\n    (unless v\n      (return TC_ACT_OK))\n");
}

Test(fix, a_test_the_wrong_way_is_turned_round)
{
	mends(MAP "(defprog p (:type :tc)\n"
	      "  (let ((v (map-lookup m 1)))\n"
	      "    (unless v\n"
	      "      (atomic-add v 0 1)))\n"
	      "  TC_ACT_OK)\n", "(when v\n      (atomic-add v 0 1)");
}

Test(fix, a_macro_is_mended_where_it_is_wrong)
{
	mends(MAP "(defmacro bump (key)\n"
	      "  `(let ((slot (map-lookup m ,key)))\n"
	      "     (atomic-add slot 0 1)))\n"
	      "(defprog p (:type :tc)\n"
	      "  (bump 1)\n"
	      "  (bump 2)\n"
	      "  TC_ACT_OK)\n", "`(when-let ((slot (map-lookup m ,key)))");
}

Test(fix, parentheses_behind_a_comment_move_with_the_form)
{
	mends("(defmap r :type :ringbuf :max-entries 4096)\n"
	      "(defmap next :type :prog-array :key u32 :value u32 :max-entries 4)\n"
	      "(defprog p (:type :xdp)\n"
	      "  (when-let ((e (ringbuf-reserve r 8)))\n"
	      "    (tail-call next 1) ; leaves\n"
	      "    (ringbuf-submit e)) ; never reached\n"
	      "  XDP_PASS)\n",
	      "    (ringbuf-submit e)\n    (tail-call next 1)) ; leaves\n  XDP_PASS");
}

Test(fix, one_lock_is_given_back_before_the_next_is_taken)
{
	mends("(defstruct b (lock (struct bpf-spin-lock)) (n u32))\n"
	      "(defmap m :type :array :key u32 :value b :max-entries 2)\n"
	      "(defprog p (:type :tc)\n"
	      "  (let ((x (getmap m 0)) (y (getmap m 1)))\n"
	      "    (when (and x y)\n"
	      "      (spin-lock (b-lock x))\n"
	      "      (decf (b-n x))\n"
	      "      (spin-lock (b-lock y))\n"
	      "      (incf (b-n y))\n"
	      "      (spin-unlock (b-lock y))\n"
	      "      (spin-unlock (b-lock x))))\n"
	      "  TC_ACT_OK)\n",
	      "(spin-unlock (b-lock x))\n      (spin-lock (b-lock y))\n      (incf (b-n y))\n"
	      "      (spin-unlock (b-lock y))))\n  TC_ACT_OK");
}

Test(fix, a_read_before_the_packet_is_tested_where_it_begins)
{
	mends("(defprog p (:type :tc)\n"
	      "  (let ((meta (ctx data-meta)) (data (ctx data)))\n"
	      "    (when (= (load u32 meta 0) 7)\n"
	      "      (return TC_ACT_SHOT)))\n"
	      "  TC_ACT_OK)\n", "(and (<= (+ meta 4) data) (= (load u32 meta 0) 7))");
}

Test(fix, a_context_field_chosen_at_run_time_is_read_at_constant_offsets)
{
	mends("(defprog p (:type :raw-tracepoint :section \"raw_tp/sys_enter\")\n"
	      "  (let ((n (logand (get-prandom-u32) 3)))\n"
	      "    (when (= (load u64 (+ (ctx-ptr) (* n 8)) 0) 1)\n"
	      "      (return 1)))\n"
	      "  0)\n", "(case n");
}

Test(fix, a_loop_that_counts_nothing_counts)
{
	mends("(defprog p (:type :tc)\n"
	      "  (let ((i 0) (n 0))\n"
	      "    (while (< i 8)\n"
	      "      (setf n (+ n (ctx len))))\n"
	      "    (return (logand n 1))))\n", "(incf i))");
}

Test(fix, the_value_that_is_wrong_is_changed_where_it_was_made)
{
	mends(MAP "(defprog p (:type :cgroup-skb :section \"cgroup_skb/egress\")\n"
	      "  (if (> (ctx len) 1500) 5 1))\n", "(if (> (ctx len) 1500) 1 1)");
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
	      "  (ctx len))\n", "(if (ctx len) 1 0)");
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
