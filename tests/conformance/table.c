/* SPDX-License-Identifier: MIT */
/* table.c: the table of agreement. */
#include "table.h"

static const char *const match_names[] = {
#define X(name, text) text,
	MATCH_CLASSES(X)
#undef X
};

const char *
match_name(enum match m)
{
	return match_names[m];
}

enum match
match_named(const char *name)
{
	unsigned m = 0;

	while (m < MATCH_COUNT && strcmp(name, match_names[m]))
		m++;
	return m;
}

static bool
same_message(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	while (n > 0 && a[n - 1] == ' ')
		n--;
	while (m > 0 && b[m - 1] == ' ')
		m--;
	return n == m && memcmp(a, b, n) == 0;
}

static bool
same_work(uint64_t kernel, uint64_t sim)
{
	return !kernel || (sim * 5 >= kernel * 4 && sim * 5 <= kernel * 6);
}

enum match
match_of(const struct outcome *kernel, const struct outcome *sim)
{
	if (kernel->kind != OUTCOME_ACCEPT && kernel->kind != OUTCOME_REJECT)
		return MATCH_SKIPPED;
	if (sim->kind == OUTCOME_BUG || sim->kind == OUTCOME_NONE)
		return MATCH_OUR_BUG;
	if (sim->kind == OUTCOME_UNKNOWN)
		return MATCH_NOT_MODELLED;
	if (kernel->kind != sim->kind)
		return sim->kind == OUTCOME_ACCEPT ? MATCH_FALSE_ACCEPT : MATCH_FALSE_REJECT;
	if (kernel->kind == OUTCOME_ACCEPT)
		return same_work(kernel->processed, sim->processed) ? MATCH_SAME
								     : MATCH_OTHER_WORK;
	if (kernel->insn >= 0 && kernel->insn != sim->insn)
		return MATCH_OTHER_INSN;
	return same_message(kernel->message, sim->message) ? MATCH_SAME : MATCH_OTHER_MESSAGE;
}

void
tally_add(struct tally *t, const struct outcome *kernel, const struct outcome *sim)
{
	enum match m = match_of(kernel, sim);

	t->n[m]++;
	if (m == MATCH_SKIPPED)
		return;
	if (kernel->ns && sim->ns) {
		t->kernel_ns += kernel->ns;
		t->sim_ns += sim->ns;
	}
	if (kernel->kind != sim->kind)
		return;
	if (kernel->kind == OUTCOME_ACCEPT) {
		t->both_accept++;
	} else {
		t->both_reject++;
		t->same_message += same_message(kernel->message, sim->message);
	}
}

static void
row(const char *what, uint32_t n, uint32_t of, const char *note)
{
	printf("  %-18s %5u of %5u  %5.1f %%  %s\n", what, n, of, of ? 100.0 * n / of : 100.0,
	       note);
}

static void
count(const char *what, uint32_t n)
{
	if (n)
		printf("  %-18s %5u\n", what, n);
}

static uint32_t
judged(const struct tally *t)
{
	return t->both_accept + t->both_reject + t->n[MATCH_FALSE_ACCEPT] +
	       t->n[MATCH_FALSE_REJECT] + t->n[MATCH_NOT_MODELLED] + t->n[MATCH_OUR_BUG];
}

/* At least `goal` of a thousand. */
static bool
goal(const char *what, const char *with, uint32_t n, uint32_t of, uint32_t thousandths)
{
	bool met = (uint64_t)n * 1000 >= (uint64_t)of * thousandths;

	printf("%sok - %s%s: %u of %u (%.1f %% wanted)\n", met ? "" : "not ", what, with, n, of,
	       thousandths / 10.0);
	return met;
}

bool
tally_tap(const struct tally *t, const char *with)
{
	uint32_t all = judged(t), same = t->both_accept + t->both_reject;
	bool ok = goal("same verdict", with, same, all, 990);

	ok &= goal("not accepted in error", with, all - t->n[MATCH_FALSE_ACCEPT], all, 1000);
	ok &= goal("no bug of ours", with, all - t->n[MATCH_OUR_BUG], all, 1000);
	ok &= goal("same instruction", with, t->both_reject - t->n[MATCH_OTHER_INSN], t->both_reject,
		   950);
	ok &= goal("same message", with, t->same_message, t->both_reject, 900);
	ok &= goal("same work", with, t->both_accept - t->n[MATCH_OTHER_WORK], t->both_accept, 900);
	printf("1..6\n");
	return ok;
}

void
tally_print(const struct tally *t, const char *title)
{
	uint32_t same = t->both_accept + t->both_reject, all = judged(t);

	printf("%s: %u programs", title, all);
	if (t->n[MATCH_SKIPPED])
		printf("; %u skipped (not permitted here, or a map they need cannot be made)",
		       t->n[MATCH_SKIPPED]);
	printf("\n");
	row("same verdict", same, all, "");
	count("false accept", t->n[MATCH_FALSE_ACCEPT]);
	count("false reject", t->n[MATCH_FALSE_REJECT]);
	count("unknown", t->n[MATCH_NOT_MODELLED]);
	count("bug", t->n[MATCH_OUR_BUG]);
	row("same instruction", t->both_reject - t->n[MATCH_OTHER_INSN], t->both_reject,
	    "of those both reject");
	row("same message", t->same_message, t->both_reject, "of those both reject");
	row("same work", t->both_accept - t->n[MATCH_OTHER_WORK], t->both_accept,
	    "of those both accept: instructions processed within 20 %");
	if (t->kernel_ns)
		printf("  time               %.1f ms for the kernel's %.1f ms: %.2fx\n",
		       (double)t->sim_ns / 1e6, (double)t->kernel_ns / 1e6,
		       (double)t->sim_ns / (double)t->kernel_ns);
}
