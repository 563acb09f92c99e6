/* SPDX-License-Identifier: MIT */
/* verdicts.c: see verdicts.h. Field names of the JSON are stable. */
#include "verdicts.h"

#include "base/render.h"
#include "facts/facts.h"

static const char *
verdict_name(enum verdict v)
{
	return v == VERDICT_ACCEPT ? "accept" : v == VERDICT_REJECT ? "reject" : "unknown";
}

/* ---- capabilities ------------------------------------------------------------------------ */

static const struct {
	const char *name, *option;
	uint32_t bit;
} caps_names[] = {
	{"CAP_SYS_ADMIN", "sys_admin", VCAP_SYS_ADMIN}, {"CAP_BPF", "bpf", VCAP_BPF},
	{"CAP_PERFMON", "perfmon", VCAP_PERFMON}, {"CAP_NET_ADMIN", "net_admin", VCAP_NET_ADMIN},
};
enum { NCAPS = sizeof caps_names / sizeof *caps_names };

const char *
verdict_caps(struct arena *a, uint32_t caps)
{
	struct buf b = buf_new(a);

	for (int i = 0; i < NCAPS; i++)
		if (caps & caps_names[i].bit)
			buf_printf(&b, "%s%s", b.n ? ", " : "", caps_names[i].name);
	return b.n ? b.at : "no capability (the rules for unprivileged users)";
}

static void
json_caps(struct buf *b, uint32_t caps)
{
	const char *sep = "";

	buf_puts(b, ",\"caps\":\"");
	for (int i = 0; i < NCAPS; i++) {
		/* As --caps has it, where "bpf" brings CAP_NET_ADMIN along. */
		if (!(caps & caps_names[i].bit) ||
		    (caps_names[i].bit == VCAP_NET_ADMIN && caps & VCAP_BPF))
			continue;
		buf_printf(b, "%s%s", sep, caps_names[i].option);
		sep = ",";
	}
	buf_puts(b, *sep ? "\"" : "none\"");
}

/* ---- text --------------------------------------------------------------------------------- */

/* The kernel's words, or ours where it refuses without any. */
static const char *
rejection(const struct verify_result *r)
{
	const char *headline = r->code ? verify_headline(r->code) : NULL;

	if (r->kernel_message && *r->kernel_message)
		return r->kernel_message;
	return headline ? headline : "";
}

void
verdict_text(struct buf *b, const struct judged *j, bool kernel, bool caps)
{
	const struct image_prog *p = j->prog;
	const struct verify_result *r = &j->result;

	buf_printf(b, "%s: %s: %s", j->file, p->lisp_name ? p->lisp_name : p->name,
		   verdict_name(r->verdict));
	if (kernel)
		buf_printf(b, " on %u.%u", j->opts.kernel >> 8, j->opts.kernel & 0xff);
	if (caps)
		buf_printf(b, " with %s", verdict_caps(b->arena, j->opts.caps));
	if (r->verdict == VERDICT_ACCEPT)
		buf_printf(b, " (%u instructions, %lu processed, %.0f us)", p->ninsns,
			   r->processed, (double)r->ns / 1e3);
	else if (r->verdict == VERDICT_REJECT)
		buf_printf(b, " at instruction %u: %s", r->insn, rejection(r));
	else
		buf_printf(b, ": %s is not modelled", r->unknown ? r->unknown : "something");
	buf_putc(b, '\n');
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void
string(struct buf *b, const char *key, const char *text)
{
	buf_printf(b, ",\"%s\":", key);
	if (text)
		buf_json_str(b, str_of(text));
	else
		buf_puts(b, "null");
}

static span
place_of(const struct judged *j, uint32_t insn)
{
	const struct image_prog *p = j->prog;

	return p->src && insn < p->ninsns ? p->src[insn] : p->at;
}

/* The user's own form; what stands inside a macro is `in_macro`. */
static void
place(struct buf *b, const struct judged *j, const char *key, span at)
{
	struct sources *s = j->image->sources;

	buf_printf(b, ",\"%s\":", key);
	if (s)
		render_json_place(b, s, span_user(s, at));
	else
		buf_puts(b, "null");
}

static void
steps(struct buf *b, const struct judged *j)
{
	buf_puts(b, ",\"steps\":[");
	for (uint32_t i = 0; i < j->why.steps.n; i++) {
		const struct vs_step *st = &j->why.steps.at[i];

		buf_printf(b, "%s{\"insn\":%u", i ? "," : "", st->insn);
		place(b, j, "place", place_of(j, st->insn));
		string(b, "label", st->label);
		if (st->count)
			buf_printf(b, ",\"count\":%llu", (unsigned long long)st->count);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void
strings(struct buf *b, const char *key, const char *const *at, uint32_t n)
{
	buf_printf(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_putc(b, ',');
		buf_json_str(b, str_of(at[i]));
	}
	buf_putc(b, ']');
}

static void
explanation(struct buf *b, const struct judged *j)
{
	const struct diag *d = j->diag;
	struct sources *s = j->image->sources;
	bool rejected = j->result.verdict == VERDICT_REJECT;
	span at = rejected ? place_of(j, j->why.at) : d ? d->at : 0;

	string(b, "headline", d ? d->message : NULL);
	place(b, j, "at", at);
	place(b, j, "root", rejected ? d->at : 0);
	place(b, j, "in_macro", s && at && span_user(s, at) != at ? at : 0);
	string(b, "at_label", rejected ? j->why.at_label : NULL);
	string(b, "root_label", rejected ? j->why.root_label : NULL);
	steps(b, j);
	strings(b, "facts", d ? d->notes.at : NULL, d ? d->notes.n : 0);
	strings(b, "helps", d ? d->helps.at : NULL, d ? d->helps.n : 0);
	string(b, "help", d && d->helps.n ? d->helps.at[0] : NULL);
	buf_puts(b, ",\"fixes\":");
	if (d && s)
		render_json_fixes(b, s, d);
	else
		buf_puts(b, "[]");
	string(b, "real", d ? d->real : NULL);
}

void
verdict_json(struct buf *b, const struct judged *j)
{
	const struct image_prog *p = j->prog;
	const struct verify_result *r = &j->result;
	const struct fact_prog_type *t = fact_prog_type(p->type);
	struct sources *s = j->image->sources;
	bool accepted = r->verdict == VERDICT_ACCEPT;
	span at = !accepted && s ? span_user(s, place_of(j, r->insn)) : 0;
	struct line_col lc = {0};

	buf_puts(b, "{\"file\":");
	buf_json_str(b, str_of(j->file));
	string(b, "prog", p->lisp_name ? p->lisp_name : p->name);
	string(b, "type", t ? t->name : "unknown");
	buf_printf(b, ",\"kernel\":\"%u.%u\"", j->opts.kernel >> 8, j->opts.kernel & 0xff);
	json_caps(b, j->opts.caps);
	string(b, "verdict", verdict_name(r->verdict));
	string(b, "unknown", accepted ? NULL : r->unknown);
	string(b, "code", r->verdict == VERDICT_REJECT && j->diag ? j->diag->code : r->code);
	if (r->verdict == VERDICT_REJECT)
		buf_printf(b, ",\"insn\":%u", r->insn);
	else
		buf_puts(b, ",\"insn\":null");
	explanation(b, j);
	string(b, "kernel_message", r->kernel_message);
	buf_printf(b, ",\"processed\":%lu,\"peak_states\":%u,\"usec\":%lu", r->processed,
		   r->peak_states, (unsigned long)(r->ns / 1000));
	if (at)
		lc = span_line_col(s, at);
	string(b, "source_file", lc.line ? s->files.at[span_place(s, at).file].name : NULL);
	if (lc.line)
		buf_printf(b, ",\"line\":%u,\"column\":%u}", lc.line, lc.col);
	else
		buf_puts(b, ",\"line\":null,\"column\":null}");
}
