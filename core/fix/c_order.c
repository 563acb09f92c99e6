/* SPDX-License-Identifier: MIT */
/* c_order.c: what comes too late, too early, too often or never in C: giving back, uses
 * after it, calls under a lock, loops without a bound, the value returned. */
#include "c.h"

#include "facts/facts.h"

#include <stdlib.h>

/* ---- giving back ---------------------------------------------------------------------------- */

/* "%s" is what was handed out, "%1" the first argument of the call that did. */
static const struct {
	const char *acquire, *release;
} pairs[] = {
	{"bpf_ringbuf_reserve", "bpf_ringbuf_discard(%s, 0);"},
	{"bpf_ringbuf_reserve_dynptr", "bpf_ringbuf_discard_dynptr(%4, 0);"},
	{"bpf_sk_lookup_tcp", "bpf_sk_release(%s);"},
	{"bpf_sk_lookup_udp", "bpf_sk_release(%s);"},
	{"bpf_skc_lookup_tcp", "bpf_sk_release(%s);"},
	{"bpf_task_from_pid", "bpf_task_release(%s);"},
	{"bpf_task_from_vpid", "bpf_task_release(%s);"},
	{"bpf_task_acquire", "bpf_task_release(%s);"},
	{"bpf_cgroup_from_id", "bpf_cgroup_release(%s);"},
	{"bpf_cgroup_ancestor", "bpf_cgroup_release(%s);"},
	{"bpf_cgroup_acquire", "bpf_cgroup_release(%s);"},
	{"bpf_task_get_cgroup1", "bpf_cgroup_release(%s);"},
	{"bpf_cpumask_create", "bpf_cpumask_release(%s);"},
	{"bpf_cpumask_acquire", "bpf_cpumask_release(%s);"},
	{"bpf_get_task_exe_file", "bpf_put_file(%s);"},
	{"bpf_obj_new", "bpf_obj_drop(%s);"},
	{"bpf_percpu_obj_new", "bpf_percpu_obj_drop(%s);"},
	{"bpf_skb_ct_lookup", "bpf_ct_release(%s);"},
	{"bpf_xdp_ct_lookup", "bpf_ct_release(%s);"},
	{"bpf_iter_num_new", "bpf_iter_num_destroy(%1);"},
	{"bpf_iter_task_new", "bpf_iter_task_destroy(%1);"},
	{"bpf_iter_css_new", "bpf_iter_css_destroy(%1);"},
	{"bpf_iter_task_vma_new", "bpf_iter_task_vma_destroy(%1);"},
	{"bpf_iter_bits_new", "bpf_iter_bits_destroy(%1);"},
	{"bpf_spin_lock", "bpf_spin_unlock(%1);"},
	{"bpf_res_spin_lock", "bpf_res_spin_unlock(%1);"},
	{"bpf_rcu_read_lock", "bpf_rcu_read_unlock();"},
	{"bpf_preempt_disable", "bpf_preempt_enable();"},
	{"bpf_local_irq_save", "bpf_local_irq_restore(%1);"},
};

/* The variable a call's result goes to: "p = call(...)", also behind a cast. */
static uint32_t
result_name(struct cfix *f, uint32_t call)
{
	uint32_t i = call;

	while (i > 1 && ct_is(&f->c, i - 1, ")") && f->c.toks.at[i - 1].match != CT_NONE)
		i = f->c.toks.at[i - 1].match;
	return i > 1 && ct_is(&f->c, i - 1, "=") && ct_is_word(&f->c, i - 2) ? i - 2 : CT_NONE;
}

/* Does the function leave where this variable is null? */
static bool
tests_null(struct cfix *f, uint32_t name)
{
	uint32_t end = f->c.toks.at[f->fn.body].match;

	for (uint32_t i = f->fn.body; i < end; i++)
		if (ct_is(&f->c, i, "!") && str_eq(ct_str(&f->c, i + 1), ct_str(&f->c, name)) &&
		    ct_is(&f->c, i + 2, ")"))
			return true;
	return false;
}

/* The statement that gives back what the call at `tok` took; null when it is not known. */
static const char *
release_of(struct cfix *f, uint32_t tok)
{
	const char *how = NULL, *arg = NULL;
	uint32_t name = result_name(f, tok);
	struct buf b = buf_new(f->a);

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (ct_is(&f->c, tok, pairs[i].acquire))
			how = pairs[i].release;
	if (!how && f->need->release && name != CT_NONE) {
		arg = cfix_text(f, (struct ct_range){name, name});
		return tests_null(f, name)
			? arena_printf(f->a, "%s(%s);", f->need->release, arg)
			: arena_printf(f->a, "if (%s)\n\t%s(%s);", arg, f->need->release, arg);
	}
	if (!how)
		return NULL;
	for (; *how; how++) {
		if (*how != '%') {
			buf_putc(&b, *how);
			continue;
		}
		how++;
		if (*how != 's')
			arg = cfix_text(f, ct_argument(&f->c, tok, (unsigned)(*how - '1')));
		else if (name != CT_NONE)
			arg = cfix_text(f, (struct ct_range){name, name});
		if (!arg)
			return NULL;
		buf_puts(&b, arg);
	}
	return b.at;
}

/* The last `return` of the function, or its end. */
static bool
way_out(struct cfix *f, struct ct_statement *s)
{
	for (uint32_t i = f->c.toks.at[f->fn.body].match; i > f->fn.body; i--)
		if (ct_is(&f->c, i, "return") && f->c.toks.at[i].up == f->fn.body)
			return ct_statement(&f->c, i, s);
	return false;
}

/* What is given back behind a call that may end the program is given back before it. */
static bool
give_back_earlier(struct cfix *f, uint32_t taken)
{
	uint32_t name = result_name(f, taken), end;
	struct ct_statement s;
	struct diag_fix *x;

	if (cfix_call(f) == CT_NONE || f->st.first == CT_NONE || f->st.is_bare || name == CT_NONE)
		return false;
	end = f->c.toks.at[f->c.toks.at[f->st.first].up].match;
	for (uint32_t i = f->st.last + 1; end != CT_NONE && i < end; i++) {
		if (!ct_is_word(&f->c, i) || !ct_is(&f->c, i + 1, "(") ||
		    !ct_is(&f->c, i + 2, cfix_text(f, (struct ct_range){name, name})) ||
		    !ct_statement(&f->c, i, &s) || s.first != i ||
		    f->c.toks.at[i].up != f->c.toks.at[f->st.first].up)
			continue;
		x = cfix_new(f, "give it back before this call");
		cfix_before(f, x, &f->st, "%s", cfix_text(f, (struct ct_range){s.first, s.last}));
		cfix_remove(f, x, &s);
		return true;
	}
	return false;
}

bool
cfix_left_open(struct cfix *f)
{
	uint32_t taken = cfix_step(f, STEP_ACQUIRED);
	const char *release;
	struct ct_statement s;
	struct diag_fix *x;
	bool leaves;

	if (taken == CT_NONE)
		taken = f->root;	/* never given back: the root is where it was taken */
	if (taken != CT_NONE && give_back_earlier(f, taken))
		return true;
	if (taken == CT_NONE || !(release = release_of(f, taken)) || f->root == CT_NONE ||
	    !ct_statement(&f->c, f->root, &s))
		return false;
	if (cfix_call(f) != CT_NONE)	/* what ends the program is itself a call */
		s = f->st;
	leaves = cfix_call(f) != CT_NONE || ct_is(&f->c, s.first, "return") ||
		ct_is(&f->c, s.first, "continue") || ct_is(&f->c, s.first, "break") ||
		ct_is(&f->c, s.first, "goto");
	if (!leaves && !way_out(f, &s))
		return false;
	x = cfix_new(f, "give it back on this path too");
	cfix_before(f, x, &s, "%s", release);
	return true;
}

/* ---- used after the end ---------------------------------------------------------------------- */

/* The last statement of the block that mentions a word, from the failing one on. */
static struct ct_statement
last_use(struct cfix *f, const char *word, uint32_t block)
{
	uint32_t end = f->c.toks.at[block].match;
	struct ct_statement s = f->st, last = f->st;

	for (uint32_t i = f->st.first; end != CT_NONE && i < end; i++) {
		if (!ct_is(&f->c, i, word) || !ct_statement(&f->c, i, &s))
			continue;
		while (f->c.toks.at[s.first].up != block && f->c.toks.at[s.first].up != CT_NONE &&
		       ct_statement(&f->c, f->c.toks.at[s.first].up, &s))
			;
		if (f->c.toks.at[s.first].up == block && !ct_is(&f->c, s.first, "return"))
			last = s;
	}
	return last;
}

/* Something was ended by a call and is used behind it: the call moves behind the last use. A
 * second giving back is taken away. */
bool
cfix_ended(struct cfix *f)
{
	uint32_t tok = cfix_step(f, STEP_RELEASED);
	const char *name = cfix_plain(f, f->need->name), *again;
	struct ct_statement s, last;
	struct diag_fix *x;
	bool is_again;

	if (tok == CT_NONE)
		tok = cfix_step(f, STEP_LOST);
	if (tok == CT_NONE || !name || f->st.first == CT_NONE || !ct_statement(&f->c, tok, &s) ||
	    s.first != tok || f->st.first <= s.last)
		return false;
	again = cfix_text(f, (struct ct_range){f->at, f->at});
	is_again = f->at == f->st.first && (strstr(again, "submit") || strstr(again, "discard") ||
					    strstr(again, "release"));
	if (tok < f->fn.body || tok > f->c.toks.at[f->fn.body].match) {	/* by a function called */
		if (!is_again || s.is_bare)
			return false;
		x = cfix_new(f, "give it back once, in the function that took it");
		cfix_remove(f, x, &s);
		return true;
	}
	if (f->c.toks.at[s.first].up != f->c.toks.at[f->st.first].up && !s.is_bare) {
		x = cfix_new(f, "leave once it is given back");
		cfix_after(f, x, &s, "%s", cfix_leave(f));
		return true;
	}
	if (is_again) {
		x = cfix_new(f, "give it back once");
		cfix_remove(f, x, &f->st);
		return true;
	}
	if (s.is_bare)
		return false;
	last = last_use(f, name, f->c.toks.at[s.first].up);
	x = cfix_new(f, "call `%s` after the last use",
		     cfix_text(f, (struct ct_range){tok, tok}));
	cfix_remove(f, x, &s);
	cfix_after(f, x, &last, "%s", cfix_text(f, (struct ct_range){s.first, s.last}));
	return true;
}

/* A call that may not be made with a lock held is made before it is taken. */
bool
cfix_hoist(struct cfix *f)
{
	uint32_t taken = cfix_step(f, STEP_ACQUIRED), call = cfix_call(f), name;
	struct ct_statement lock;
	struct diag_fix *x;
	const char *text;

	if (taken == CT_NONE || call == CT_NONE || !strstr(f->kernel, "while holding a lock") ||
	    !ct_statement(&f->c, taken, &lock) || lock.is_bare || f->st.first == CT_NONE)
		return false;
	name = result_name(f, call);
	text = cfix_text(f, (struct ct_range){f->st.first, f->st.last});
	if (f->st.is_bare || (f->st.first != call && name == CT_NONE) ||
	    f->c.toks.at[call + 1].match + 1 != f->st.last)
		return false;
	x = cfix_new(f, "call it before the lock is taken");
	cfix_before(f, x, &lock, "%s", text);
	cfix_remove(f, x, &f->st);
	return true;
}

/* ---- loops ----------------------------------------------------------------------------------- */

enum { TURNS = 64 };

/* `for (...; cond; ...)`: the two semicolons of its head. */
static bool
head_of_for(struct cfix *f, uint32_t loop, uint32_t *first, uint32_t *second)
{
	uint32_t open = loop + 1, close = f->c.toks.at[open].match;

	*first = *second = CT_NONE;
	for (uint32_t i = open; close != CT_NONE && i < close; i++) {
		if (!ct_is(&f->c, i, ";") || f->c.toks.at[i].up != open)
			continue;
		if (*first == CT_NONE)
			*first = i;
		else
			*second = i;
	}
	return *second != CT_NONE;
}

bool
cfix_loop(struct cfix *f)
{
	const char *var = "turn";
	uint32_t a, b, close;
	struct diag_fix *x;

	if (f->root == CT_NONE || (!ct_is(&f->c, f->root, "for") && !ct_is(&f->c, f->root, "while")) ||
	    !ct_is(&f->c, f->root + 1, "(") ||
	    (close = f->c.toks.at[f->root + 1].match) == CT_NONE)
		return false;
	while (cfix_uses(f, var))
		var = arena_printf(f->a, "%s_", var);
	x = cfix_new(f, "end the loop after a number of turns that suffices");
	if (ct_is(&f->c, f->root, "while")) {
		cfix_replace(f, x, (struct ct_range){f->root, close},
			     "for (int %s = 0; %s < %d && (%s); %s++)", var, var, TURNS,
			     cfix_text(f, (struct ct_range){f->root + 2, close - 1}), var);
		return true;
	}
	if (!head_of_for(f, f->root, &a, &b))
		return false;
	if (a == f->root + 2) {
		cfix_replace(f, x, (struct ct_range){a, a}, "int %s = 0;", var);
	} else {	/* the loop has a variable of its own: its declaration can have another */
		struct ct_statement s;

		if (!ct_statement(&f->c, f->root, &s))
			return false;
		cfix_before(f, x, &s, "int %s = 0;\n", var);
	}
	if (b == a + 1)
		cfix_replace(f, x, (struct ct_range){b, b}, " %s < %d;", var, TURNS);
	else
		cfix_replace(f, x, (struct ct_range){a + 1, b - 1}, "%s < %d && (%s)", var, TURNS,
			     cfix_text(f, (struct ct_range){a + 1, b - 1}));
	cfix_replace(f, x, (struct ct_range){close, close}, b + 1 == close ? " %s++)" : ", %s++)",
		     var);
	return true;
}

/* ---- what is returned ------------------------------------------------------------------------ */

bool
cfix_returned(struct cfix *f)
{
	struct ct_statement s;
	struct diag_fix *x;
	long long to = f->need->lo <= 0 && f->need->hi >= 0 ? 0 : (long long)f->need->lo;

	if (f->root == CT_NONE || !ct_statement(&f->c, f->root, &s) ||
	    !ct_is(&f->c, s.first, "return") || s.last < s.first + 2)
		return false;
	x = cfix_new(f, "return a value that is allowed");
	cfix_replace(f, x, (struct ct_range){s.first + 1, s.last - 1}, "%lld", to);
	return true;
}
