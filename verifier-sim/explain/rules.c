/* SPDX-License-Identifier: MIT */
/* rules.c: what the verifier forbids whatever the values are: code nothing reaches,
 * callbacks, tail calls, kernel pointers in maps, maps and programs that do not go together,
 * capabilities, types and symbols of the kernel. Many of these are found before the walk, so
 * places are instructions and not steps of a path. */
#include "explaining.h"
#include "verifier-sim/rules/rules.h"

static bool
is_call(const struct bpf_insn *in)
{
	return in && in->code == (BPF_JMP | BPF_CALL);
}

static bool
has_place(const struct vx *e)
{
	return e->env->r->insn < e->env->n;
}

static const char *
function_name(const struct vx *e, uint32_t s)
{
	const char *name = vx_subprog(e, s);

	return name ? arena_printf(e->a, "`%s`", name) : arena_printf(e->a, "function %u", s);
}

/* ---- instructions that a kernel does not know ------------------------------------------------ */

/* Linux %u.%u is the first that can do it: headline, place, and which one is asked. */
static void
came_later(struct vx *e, const char *what, uint16_t since)
{
	uint32_t version = e->env->prof.kernel;

	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	vx_headline(e, "%s: Linux %u.%u is the first that can do this", what, since >> 8,
		    since & 255u);
	vx_at(e, "used here");
	vx_fact(e, "the program is judged for Linux %u.%u", version >> 8, version & 255u);
}

static bool
names_percpu_data(const struct vx *e)
{
	const struct vs_operand *op = e->env->fact[e->env->r->insn].op;

	return op && op->map && op->map->type == FACT_MAP_PERCPU_ARRAY &&
	       !e->env->prof.percpu_data;
}

/* Wide loads of kinds that came later. */
bool
vx_shape(struct vx *e)
{
	static const struct { uint8_t kind; uint16_t since; const char *what; } table[] = {
		{BPF_PSEUDO_FUNC, KVER(5, 13), "a function handed over to be called back"},
		{BPF_PSEUDO_MAP_IDX, KVER(5, 13), "a map given by its index"},
		{BPF_PSEUDO_BTF_ID, KVER(5, 10), "the address of a kernel variable"},
	};
	const struct bpf_insn *in = has_place(e) ? &e->env->insns[e->env->r->insn] : NULL;

	if (e->f->first == VS_E_MAP_VALUE_TYPE && in && names_percpu_data(e)) {
		came_later(e, fact_feature_what(FACT_HAS_PERCPU_DATA),
			   fact_feature_since(FACT_HAS_PERCPU_DATA));
		vx_help(e, "older kernels have maps of type percpu_array, whose entries are looked up");
		return true;
	}
	if (e->f->first != VS_E_LD_IMM_KIND || !in)
		return false;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (in->src_reg != table[i].kind || table[i].since <= e->env->prof.kernel)
			continue;
		came_later(e, table[i].what, table[i].since);
		vx_help(e, in->src_reg == BPF_PSEUDO_FUNC
			? "older kernels have no callbacks: write a loop with a constant bound that calls "
			  "the function" : "leave it out where the kernel is older");
		return true;
	}
	return false;
}

/* ---- code nothing reaches ------------------------------------------------------------------ */

static bool
leaves(const struct bpf_insn *in)
{
	uint8_t class = BPF_CLASS(in->code);

	return (class == BPF_JMP && (BPF_OP(in->code) == BPF_JA || BPF_OP(in->code) == BPF_EXIT)) ||
		in->code == (BPF_JMP32 | BPF_JA);
}

static bool
is_target(const struct vx *e, uint32_t insn)
{
	uint32_t out[2];

	for (uint32_t i = 0; i < e->env->n; i++)
		for (int k = vs_successors(e->env, i, out); k-- > 0;)
			if (out[k] == insn && insn != i + 1)
				return true;
	return false;
}

bool
vx_reach(struct vx *e)
{
	const struct bpf_insn *insns = e->env->insns;
	uint32_t at = e->env->r->insn, before = at, end = at;

	if (!has_place(e))
		return false;
	vx_rule(e);
	while (before && !leaves(&insns[before - 1]))
		before--;
	while (end + 1 < e->env->n && !leaves(&insns[end]) && !is_target(e, end + 1))
		end++;
	vx_headline(e, "nothing ever reaches this code");
	vx_at(e, "no way leads here");
	if (before) {
		const struct bpf_insn *in = &insns[before - 1];

		vx_step_at(e, before - 1, STEP_BRANCH, BPF_OP(in->code) == BPF_EXIT
			   ? "the program ends here" : "from here it goes elsewhere, always");
	}
	if (end > at)
		vx_fact(e, "%u instructions in a row, and no jump leads to any of them", end - at + 1);
	vx_help(e, e->lisp ? "remove it, or let a condition lead to it"
		: "remove it; compilers do so by themselves, so it comes from inline assembly, or from "
		  "a function that is said never to return and does");
	vx_need(e, NEED_ABSENT);
	return true;
}

/* ---- code that just stops ------------------------------------------------------------------- */

/* Compilers leave out what they take to be impossible; what they take so is the user's fault. */
bool
vx_end(struct vx *e)
{
	const struct bpf_insn *in;

	if (!has_place(e))
		return false;
	in = &e->env->insns[e->env->r->insn];
	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	if (in->code == (BPF_JMP | BPF_CALL)) {
		vx_headline(e, "nothing stands after the call of %s", vx_callee(e, e->env->r->insn));
		vx_at(e, "the compiler takes it that this never comes back");
	} else {
		vx_headline(e, "the code stops here, without a return");
		vx_at(e, "the compiler left out what comes next");
	}
	vx_help(e, "the compiler took this way to be one that never goes on: a panic, a loop without "
		   "end, or what the language leaves undefined, such as a null or out-of-range access; "
		   "test for that before, and return");
	return true;
}

/* ---- callbacks ------------------------------------------------------------------------------- */

/* The instruction that takes the address of the function that holds an instruction. */
static uint32_t
taken_at(const struct vx *e, uint32_t s)
{
	for (uint32_t i = 0; i + 1 < e->env->n; i++) {
		const struct bpf_insn *in = &e->env->insns[i];

		if (insn_is_wide(in) && in->src_reg == BPF_PSEUDO_FUNC &&
		    (uint32_t)((int64_t)i + in->imm + 1) == e->env->subprogs[s].start)
			return i;
	}
	return TR_NONE;
}

static uint32_t
function_at(const struct vx *e, uint32_t insn)
{
	for (uint32_t s = 0; s < e->env->nsub; s++)
		if (insn >= e->env->subprogs[s].start && insn < e->env->subprogs[s].end)
			return s;
	return 0;
}

bool
vx_callback(struct vx *e)
{
	uint32_t s, taken;

	if (!has_place(e) || !e->env->nsub)
		return false;
	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	if (e->in && insn_is_wide(e->in) && e->in->src_reg == BPF_PSEUDO_FUNC) {
		s = (uint32_t)((int64_t)e->env->r->insn + e->in->imm + 1);
		vx_at(e, "%s is to be called back", function_name(e, function_at(e, s)));
		return false;
	}
	s = function_at(e, e->env->r->insn);
	taken = taken_at(e, s);
	if (taken != TR_NONE)
		vx_step_at(e, taken, STEP_MOVED, "%s is handed out as a callback here",
			   function_name(e, s));
	if (e->f->first == VS_E_CB_RET_SCALAR) {
		const struct vs_reg *r0 = vx_reg(e, 0);

		vx_headline(e, "the callback %s must return a number", function_name(e, s));
		vx_at(e, r0 ? "returns %s" : "returns nothing", r0 ? vx_kind(e, r0) : "");
		vx_help(e, "return 0 to go on, 1 to stop");
		return true;
	}
	vx_at(e, "in the callback %s", function_name(e, s));
	return false;
}

/* ---- tail calls -------------------------------------------------------------------------------- */

bool
vx_tail(struct vx *e)
{
	const struct vs_reg *map;
	uint32_t s;

	if (!has_place(e))
		return false;
	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	s = function_at(e, e->env->r->insn);
	if (e->f->first == VS_E_TAIL_MAP) {
		map = vx_reg(e, 2);
		if (map && map->type == RT_CONST_MAP)
			vx_headline(e, "%s holds no programs: a tail call needs a prog-array",
				    vx_map_name(e, map->map));
		vx_at(e, "jumps through it");
		vx_help(e, "declare a map of type prog-array with the programs to go on with");
		return true;
	}
	if (s) {
		vx_at(e, "in the function %s", function_name(e, s));
		for (uint32_t i = 0; i < e->env->n; i++)
			if (is_call(&e->env->insns[i]) && e->env->insns[i].src_reg == BPF_PSEUDO_CALL &&
			    (uint32_t)((int64_t)i + e->env->insns[i].imm + 1) ==
			    e->env->subprogs[s].start) {
				vx_step_at(e, i, STEP_MOVED, "%s is called here", function_name(e, s));
				break;
			}
		vx_help(e, "make it in the program itself, or let the function return int and be compiled "
			   "with type information (-g)");
	}
	return false;
}

/* ---- kernel pointers in maps --------------------------------------------------------------------- */

bool
vx_kptr(struct vx *e)
{
	const char *field = NULL;

	vx_rule(e);
	if (e->reg < 0 || !e->val || !e->in)
		return false;
	if (e->val->type != RT_SCALAR)
		field = vx_field(e, e->val, is_call(e->in) ? 0 : e->in->off, 8);
	vx_history(e, &e->sl);
	vx_need(e, NEED_ABSENT);
	if (is_call(e->in))
		vx_at(e, "%s is given it", vx_callee(e, vx_insn(e, e->step)));
	else
		vx_at(e, "%s%s%s", vx_access(e), field ? " of " : "", field ? field : "");
	if (e->f->first == VS_E_FIELD_DIRECT && e->f->texts[0]) {
		vx_headline(e, "%s is a `%s`: loads and stores may not touch it",
			    field ? field : "this field", e->f->texts[0]);
		vx_help(e, "leave it to the functions made for it, and address the fields beside it");
		return true;
	}
	if (e->f->first == VS_E_KPTR_STORE) {
		vx_headline(e, "%s owns the object it points to: it may not simply be overwritten",
			    field ? field : "this field");
		vx_help(e, "exchange it with %s, and release what that hands back",
			e->lisp ? "`kptr-xchg`" : "bpf_kptr_xchg()");
		return true;
	}
	if ((e->f->first == VS_E_KPTR_EXPECT || e->f->first == VS_E_KPTR_EXPECT_UNREF) &&
	    e->f->nargs >= 4 && e->f->texts[3]) {
		vx_headline(e, "a pointer to `struct %s` is wanted here, not %s", e->f->texts[3],
			    vx_kind(e, e->val));
		vx_help(e, "store a pointer of the type that the field is declared with");
		return true;
	}
	if (field)
		vx_fact(e, "the field is %s of %s", field, vx_object(e, e->val));
	vx_help(e, "access the field whole, at its own constant offset");
	return false;
}

/* ---- maps that do not go with the program ---------------------------------------------------------- */

/* The map of the instruction: many of these are found before the walk knows any. */
static const struct image_map *
map_used(const struct vx *e)
{
	const struct image_prog *p = e->env->prog;
	const struct vs_operand *op = has_place(e) ? e->env->fact[e->env->r->insn].op : NULL;
	const struct vs_reg *r;

	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].insn == e->env->r->insn &&
		    (p->relocs.at[i].kind == RELOC_MAP || p->relocs.at[i].kind == RELOC_MAP_VALUE) &&
		    p->relocs.at[i].map < e->env->im->maps.n)
			return e->env->im->maps.at[p->relocs.at[i].map];
	if (op && op->map)
		return op->map->im;
	for (uint32_t i = 1; e->in && is_call(e->in) && i <= 5; i++) {
		r = vx_reg(e, i);
		if (r && r->type == RT_CONST_MAP)
			return r->map->im;
	}
	return NULL;
}

static const char *
map_name(const struct vx *e, const struct image_map *m)
{
	const char *name = m->lisp_name && *m->lisp_name ? m->lisp_name : m->name;

	return arena_printf(e->a, "`%s`", name && *name ? name : "a map");
}

static const char *
map_type_name(const struct vx *e, uint32_t type)
{
	const struct fact_map_type *t = fact_map_type(type);

	return t ? t->name : arena_printf(e->a, "type %u", type);
}

bool
vx_map_use(struct vx *e)
{
	const struct image_map *m = map_used(e);

	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	if (!m)
		return false;
	vx_at(e, "%s is used here", map_name(e, m));
	if (e->f->first != VS_E_MAP_HELPER && e->lisp)
		vx_fact(e, "maps are judged with the program that uses them, whatever it does with them");
	switch (e->f->first) {
	case VS_E_MAP_HELPER:
		vx_headline(e, "%s is a %s: %s does not work on such maps", map_name(e, m),
			    map_type_name(e, m->type), vx_callee(e, e->env->r->insn));
		vx_at(e, "%s is given %s", vx_callee(e, e->env->r->insn), map_name(e, m));
		return false;
	case VS_E_LOCK_FILTER: case VS_E_TRACING_FIELD:
		vx_headline(e, "%s has %s in its values: %s cannot use it", map_name(e, m),
			    e->f->first == VS_E_LOCK_FILTER ? "a spin lock"
			    : arena_printf(e->a, "a `%s`", e->f->texts[0] ? e->f->texts[0] : "field"),
			    vx_program(e));
		vx_help(e, "give this program a map without it, and count with atomic operations");
		return true;
	case VS_E_SLEEP_MAP:
		vx_headline(e, "%s is a %s: a sleepable program cannot use it", map_name(e, m),
			    map_type_name(e, m->type));
		return false;
	case VS_E_SOCKMAP_UPDATE:
		vx_headline(e, "%s holds sockets: %s cannot change it", map_name(e, m),
			    vx_program(e));
		vx_help(e, "change it from sockops, or from outside by the bpf() call");
		return true;
	default:
		return false;
	}
}

/* ---- capabilities, program types, symbols, types ----------------------------------------------------- */

bool
vx_caps(struct vx *e)
{
	bool perfmon = e->env->caps & VCAP_PERFMON, bpf = e->env->caps & VCAP_BPF;

	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	vx_fact(e, "judged with%s%s%s", bpf ? " CAP_BPF" : "out CAP_BPF",
		bpf && perfmon ? " and" : perfmon ? "," : bpf ? ", without" : " and",
		" CAP_PERFMON");
	if (e->f->first == VS_E_BTF_CAPS && e->f->texts[0]) {
		vx_headline(e, "reading `struct %s` of the kernel needs CAP_PERFMON", e->f->texts[0]);
		vx_at(e, "read here");
		vx_history(e, &e->sl);
		vx_help(e, "load it with CAP_PERFMON, or do without the kernel's own objects");
		return true;
	}
	if (e->f->first == VS_E_PROG_CAPS) {
		vx_headline(e, "loading %s needs %s", vx_program(e),
			    !bpf ? "CAP_BPF" : !perfmon ? "CAP_PERFMON" : "CAP_NET_ADMIN");
		vx_help(e, "run as root, or give the loading process that capability");
		return true;
	}
	return false;
}

static bool
on_tracepoint(const struct vx *e)
{
	return e->env->type == FACT_PROG_TRACEPOINT || e->env->type == FACT_PROG_RAW_TRACEPOINT ||
	       (e->env->type == FACT_PROG_TRACING && e->env->attach == FACT_ATTACH_TRACE_RAW_TP);
}

/* The type of program, or how it is attached, is not there in this kernel. */
static bool
tell_absent_type(struct vx *e)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);
	const struct fact_attach_type *at = fact_attach_type(e->env->attach);
	uint16_t here = e->env->prof.kernel, since = 0;
	const char *option = vs_prog_option(e->env->type);

	if (e->f->first == VS_E_PROG_TYPE && t) {
		vx_headline(e, "this kernel has no %s", vx_program(e));
		since = t->since;
		if (since <= here && option)
			vx_help(e, "it is built without %s", option);
	} else if (at && at->since > here) {
		vx_headline(e, "this kernel has no attach type %s", at->name);
		since = at->since;
	} else {
		return false;
	}
	if (since > here)
		vx_help(e, "it exists since Linux %u.%u; this is %u.%u", since >> 8, since & 255u,
			here >> 8, here & 255u);
	return true;
}

/* What it is for is not there, or not said. */
static bool
tell_absent_target(struct vx *e)
{
	const char *target = e->env->prog->attach_target;
	const char *dot = target ? strchr(target, '.') : NULL;

	if (e->f->first == VS_E_TARGET_MISSING && e->f->texts[0]) {
		vx_headline(e, "this kernel has no `%s` to attach to", e->f->texts[0]);
		vx_help(e, "functions that were inlined or renamed are not there: look for it in "
			   "/sys/kernel/tracing/available_filter_functions");
	} else if (e->f->first == VS_E_OPS_NONE && dot) {
		vx_headline(e, "this kernel has no `struct %.*s` for programs to implement",
			    (int)(dot - target), target);
		vx_help(e, "where a module has it, only a loader that looks into the module's types "
			   "can say more");
	} else if (e->f->first == VS_E_NO_TARGET) {
		vx_help(e, e->lisp ? "name it in the section: :section \"fentry/NAME\""
			: "name it in the section: SEC(\"fentry/NAME\"), or let the loader set it "
			  "(bpf_program__set_attach_target)");
	} else {
		return false;
	}
	return true;
}

/* The one function, hook or tracepoint that does not take this program. */
static void
name_hook(struct vx *e)
{
	static const struct { enum vs_err row; uint8_t text; const char *words; } known[] = {
		{VS_E_HOOK_SLEEP, 0, "programs on `%s` may not sleep"},
		{VS_E_HOOK_FAULTABLE, 0, "programs on the tracepoint `%s` may not sleep"},
		{VS_E_HOOK_MODIFY, 0, "the result of `%s` cannot be replaced"},
		{VS_E_HOOK_DENIED, 0, "tracing itself depends on `%s`"},
		{VS_E_HOOK_NO_RETURN, 0, "`%s` never returns"},
		{VS_E_LSM_DISABLED, 1, "programs may not be attached to `%s`"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (e->f->first == known[i].row && e->f->texts[known[i].text])
			vx_headline(e, known[i].words, e->f->texts[known[i].text]);
}

static void
tell_not_sleepable(struct vx *e)
{
	uint16_t since = fact_feature_since(FACT_HAS_SLEEPABLE_TRACEPOINTS);
	uint16_t here = e->env->prof.kernel;

	vx_headline(e, "%s cannot be sleepable", vx_program(e));
	if (on_tracepoint(e) && since > here)
		vx_help(e, "on tracepoints of system calls they can since Linux %u.%u; this is %u.%u",
			since >> 8, since & 255u, here >> 8, here & 255u);
}

bool
vx_hook(struct vx *e)
{
	const struct fact_prog_type *t = fact_prog_type(e->env->type);
	const char *target = e->env->prog->attach_target;

	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	if (target && *target)
		vx_fact(e, "it is to be attached to `%s`", target);
	else if (t)
		vx_fact(e, "its type is %s%s%s", t->name, e->env->prog->section ? ", section " : "",
			e->env->prog->section ? e->env->prog->section : "");
	if (tell_absent_type(e) || tell_absent_target(e))
		return true;
	name_hook(e);
	if (e->f->first == VS_E_SLEEPABLE)
		tell_not_sleepable(e);
	return e->f->first == VS_E_SLEEPABLE;
}

bool
vx_symbol(struct vx *e)
{
	const struct image_prog *p = e->env->prog;
	const char *name = NULL;

	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	for (uint32_t i = 0; i < p->relocs.n; i++)
		if (p->relocs.at[i].insn == e->env->r->insn && p->relocs.at[i].name)
			name = p->relocs.at[i].name;
	if (!name)
		return false;
	vx_at(e, "used here");
	if (e->f->first == VS_E_KSYM_ADDRESS) {
		vx_headline(e, "this kernel does not tell the address of `%s`", name);
		return false;
	}
	vx_headline(e, "this kernel has no `%s`", name);
	vx_help(e, "declare it weak and test whether it is there, or keep to kernels that have it");
	return true;
}

/* Type information that does not fit the instructions: nothing the user wrote is at fault. */
bool
vx_types(struct vx *e)
{
	vx_rule(e);
	vx_need(e, NEED_ABSENT);
	vx_fact(e, "this is about the tables beside the program (.BTF and .BTF.ext), not about what "
		   "it does");
	vx_help(e, "build the object anew with one compiler and linker, and do not strip or edit it");
	return false;
}

bool
vx_number(struct vx *e)
{
	vx_rule(e);
	vx_need(e, NEED_RANGE);
	if (!e->in)
		return false;
	vx_at(e, "computed here");
	if (e->f->first == VS_E_SHIFT && e->f->nargs) {
		unsigned width = BPF_CLASS(e->in->code) == BPF_ALU64 ? 64 : 32;

		vx_headline(e, "shifts %u bits by %lld: at most %u can be", width,
			    (long long)e->f->args[0], width - 1);
		vx_help(e, "shift by less, or mask the amount");
		return true;
	}
	if (e->f->first == VS_E_DIV_ZERO) {
		vx_headline(e, "divides by the constant 0");
		vx_help(e, "divide by something else");
		return true;
	}
	return false;
}

/* A pointer saved on the stack: it is written and read whole, or it is none. */
bool
vx_saved(struct vx *e)
{
	int size = vx_access_size(e);

	vx_rule(e);
	if (!e->in || is_call(e->in))
		return false;
	vx_at(e, "%s", vx_access(e));
	vx_need(e, NEED_BYTES)->size = 8;
	if (e->f->first == VS_E_FILL_SIZE || e->f->first == VS_E_SPILL_SIZE) {
		vx_headline(e, "a pointer has 8 bytes: this %s %d of them",
			    e->f->first == VS_E_FILL_SIZE ? "reads back" : "saves", size);
		vx_help(e, e->f->first == VS_E_FILL_SIZE ? "load all 8 bytes, as a u64"
			: "store all 8 bytes, as a u64");
		return true;
	}
	if (e->f->first == VS_E_STACK_CORRUPT) {
		vx_headline(e, "this would overwrite part of a pointer that is saved there");
		vx_help(e, "store all 8 bytes, or use other memory");
		return true;
	}
	return false;
}
