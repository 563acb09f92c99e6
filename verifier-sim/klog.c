/* SPDX-License-Identifier: MIT */
/* klog.c: the log, in the kernel's format: instructions, and what changed since the last. */
#include "env.h"

static const char slot_letters[] = {	/* ORDER slot_type */
	[SLOT_INVALID] = '?', [SLOT_SPILL] = 'r', [SLOT_MISC] = 'm', [SLOT_ZERO] = '0',
	[SLOT_DYNPTR] = 'd', [SLOT_ITER] = 'i', [SLOT_IRQ] = 'f',
};

void
vs_log(struct vs_env *env, const char *fmt, ...)
{
	va_list ap;
	char *s;

	if (!vs_logs(env))
		return;
	va_start(ap, fmt);
	s = arena_vprintf(env->tmp, fmt, ap);
	va_end(ap);
	buf_puts(&env->log, s);
}

static void
number(struct buf *b, int64_t v, bool is_signed)
{
	/* Small numbers are read more easily in decimal. */
	uint64_t u = (uint64_t)v;

	if (is_signed && v < 0)
		buf_printf(b, v > -UINT16_MAX ? "%lld" : "0x%llx", (long long)v);
	else
		buf_printf(b, u <= UINT16_MAX ? "%llu" : "0x%llx", (unsigned long long)u);
}

struct bound {
	const char *name;
	int64_t v;
	bool omit, is_signed, w32;
};

static void
bound_value(struct buf *b, const struct bound *x)
{
	if (x->w32 && x->is_signed && (int32_t)x->v < 0 && (int32_t)x->v <= -UINT16_MAX)
		buf_printf(b, "0x%x", (uint32_t)x->v);
	else
		number(b, x->v, x->is_signed);
}

/* Equal bounds are printed together: smin=smin32=5. */
static void
scalar_text(struct buf *b, const struct vs_reg *r, const char **sep)
{
	struct bound m[] = {
		{"smin", r->smin, r->smin == INT64_MIN, true, false},
		{"smax", r->smax, r->smax == INT64_MAX, true, false},
		{"umin", (int64_t)r->umin, r->umin == 0, false, false},
		{"umax", (int64_t)r->umax, r->umax == UINT64_MAX, false, false},
		{"smin32", r->s32min, r->s32min == r->smin || r->s32min == INT32_MIN, true, true},
		{"smax32", r->s32max, r->s32max == r->smax || r->s32max == INT32_MAX, true, true},
		{"umin32", r->u32min, r->u32min == r->umin || r->u32min == 0, false, true},
		{"umax32", r->u32max, r->u32max == r->umax || r->u32max == UINT32_MAX, false,
		 true},
	};
	size_t n = sizeof m / sizeof m[0];

	for (size_t i = 0; i < n; i++) {
		if (m[i].omit)
			continue;
		buf_printf(b, "%s%s=", *sep, m[i].name);
		*sep = ",";
		for (size_t j = i + 1; j < n; j++)
			if (!m[j].omit && m[j].v == m[i].v) {
				buf_printf(b, "%s=", m[j].name);
				m[j].omit = true;
			}
		bound_value(b, &m[i]);
	}
}

const char *
vs_tnum_text(struct vs_env *env, tnum t)
{
	unsigned long long v = t.value, m = t.mask;

	if (m || env->prof.tnum_pairs)
		return arena_printf(env->tmp, "(0x%llx; 0x%llx)", v, m);
	return arena_printf(env->tmp, v <= UINT16_MAX ? "%llu"
			    : (int64_t)v >= INT16_MIN && (int64_t)v < 0 ? "%lld" : "0x%llx", v);
}

static void
field(struct buf *b, const char **sep, const char *name)
{
	buf_printf(b, "%s%s", *sep, name);
	*sep = ",";
}

static void
type_details(struct vs_env *env, struct buf *b, const struct vs_reg *r, const char **sep)
{
	(void)env;
	switch (vs_base(r->type)) {
	case RT_MAP_VALUE: case RT_MAP_KEY: case RT_CONST_MAP:
		if (r->map && r->map->im && r->map->im->name) {
			field(b, sep, "map=");
			buf_puts(b, r->map->im->name);
		}
		if (r->map) {
			field(b, sep, "ks=");
			buf_printf(b, "%u,vs=%u", r->map->key_size, r->map->value_size);
		}
		break;
	case RT_MEM:
		field(b, sep, "sz=");
		number(b, r->mem_size, false);
		break;
	}
}

void
vs_reg_text(struct vs_env *env, struct buf *b, const struct vs_reg *r)
{
	const char *sep = "";
	uint32_t t = r->type;

	if (t == RT_SCALAR && r->precise)
		buf_putc(b, 'P');
	if (t == RT_SCALAR && tnum_is_const(r->var)) {
		number(b, (int64_t)r->var.value, true);
		return;
	}
	if (t == RT_STACK && r->frameno != env->cur->curframe)
		buf_printf(b, "fp[%u]", r->frameno);
	else
		buf_puts(b, t == RT_STACK ? "fp" : vs_type_name(env, t));
	if (t == RT_STACK) {
		if (tnum_is_const(r->var)) {
			buf_printf(b, "%d", r->off + (int32_t)r->var.value);
			return;
		}
		buf_printf(b, "%d", r->off);
	}
	buf_putc(b, '(');
	if (r->id) {
		field(b, &sep, "id=");
		buf_printf(b, "%u", r->id & ~(uint32_t)VS_ADD_CONST);
		if (r->id & VS_ADD_CONST)
			buf_printf(b, "%+d", r->off);
	}
	if (r->ref_id) {
		field(b, &sep, "ref_obj_id=");
		buf_printf(b, "%u", r->ref_id);
	}
	if (t != RT_SCALAR && t != RT_STACK && r->off) {
		field(b, &sep, "off=");
		number(b, r->off, true);
	}
	if (vs_is_pkt_type(t)) {
		field(b, &sep, "r=");
		number(b, r->range, true);
	}
	type_details(env, b, r, &sep);
	if (t != RT_SCALAR && tnum_is_const(r->var)) {
		if (r->var.value) {
			field(b, &sep, "imm=");
			number(b, (int64_t)r->var.value, true);
		}
	} else {
		scalar_text(b, r, &sep);
		if (!tnum_is_unknown(r->var)) {
			field(b, &sep, "var_off=");
			buf_puts(b, vs_tnum_text(env, r->var));
		}
	}
	buf_putc(b, ')');
}

static void
slot_text(struct vs_env *env, struct buf *b, const struct vs_slot *s, uint32_t i)
{
	char letters[9] = {0};
	bool spill = s->type[7] == SLOT_SPILL;

	for (int k = 0; k < 8; k++)
		letters[k] = slot_letters[s->type[k]];
	if (spill) {
		char *p = letters;

		/* Bytes of the register are not repeated as letters. */
		while (*p && *p != 'r')
			p++;
		*p = 0;
	}
	buf_printf(b, " fp-%u", (i + 1) * 8);
	buf_putc(b, '=');
	if (spill) {
		buf_puts(b, letters);
		vs_reg_text(env, b, vs_slot_reg(s));
	} else {
		buf_puts(b, letters);
	}
}

static void
state_text(struct vs_env *env, struct buf *b, const struct vs_state *st, uint32_t frameno,
	   bool all)
{
	const struct vs_frame *f = st->frame[frameno];

	if (f->frameno)
		buf_printf(b, " frame%u:", f->frameno);
	for (uint32_t i = 0; i < VS_REGS; i++) {
		if (f->regs[i].type == RT_NOT_INIT || (!all && !(env->scratched_regs >> i & 1)))
			continue;
		buf_printf(b, " R%u=", i);
		vs_reg_text(env, b, &f->regs[i]);
	}
	for (uint32_t i = 0; i < f->nslots; i++) {
		bool valid = false;

		for (int k = 0; k < 8; k++)
			valid |= f->stack[i].type[k] != SLOT_INVALID;
		if (valid && (all || (env->scratched_slots >> i & 1)))
			slot_text(env, b, &f->stack[i], i);
	}
	for (uint32_t i = 0; i < st->nrefs; i++)
		buf_printf(b, i ? ",%u" : " refs=%u", st->refs[i].id);
	if (f->in_callback)
		buf_puts(b, " cb");
	if (f->in_async_callback)
		buf_puts(b, " async_cb");
	env->scratched_regs = 0;
	env->scratched_slots = 0;
}

void
vs_log_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno, bool all)
{
	struct buf b = buf_new(env->tmp);

	if (!vs_logs(env))
		return;
	state_text(env, &b, st, frameno, all);
	buf_str(&env->log, buf_text(&b));
	buf_putc(&env->log, '\n');
}

/* What the last instruction changed, to the right of it when nothing was printed since. */
void
vs_log_insn_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno)
{
	struct buf b = buf_new(env->tmp);

	if (!vs_logs(env))
		return;
	if (env->prev_log_end && env->prev_log_end == env->log.n) {
		uint32_t width = env->log.n - env->prev_insn_print;
		uint32_t column = width + 4 < 40 ? 40 : (width + 4 + 7) / 8 * 8;

		env->log.n--;	/* the newline */
		buf_fill(&env->log, ' ', column - width - 1);
		buf_puts(&env->log, ";");
	} else {
		buf_printf(&env->log, "%u:", env->insn_idx);
	}
	state_text(env, &b, st, frameno, false);
	buf_str(&env->log, buf_text(&b));
	buf_putc(&env->log, '\n');
}

void
vs_log_line(struct vs_env *env, uint32_t i, const char *prefix)
{
	const struct image_prog *p = env->prog;
	const struct bpf_line_info *l = NULL;
	const char *s, *file, *slash;

	if (!vs_logs(env) || !p->line_info || !env->btf)
		return;
	for (uint32_t k = 0; k < p->nline_info && p->line_info[k].insn_off <= i; k++)
		l = &p->line_info[k];
	if (!l || l == env->prev_line)
		return;
	env->prev_line = l;
	s = vs_btf_text(env, l->line_off);
	while (*s == ' ' || *s == '\t')
		s++;
	file = vs_btf_text(env, l->file_name_off);
	slash = strrchr(file, '/');
	vs_log(env, "%s%s @ %s:%u\n", prefix, s, slash ? slash + 1 : file,
	       BPF_LINE_INFO_LINE_NUM(l->line_col));
}

static const char *
kfunc_name(void *user, const struct bpf_insn *in)
{
	struct vs_env *env = user;

	return vs_operand(env, (uint32_t)(in - env->insns))->kfunc;
}

void
vs_log_insn(struct vs_env *env, uint32_t i)
{
	struct disasm d = {.kfunc = kfunc_name, .user = env,
			   .hide_pointers = !env->allow_ptr_leaks};

	vs_log_line(env, i, "; ");
	env->prev_insn_print = env->log.n;
	buf_printf(&env->log, "%u: ", i);
	disasm_insn(&env->log, &env->insns[i], &d);
	buf_putc(&env->log, '\n');
	env->prev_log_end = env->log.n;
}

void
vs_log_live_regs(struct vs_env *env)
{
	struct disasm d = {.kfunc = kfunc_name, .user = env,
			   .hide_pointers = !env->allow_ptr_leaks};

	if (!(env->opts->log_level & 2) || env->prof.kernel < KVER(6, 16))
		return;
	buf_puts(&env->log, "Live regs before insn:\n");
	for (uint32_t i = 0; i < env->n; i++) {
		if (env->fact[i].scc)
			buf_printf(&env->log, "%3u ", env->fact[i].scc);
		else
			buf_fill(&env->log, ' ', 4);
		buf_printf(&env->log, "%3u: ", i);
		for (uint32_t r = 0; r < VS_FP; r++)
			buf_putc(&env->log, env->fact[i].live_before >> r & 1
				 ? (char)('0' + r) : '.');
		buf_putc(&env->log, ' ');
		disasm_insn(&env->log, &env->insns[i], &d);
		buf_putc(&env->log, '\n');
		i += insn_is_wide(&env->insns[i]);
	}
}

void
vs_log_stats(struct vs_env *env)
{
	if (!(env->opts->log_level & 7))
		return;
	if (env->opts->log_level & 4) {
		buf_puts(&env->log, "stack depth ");
		for (uint32_t s = 0; s < env->nsub; s++)
			buf_printf(&env->log, "%s%u", s ? "+" : "",
				   env->subprogs[s].stack_depth);
		buf_putc(&env->log, '\n');
	}
	buf_printf(&env->log, "processed %llu insns (limit %u) max_states_per_insn %u "
		   "total_states %u peak_states %u mark_read 0\n",
		   (unsigned long long)env->processed, env->prof.insn_limit,
		   env->max_states_per_insn, env->total_states, env->peak_states);
}
