/* SPDX-License-Identifier: MIT */
/* words.c: names and descriptions for explanations.
 *
 * A value is called, by preference: the variable it stands in at the failing instruction; a
 * variable it was copied from or saved as; the form that computed it, when that is short; or
 * where it came from ("the 2 bytes loaded from the packet at offset 12"). Registers are not
 * named unless all else fails. */
#include "explaining.h"
#include "image/btf.h"
#include "verifier-sim/rules/rules.h"

#include <stdlib.h>

enum { SHORT_FORM = 40, MAX_HOPS = 16 };

/* ---- variables and forms ---------------------------------------------------------------- */

static bool
is_user_name(const struct vx *e, const struct image_var *v)
{
	const struct sources *s = e->env->im->sources;

	if (!v->name || !*v->name || *v->name == '%')
		return false;
	return !s || !v->at || !span_place(s, v->at).parent;
}

const char *
vx_var(const struct vx *e, uint16_t loc, uint32_t step)
{
	const struct image_prog *p = e->env->prog;
	uint32_t insn = vx_insn(e, step), at = loc % TR_FRAME;
	const struct image_var *best = NULL;

	for (uint32_t i = 0; i < p->vars.n; i++) {
		const struct image_var *v = &p->vars.at[i];
		bool here = tr_is_slot(loc)
			? v->reg < 0 && v->stack_off < 0 && vs_slot_of(v->stack_off) == at - VS_REGS
			: v->reg == (int)at;

		if (here && insn >= v->from && insn < v->to && is_user_name(e, v) &&
		    (!best || v->to - v->from < best->to - best->from))
			best = v;
	}
	return best ? arena_printf(e->a, "`%s`", best->name) : NULL;
}

const char *
vx_form(const struct vx *e, uint32_t insn)
{
	const struct image_prog *p = e->env->prog;
	const struct sources *s = e->env->im->sources;
	str text;

	if (!e->lisp)
		return insn < p->ninsns ? vx_c_access(e, insn) : NULL;
	if (!p->src || insn >= p->ninsns)
		return NULL;
	if (span_place(s, p->src[insn]).parent)
		return NULL;	/* part of a macro: the user wrote something larger */
	text = span_text(s, p->src[insn]);
	if (!text.p || !text.n || text.n > SHORT_FORM || memchr(text.p, '\n', text.n))
		return NULL;
	return arena_printf(e->a, "`%.*s`", STR_ARG(text));
}

const char *
vx_value_var(const struct vx *e, uint16_t loc, uint32_t step)
{
	const char *name = vx_var(e, loc, step);

	for (int hop = 0; !name && hop < MAX_HOPS; hop++) {
		struct tr_node n = tr_origin(e->env, loc, step);
		const struct tr_step *s;

		if (!n.rec)
			return NULL;
		name = vx_var(e, n.loc, n.def + 1);
		if (name)
			return name;
		s = &e->t->steps.at[n.def];
		step = n.def;
		switch (n.how) {
		case HOW_COPY: case HOW_ARG: case HOW_STORE: case HOW_RETURN: {
			const struct bpf_insn *in = &e->env->insns[s->insn];

			if (n.how == HOW_STORE && (BPF_CLASS(in->code) != BPF_STX ||
						   BPF_MODE(in->code) == BPF_ATOMIC))
				return NULL;
			loc = n.how == HOW_RETURN ? tr_reg(s->frame, 0)
				: n.how == HOW_ARG ? tr_reg(s->frame, n.loc % TR_FRAME)
				: tr_reg(s->frame, in->src_reg);
			break;
		}
		case HOW_FILL: {
			struct tr_slice one;

			tr_follow(e->env, loc, step + 1, &one);
			if (one.n < 2)
				return NULL;
			loc = one.nodes[1].loc;
			break;
		}
		default:
			return NULL;
		}
		name = vx_var(e, loc, step);
	}
	return name;
}

/* ---- numbers ---------------------------------------------------------------------------- */

const char *
vx_bytes(const struct vx *e, int64_t n)
{
	return arena_printf(e->a, "%lld byte%s", (long long)n, n == 1 ? "" : "s");
}

const char *
vx_span(const struct vx *e, int64_t lo, int64_t n)
{
	if (n <= 1)
		return arena_printf(e->a, "byte %lld", (long long)lo);
	return arena_printf(e->a, "bytes %lld to %lld", (long long)lo, (long long)(lo + n - 1));
}

const char *
vx_range(const struct vx *e, const struct vs_reg *r)
{
	if (tnum_is_const(r->var) && !r->var.mask)
		return arena_printf(e->a, "%lld", (long long)r->var.value);
	if (r->smin == INT64_MIN && r->smax == INT64_MAX)
		return r->umax == UINT64_MAX && !r->umin ? "any number"
			: arena_printf(e->a, "%llu to %llu", (unsigned long long)r->umin,
				       (unsigned long long)r->umax);
	if (r->smin < 0 && r->smin > INT64_MIN)
		return arena_printf(e->a, "%lld to %lld", (long long)r->smin, (long long)r->smax);
	if (r->smin < 0)
		return arena_printf(e->a, "at most %lld, negative numbers included",
				    (long long)r->smax);
	if (r->umax == INT64_MAX)
		return r->umin ? arena_printf(e->a, "%llu or more", (unsigned long long)r->umin)
			: "any number from 0 up";
	return arena_printf(e->a, "%llu to %llu", (unsigned long long)r->umin,
			    (unsigned long long)r->umax);
}

/* ---- memory ----------------------------------------------------------------------------- */

const char *
vx_map_name(const struct vx *e, const struct vs_map *m)
{
	const char *name = m->im->lisp_name ? m->im->lisp_name : m->im->name;

	return arena_printf(e->a, "`%s`", name && *name ? name : "a map");
}

const char *
vx_struct_name(const struct vx *e, const struct vs_reg *r)
{
	const struct btf *b = vs_btf_of(e->env, r->btf_space);

	return b ? btf_name(b, btf_resolve(b, r->btf_id)) : "";
}

static bool
is_global_data(const struct vs_map *m)
{
	return m->im->name && strchr(m->im->name, '.') != NULL;
}

const char *
vx_object(const struct vx *e, const struct vs_reg *r)
{
	const char *name;

	switch (vs_base(r->type)) {
	case RT_CTX: return "the context";
	case RT_CONST_MAP: return arena_printf(e->a, "the map %s itself", vx_map_name(e, r->map));
	case RT_MAP_VALUE:
		if (is_global_data(r->map))
			return arena_printf(e->a, "the global data %s", vx_map_name(e, r->map));
		return arena_printf(e->a, "the value of %s", vx_map_name(e, r->map));
	case RT_MAP_KEY: return arena_printf(e->a, "the key of %s", vx_map_name(e, r->map));
	case RT_STACK: return "the stack";
	case RT_PACKET: return "the packet";
	case RT_PACKET_META: return "the packet's metadata";
	case RT_PACKET_END: return "the end of the packet";
	case RT_FLOW_KEYS: return "the flow keys";
	case RT_SOCKET: case RT_SOCK_COMMON: return "the socket";
	case RT_TCP_SOCK: return "the TCP socket";
	case RT_XDP_SOCK: return "the XDP socket";
	case RT_TP_BUFFER: return "the tracepoint's buffer";
	case RT_MEM:
		return r->type & TF_RINGBUF ? "the ring buffer record" : "the memory";
	case RT_BUF: return "the buffer";
	case RT_ARENA: return "the arena";
	case RT_FUNC: return "the function";
	case RT_CONST_DYNPTR: return "the dynptr";
	case RT_BTF_ID:
		name = vx_struct_name(e, r);
		if (*name)
			return arena_printf(e->a, "the kernel's `struct %s`", name);
		return "the kernel object";
	}
	return "memory";
}

int64_t
vx_object_size(const struct vx *e, const struct vs_reg *r)
{
	const struct btf *b;

	switch (vs_base(r->type)) {
	case RT_MAP_VALUE: return r->map->value_size;
	case RT_MAP_KEY: return r->map->key_size;
	case RT_STACK: return VS_STACK;
	case RT_PACKET: case RT_PACKET_META: return r->range < 0 ? 0 : r->range;
	case RT_MEM: return r->mem_size;
	case RT_BTF_ID:
		b = vs_btf_of(e->env, r->btf_space);
		return b ? btf_size(b, r->btf_id) : -1;
	}
	return -1;
}

const char *
vx_kind(const struct vx *e, const struct vs_reg *r)
{
	if (r->type == RT_NOT_INIT)
		return "nothing yet";
	if (r->type == RT_SCALAR)
		return "a number";
	if (r->type == RT_CONST_MAP)
		return arena_printf(e->a, "the map %s", vx_map_name(e, r->map));
	if (r->type == RT_CTX)
		return "the context";
	return arena_printf(e->a, "a pointer to %s%s", vx_object(e, r),
			    vs_may_be_null(r->type) ? ", or null" : "");
}

/* The path of members that covers bytes [off, off + size) of a type. */
static bool
field_path(const struct btf *b, uint32_t type, uint32_t off, uint32_t size, struct buf *out,
	   int depth)
{
	const struct btf_array *arr;
	struct btf_field f;

	type = btf_resolve(b, type);
	arr = btf_array_of(b, type);
	if (arr && depth < 8) {
		int64_t n = btf_size(b, arr->type);

		if (n <= 0)
			return false;
		if (off % (uint64_t)n || size != (uint64_t)n * arr->nelems)
			buf_printf(out, "[%u]", off / (uint32_t)n);
		return size > (uint64_t)n ||
			field_path(b, arr->type, off % (uint32_t)n, size, out, depth + 1);
	}
	if (!btf_is_composite(btf_type(b, type)))
		return true;
	for (uint32_t i = 0; depth < 8 && btf_member(b, type, i, &f); i++) {
		uint32_t at = f.bit_offset / 8;
		int64_t n = btf_size(b, f.type);

		if (n <= 0 || off < at || off + size > at + (uint64_t)n)
			continue;
		if (*f.name)
			buf_printf(out, "%s%s", out->n ? "." : "", f.name);
		return field_path(b, f.type, off - at, size, out, depth + 1);
	}
	return depth > 0;
}

static const char *
type_field(const struct vx *e, const struct btf *b, uint32_t type, int64_t off, int64_t size)
{
	struct buf out = buf_new(e->a);

	if (!b || !type || off < 0 || size <= 0 ||
	    !field_path(b, type, (uint32_t)off, (uint32_t)size, &out, 0) || !out.n)
		return NULL;
	return arena_printf(e->a, "`%.*s`", STR_ARG(buf_text(&out)));
}

static const char *
global_name(const struct vx *e, const struct vs_map *m, int64_t off)
{
	uint32_t n = 0;
	const struct btf_var_secinfo *v;

	if (!e->env->btf || !m->im->value_type_id)
		return NULL;
	v = btf_secinfos(e->env->btf, m->im->value_type_id, &n);
	for (uint32_t i = 0; v && i < n; i++)
		if (off >= v[i].offset && off < (int64_t)v[i].offset + v[i].size)
			return arena_printf(e->a, "`%s`", btf_name(e->env->btf, v[i].type));
	return NULL;
}

/* ---- parts of objects ------------------------------------------------------------------- */

/* Into the member or element at `off`, as long as there is one; the array of elements of
 * `scale` bytes is kept, or else the innermost. */
static void
find_part(const struct vx *e, const struct btf *b, uint32_t type, int64_t off, int64_t scale,
	  const char *name, struct vx_part *out)
{
	int64_t base = 0;

	for (int depth = 0; depth < 8; depth++) {
		const struct btf_array *arr = btf_array_of(b, type = btf_resolve(b, type));
		struct btf_field f;
		int64_t n;
		uint32_t i;

		if (arr && (n = btf_size(b, arr->type)) > 0) {
			if (out->elem != scale || !out->name)
				*out = (struct vx_part){name, base, btf_size(b, type), n};
			base += (off - base) / n * n;
			type = arr->type;
			continue;
		}
		if (!btf_is_composite(btf_type(b, type)))
			return;
		for (i = 0; btf_member(b, type, i, &f); i++) {
			int64_t at = base + f.bit_offset / 8;

			n = btf_size(b, f.type);
			if (n > 0 && off >= at && off < at + n)
				break;
		}
		if (!btf_member(b, type, i, &f))
			return;
		base += f.bit_offset / 8;
		type = f.type;
		if (*f.name)
			name = name ? arena_printf(e->a, "%s.%s", name, f.name) : f.name;
	}
}

struct vx_part
vx_part(const struct vx *e, const struct vs_reg *r, int64_t off, int64_t scale)
{
	struct vx_part out = {.size = vx_object_size(e, r)};
	const struct btf *b = e->env->btf;
	uint32_t type, n = 0;
	const struct btf_var_secinfo *v;

	if (vs_base(r->type) != RT_MAP_VALUE || !b || !(type = r->map->im->value_type_id) || off < 0)
		return out;
	if (!is_global_data(r->map)) {
		find_part(e, b, type, off, scale, NULL, &out);
	} else {
		v = btf_secinfos(b, type, &n);
		for (uint32_t i = 0; v && i < n; i++) {
			if (off < v[i].offset || off >= (int64_t)v[i].offset + v[i].size)
				continue;
			out = (struct vx_part){btf_name(b, v[i].type), 0, v[i].size, 0};
			find_part(e, b, btf_type(b, v[i].type)->type, off - v[i].offset, scale,
				  out.name, &out);
			out.start += v[i].offset;
			break;
		}
	}
	if (out.name)
		out.name = arena_printf(e->a, "`%s`", out.name);
	return out;
}

static const char *
ctx_field(const struct vx *e, int64_t off, int64_t size)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);
	uint32_t n = 0;
	const struct fact_ctx_field *f = t && t->ctx ? fact_ctx_fields(t->ctx, &n) : NULL;

	for (uint32_t i = 0; i < n; i++)
		if (off >= f[i].offset && off < f[i].offset + f[i].size * f[i].count)
			return arena_printf(e->a, "`%s`", f[i].name);
	return type_field(e, e->env->btf, e->env->prog->ctx_type_id, off, size);
}

const char *
vx_field(const struct vx *e, const struct vs_reg *base, int64_t off, int64_t size)
{
	off += base->off;
	if (!tnum_is_const(base->var))
		return NULL;
	off += (int64_t)base->var.value;
	switch (vs_base(base->type)) {
	case RT_CTX: return ctx_field(e, off, size);
	case RT_MAP_VALUE:
		if (is_global_data(base->map))
			return global_name(e, base->map, off);
		return type_field(e, e->env->btf, base->map->im->value_type_id, off, size);
	case RT_MAP_KEY:
		return type_field(e, e->env->btf, base->map->im->key_type_id, off, size);
	case RT_BTF_ID:
		return type_field(e, vs_btf_of(e->env, base->btf_space), base->btf_id, off, size);
	}
	return NULL;
}

/* ---- values without a variable ---------------------------------------------------------- */

const char *
vx_function(const struct vx *e, const char *name)
{
	char *spelled = arena_printf(e->a, e->lisp ? "`%s`" : "%s()", name);

	for (char *p = spelled; e->lisp && *p; p++)
		*p = *p == '_' ? '-' : *p;
	return spelled;
}

static const char *
helper_words(const struct vx *e, uint32_t id)
{
	char *name = arena_printf(e->a, e->lisp ? "`%s`" : "bpf_%s()", vs_helper_name(id));

	for (char *p = name; e->lisp && *p; p++)
		if (*p == '_')
			*p = '-';
	return name;
}

/* "_ZN4core9panicking5panic17h0123456789abcdefE", as Rust writes names: "core::panicking::panic". */
static const char *
demangled(const struct vx *e, const char *name)
{
	struct buf b = buf_new(e->a);
	const char *at = name + 3;

	if (strncmp(name, "_ZN", 3) != 0)
		return name;
	while (*at && *at != 'E') {
		char *part;
		unsigned long n = strtoul(at, &part, 10);

		if (part == at || !n || n > strlen(part))
			return name;
		at = part + n;
		if (n == 17 && *part == 'h' && *at == 'E')	/* a hash */
			break;
		buf_printf(&b, "%s%.*s", b.n ? "::" : "", (int)n, part);
	}
	return *at == 'E' && b.n ? b.at : name;
}

const char *
vx_subprog(const struct vx *e, uint32_t s)
{
	const char *name = s < e->env->nsub ? e->env->subprogs[s].name : NULL;

	return name && *name ? demangled(e, name) : NULL;
}

const char *
vx_callee(const struct vx *e, uint32_t insn)
{
	const struct bpf_insn *in = &e->env->insns[insn];
	const struct vs_operand *op = e->env->fact[insn].op;
	int s;

	if (in->src_reg == BPF_PSEUDO_KFUNC_CALL)
		return op && op->kfunc ? vx_function(e, op->kfunc) : "a kernel function";
	if (in->src_reg == BPF_PSEUDO_CALL) {
		s = vs_subprog_at(e->env, (uint32_t)((int64_t)insn + in->imm + 1));
		return s >= 0 && vx_subprog(e, (uint32_t)s)
			? arena_printf(e->a, "`%s`", vx_subprog(e, (uint32_t)s))
			: "a function of the program";
	}
	return helper_words(e, (uint32_t)in->imm);
}

static const char *
loaded(const struct vx *e, const struct tr_node *n)
{
	static const uint8_t sizes[4] = {4, 2, 1, 8};
	const struct tr_step *s = &e->t->steps.at[n->def];
	const struct bpf_insn *in = &e->env->insns[s->insn];
	const struct tr_rec *base = tr_before(e->t, tr_reg(s->frame, in->src_reg), n->def);
	int size = sizes[BPF_SIZE(in->code) >> 3];
	const char *field;

	if (in->src_reg == VS_FP || !base)
		return arena_printf(e->a, "the %s read from the stack", vx_bytes(e, size));
	field = vx_field(e, &base->reg, in->off, size);
	if (field && vs_base(base->reg.type) == RT_CTX)
		return arena_printf(e->a, "the context's %s", field);
	if (field)
		return arena_printf(e->a, "%s of %s", field, vx_object(e, &base->reg));
	if (tnum_is_const(base->reg.var))
		return arena_printf(e->a, "the %s loaded from %s at offset %lld",
				    vx_bytes(e, size), vx_object(e, &base->reg),
				    (long long)base->reg.off + in->off +
				    (long long)base->reg.var.value);
	return arena_printf(e->a, "the %s loaded from %s", vx_bytes(e, size),
			    vx_object(e, &base->reg));
}

static const char *
entry_value(const struct vx *e, const struct tr_node *n)
{
	const struct vs_subprog *s = &e->env->subprogs[e->env->subprog];
	uint32_t reg = n->loc % TR_FRAME;

	if (n->rec && n->rec->reg.type == RT_CTX)
		return "the context";
	if (n->def)
		return arena_printf(e->a, "argument %u of the callback", reg);
	return arena_printf(e->a, "argument %u of %s", reg,
			    s->name ? s->name : "the function");
}

static const char *
described(const struct vx *e, const struct tr_node *n)
{
	uint32_t insn = e->t->steps.n > n->def ? e->t->steps.at[n->def].insn : TR_NONE;
	const char *form = insn != TR_NONE && n->how != HOW_GONE && n->how != HOW_LOST
		? vx_form(e, insn) : NULL;
	struct tr_slice s;

	switch (n->how) {
	case HOW_LOAD:
		return form ? form : loaded(e, n);
	case HOW_CALL:
		return form ? form : arena_printf(e->a, "the result of %s", vx_callee(e, insn));
	case HOW_RETURN:
		return form ? form : "what the function returned";
	case HOW_ENTRY:
		return entry_value(e, n);
	case HOW_CONST:
		if (n->rec->reg.type == RT_SCALAR && !tnum_is_const(n->rec->reg.var))
			return "the computed number";
		if (n->rec->reg.type == RT_SCALAR)
			return arena_printf(e->a, "the constant %s", vx_range(e, &n->rec->reg));
		return vx_kind(e, &n->rec->reg);
	case HOW_COPY: case HOW_FILL: case HOW_STORE: case HOW_ARG:
		tr_follow(e->env, n->loc, n->at, &s);
		for (uint32_t i = 1; i < s.n; i++)
			if (s.nodes[i].same && s.nodes[i].how != HOW_COPY &&
			    s.nodes[i].how != HOW_FILL && s.nodes[i].how != HOW_STORE &&
			    s.nodes[i].how != HOW_ARG)
				return described(e, &s.nodes[i]);
		break;
	case HOW_ALU: case HOW_CUT:
		return e->lisp && form ? form : n->rec->reg.type == RT_SCALAR ? "the computed number"
			: "the computed pointer";
	default:
		break;
	}
	return n->rec && n->rec->reg.type != RT_NOT_INIT ? vx_kind(e, &n->rec->reg) : "this value";
}

const char *
vx_value(const struct vx *e, uint16_t loc, uint32_t step)
{
	const char *name = NULL;
	struct tr_node n;

	/* An argument is called what the call calls it. */
	if (!e->lisp && step == e->step && loc / TR_FRAME == e->frame && loc % TR_FRAME <= 5)
		name = vx_c_argument(e, vx_insn(e, step), loc % TR_FRAME);
	if (!e->lisp && step == e->step && e->reg >= 0 && loc == tr_reg(e->frame, (uint32_t)e->reg))
		name = name ? name : vx_c_base(e, vx_insn(e, step));
	if (!name)
		name = vx_value_var(e, loc, step);
	if (name)
		return name;
	n = tr_origin(e->env, loc, step);
	return described(e, &n);
}

const char *
vx_program(const struct vx *e)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);

	return arena_printf(e->a, "%s programs", t ? t->name : "such");
}
