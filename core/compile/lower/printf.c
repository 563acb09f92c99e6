/* SPDX-License-Identifier: MIT */
/* printf.c: (printf "format" arg...): a line of text to the session.
 *
 * A line is a line: a newline is added where the format has none at its end. In formats \n and
 * \t mean what they do in C, though Lisp's strings have no such escapes.
 *
 * What goes through the ring buffer is a number that stands for the format, then 8 bytes for
 * each integer and the bytes of each text; the session formats. So a printf costs the kernel
 * a few stores, and formats may be as long as one likes. */
#include "compile/lower/lower.h"

enum { RING_BYTES = 256 << 10, MAX_TEXT = 256, DEFAULT_TEXT = 64, HEAD = 8, MAX_ARGS = 32 };

static bool
is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static unsigned
number(str *rest, unsigned most)
{
	unsigned n = 0;

	for (; rest->n && is_digit(*rest->p); rest->p++, rest->n--)
		n = n < most ? n * 10 + (unsigned)(*rest->p - '0') : n;
	return n < most ? n : most;
}

static char
take(str *rest)
{
	if (!rest->n)
		return 0;
	rest->n--;
	return *rest->p++;
}

static void
unescape(char *s, size_t *n)
{
	size_t out = 0;

	for (size_t i = 0; i < *n; i++) {
		if (s[i] == '\\' && i + 1 < *n)
			s[out++] = s[++i] == 'n' ? '\n' : s[i] == 't' ? '\t' : s[i];
		else
			s[out++] = s[i];
	}
	*n = out;
}

bool
cg_format(struct cg *c, value form, bool line, str *out)
{
	str text = span_text(lisp_sources(c->l), arg_span(form, 1));
	char *copy;

	if (!is_string(nth(form, 1))) {
		cg_error(c, "C0018", arg_span(form, 1), "the format is a literal text");
		return false;
	}
	if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = (str){text.p + 1, text.n - 2};
	else
		text = as_string(nth(form, 1));
	copy = arena_alloc(c->a, text.n + 1);
	memcpy(copy, text.p, text.n);
	if (text.p != as_string(nth(form, 1)).p)
		unescape(copy, &text.n);
	if (line && (!text.n || copy[text.n - 1] != '\n'))
		copy[text.n++] = '\n';
	*out = (str){copy, text.n};
	return true;
}

bool
format_next(str *rest, struct format_piece *out)
{
	const char *percent = memchr(rest->p, '%', rest->n);
	size_t n = percent ? (size_t)(percent - rest->p) : rest->n;

	*out = (struct format_piece){.precision = -1};
	if (!rest->n)
		return false;
	if (n) {
		out->text = (str){rest->p, n};
		rest->p += n;
		rest->n -= n;
		return true;
	}
	out->text.p = take(rest) ? rest->p - 1 : NULL;
	for (; rest->n && memchr("-0+ #", *rest->p, 5); take(rest))
		if (!strchr(out->flags, *rest->p) && strlen(out->flags) < sizeof out->flags - 1)
			out->flags[strlen(out->flags)] = *rest->p;
	out->width = (int)number(rest, 1000);
	if (rest->n && *rest->p == '.') {
		take(rest);
		out->precision = (int)number(rest, 1000);
	}
	while (rest->n && memchr("lhzjt", *rest->p, 5))
		take(rest);	/* all integers have 64 bits */
	out->conversion = take(rest);
	out->text.n = (size_t)(rest->p - out->text.p);
	if (out->conversion == '%' && out->text.n == 2)
		*out = (struct format_piece){.text = {out->text.p, 1}};
	return true;
}

/* ---- compiling ---------------------------------------------------------------------------- */

struct argument {
	struct kval v;
	uint32_t size;		/* of the text in the record; 0: an integer */
	bool slot;		/* a text that is on our stack */
	bool user;		/* else read from the process's memory */
};

/* The ring all programs of a session share. */
static const struct kmap *
printf_ring(struct cg *c)
{
	struct kenv *k = c->k;
	struct symbol *name = kenv_intern(k, FORMAT_RING);
	struct kmap *m;

	if (kenv_sym(k, name)->map)
		return k->maps.at[kenv_sym(k, name)->map - 1];
	m = arena_new(&k->arena, struct kmap);
	m->name = name;
	m->spec = (struct image_map){.lisp_name = FORMAT_RING, .name = "printf",
				     .type = BPF_MAP_TYPE_RINGBUF, .max_entries = RING_BYTES};
	kenv_add_map(k, m);
	return m;
}

static uint32_t
format_number(struct kenv *k, str text, const struct argument *args, uint32_t n)
{
	struct kenv_format *f;

	for (uint32_t i = 0; i < k->formats.n; i++) {
		bool same = k->formats.at[i].nargs == n && str_eq(k->formats.at[i].text, text);

		for (uint32_t j = 0; same && j < n; j++)
			same = k->formats.at[i].sizes[j] == args[j].size;
		if (same)
			return i;
	}
	f = vec_add(&k->arena, &k->formats);
	f->text = str_of(arena_strndup(&k->arena, text.p, text.n));
	f->nargs = n;
	f->sizes = arena_array(&k->arena, uint16_t, n + 1);
	for (uint32_t j = 0; j < n; j++)
		f->sizes[j] = (uint16_t)args[j].size;
	return k->formats.n - 1;
}

const struct kenv_format *
kenv_format(const struct kenv *k, uint32_t number)
{
	return number < k->formats.n ? &k->formats.at[number] : NULL;
}

/* Arguments as the directives want them; false after an error. */
static bool
read_arguments(struct cg *c, value form, str text, struct argument *args, uint32_t *count)
{
	value at = cdr(cdr(form));
	struct format_piece p;
	bool ok = true;
	str rest = text;

	*count = 0;
	while (format_next(&rest, &p)) {
		struct argument *a = &args[*count];

		if (!p.conversion && p.text.p[0] != '%')
			continue;
		if (!p.conversion && p.text.n == 1)
			continue;	/* %% */
		if (!p.conversion || !strchr("diuxXocps", p.conversion)) {
			cg_error(c, "C0018", arg_span(form, 1), "printf has no directive %.*s; it has "
				 "%%d %%i %%u %%x %%X %%o %%c %%p %%s %%%%", STR_ARG(p.text));
			return false;
		}
		if (!is_cons(at) || *count == MAX_ARGS) {
			cg_error(c, "C0004", arg_span(form, 1), is_cons(at)
				 ? "printf takes at most 32 arguments"
				 : "there is no argument for the %.*s of this format",
				 STR_ARG(p.text));
			return false;
		}
		a->v = lower_arg(c, at, 0);
		ok &= !is_poison(a->v);
		if (p.conversion == 's') {
			const struct ir_ins *in = ir_at(c->f, a->v.v);

			a->slot = in->op == IR_SLOT;
			a->size = a->slot ? c->f->slots.at[in->imm].size - (uint32_t)in->off
					  : DEFAULT_TEXT;
			if (a->size > MAX_TEXT)
				a->size = MAX_TEXT;
			a->user = in->prov == PV_USER || str_starts(str_of(c->prog->section),
								    "uprobe") ||
				  str_starts(str_of(c->prog->section), "uretprobe");
		}
		++*count;
		at = cdr(at);
	}
	if (is_cons(at))
		cg_error(c, "C0004", car_span(at), "the format has no directive for this argument");
	return ok && !is_cons(at);
}

static void
put_text(struct cg *c, ref rec, int32_t off, const struct argument *a)
{
	ref args[3];
	uint32_t done = 0;

	if (!a->slot) {
		cg_store(c, rec, off, 1, ir_const(c->f, 0));	/* what cannot be read is empty */
		args[0] = cg_bin(c, IR_ADD, rec, ir_const(c->f, off));
		args[1] = ir_const(c->f, a->size);
		args[2] = a->v.v;
		cg_call(c, a->user ? BPF_FUNC_probe_read_user_str : BPF_FUNC_probe_read_kernel_str,
			args, 3, PV_SCALAR);
		return;
	}
	for (unsigned step = 8; step; step /= 2)
		for (; done + step <= a->size; done += step)
			cg_store(c, rec, off + (int32_t)done, step,
				 cg_load(c, a->v.v, (int32_t)done, step));
}

struct kval
form_printf(struct cg *c, value form, uint32_t tag)
{
	struct argument args[MAX_ARGS] = {0};
	uint32_t n, id, size = HEAD, done, body, full;
	ref call[3], rec;
	str text;

	(void)tag;
	if (!cg_format(c, form, true, &text) || !read_arguments(c, form, text, args, &n))
		return poison(c);
	id = format_number(c->k, text, args, n);
	for (uint32_t i = 0; i < n; i++)
		size += args[i].size ? (args[i].size + 7) & ~7u : 8;
	call[0] = cg_map_ref(c, printf_ring(c));
	call[1] = ir_const(c->f, size);
	call[2] = ir_const(c->f, 0);
	rec = cg_describe(c, cg_call(c, BPF_FUNC_ringbuf_reserve, call, 3, PV_RING),
			  "record of ", "printf");
	done = ir_join_new(c->f, c->blk);
	body = ir_blk_new(c->f);
	full = ir_blk_new(c->f);
	ir_br(c->f, c->blk, CC_NE, rec, ir_const(c->f, 0), body, full);
	cg_begin(c, full);
	cg_lost(c, printf_ring(c));
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, body);
	cg_store(c, rec, 0, 8, ir_const(c->f, id));
	size = HEAD;
	for (uint32_t i = 0; i < n; i++) {
		if (args[i].size)
			put_text(c, rec, (int32_t)size, &args[i]);
		else
			cg_store(c, rec, (int32_t)size, 8, args[i].v.v);
		size += args[i].size ? (args[i].size + 7) & ~7u : 8;
	}
	call[0] = rec;
	call[1] = ir_const(c->f, 0);
	cg_call(c, BPF_FUNC_ringbuf_submit, call, 2, PV_SCALAR);
	ir_jmp(c->f, c->blk, done);
	cg_begin(c, done);
	return void_value(c);
}
