/* SPDX-License-Identifier: MIT */
/* pointer.c: pointers that may be null, that are numbers to the verifier, and those a
 * call took away. */
#include "work.h"

#include <stdio.h>

/* ---- null ----------------------------------------------------------------------------------- */

enum { MAX_NAMES = 8 };

struct names {
	const char *at[MAX_NAMES];
	unsigned n;
};

static void
add_name(struct names *l, const char *name)
{
	if (!name || !*name || l->n == MAX_NAMES)
		return;
	for (unsigned i = 0; i < l->n; i++)
		if (strcmp(l->at[i], name) == 0)
			return;
	l->at[l->n++] = name;
}

/* The name of what a register holds at the failing instruction, by the image's variables. */
static const char *
register_name(const struct fix *f, int reg)
{
	const struct image_prog *p = f->rq->prog;
	uint32_t at = f->rq->result->insn;

	for (uint32_t i = 0; i < p->vars.n; i++)
		if (p->vars.at[i].reg == reg && p->vars.at[i].from <= at && at < p->vars.at[i].to)
			return p->vars.at[i].name;
	return NULL;
}

/* A name that was quoted for a sentence. */
static const char *
unquoted(struct fix *f, const char *name)
{
	return name && *name == '`' ? arena_strndup(f->a, name + 1, strcspn(name + 1, "`")) : name;
}

/* Variables that may be meant, likeliest first: what the explanation says, what the failing
 * instruction's registers hold, what the failing form mentions. */
static struct names
suspects(struct fix *f, bool mentioned)
{
	const struct vs_explanation *x = f->rq->why;
	struct names l = {0};

	for (uint32_t i = 0; x && i < x->needs.n; i++)
		add_name(&l, unquoted(f, x->needs.at[i].name));
	add_name(&l, register_name(f, BPF_CLASS(f->insn->code) == BPF_LDX ? f->insn->src_reg
									  : f->insn->dst_reg));
	for (uint32_t n = f->at; mentioned && n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (fix_is_symbol(f, n) && fix_binding(f, f->at, fix_copy(f, n)))
			add_name(&l, fix_copy(f, n));
	}
	return l;
}

/* An operand of the failing form that is itself a look-up gets a name and a test. */
static bool
name_and_test(struct fix *f, uint32_t form)
{
	for (uint32_t e = fix_child(f, form, 1); e; e = fix_at(f, e)->next) {
		uint32_t s = fix_statement(f, form);
		struct fix_candidate c = fix_new(f, "name it, and test it first");
		uint32_t col;

		if (!fix_at(f, e)->list)
			continue;
		if (!s || fix_find(f, s, 0, "entry"))
			return false;
		col = fix_column(f, fix_at(f, s)->start);
		fix_replace(f, &c, fix_at(f, s)->start, fix_at(f, s)->start,
			    "(when-let ((entry %s))\n%*s", fix_copy(f, e), (int)col + 2, "");
		fix_replace(f, &c, fix_at(f, e)->start, fix_at(f, e)->end, "entry");
		fix_replace(f, &c, fix_at(f, s)->end, fix_at(f, s)->end, ")");
		if (fix_try(f, &c) || name_and_test(f, e))
			return true;
	}
	return false;
}

/* (let ((p (lookup))) uses...) becomes (when-let ((p (lookup))) uses...), where the body begins
 * with the use: nothing that does not need p is left out. */
static bool
when_let(struct fix *f, uint32_t binding)
{
	uint32_t let = fix_scope(f, binding), first;
	struct fix_candidate c = fix_new(f, "go on only when `%s` is not null",
					 fix_copy(f, binding));

	if (!fix_head_is(f, let, "let") || fix_count(f, fix_child(f, let, 1)) != 1 ||
	    fix_count(f, fix_at(f, binding)->parent) != 2)
		return false;
	first = fix_child(f, let, 2);
	if (!first || !fix_inside(f, f->at, first) || fix_is_result(f, let))
		return false;
	fix_replace(f, &c, fix_at(f, fix_child(f, let, 0))->start,
		    fix_at(f, fix_child(f, let, 0))->end, "when-let");
	return fix_try(f, &c);
}

/* Ways to keep a null from its use, smallest edit first. */
static bool
keep_null_out(struct fix *f, const char *name, unsigned way)
{
	uint32_t b = fix_binding(f, f->at, name);

	switch (b ? way : 4) {
	case 0:
		return when_let(f, b);
	case 1:
		return fix_guard(f, f->at, name,
				 arena_printf(f->a, "use `%s` only when it is not null", name));
	case 2:
		return fix_leave(f, f->at, name, arena_printf(f->a, "leave when `%s` is null", name));
	case 3:
		return fix_guard_rest(f, f->at, name,
				      arena_printf(f->a, "go on only when `%s` is not null", name));
	}
	return false;
}

bool
fix_null(struct fix *f)
{
	struct names l;

	if (!strstr(f->kernel, "_or_null") && !strstr(f->kernel, "NULL"))
		return false;
	l = suspects(f, true);
	for (unsigned way = 0; way < 4; way++)
		for (unsigned i = 0; i < l.n; i++)
			if (keep_null_out(f, l.at[i], way))
				return true;
	return name_and_test(f, f->at);
}

/* The test is there, but lets only null through: the other way round. */
bool
fix_turned(struct fix *f)
{
	const struct vs_explanation *x = f->rq->why;
	const char *name;

	if (!x || !x->needs.n || x->needs.at[0].kind != NEED_NOT_NULL || !x->needs.at[0].name)
		return false;
	name = unquoted(f, x->needs.at[0].name);
	for (uint32_t n = f->at; n && n != f->top; n = fix_at(f, n)->parent) {
		struct fix_candidate c = fix_new(f, "go on when `%s` is not null, instead of when it "
						    "is", name);
		uint32_t head = fix_child(f, n, 0), test = fix_child(f, n, 1);

		if (fix_head_is(f, n, "unless") && fix_is(f, test, name))
			fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, head)->end, "when");
		else if (fix_head_is(f, n, "when") && (fix_head_is(f, test, "not") ||
						       fix_head_is(f, test, "null")) &&
			 fix_is(f, fix_child(f, test, 1), name))
			fix_replace(f, &c, fix_at(f, test)->start, fix_at(f, test)->end, "%s", name);
		else if (fix_head_is(f, n, "if") && fix_is(f, test, name))
			fix_replace(f, &c, fix_at(f, test)->start, fix_at(f, test)->end, "(not %s)",
				    name);
		if (c.n && fix_try(f, &c))
			return true;
	}
	return false;
}

/* ---- kernel and user memory ------------------------------------------------------------------- */

static bool
is_user_memory(const struct fix *f)
{
	const char *section = f->rq->prog->section;

	return section && (strstr(section, "uprobe") || strstr(section, "uretprobe") ||
			   strstr(section, "usdt") || strstr(section, "sys_enter"));
}

/* Memory that only a helper may read: copied before the statement, and read from the copy
 * there. In a binding nothing can stand before it, so the copy is made in its place. */
static bool
copy_first(struct fix *f, uint32_t access, const char *title, const char *buffer,
	   const char *fill, const char *instead)
{
	struct fix_candidate c = fix_new(f, "%s", title);
	uint32_t s = fix_statement(f, access);
	int col = (int)fix_column(f, fix_at(f, s ? s : access)->start) + 2;
	bool bound = false;

	for (uint32_t n = access; n && n != s; n = fix_at(f, n)->parent)
		bound |= fix_position(f, n) == FIX_BINDING;
	if (!s || bound || fix_is_result(f, s)) {
		col = (int)fix_column(f, fix_at(f, access)->start) + 2;
		fix_replace(f, &c, fix_at(f, access)->start, fix_at(f, access)->end,
			    "(let ((copy %s))\n%*s%s\n%*s%s)", buffer, col, "", fill, col, "", instead);
		return fix_try(f, &c);
	}
	fix_replace(f, &c, fix_at(f, s)->start, fix_at(f, s)->start,
		    "(let ((copy %s))\n%*s%s\n%*s", buffer, col, "", fill, col, "");
	fix_replace(f, &c, fix_at(f, access)->start, fix_at(f, access)->end, "%s", instead);
	fix_replace(f, &c, fix_at(f, s)->end, fix_at(f, s)->end, ")");
	return fix_try(f, &c);
}

/* (load T p [off]) of memory that is not the program's own. */
static bool
probe_load(struct fix *f, uint32_t load)
{
	uint32_t type = fix_child(f, load, 1), ptr = fix_child(f, load, 2);
	uint32_t off = fix_child(f, load, 3);
	struct fix_candidate c = fix_new(f, "read kernel memory with `kernel-load`");
	uint32_t head = fix_child(f, load, 0);

	if (!ptr)
		return false;
	if (is_user_memory(f)) {
		return copy_first(f, load, "read user memory with `probe-read-user`",
				  "(struct-alloc 8)", arena_printf(f->a,
				  "(probe-read-user copy (sizeof %s) %s)", fix_copy(f, type),
				  off && !fix_is(f, off, "0")
				  ? arena_printf(f->a, "(+ %s %s)", fix_copy(f, ptr), fix_copy(f, off))
				  : fix_copy(f, ptr)), arena_printf(f->a, "(load %s copy)",
								     fix_copy(f, type)));
	} else {
		fix_replace(f, &c, fix_at(f, head)->start, fix_at(f, head)->end, "kernel-load");
		if (!off)
			fix_replace(f, &c, fix_at(f, load)->end - 1, fix_at(f, load)->end - 1,
				    " 0");
	}
	return fix_try(f, &c);
}

/* (STRUCT-FIELD p): a copy of the struct, read by the helper, stands for p. */
static bool
probe_struct(struct fix *f, uint32_t access)
{
	uint32_t head = fix_child(f, access, 0), ptr = fix_child(f, access, 1);
	struct kenv *k = session_kenv(f->rq->session);
	const char *helper = is_user_memory(f) ? "probe-read-user" : "probe-read-kernel";
	str name = fix_text(f, head);

	for (size_t n = name.n; ptr && n-- > 1;) {
		str prefix = {name.p, n};

		if (name.p[n] != '-' || !kenv_struct_named(k, prefix))
			continue;
		if (copy_first(f, access, arena_printf(f->a, "copy the struct with `%s` first", helper),
			       arena_printf(f->a, "(make-%.*s)", STR_ARG(prefix)),
			       arena_printf(f->a, "(%s copy (sizeof %.*s) %s)", helper, STR_ARG(prefix),
					    fix_copy(f, ptr)),
			       arena_printf(f->a, "(%.*s copy)", STR_ARG(name))))
			return true;
	}
	return false;
}

bool
fix_scalar(struct fix *f)
{
	if (!strstr(f->kernel, "'scalar'") && !strstr(f->kernel, "'inv'"))
		return false;
	for (uint32_t n = f->at; n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, f->at)->end)
			break;
		if (!fix_at(f, n)->list || !fix_at(f, n)->first)
			continue;
		if (fix_head_is(f, n, "load") || fix_head_is(f, n, "core-load")) {
			if (probe_load(f, n))
				return true;
		} else if (probe_struct(f, n)) {
			return true;
		}
	}
	return false;
}

/* ---- packet pointers after a call that moved the packet ------------------------------------------- */

/* Calls after which data and data_end must be read again. */
static const char *const movers[] = {
	"xdp-adjust-head", "xdp-adjust-tail", "xdp-adjust-meta", "skb-store-bytes",
	"skb-change-head", "skb-change-tail", "skb-change-proto", "skb-adjust-room",
	"skb-pull-data", "skb-vlan-push", "skb-vlan-pop", "l3-csum-replace", "l4-csum-replace",
	"clone-redirect", "msg-pull-data", "msg-push-data", "msg-pop-data", "lwt-push-encap",
	"lwt-seg6-adjust-srh", "sk-skb-pull-data", NULL,
};

/* The last call before the failing form that moves the packet. */
static uint32_t
find_mover(const struct fix *f)
{
	uint32_t found = 0;

	for (uint32_t n = f->top; n < f->at; n++)
		if (fix_at(f, n)->list && fix_head_in(f, n, movers) && !fix_inside(f, f->at, n))
			found = n;
	return found;
}

/* "(name init)" for every variable that `name` was computed from, in order, the packet's own
 * bounds being read again. */
static void
bindings_again(struct fix *f, struct buf *out, const char *name, unsigned depth)
{
	uint32_t b = fix_binding(f, f->at, name), init = b ? fix_initial(f, b) : 0;

	if (!init || depth > 6)
		return;
	for (uint32_t n = init; n < f->tree.nodes.n; n++) {
		if (fix_at(f, n)->start >= fix_at(f, init)->end)
			break;
		if (fix_is_symbol(f, n) && fix_at(f, n)->index)
			bindings_again(f, out, fix_copy(f, n), depth + 1);
		else if (fix_is_symbol(f, n) && n == init)
			bindings_again(f, out, fix_copy(f, n), depth + 1);
	}
	if (!strstr(buf_text(out).p, arena_printf(f->a, "(%s ", name)))
		buf_printf(out, "%s(%s %s)", out->n ? " " : "", name, fix_copy(f, init));
}

/* Around everything from the failing statement on: the packet's bounds anew, its length
 * tested anew, the pointers into it made anew. */
static bool
again(struct fix *f, uint32_t statement, const char *vars, const char *data, const char *end,
      int64_t bytes)
{
	struct fix_candidate c = fix_new(f, "read the packet's bounds again after the call");
	int col = (int)fix_column(f, fix_at(f, statement)->start);
	uint32_t last = statement;
	struct buf head = buf_new(f->a);

	while (fix_at(f, last)->next)
		last = fix_at(f, last)->next;
	buf_printf(&head, "(let* ((%s %s) (%s %s)", data, fix_packet_bound(f, false), end,
		   fix_packet_bound(f, true));
	buf_printf(&head, ")\n%*s(when (> (+ %s %lld) %s)\n%*s(return %s))\n%*s", col + 2, "", data,
		   (long long)bytes, end, col + 4, "", fix_harmless(f), col + 2, "");
	if (*vars)
		buf_printf(&head, "(let* (%s)\n%*s", vars, col + 4, "");
	if (fix_position(f, statement) == FIX_BRANCH)
		last = statement;
	for (uint32_t n = statement; n; n = n == last ? 0 : fix_at(f, n)->next) {
		const char *text = fix_shifted(f, n, *vars ? 4 : 2);

		fix_replace(f, &c, fix_at(f, n)->start, fix_at(f, n)->end, "%s%s%s%s",
			    n == statement ? buf_text(&head).p
					   : arena_printf(f->a, "%*s", *vars ? 4 : 2, ""),
			    text, n == last ? ")" : "", n == last && *vars ? ")" : "");
	}
	return fix_try(f, &c);
}

bool
fix_moved_packet(struct fix *f)
{
	static const int64_t lengths[] = {14, 34, 42, 54, 74};
	const char *data = NULL, *end = NULL;
	uint32_t mover = find_mover(f), s = fix_statement(f, f->at);
	struct names l;

	if (!mover || !s || !strstr(f->kernel, "'scalar'"))
		return false;
	fix_packet_names(f, f->at, &data, &end);
	if (!data || !end)
		return false;
	while (s && fix_inside(f, mover, fix_at(f, s)->parent) == false &&
	       fix_statement(f, fix_at(f, s)->parent))
		s = fix_statement(f, fix_at(f, s)->parent);
	l = suspects(f, true);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct buf vars = buf_new(f->a);

		buf_puts(&vars, "");
		for (unsigned v = 0; v < l.n; v++) {
			uint32_t b = fix_binding(f, f->at, l.at[v]), init = b ? fix_initial(f, b) : 0;

			if (init && strcmp(l.at[v], data) != 0 && strcmp(l.at[v], end) != 0 &&
			    fix_find(f, init, 0, data))
				bindings_again(f, &vars, l.at[v], 0);
		}
		if (again(f, s, buf_text(&vars).p, data, end, lengths[i]))
			return true;
	}
	return false;
}
