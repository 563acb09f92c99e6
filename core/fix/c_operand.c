/* SPDX-License-Identifier: MIT */
/* c_operand.c: the wrong operand or declaration in C: memory without a value, addresses
 * that are only numbers, arguments of the wrong kind, the license. */
#include "c.h"

#include <stdlib.h>

/* ---- memory without a value ------------------------------------------------------------------ */

/* "struct s v = {.a = x, .b = y};" leaves the padding as it was: zeroes first, then members. */
static bool
assign_members(struct cfix *f, uint32_t decl)
{
	struct ct_range init = ct_initial(&f->c, decl);
	struct buf b = buf_new(f->a);
	struct ct_statement s;
	struct diag_fix *x;
	const char *name = cfix_text(f, (struct ct_range){decl, decl});

	if (init.first == CT_NONE || !ct_is(&f->c, init.first, "{") || !ct_statement(&f->c, decl, &s) ||
	    f->c.toks.at[init.first].match != s.last - 1)
		return false;
	buf_printf(&b, "%s;\n\n__builtin_memset(&%s, 0, sizeof(%s));", name, name, name);
	for (uint32_t i = init.first + 1, end; i < s.last - 1; i = end + 1) {
		for (end = i; end < s.last - 1 &&
		     !(ct_is(&f->c, end, ",") && f->c.toks.at[end].up == init.first); end++)
			;
		if (!ct_is(&f->c, i, ".") || !ct_is(&f->c, i + 2, "=") ||
		    ct_is(&f->c, i + 3, "{"))
			return false;
		buf_printf(&b, "\n%s%s;", name, cfix_text(f, (struct ct_range){i, end - 1}));
	}
	x = cfix_new(f, "fill `%s` with zeroes, padding included, before its members are set", name);
	cfix_replace(f, x, (struct ct_range){decl, s.last}, "%s", cfix_indented(f, b.at, decl));
	return true;
}

/* "&key" or "key" handed over, declared without an initial value. */
bool
cfix_uninit(struct cfix *f)
{
	uint32_t call = cfix_call(f), decl, end;
	struct ct_range arg;
	struct diag_fix *x;

	if (strstr(f->kernel, "!read_ok") && ct_is(&f->c, f->at, "}") &&
	    f->at == f->c.toks.at[f->fn.body].match) {
		struct ct_statement s = {f->at, f->at, false, false};

		x = cfix_new(f, "return a value");
		cfix_before(f, x, &s, "\treturn 0;");
		return true;
	}
	if (call == CT_NONE || f->need->reg < 1)
		return false;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (arg.first == CT_NONE)
		return false;
	arg.first += ct_is(&f->c, arg.first, "&");
	if (arg.first != arg.last)
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, arg.first));
	if (decl == CT_NONE || decl < f->fn.body)
		return false;
	end = decl;
	while (ct_is(&f->c, end + 1, "[") && f->c.toks.at[end + 1].match != CT_NONE)
		end = f->c.toks.at[end + 1].match;
	if (ct_is(&f->c, end + 1, "=") && end == decl)
		return assign_members(f, decl);
	if (!ct_is(&f->c, end + 1, ";") && !ct_is(&f->c, end + 1, ","))
		return false;
	x = cfix_new(f, "fill `%s` with zeroes where it is declared, padding included",
		     cfix_text(f, arg));
	cfix_replace(f, x, (struct ct_range){end, end}, "%s = {}",
		     cfix_text(f, (struct ct_range){end, end}));
	return true;
}

/* ---- addresses that are numbers ---------------------------------------------------------------- */

/* Addresses of the process: arguments of system calls, of functions probed by uprobe. */
static bool
is_user_memory(const struct cfix *f)
{
	const char *s = f->rq->prog->section ? f->rq->prog->section : "";

	return strstr(s, "syscalls/") || strstr(s, "uprobe") || strstr(s, "uretprobe") ||
		strstr(s, "usdt") || strstr(s, "sys_enter") || strstr(s, "sys_exit");
}

/* a->b.c->d: read link by link, each into a variable of its own. */
static void
read_links(struct cfix *f, struct ct_range r, const char *helper, struct buf *out,
	   const char **last)
{
	const char *base = NULL;
	uint32_t from = r.first, word = CT_NONE;

	for (uint32_t i = r.first; i <= r.last + 1; i++) {
		bool arrow = i <= r.last && ct_is(&f->c, i, "->") &&
			f->c.toks.at[i].up == f->c.toks.at[r.first].up;
		const char *link, *var;

		if (i <= r.last && !arrow)
			continue;
		if (word == CT_NONE) {	/* the pointer it begins with */
			base = cfix_text(f, (struct ct_range){from, i - 1});
			word = from = i + 1;
			continue;
		}
		link = arena_printf(f->a, "%s->%s", base,
				    cfix_text(f, (struct ct_range){from, i - 1}));
		var = cfix_fresh(f, ct_str(&f->c, i - 1));
		buf_printf(out, "typeof(%s) %s = 0;\n%s(&%s, sizeof(%s), &%s);\n", link, var, helper,
			   var, var, link);
		base = var;
		from = i + 1;
	}
	*last = base;
}

/* Further on the same pointer is no better: its members that are read there as well. */
static void
read_others(struct cfix *f, struct diag_fix *x, struct ct_range done, const char *helper)
{
	uint32_t end = f->c.toks.at[f->fn.body].match;

	for (uint32_t i = done.last + 1; i < end; i++) {
		struct ct_range r = {i, i};
		struct ct_statement s;
		const char *var, *text;

		if (!str_eq(ct_str(&f->c, i), ct_str(&f->c, done.first)) ||
		    !ct_is(&f->c, i + 1, "->") || ct_is(&f->c, i - 1, "->") ||
		    ct_is(&f->c, i - 1, ".") || ct_is(&f->c, i - 1, "&"))
			continue;
		r.last = i + 2;
		if (ct_is(&f->c, r.last + 1, "->") || ct_is(&f->c, r.last + 1, ".") ||
		    ct_is(&f->c, r.last + 1, "[") || ct_is(&f->c, r.last + 1, "=") ||
		    !ct_statement(&f->c, i, &s) || cfix_in_loop_head(f, i, &s) ||
		    s.first <= f->st.last)
			continue;
		text = cfix_text(f, r);
		var = arena_printf(f->a, "%s_%u", cfix_fresh(f, ct_str(&f->c, r.last)), x->edits.n);
		cfix_before(f, x, &s, "typeof(%s) %s = 0;\n%s(&%s, sizeof(%s), &%s);", text, var, helper,
			    var, var, text);
		cfix_replace(f, x, r, "%s", var);
		if (s.is_bare)	/* it has its braces now */
			i = s.last;
	}
}

bool
cfix_probe(struct cfix *f)
{
	struct ct_range r = ct_access(&f->c, f->at);
	const char *helper = is_user_memory(f) ? "bpf_probe_read_user" : "bpf_probe_read_kernel";
	const char *text = cfix_text(f, r), *got = NULL;
	struct buf b = buf_new(f->a);
	struct diag_fix *x;
	bool arrows = false;

	if (r.first == CT_NONE || r.first == r.last || f->st.first == CT_NONE ||
	    (!strstr(f->d->message, "is a number") && !strstr(f->d->message, "past the end of the kernel")) ||
	    cfix_in_loop_head(f, f->at, &f->st) ||
	    ct_is(&f->c, r.last + 1, "="))
		return false;
	/* The access as a whole: members behind the failing one are read on. */
	while (ct_is(&f->c, r.last + 1, "->") || ct_is(&f->c, r.last + 1, "."))
		r.last += 2;
	for (uint32_t i = r.first; i <= r.last; i++)
		arrows |= ct_is(&f->c, i, "->");
	if (strchr(text, '('))
		return false;
	if (arrows && !ct_is(&f->c, r.first, "*") && !ct_is(&f->c, r.last, "]")) {
		read_links(f, r, helper, &b, &got);
	} else {
		got = cfix_fresh(f, str_of("value"));
		buf_printf(&b, "typeof((%s) + 0) %s = 0;\n%s(&%s, sizeof(%s), &%s);\n", text, got,
			   helper, got, text, text);
	}
	x = cfix_new(f, "read it with %s()", helper);
	cfix_before(f, x, &f->st, "\n%.*s", (int)b.n - 1, b.at);
	cfix_replace(f, x, r, "%s", got);
	if (arrows && ct_is(&f->c, r.first + 1, "->"))
		read_others(f, x, r, helper);
	return true;
}

/* ---- the license ------------------------------------------------------------------------------- */

bool
cfix_license(struct cfix *f)
{
	struct diag_fix *x;

	if (!strstr(f->kernel, "GPL"))
		return false;
	for (uint32_t i = 0; i + 4 < f->c.toks.n; i++) {
		if (!ct_is(&f->c, i, "\"license\""))
			continue;
		for (uint32_t k = i; k < i + 6 && k + 1 < f->c.toks.n; k++) {
			if (!ct_is(&f->c, k, "=") || f->c.toks.at[k + 1].kind != CT_STRING)
				continue;
			x = cfix_new(f, "put the program under a license the kernel takes for the GPL");
			cfix_replace(f, x, (struct ct_range){k + 1, k + 1}, "\"GPL\"");
			return true;
		}
	}
	return false;
}

/* ---- operands of the wrong kind ------------------------------------------------------------------ */

/* `&skb->mark` given as memory: a copy of the field is. Or the field read through a cast. */
bool
cfix_context(struct cfix *f)
{
	uint32_t call = cfix_call(f);
	struct ct_range arg;
	const char *field, *var;
	struct diag_fix *x;

	if (call == CT_NONE || f->need->reg < 1 || !strstr(f->kernel, "type=ctx expected=fp") ||
	    f->st.first == CT_NONE)
		goto cast;
	arg = ct_argument(&f->c, call, (unsigned)f->need->reg - 1);
	if (arg.first == CT_NONE || !ct_is(&f->c, arg.first, "&") || !ct_is_word(&f->c, arg.last))
		return false;
	field = cfix_text(f, (struct ct_range){arg.first + 1, arg.last});
	var = cfix_fresh(f, ct_str(&f->c, arg.last));
	if (!strcmp(var, cfix_text(f, (struct ct_range){arg.last, arg.last})))
		var = arena_printf(f->a, "%s_copy", var);
	x = cfix_new(f, "hand over a copy of the field");
	cfix_before(f, x, &f->st, "typeof(%s) %s = %s;\n", field, var, field);
	cfix_replace(f, x, arg, "&%s", var);
	return true;
cast:
	arg = ct_access(&f->c, f->at);
	if (!strstr(f->kernel, "invalid bpf_context access") || arg.first == CT_NONE ||
	    !ct_is(&f->c, arg.first, "*") || !ct_is(&f->c, arg.first + 1, "("))
		return false;
	for (uint32_t i = arg.first; i < arg.last; i++) {
		if (!ct_is(&f->c, i, "&"))
			continue;
		x = cfix_new(f, "read the field with its own size");
		cfix_replace(f, x, arg, "%s", cfix_text(f, (struct ct_range){i + 1, arg.last}));
		return true;
	}
	return false;
}

/* __sync_fetch_and_add(p, n) where only plain stores are allowed. */
bool
cfix_atomic(struct cfix *f)
{
	uint32_t call = cfix_call(f);
	struct ct_range p, n;
	struct diag_fix *x;

	if (call == CT_NONE || !strstr(f->kernel, "BPF_ATOMIC stores into") ||
	    !ct_is(&f->c, call, "__sync_fetch_and_add") || call != f->st.first)
		return false;
	p = ct_argument(&f->c, call, 0);
	n = ct_argument(&f->c, call, 1);
	if (p.first == CT_NONE || n.first == CT_NONE)
		return false;
	x = cfix_new(f, "add with a plain store");
	if (ct_is(&f->c, p.first, "&")) {
		p.first++;
		cfix_replace(f, x, (struct ct_range){call, f->st.last}, "%s += %s;", cfix_text(f, p),
			     cfix_text(f, n));
	} else {
		cfix_replace(f, x, (struct ct_range){call, f->st.last}, "*%s += %s;",
			     cfix_text(f, p), cfix_text(f, n));
	}
	return true;
}

/* The record itself is given back, not a member; its size is asked for, not the pointer's. */
static bool
whole_object(struct cfix *f, uint32_t call)
{
	struct ct_range arg = ct_argument(&f->c, call, f->need->reg > 0
					  ? (unsigned)f->need->reg - 1 : 0);
	struct diag_fix *x;

	if (!strstr(f->kernel, "must have zero offset") || arg.first == CT_NONE)
		return false;
	for (uint32_t i = arg.first; i < arg.last; i++) {
		if (!ct_is(&f->c, i, "->"))
			continue;
		x = cfix_new(f, "hand over the pointer itself");
		cfix_replace(f, x, arg, "%s", cfix_text(f, (struct ct_range){
			arg.first + ct_is(&f->c, arg.first, "&"), i - 1}));
		return true;
	}
	return false;
}

/* reserve(&rb, sizeof(e), 0) where e is the pointer. */
static bool
size_of_pointer(struct cfix *f)
{
	struct diag_fix *x;

	if (!f->need->object || !strstr(f->need->object, "ring buffer record"))
		return false;
	for (uint32_t i = f->fn.body; i < f->at; i++) {
		struct ct_range arg;

		if (!ct_is(&f->c, i, "bpf_ringbuf_reserve"))
			continue;
		arg = ct_argument(&f->c, i, 1);
		if (arg.first == CT_NONE || arg.last != arg.first + 3 ||
		    !ct_is(&f->c, arg.first, "sizeof") || !ct_is(&f->c, i - 1, "=") ||
		    !str_eq(ct_str(&f->c, arg.first + 2), ct_str(&f->c, i - 2)))
			continue;
		x = cfix_new(f, "reserve the size of the record, not of the pointer");
		cfix_replace(f, x, (struct ct_range){arg.first + 2, arg.first + 2}, "*%s",
			     cfix_text(f, (struct ct_range){arg.first + 2, arg.first + 2}));
		return true;
	}
	return false;
}

/* A format or text that must not change: the array becomes constant. */
static bool
constant_text(struct cfix *f, uint32_t call)
{
	struct ct_range arg = f->need->reg > 0 ? ct_argument(&f->c, call, (unsigned)f->need->reg - 1)
		: (struct ct_range){CT_NONE, CT_NONE};
	struct diag_fix *x;
	uint32_t decl;

	if (!strstr(f->kernel, "readonly map") || arg.first == CT_NONE || arg.first != arg.last)
		return false;
	decl = ct_declaration(&f->c, f->at, ct_str(&f->c, arg.first));
	if (decl == CT_NONE || !decl || f->c.toks.at[decl].up != CT_NONE ||
	    !ct_is_word(&f->c, decl - 1))
		return false;
	x = cfix_new(f, "make the text constant");
	cfix_replace(f, x, (struct ct_range){decl - 1, decl - 1}, "const %s",
		     cfix_text(f, (struct ct_range){decl - 1, decl - 1}));
	return true;
}

/* The function that does the same here. */
bool
cfix_callee(struct cfix *f)
{
	static const struct { const char *kernel, *from, *to; } table[] = {
		{"sleepable", "bpf_copy_from_user", "bpf_probe_read_user"},
		{"invalid func unknown#", "bpf_probe_read_kernel_str", "bpf_probe_read_str"},
		{"invalid func unknown#", "bpf_probe_read_user_str", "bpf_probe_read_str"},
		{"invalid func unknown#", "bpf_probe_read_kernel", "bpf_probe_read"},
		{"invalid func unknown#", "bpf_probe_read_user", "bpf_probe_read"},
		{"cannot use helper", "bpf_skb_load_bytes", "bpf_xdp_load_bytes"},
		{"cannot use helper", "bpf_xdp_load_bytes", "bpf_skb_load_bytes"},
		{"cannot use helper", "bpf_skb_store_bytes", "bpf_xdp_store_bytes"},
		{"cannot use helper", "bpf_xdp_store_bytes", "bpf_skb_store_bytes"},
		{"must point to", "bpf_get_current_task", "bpf_get_current_task_btf"},
		{"is not allowed", "bpf_dynptr_from_skb", "bpf_dynptr_from_xdp"},
		{"is not allowed", "bpf_dynptr_from_xdp", "bpf_dynptr_from_skb"},
		{"is not allowed", "bpf_xdp_ct_lookup", "bpf_skb_ct_lookup"},
		{"is not allowed", "bpf_skb_ct_lookup", "bpf_xdp_ct_lookup"},
	};
	uint32_t call = cfix_call(f);
	struct diag_fix *x;

	if (size_of_pointer(f) || (call != CT_NONE && (whole_object(f, call) ||
						       constant_text(f, call))))
		return true;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!strstr(f->kernel, table[i].kernel) || strstr(f->kernel, "#195896080"))
			continue;
		for (uint32_t t = f->at; t > f->fn.body; t--) {
			if (!ct_is(&f->c, t, table[i].from))
				continue;
			x = cfix_new(f, "call %s() here", table[i].to);
			cfix_replace(f, x, (struct ct_range){t, t}, "%s", table[i].to);
			return true;
		}
	}
	return false;
}

/* Is a token an argument of BPF_CORE_READ() or one of its like, but not the first? */
static bool
in_core_read(struct cfix *f, uint32_t tok)
{
	uint32_t open = f->c.toks.at[tok].up;

	return open != CT_NONE && open && ct_is(&f->c, tok - 1, ",") &&
		(str_starts(ct_str(&f->c, open - 1), "BPF_CORE_READ") ||
		 str_starts(ct_str(&f->c, open - 1), "BPF_PROBE_READ"));
}

/* "task->mm->flags" of BPF_CORE_READ(task, mm, flags), up to a token. */
static const char *
core_read_path(struct cfix *f, uint32_t tok)
{
	uint32_t open = f->c.toks.at[tok].up;
	str name = ct_str(&f->c, open - 1);
	unsigned from = memmem(name.p, name.n, "INTO", 4) ? 1 : 0;
	struct buf b = buf_new(f->a);

	for (unsigned i = from;; i++) {
		struct ct_range r = ct_argument(&f->c, open - 1, i);

		if (r.first == CT_NONE)
			return NULL;
		buf_printf(&b, "%s%s", b.n ? "->" : "", cfix_text(f, r));
		if (r.first <= tok && tok <= r.last)
			return b.at;
	}
}

/* A field that some kernels do not have is asked for first. */
bool
cfix_field(struct cfix *f)
{
	bool has_header = memmem(f->c.text.p, f->c.text.n, "bpf_core_read.h", 15) != NULL;
	const char *dot = strrchr(f->d->message, '.');	/* "no `struct s.field`" */
	uint32_t end = f->c.toks.at[f->fn.body].match, tok = CT_NONE;
	struct ct_statement s;
	struct ct_range r;
	struct diag_fix *x;
	const char *path;
	str field;

	if (!strstr(f->kernel, "#195896080") || !dot)
		return false;
	field = (str){dot + 1, strcspn(dot + 1, "`")};
	for (uint32_t i = f->fn.body + 2; i < end && tok == CT_NONE; i++)
		if (str_eq(ct_str(&f->c, i), field) &&
		    (ct_is(&f->c, i - 1, "->") || in_core_read(f, i)))
			tok = i;
	if (tok == CT_NONE || !ct_statement(&f->c, tok, &s))
		return false;
	if (ct_is(&f->c, tok - 1, "->")) {
		r = ct_postfix(&f->c, tok);
		path = cfix_text(f, r);
	} else {	/* BPF_CORE_READ(task, mm, flags) */
		path = core_read_path(f, tok);
	}
	if (!path)
		return false;
	cfix_place(f, tok);	/* the compiler has the offset ready before */
	x = cfix_new(f, "go on only where the kernel has the field");
	cfix_guard(f, x, &s, arena_printf(f->a, has_header ? "!bpf_core_field_exists(%s)"
					      : "!__builtin_preserve_field_info(%s, 2)", path),
		   cfix_leave(f));
	return true;
}

/* A global function whose argument's size nobody can know: verified with its callers instead. */
bool
cfix_static(struct cfix *f)
{
	uint32_t call = cfix_call(f), i = CT_NONE;
	struct ct_function fn;
	struct diag_fix *x;

	if (call == CT_NONE || (!f->why->is_prototype && !strstr("V0684 V0685 V0686 V0687 V0688",
								f->why->code)))
		return false;
	for (uint32_t t = 0; t < f->c.toks.n && i == CT_NONE; t++)
		if (f->c.toks.at[t].up == CT_NONE && str_eq(ct_str(&f->c, t), ct_str(&f->c, call)) &&
		    ct_function(&f->c, t, &fn) && fn.name == t)
			i = fn.first;
	if (i == CT_NONE || ct_is(&f->c, i, "static"))
		return false;
	x = cfix_new(f, "make it static: then it is verified where it is called, with what it is given");
	cfix_replace(f, x, (struct ct_range){i, i}, "static %s",
		     cfix_text(f, (struct ct_range){i, i}));
	return true;
}
