/* SPDX-License-Identifier: MIT */
/* fix_c.c: what to write in C, for programs that came as objects. Nobody here can compile it,
 * so it is advice with the user's own names in it, and is never called verified. */
#include "fix.h"

#include "base/buf.h"

/* "return 2;" of what lets things go on. */
static const char *
leave(const struct image_prog *p)
{
	switch (p->type) {
	case BPF_PROG_TYPE_XDP: return "return XDP_PASS;";
	case BPF_PROG_TYPE_SCHED_CLS: case BPF_PROG_TYPE_SCHED_ACT: return "return TC_ACT_OK;";
	case BPF_PROG_TYPE_CGROUP_SKB: case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SOCK: case BPF_PROG_TYPE_SK_MSG: case BPF_PROG_TYPE_SK_SKB:
		return "return 1;";
	}
	return "return 0;";
}

static const char *
line_for(const struct fix_request *rq, struct arena *a)
{
	const struct vs_need *n = rq->why->needs.n ? &rq->why->needs.at[0] : NULL;
	const char *k = rq->result->kernel_message ? rq->result->kernel_message : "";
	const char *name = n ? n->name : NULL, *out = leave(rq->prog);

	if (!n || !name)
		return NULL;
	if (*name == '`')	/* quoted for a sentence */
		name = arena_strndup(a, name + 1, strcspn(name + 1, "`"));
	if (strchr(name, ' '))	/* described, not named */
		return NULL;
	if (n->kind == NEED_NOT_NULL || strstr(k, "_or_null"))
		return arena_printf(a, "if (!%s) %s", name, out);
	if (n->kind == NEED_BYTES && strstr(k, "packet") && !n->is_bounded)
		return arena_printf(a, "if ((void *)%s + %lld > data_end) %s", name,
				    (long long)n->hi, out);
	if (n->kind == NEED_RANGE && n->lo >= 0 && n->hi > n->lo)
		return arena_printf(a, "if (%s > %lld) %s", name, (long long)n->hi, out);
	return NULL;
}

void
fix_suggest_c(const struct fix_request *rq, struct diags *ds, struct diag *d)
{
	struct sources *s = rq->im->sources;
	uint32_t at = rq->why->at;
	const char *text;
	struct line_col lc = {0};

	if (rq->result->verdict != VERDICT_REJECT)
		return;
	if (s && rq->prog->src && at < rq->prog->ninsns)
		lc = span_line_col(s, span_user(s, rq->prog->src[at]));
	text = line_for(rq, ds->arena);
	if (text && lc.line)
		diag_fix(ds, d, "before line %u: `%s`", lc.line, text);
}
