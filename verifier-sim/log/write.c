/* SPDX-License-Identifier: MIT */
/* write.c: the log, in the kernel's format: instructions, and what changed since the last. */
#include "verifier-sim/rules/rules.h"

static const char slot_letters[] = {	/* ORDER slot_type */
	[SLOT_INVALID] = '?', [SLOT_SPILL] = 'r', [SLOT_MISC] = 'm', [SLOT_ZERO] = '0',
	[SLOT_DYNPTR] = 'd', [SLOT_ITER] = 'i', [SLOT_IRQ] = 'f',
};

void
vs_log(struct vs_env *env, const char *fmt, ...)
{
	va_list ap;

	if (!vs_logs(env))
		return;
	va_start(ap, fmt);
	buf_puts(&env->log, arena_vprintf(env->tmp, fmt, ap));
	va_end(ap);
}

/* Small numbers are read more easily in decimal. */
static void
number(struct buf *b, int64_t v, bool is_signed)
{
	bool small = is_signed ? v >= INT16_MIN && v <= INT16_MAX : (uint64_t)v <= UINT16_MAX;

	buf_printf(b, small ? "%lld" : "0x%llx", (long long)v);
}

/* A signed half that is not printed in decimal is not sign-extended, either. */
static int64_t
half(int32_t v)
{
	return v >= INT16_MIN && v <= INT16_MAX ? v : (int64_t)(uint32_t)v;
}

struct bound {
	const char *name;
	int64_t v;
	bool omit;
};

/* Equal bounds are printed together: smin=smin32=5. The table alternates minima and maxima,
 * and the signed ones' names begin with s. */
static void
scalar_text(struct buf *b, const struct vs_reg *r, const char **sep)
{
	struct bound m[] = {
		{"smin", r->smin, r->smin == INT64_MIN}, {"smax", r->smax, r->smax == INT64_MAX},
		{"umin", (int64_t)r->umin, r->umin == 0},
		{"umax", (int64_t)r->umax, r->umax == UINT64_MAX},
		{"smin32", half(r->s32min), r->s32min == INT32_MIN},
		{"smax32", half(r->s32max), r->s32max == INT32_MAX},
		{"umin32", r->u32min, r->u32min == 0},
		{"umax32", r->u32max, r->u32max == UINT32_MAX},
	};
	size_t n = sizeof m / sizeof m[0];

	for (size_t i = 0; i < n; i++) {
		bool is_signed = m[i].name[0] == 's', negative = is_signed && m[i].v < 0;

		if (m[i].omit)
			continue;
		buf_printf(b, "%s%s=", *sep, m[i].name);
		*sep = ",";
		for (size_t j = i + 2; j < n; j += 2) {
			if (m[j].omit || m[j].v != m[i].v ||
			    (m[j].name[0] == 's' && m[j].v < 0) != negative)
				continue;
			m[j].omit = true;
			buf_printf(b, "%s=", m[j].name);
		}
		number(b, m[i].v, is_signed);
	}
}

const char *
vs_tnum_text(struct vs_env *env, tnum t)
{
	unsigned long long v = t.value, m = t.mask;

	if (m || env->prof.tnum_pairs)
		return arena_printf(env->tmp, "(0x%llx; 0x%llx)", v, m);
	if (env->prof.signed_bits && (int64_t)v < 0 && (int64_t)v >= INT16_MIN)
		return arena_printf(env->tmp, "%lld", (long long)v);
	return arena_printf(env->tmp, v <= UINT16_MAX ? "%llu" : "0x%llx", v);
}

static void
field(struct buf *b, const char **sep, const char *name)
{
	buf_printf(b, "%s%s", *sep, name);
	*sep = ",";
}

static void
number_field(struct buf *b, const char **sep, const char *name, int64_t v, bool is_signed)
{
	field(b, sep, name);
	number(b, v, is_signed);
}

static const char *const dynptr_names[] = {
	[DYNPTR_NONE] = "<invalid>", [DYNPTR_LOCAL] = "local", [DYNPTR_RINGBUF] = "ringbuf",
	[DYNPTR_SKB] = "skb", [DYNPTR_XDP] = "xdp", [DYNPTR_SKB_META] = "skb_meta",
	[DYNPTR_FILE] = "file",
};

static void
map_fields(struct buf *b, const struct vs_reg *r, const char **sep)
{
	uint32_t base = vs_base(r->type);

	if ((base != RT_MAP_VALUE && base != RT_MAP_KEY && base != RT_CONST_MAP) || !r->map)
		return;
	if (r->map->im && r->map->im->name && *r->map->im->name) {
		field(b, sep, "map=");
		buf_printf(b, "%.15s", r->map->im->name);
	}
	field(b, sep, "ks=");
	buf_printf(b, "%u,vs=%u", r->map->key_size, r->map->value_size);
}

/* What stands between the parentheses, up to the ranges. */
static void
pointer_fields(struct buf *b, const struct vs_reg *r, const char **sep)
{
	uint32_t t = r->type;

	if (r->id) {
		field(b, sep, "id=");
		buf_printf(b, "%u", r->id & ~(uint32_t)VS_ADD_CONST);
		if (r->id & VS_ADD_CONST)
			buf_printf(b, "%+d", r->off);
	}
	if (r->ref_id) {
		field(b, sep, "ref_obj_id=");
		buf_printf(b, "%u", r->ref_id);
	}
	if (vs_is_alloc_type(t) && (t & TF_NON_OWN))
		field(b, sep, "non_own_ref");
	map_fields(b, r, sep);
	if (t != RT_SCALAR && r->off)
		number_field(b, sep, "off=", r->off, true);
	if (vs_is_pkt_type(t))
		number_field(b, sep, "r=", r->range, false);
	if (vs_base(t) == RT_MEM)
		number_field(b, sep, "sz=", r->mem_size, false);
	if (t == RT_CONST_DYNPTR) {
		field(b, sep, "type=");
		buf_puts(b, dynptr_names[r->dynptr_type]);
	}
}

/* `frameno`: the frame it belongs to; pointers into another's stack name that. */
static void
reg_text(struct vs_env *env, struct buf *b, const struct vs_reg *r, uint32_t frameno)
{
	const char *sep = "";
	uint32_t t = r->type;

	if (t == RT_SCALAR && r->precise)
		buf_putc(b, 'P');
	if (t == RT_SCALAR && tnum_is_const(r->var)) {
		number(b, (int64_t)r->var.value, true);
		return;
	}
	buf_puts(b, vs_type_name(env, t));
	if (t == RT_ARENA)
		return;
	if (t == RT_STACK && r->frameno != frameno)
		buf_printf(b, "[%u]", r->frameno);
	if (t == RT_STACK && tnum_is_const(r->var)) {
		number(b, (int64_t)r->var.value + r->off, true);
		return;
	}
	if (vs_base(t) == RT_BTF_ID && vs_btf_of(env, r->btf_space))
		buf_puts(b, btf_name(vs_btf_of(env, r->btf_space), r->btf_id));
	buf_putc(b, '(');
	pointer_fields(b, r, &sep);
	if (tnum_is_const(r->var)) {
		if (r->var.value)
			number_field(b, &sep, "imm=", (int64_t)r->var.value, true);
	} else {
		scalar_text(b, r, &sep);
		if (!tnum_is_unknown(r->var)) {
			field(b, &sep, "var_off=");
			buf_puts(b, vs_tnum_text(env, r->var));
		}
	}
	buf_putc(b, ')');
}

void
vs_reg_text(struct vs_env *env, struct buf *b, const struct vs_reg *r)
{
	reg_text(env, b, r, env->cur->curframe);
}

/* An object of several slots is told at its main one: the highest. */
static void
object_text(struct vs_env *env, struct buf *b, const struct vs_slot *s, uint32_t i)
{
	static const char *const states[] = {
		[ITER_INVALID] = "<invalid>", [ITER_ACTIVE] = "active", [ITER_DRAINED] = "drained",
	};
	const struct vs_reg *r = vs_slot_reg(s);
	const struct btf *types = vs_btf_of(env, r->iter_space);
	const char *sep = "";

	if (s->type[7] == SLOT_ITER) {
		buf_printf(b, " fp-%u=iter_%s(ref_id=%u,state=%s,depth=%u)", (i + 1) * 8,
			   types ? btf_name(types, r->iter_btf_id) + sizeof "bpf_iter_" - 1 : "",
			   r->ref_id, states[r->iter_state], r->iter_depth);
		return;
	}
	buf_printf(b, " fp-%u=dynptr_%s(", (i + 1) * 8, dynptr_names[r->dynptr_type]);
	if (r->id) {
		field(b, &sep, "id=");
		buf_printf(b, "%u", r->id);
	}
	if (r->ref_id) {
		field(b, &sep, "ref_id=");
		buf_printf(b, "%u", r->ref_id);
	}
	buf_putc(b, ')');
}

static void
slot_text(struct vs_env *env, struct buf *b, const struct vs_slot *s, uint32_t i, uint32_t frameno)
{
	char letters[9] = {0};
	int n = 0;

	if (s->type[7] == SLOT_DYNPTR || s->type[7] == SLOT_ITER) {
		object_text(env, b, s, i);
		return;
	}
	/* Bytes of a saved register are not repeated as letters. */
	for (; n < 8 && (s->type[7] != SLOT_SPILL || s->type[n] != SLOT_SPILL); n++)
		letters[n] = slot_letters[s->type[n]];
	buf_printf(b, " fp-%u=%s", (i + 1) * 8, letters);
	if (s->type[7] == SLOT_SPILL)
		reg_text(env, b, vs_slot_reg(s), frameno);
}

static void
stack_text(struct vs_env *env, struct buf *b, const struct vs_frame *f, bool all)
{
	for (uint32_t i = 0; i < f->nslots; i++) {
		const struct vs_slot *s = &f->stack[i];
		bool valid = false;

		for (int k = 0; k < 8; k++)
			valid |= s->type[k] != SLOT_INVALID;
		if (!valid || (!all && !(env->scratched_slots >> i & 1)))
			continue;
		if (s->type[7] == SLOT_DYNPTR && ++i < f->nslots)
			s++;
		if (s->type[7] != SLOT_ITER || vs_slot_reg(s)->ref_id)
			slot_text(env, b, s, i, f->frameno);
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
		reg_text(env, b, &f->regs[i], f->frameno);
	}
	stack_text(env, b, f, all);
	for (uint32_t i = 0; i < st->nrefs; i++)
		buf_printf(b, i ? ",%u" : " refs=%u", st->refs[i].id);
	if (f->in_callback)
		buf_puts(b, " cb");
	if (f->in_async_callback)
		buf_puts(b, " async_cb");
	buf_putc(b, '\n');
	if (!all) {
		env->scratched_regs = 0;
		env->scratched_slots = 0;
	}
}

void
vs_log_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno, bool all)
{
	if (vs_logs(env))
		state_text(env, &env->log, st, frameno, all);
}

/* What the last instruction changed, to the right of it when nothing was printed since. */
void
vs_log_insn_state(struct vs_env *env, const struct vs_state *st, uint32_t frameno)
{
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
	state_text(env, &env->log, st, frameno, false);
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
	/* Two records of one line, which differ in the column, say the same. */
	if (env->prof.logs_places && env->prev_line &&
	    l->file_name_off == env->prev_line->file_name_off &&
	    BPF_LINE_INFO_LINE_NUM(l->line_col) ==
	    BPF_LINE_INFO_LINE_NUM(env->prev_line->line_col))
		return;
	env->prev_line = l;
	s = vs_btf_text(env, l->line_off);
	while (*s == ' ' || *s == '\t')
		s++;
	if (!env->prof.logs_places) {
		vs_log(env, "%s%s\n", prefix, s);
		return;
	}
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

static void
insn_text(struct vs_env *env, uint32_t i)
{
	struct disasm d = {.kfunc = kfunc_name, .user = env,
			   .hide_pointers = !env->allow_ptr_leaks};
	const struct bpf_insn *in = &env->insns[i];
	const struct vs_operand *op = env->fact[i].op;

	if (in->code == (BPF_JMP | BPF_CALL) && in->src_reg == BPF_PSEUDO_KFUNC_CALL && op)
		buf_printf(&env->log, "(85) call %s#%u",
			   op->btf_id && op->kfunc ? op->kfunc : "", op->btf_id);
	else
		disasm_insn(&env->log, in, &d);
	buf_putc(&env->log, '\n');
}

void
vs_log_insn(struct vs_env *env, uint32_t i)
{
	vs_log_line(env, i, "; ");
	env->prev_insn_print = env->log.n;
	buf_printf(&env->log, "%u: ", i);
	insn_text(env, i);
	env->prev_log_end = env->log.n;
}

void
vs_log_live_regs(struct vs_env *env)
{
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
		insn_text(env, i);
		i += insn_is_wide(&env->insns[i]);
	}
}

void
vs_log_stats(struct vs_env *env)
{
	if (!(env->opts->log_level & 7))
		return;
	if (env->opts->log_level & 4) {
		/* There is no clock in here. */
		buf_puts(&env->log, "verification time 0 usec\nstack depth ");
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

/* ---- where a number came from (walk/backtrack.c) ------------------------------------------------- */

static void
regs_text(struct buf *b, uint32_t regs)
{
	for (const char *sep = ""; regs; regs &= regs - 1, sep = ",")
		buf_printf(b, "%sr%d", sep, __builtin_ctz(regs));
}

static void
slots_text(struct buf *b, uint64_t slots)
{
	for (const char *sep = ""; slots; slots &= slots - 1, sep = ",")
		buf_printf(b, "%s-%d", sep, (__builtin_ctzll(slots) + 1) * 8);
}

void
vs_log_precise(struct vs_env *env, uint32_t frameno, const char *whose, uint32_t regs,
	       uint64_t slots)
{
	buf_printf(&env->log, "mark_precise: frame%u: %sregs=", frameno, whose);
	regs_text(&env->log, regs);
	buf_puts(&env->log, " stack=");
	slots_text(&env->log, slots);
}

void
vs_log_precise_insn(struct vs_env *env, uint32_t i)
{
	buf_printf(&env->log, " before %u: ", i);
	insn_text(env, i);
}

/* "frame 0: propagating r6,fp-8" */
void
vs_log_propagating(struct vs_env *env, uint32_t frameno, uint32_t regs, uint64_t slots)
{
	struct buf *b = &env->log;

	if (!regs && !slots)
		return;
	buf_printf(b, "frame %u: propagating ", frameno);
	regs_text(b, regs);
	for (const char *sep = regs ? "," : ""; slots; slots &= slots - 1, sep = ",")
		buf_printf(b, "%sfp-%d", sep, (__builtin_ctzll(slots) + 1) * 8);
	buf_putc(b, '\n');
}
