/* SPDX-License-Identifier: MIT */
/* repl.c: read a form (over as many lines as it takes), evaluate it, print its value.
 *
 * Ctrl-C stops the form that runs, or drops the lines typed so far; Ctrl-D on an empty line
 * leaves. History is kept in $XDG_STATE_HOME/veery/history, or ~/.local/state. */
#include "editline.h"
#include "repl.h"
#include "show.h"

#include "base/render.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_LINES = 2000, MOST_UNASKED = 100 };

static struct libedit ed;

struct repl {
	struct session *session;
	struct repl_opts opts;
	EditLine *el;		/* null: lines are read as they come */
	History *history;
	struct arena arena;	/* of the form being typed */
	struct buf text;	/* its lines so far */
	unsigned form_number;
	int status;
};

/* The one session a signal can mean: set while a prompt runs. */
static struct session *volatile interruptible;

static void
on_interrupt(int sig)
{
	(void)sig;
	if (interruptible)
		session_interrupt(interruptible);
}

static void
catch_interrupts(struct session *s)
{
	struct sigaction sa = {.sa_handler = on_interrupt};

	interruptible = s;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
}

static struct repl *
repl_of(EditLine *el)
{
	struct repl *r = NULL;

	ed.el_get(el, EL_CLIENTDATA, &r);
	return r;
}

static char *
prompt_of(const struct repl *r)
{
	static char first[] = "veery> ", more[] = "   ... ";

	return r->text.n ? more : first;
}

static char *
prompt(EditLine *el)
{
	return prompt_of(repl_of(el));
}

/* ---- completion ------------------------------------------------------------------------ */

static bool
is_delimiter(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '(' || c == ')' || c == '\'' ||
	       c == '`' || c == ',' || c == '"' || c == ';';
}

static str
token_before(const char *text, size_t end)
{
	size_t start = end;

	while (start && !is_delimiter(text[start - 1]))
		start--;
	return (str){text + start, end - start};
}

/* The symbol that opens the innermost form around byte `end`. */
static str
head_of_form(const char *text, size_t end)
{
	unsigned depth = 0;

	for (size_t i = end; i-- > 0;) {
		size_t stop = i + 1;

		if (text[i] == ')') {
			depth++;
		} else if (text[i] == '(' && depth-- == 0) {
			while (stop < end && !is_delimiter(text[stop]))
				stop++;
			return (str){text + i + 1, stop - i - 1};
		}
	}
	return (str){0};
}

static size_t
common_prefix(const char **names, uint32_t n)
{
	size_t len = strlen(names[0]);

	for (uint32_t i = 1; i < n; i++)
		for (size_t j = 0; j < len; j++)
			if (names[i][j] != names[0][j])
				len = j;
	return len;
}

static void
list_names(const char **names, uint32_t n, unsigned width)
{
	unsigned longest = 0, per_line, shown = n < 200 ? n : 200;

	for (uint32_t i = 0; i < shown; i++)
		if (strlen(names[i]) > longest)
			longest = (unsigned)strlen(names[i]);
	per_line = (width ? width : 80) / (longest + 2);
	putchar('\n');
	for (uint32_t i = 0; i < shown; i++)
		printf("%-*s%s", (int)longest + 2, names[i],
		       (i + 1) % (per_line ? per_line : 1) == 0 || i + 1 == shown ? "\n" : "");
	if (shown < n)
		printf("... and %u more\n", n - shown);
}

static unsigned char
complete(EditLine *el, int ch)
{
	struct repl *r = repl_of(el);
	const LineInfo *li = ed.el_line(el);
	struct buf all = buf_new(&r->arena);
	const char **names;
	str prefix, keyword;
	uint32_t n;
	size_t end, common;

	(void)ch;
	buf_str(&all, buf_text(&r->text));
	buf_bytes(&all, li->buffer, (size_t)(li->cursor - li->buffer));
	prefix = token_before(all.at, all.n);
	end = all.n - prefix.n;
	while (end && is_delimiter(all.at[end - 1]) && all.at[end - 1] != '(')
		end--;
	keyword = token_before(all.at, end);
	if (!keyword.n || keyword.p[0] != ':')
		keyword = (str){0};
	n = repl_complete(r->session, &r->arena, prefix, head_of_form(all.at, all.n), keyword,
			  &names);
	/* Nothing typed and nothing known of the place: everything there is would not help. */
	if (!n || (!prefix.n && n > MOST_UNASKED))
		return CC_REFRESH_BEEP;
	common = common_prefix(names, n);
	if (common > prefix.n) {
		ed.el_insertstr(el, arena_strndup(&r->arena, names[0] + prefix.n, common - prefix.n));
		if (n == 1)
			ed.el_insertstr(el, " ");
		return CC_REFRESH;
	}
	if (n == 1) {
		ed.el_insertstr(el, " ");
		return CC_REFRESH;
	}
	list_names(names, n, r->opts.width);
	return CC_REDISPLAY;
}

/* ---- history ---------------------------------------------------------------------------- */

static const char *
history_path(struct arena *a)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *dir;

	if (state && *state)
		dir = arena_printf(a, "%s/veery", state);
	else if (home && *home)
		dir = arena_printf(a, "%s/.local/state/veery", home);
	else
		return NULL;
	for (char *p = dir + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		mkdir(dir, 0700);
		*p = '/';
	}
	mkdir(dir, 0700);
	return arena_printf(a, "%s/history", dir);
}

static void
open_editor(struct repl *r)
{
	HistEvent ev;
	const char *path = history_path(&r->arena);

	r->el = ed.el_init("veery", stdin, stdout, stderr);
	r->history = ed.history_init();
	ed.history(r->history, &ev, H_SETSIZE, HISTORY_LINES);
	ed.history(r->history, &ev, H_SETUNIQUE, 1);
	if (path)
		ed.history(r->history, &ev, H_LOAD, path);
	ed.el_set(r->el, EL_CLIENTDATA, r);
	ed.el_set(r->el, EL_PROMPT, prompt);
	ed.el_set(r->el, EL_EDITOR, "emacs");
	ed.el_set(r->el, EL_HIST, ed.history, r->history);
	ed.el_set(r->el, EL_ADDFN, "veery-complete", "complete names", complete);
	ed.el_set(r->el, EL_BIND, "^I", "veery-complete", NULL);
	ed.el_set(r->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	/* What a Control-D becomes that was typed while a form ran; else it quotes the next key. */
	ed.el_set(r->el, EL_BIND, "^@", "ed-ignore", NULL);
	ed.el_set(r->el, EL_BIND, "\033[1;5C", "em-next-word", NULL);
	ed.el_set(r->el, EL_BIND, "\033[1;5D", "ed-prev-word", NULL);
	ed.el_source(r->el, NULL);
}

static void
close_editor(struct repl *r)
{
	HistEvent ev;
	const char *path = history_path(&r->arena);

	if (path)
		ed.history(r->history, &ev, H_SAVE, path);
	ed.history_end(r->history);
	ed.el_end(r->el);
}

static void
remember(struct repl *r)
{
	HistEvent ev;
	char *line = arena_strndup(&r->arena, r->text.at, r->text.n);

	/* One entry per form, so that recalling it edits the whole: its lines joined, unless a
	 * comment would swallow those after it. */
	if (!strchr(line, ';'))
		for (char *p = line; *p; p++)
			if (*p == '\n')
				*p = p[1] ? ' ' : 0;
	if (*line)
		ed.history(r->history, &ev, H_ENTER, line);
}

/* ---- evaluating ------------------------------------------------------------------------- */

static void
print_value(struct repl *r, struct arena *a, value v)
{
	str text;

	if (v == NIL || show_value(r->session, v))
		return;
	text = lisp_print(session_lisp(r->session), a, v, true);
	printf("%.*s\n", STR_ARG(text));
}

static void
print_diags(struct repl *r, const struct diags *ds)
{
	struct buf out = buf_new(ds->arena);

	if (!ds->all.n)
		return;
	fflush(stdout);
	render_diags(&out, session_sources(r->session), ds,
		     &(struct render_opts){r->opts.colour_err, r->opts.width});
	fwrite(out.at, 1, out.n, stderr);
}

static void
evaluate(struct repl *r)
{
	char name[40];
	struct reader reader = {0};
	enum session_step step;

	snprintf(name, sizeof name, "<prompt %u>", ++r->form_number);
	reader.file = sources_add(session_sources(r->session), name, buf_text(&r->text));
	do {
		struct arena a;
		struct diags ds;
		value v = NIL;

		arena_init(&a);
		diags_init(&ds, &a);
		step = session_step(r->session, &reader, &v, &ds);
		print_diags(r, &ds);
		if (step == STEP_VALUE)
			print_value(r, &a, v);
		else if (step == STEP_FAILED)
			r->status = 1;
		arena_free(&a);
	} while (step == STEP_VALUE);
	fflush(stdout);
}

static void
forget_text(struct repl *r)
{
	arena_reset(&r->arena);
	r->text = buf_new(&r->arena);
}

/* One line is there; evaluate once the form is whole. */
static void
take_line(struct repl *r, const char *line, size_t n)
{
	buf_bytes(&r->text, line, n);
	if (!session_complete(r->session, r->text.at))
		return;
	if (r->el)
		remember(r);
	evaluate(r);
	forget_text(r);
}

static void
run_terminal(struct repl *r)
{
	open_editor(r);
	for (;;) {
		int n = 0;
		const char *line;

		errno = 0;
		/* Before the prompt is drawn: el_gets does it after, and keys between get lost. */
		ed.el_set(r->el, EL_PREP_TERM, 1);
		line = ed.el_gets(r->el, &n);
		if (!line && errno == EINTR) {
			fputs("^C\n", stdout);
			forget_text(r);
			ed.el_reset(r->el);
			continue;
		}
		if (!line || n <= 0)
			break;
		take_line(r, line, (size_t)n);
	}
	putchar('\n');
	close_editor(r);
	r->status = 0;
}

static void
show_prompt(const struct repl *r)
{
	if (r->opts.terminal) {
		fputs(prompt_of(r), stdout);
		fflush(stdout);
	}
}

/* No terminal, or no libedit for it. */
static void
run_lines(struct repl *r)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	for (;;) {
		show_prompt(r);
		errno = 0;
		n = getline(&line, &cap, stdin);
		if (n > 0) {
			take_line(r, line, (size_t)n);
		} else if (r->opts.terminal && errno == EINTR) {
			putchar('\n');	/* behind the ^C that the terminal shows */
			clearerr(stdin);
			forget_text(r);
		} else {
			break;
		}
	}
	free(line);
	if (r->text.n)
		evaluate(r);	/* reports the form that was left open */
}

int
repl_run(struct session *s, const struct repl_opts *o)
{
	struct repl r = {.session = s, .opts = *o};

	arena_init(&r.arena);
	forget_text(&r);
	catch_interrupts(s);
	if (o->terminal && libedit_open(&ed)) {
		run_terminal(&r);
	} else {
		if (o->terminal)
			fputs("note: without libedit lines cannot be edited (install libedit2)\n",
			      stderr);
		run_lines(&r);
	}
	interruptible = NULL;
	arena_free(&r.arena);
	return r.status;
}
