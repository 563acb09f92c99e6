/* SPDX-License-Identifier: MIT */
/* c_instead.c: what C has to write instead of what this kernel, this hook or the verifier does
 * not know: older functions, the same for another context, copies of what may not be indexed. */
#include "c.h"

#include "facts/facts.h"

#include <stdlib.h>

/* ---- the context ------------------------------------------------------------------------------- */

/* "skops->args": how many elements the context's field has; 0: none, or it is no array. */
static uint32_t
elements_of(const struct cfix *f, str field)
{
	const struct fact_prog_type *t = fact_prog_type(f->rq->prog->type);
	uint32_t n = 0;
	const struct fact_ctx_field *c = t && t->ctx ? fact_ctx_fields(t->ctx, &n) : NULL;

	for (uint32_t i = 0; i < n; i++)
		if (str_is(field, c[i].name))
			return c[i].count > 1 ? c[i].count : 0;
	return 0;
}

/* `ctx->args[i]`: the context is read at constant offsets, a copy of the array at any. */
static bool
copy_of_array(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at), index;
	struct buf b = buf_new(f->a);
	const char *array, *copy;
	struct diag_fix *x;
	uint32_t n, open;

	if (r.first == CT_NONE || !strstr(f->d->message, "variable amount") ||
	    !cfix_has_statement(f) || cfix_in_loop_head(f, f->at, &f->st) ||
	    ct_is(&f->c, r.last + 1, "="))
		return false;
	if (ct_is(&f->c, r.last + 1, "[") && f->c.toks.at[r.last + 1].match != CT_NONE)
		r.last = f->c.toks.at[r.last + 1].match;
	open = ct_is(&f->c, r.last, "]") ? f->c.toks.at[r.last].match : CT_NONE;
	if (open == CT_NONE || open < r.first + 3 || !ct_is(&f->c, open - 2, "->") ||
	    !(n = elements_of(f, ct_str(&f->c, open - 1))))
		return false;
	index = (struct ct_range){open + 1, r.last - 1};
	array = cfix_text(f, (struct ct_range){r.first, open - 1});
	copy = cfix_fresh(f, ct_str(&f->c, open - 1));
	if (!strcmp(copy, cfix_text(f, (struct ct_range){open - 1, open - 1})))
		copy = arena_printf(f->a, "%s_copy", copy);
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s[%u]", i ? ", " : "", array, i);
	x = cfix_new(f, "index a copy: the context itself is read at constant offsets only");
	cfix_before(f, x, &f->st, "typeof(%s[0]) %s[] = {%s};\nunsigned long %s_at = %s;\n\n"
		    "if (%s_at >= %u)\n\t%s", array, copy, b.at, copy, cfix_text(f, index), copy, n,
		    cfix_leave(f));
	cfix_replace(f, x, r, "%s[%s_at]", copy, copy);
	return true;
}

/* What is read through the same pointer further on in the block. */
static void
read_later(struct cfix *f, struct diag_fix *x, struct ct_range done)
{
	uint32_t base = done.first + ct_is(&f->c, done.first, "*");
	uint32_t end = f->c.toks.at[f->c.toks.at[f->st.first].up].match;

	for (uint32_t i = f->st.last + 1; end != CT_NONE && i < end; i++) {
		struct ct_range r = {i, i};
		struct ct_statement s;
		const char *got;

		if (!str_eq(ct_str(&f->c, i), ct_str(&f->c, base)) || ct_is(&f->c, i - 1, "->") ||
		    ct_is(&f->c, i - 1, ".") || ct_is(&f->c, i - 1, "&"))
			continue;
		if (ct_is(&f->c, i - 1, "*"))
			r.first--;
		else if (ct_is(&f->c, i + 1, "[") && f->c.toks.at[i + 1].match != CT_NONE)
			r.last = f->c.toks.at[i + 1].match;
		else
			continue;
		if (ct_is(&f->c, r.last + 1, "=") || !ct_statement(&f->c, i, &s) || s.is_bare ||
		    cfix_in_loop_head(f, i, &s))
			continue;
		got = arena_printf(f->a, "value_%u", x->edits.n);
		cfix_before(f, x, &s, "typeof(%s) %s = 0;\n\nbpf_probe_read_kernel(&%s, sizeof(%s), &%s);",
			    cfix_text(f, r), got, got, got, cfix_text(f, r));
		cfix_replace(f, x, r, "%s", got);
	}
}

/* A field through a pointer that the compiler has moved: tracing programs may read it as
 * kernel memory. */
static bool
read_moved(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at);
	uint32_t type = f->rq->prog->type;
	const char *text = cfix_text(f, r), *got;
	struct diag_fix *x;

	if (!strstr(f->kernel, "dereference of modified ctx") || r.first == CT_NONE ||
	    r.first == r.last || !cfix_has_statement(f) || cfix_in_loop_head(f, f->at, &f->st) ||
	    strchr(text, '(') || ct_is(&f->c, r.last + 1, "=") ||
	    (type != BPF_PROG_TYPE_TRACEPOINT && type != BPF_PROG_TYPE_KPROBE &&
	     type != BPF_PROG_TYPE_PERF_EVENT && type != BPF_PROG_TYPE_RAW_TRACEPOINT))
		return false;
	got = cfix_fresh(f, str_of("value"));
	x = cfix_new(f, "read it with bpf_probe_read_kernel(), which takes any place");
	cfix_before(f, x, &f->st, "typeof(%s) %s = 0;\n\nbpf_probe_read_kernel(&%s, sizeof(%s), &%s);",
		    text, got, got, got, text);
	cfix_replace(f, x, r, "%s", got);
	read_later(f, x, r);
	return true;
}

/* ---- functions ---------------------------------------------------------------------------------- */

/* "bpf_loop(n, each, &arg, 0);" where the kernel has no callbacks yet: a loop that calls it. */
static bool
plain_loop(struct cfix *f)
{
	uint32_t call = cfix_call(f);
	struct ct_range n, each, arg;
	const char *var;
	struct diag_fix *x;

	if (call == CT_NONE || call != f->st.first || !ct_is(&f->c, call, "bpf_loop") ||
	    (!strstr(f->kernel, "unrecognized bpf_ld_imm64") && !strstr(f->kernel, "invalid func unknown")))
		return false;
	n = ct_argument(&f->c, call, 0);
	each = ct_argument(&f->c, call, 1);
	arg = ct_argument(&f->c, call, 2);
	if (n.first == CT_NONE || each.first == CT_NONE || arg.first == CT_NONE)
		return false;
	var = cfix_fresh(f, str_of("turn"));
	x = cfix_new(f, "call it in a loop of its own");
	cfix_replace(f, x, (struct ct_range){f->st.first, f->st.last}, "%s", cfix_indented(
		f, arena_printf(f->a, "for (unsigned int %s = 0; %s < %s; %s++)\n"
				"\tif (%s(%s, %s))\n\t\tbreak;", var, var, cfix_text(f, n), var,
				cfix_text(f, each), var, cfix_text(f, arg)), f->st.first));
	return true;
}

/* A text to compare with has to be read-only: the literal itself is. */
static bool
literal(struct cfix *f)
{
	uint32_t call = cfix_call(f), decl;
	struct ct_range arg, init;
	struct diag_fix *x;

	if (call == CT_NONE || f->need->reg < 1 || !strstr(f->kernel, "expected=map_value"))
		return false;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (arg.first == CT_NONE || arg.first != arg.last || !ct_is_word(&f->c, arg.first))
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, arg.first));
	if (decl == CT_NONE || decl < f->fn.body)
		return false;
	while (ct_is(&f->c, decl + 1, "[") && f->c.toks.at[decl + 1].match != CT_NONE)
		decl = f->c.toks.at[decl + 1].match;
	init = ct_initial(&f->c, decl);
	if (init.first == CT_NONE || init.first != init.last ||
	    f->c.toks.at[init.first].kind != CT_STRING)
		return false;
	x = cfix_new(f, "hand over the literal: it lies in read-only memory");
	cfix_replace(f, x, arg, "%s", cfix_text(f, init));
	return true;
}

/* The only lock of the file is taken around a call that needs one. */
static bool
under_lock(struct cfix *f)
{
	uint32_t lock = CT_NONE;
	struct diag_fix *x;

	if (!strstr(f->kernel, "must be held for") || !cfix_has_statement(f) || f->st.is_bare)
		return false;
	for (uint32_t i = 1; i + 1 < f->c.toks.n; i++) {
		if (f->c.toks.at[i].up != CT_NONE || !ct_is(&f->c, i - 1, "bpf_spin_lock") ||
		    !ct_is_word(&f->c, i))
			continue;
		if (lock != CT_NONE)
			return false;
		lock = i;
	}
	if (lock == CT_NONE)
		return false;
	x = cfix_new(f, "take the lock around it");
	cfix_before(f, x, &f->st, "bpf_spin_lock(&%s);", cfix_text(f, (struct ct_range){lock, lock}));
	cfix_after(f, x, &f->st, "bpf_spin_unlock(&%s);", cfix_text(f, (struct ct_range){lock, lock}));
	return true;
}

bool
cfix_substitute(struct cfix *f)
{
	return under_lock(f) || copy_of_array(f) || read_moved(f) || plain_loop(f) || literal(f);
}

/* ---- the current task ---------------------------------------------------------------------------- */

/* Can the program use the typed function? It came with Linux 5.11. */
static bool
has_typed_task(const struct cfix *f)
{
	const struct fact_helper *h = fact_helper_named(str_of("get_current_task_btf"));

	return h && f->rq->opts->kernel >= h->since;
}

/* Does the file lay the struct out itself, for one kernel? */
static bool
has_own_task(struct cfix *f)
{
	for (uint32_t i = 0; i + 2 < f->c.toks.n; i++)
		if (ct_is(&f->c, i, "struct") && ct_is(&f->c, i + 1, "task_struct") &&
		    ct_is(&f->c, i + 2, "{"))
			return !memmem(f->c.text.p, f->c.text.n, "preserve_access_index", 21);
	return false;
}

/* `bpf_get_current_task()` gives a number, its younger brother a pointer. */
bool
cfix_task(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at), init;
	struct diag_fix *x;
	uint32_t decl, base;

	if (!strstr(f->d->message, "is a number") || !has_typed_task(f) ||
	    has_own_task(f))
		return false;
	base = r.first == CT_NONE ? f->at : r.first;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, base));
	if (decl == CT_NONE || decl < f->fn.body)
		return false;
	init = ct_initial(&f->c, decl);
	for (uint32_t i = f->fn.body; i < f->at; i++) {
		bool here = init.first != CT_NONE ? i >= init.first && i <= init.last
			: ct_is(&f->c, i - 1, "=") && str_eq(ct_str(&f->c, i - 2), ct_str(&f->c, base));

		if (!here || !ct_is(&f->c, i, "bpf_get_current_task"))
			continue;
		x = cfix_new(f, "call bpf_get_current_task_btf(), which gives a pointer the verifier knows");
		cfix_replace(f, x, (struct ct_range){i, i}, "bpf_get_current_task_btf");
		return true;
	}
	return false;
}

/* ---- pointers that point nowhere ------------------------------------------------------------------ */

/* "char *buf;" handed over to be filled: an array of the size that is given. */
bool
cfix_pointer_unset(struct cfix *f)
{
	uint32_t call = cfix_call(f), decl;
	struct ct_range arg, size;
	struct ct_statement s;
	struct diag_fix *x;

	if (call == CT_NONE || f->need->reg < 1)
		return false;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	size = ct_argument(&f->c, call, (unsigned)f->need->reg);
	if (arg.first == CT_NONE || arg.first != arg.last)
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, arg.first));
	if (decl == CT_NONE || decl < f->fn.body || !ct_is(&f->c, decl - 1, "*") ||
	    !ct_is(&f->c, decl + 1, ";") || !ct_statement(&f->c, decl, &s) ||
	    s.first + 2 != decl || size.first == CT_NONE || size.first != size.last ||
	    f->c.toks.at[size.first].kind != CT_NUMBER)
		return false;
	x = cfix_new(f, "give it memory to point to");
	cfix_replace(f, x, (struct ct_range){decl - 1, decl}, "%s[%s] = {}", cfix_text(f, arg),
		     cfix_text(f, size));
	return true;
}
