/* SPDX-License-Identifier: MIT */
/* vars.c: explanations speak of the user's names, so every register through which a program
 * reads or writes memory has one where it does so, and every object on the stack. */
#include "compile/compile.h"
#include "session/session.h"

#include <criterion/criterion.h>

static struct session *session;
static struct arena arena;

static void
setup(void)
{
	arena_init(&arena);
	session = session_new(&(struct session_opts){0});
}

static void
teardown(void)
{
	session_free(session);
	arena_free(&arena);
}

TestSuite(vars, .init = setup, .fini = teardown);

static const struct image_prog *
compiled(const char *text)
{
	struct reader r = {0};
	struct diags ds;
	enum session_step step;
	value v;

	diags_init(&ds, &arena);
	r.file = sources_add(session_sources(session), "test", str_of(text));
	do {
		step = session_step(session, &r, &v, &ds);
	} while (step == STEP_VALUE);
	cr_assert(!ds.errors, "%s", ds.errors ? ds.all.at[0]->message : "");
	return session_program(session, 0)->prog;
}

static const char *
name_at(const struct image_prog *p, int reg, uint32_t insn)
{
	for (uint32_t i = 0; i < p->vars.n; i++) {
		const struct image_var *v = &p->vars.at[i];

		if (v->reg == reg && v->from <= insn && insn < v->to)
			return v->name;
	}
	return NULL;
}

static void
every_pointer_has_a_name(const char *text)
{
	const struct image_prog *p = compiled(text);

	for (uint32_t i = 0; i < p->ninsns; i++) {
		struct bpf_insn in = p->insns[i];
		int cls = BPF_CLASS(in.code);
		int base = cls == BPF_LDX ? in.src_reg : in.dst_reg;

		if ((cls == BPF_LDX || cls == BPF_STX || cls == BPF_ST) && base != BPF_REG_10)
			cr_expect(name_at(p, base, i), "r%d at instruction %u of %s", base, i,
				  p->name);
	}
}

static void
is_named(const char *name, const char *text)
{
	const struct image_prog *p = compiled(text);

	for (uint32_t i = 0; i < p->vars.n; i++) {
		const struct image_var *v = &p->vars.at[i];

		if (strcmp(v->name, name) == 0) {
			cr_expect(v->from < v->to && v->to <= p->ninsns);
			cr_expect(v->reg >= 0 || v->stack_off < 0);
			cr_expect(v->at != 0, "%s has no place", name);
			return;
		}
	}
	cr_expect(false, "nothing is called %s", name);
}

Test(vars, packet_pointers_and_context)
{
	every_pointer_has_a_name("(defprog p (:type :xdp) (with-tcp (data end tcp)"
				 "  (when (= (tcp-dst-port tcp) 80) (return XDP_DROP))) XDP_PASS)");
}

Test(vars, lookups_bound_by_let_and_when_let)
{
	every_pointer_has_a_name(
		"(defmap m :type :hash :key u32 :value u64 :max-entries 8)"
		"(defprog p (:type :xdp)"
		"  (let ((a (map-lookup m 1))) (when a (store u64 a 0 7)))"
		"  (when-let ((b (map-lookup m 2))) (atomic-add b 0 1))"
		"  (if-let (c (map-lookup m 3)) (load u64 c 0) 0))");
}

Test(vars, lookups_inside_forms)
{
	every_pointer_has_a_name("(defmap m :type :hash :key u32 :value u64 :max-entries 8)"
				 "(defprog p (:type :xdp)"
				 "  (incf (getmap m 1)) (count @c 3) (+ (getmap m 2) 1))");
}

Test(vars, equal_computations_keep_a_name)
{
	every_pointer_has_a_name("(defprog p (:type :xdp) (with-packet (data end :min-len 34)"
				 "  (let ((ip (+ data 14)) (again (+ data 14)))"
				 "    (setf (ipv4-ttl again) (+ 1 (ipv4-ttl ip))))) XDP_PASS)");
}

Test(vars, records_of_rings)
{
	every_pointer_has_a_name("(defstruct e (a u32) (b u32))"
				 "(defmap rb :type :ringbuf :max-entries 4096)"
				 "(defprog p (:type :xdp)"
				 "  (with-ringbuf (r rb (sizeof e)) (setf (e-a r) 1 (e-b r) 2))"
				 "  (printf \"x\") XDP_PASS)");
}

Test(vars, loops_and_arguments)
{
	is_named("i", "(defprog p (:type :xdp) (let ((s 0))"
		      "  (dotimes (i 9) (incf s (* i (ctx rx-queue-index)))) s))");
}

Test(vars, arguments_of_functions)
{
	is_named("depth", "(defn f (depth) (+ depth 1))"
			  "(defprog p (:type :xdp) (f (ctx rx-queue-index)))");
}

Test(vars, structs_on_the_stack)
{
	is_named("ev", "(defstruct e (a u32) (b u32))"
		       "(defmap m :type :hash :key u32 :value (struct e) :max-entries 4)"
		       "(defprog p (:type :xdp) (let ((ev (make-e))) (setf (e-a ev) 5)"
		       "  (setf (getmap m 1) ev)) XDP_PASS)");
}
