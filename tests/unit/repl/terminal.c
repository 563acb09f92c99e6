/* SPDX-License-Identifier: MIT */
/* The prompt on a terminal: what a person types, and sees come back. */
#include "cli/cli.h"

#include <criterion/criterion.h>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

static char home[] = "/tmp/veery-prompt-XXXXXX";
static char seen[1 << 16];	/* what no expect() has taken yet */
static size_t nseen;
static int tty;
static pid_t child;

static void
start(void)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	cr_assert_not_null(mkdtemp(home));
	child = forkpty(&tty, NULL, NULL, &size);
	cr_assert_geq(child, 0);
	if (child == 0) {
		char *argv[] = {"veery", NULL};

		alarm(60);	/* whatever becomes of the test */
		setenv("XDG_STATE_HOME", home, 1);
		setenv("HOME", home, 1);
		setenv("TERM", "xterm", 1);
		setenv("NO_COLOR", "1", 1);
		_exit(cli_main(1, argv));
	}
}

static void
type(const char *text)
{
	cr_assert_eq(write(tty, text, strlen(text)), (ssize_t)strlen(text));
}

/* Read on until `want` has come, and forget all up to its end. */
static void
expect(const char *want)
{
	struct pollfd p = {.fd = tty, .events = POLLIN};
	const char *at;

	while (!(at = strstr(seen, want))) {
		ssize_t n = poll(&p, 1, PATIENCE_MS) == 1 ?
			read(tty, seen + nseen, sizeof seen - 1 - nseen) : -1;

		cr_assert_gt(n, 0, "no \"%s\" in: %s", want, seen);
		nseen += (size_t)n;
		seen[nseen] = 0;
	}
	nseen -= (size_t)(at + strlen(want) - seen);
	memmove(seen, at + strlen(want), nseen + 1);
}

/* A command and its answer: the terminal shows the command first, then the answer's line. */
static void
answers(const char *command, const char *answer)
{
	char line[200];

	type(command);
	snprintf(line, sizeof line, "\r\n%s\r\n", answer);
	expect(line);
	expect("veery> ");
}

/* Control-C, once whoever is to notice it waits again. */
static void
interrupt(void)
{
	usleep(300000);
	type("\003");
}

/* Control-D, typed as soon as the prompt shows; before it, what the terminal makes of one that
 * came while a form ran. */
static void
leave(int *status)
{
	cr_assert_eq(write(tty, "\0\004", 2), 2);
	for (int wait = 0; wait < PATIENCE_MS / 25; wait++) {
		if (waitpid(child, status, WNOHANG) == child)
			return;
		usleep(25000);
	}
	cr_assert_fail("Control-D does not end it");
}

static void
clean_up(void)
{
	char path[200];

	snprintf(path, sizeof path, "%s/veery/history", home);
	unlink(path);
	snprintf(path, sizeof path, "%s/veery", home);
	rmdir(path);
	rmdir(home);
}

Test(terminal, edits_completes_interrupts_and_remembers, .fini = clean_up)
{
	char path[200], history[4096] = "";
	int status;
	FILE *f;

	start();
	expect("veery> ");
	answers("(+ 40 2)\n", "42");
	type("(list 1\n");
	expect("   ... ");
	answers("2)\n", "(1 2)");
	/* Control-A, and a number in front of the form. */
	answers("4 5)\001(- 10 \n", "1");
	type("(map-k\t");
	expect("eys ");	/* the rest of map-keys, drawn where the cursor stands */
	interrupt();
	expect("^C");
	expect("veery> ");
	type("(loop)\n");
	interrupt();
	expect("interrupt");
	expect("veery> ");
	answers("\020\020\020\n", "(1 2)");
	leave(&status);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
	snprintf(path, sizeof path, "%s/veery/history", home);
	f = fopen(path, "r");
	cr_assert_not_null(f, "no %s", path);
	cr_assert_gt(fread(history, 1, sizeof history - 1, f), 0);
	fclose(f);
	/* One entry for the form of two lines; libedit writes a space as its octal number. */
	cr_assert_not_null(strstr(history, "(list\\0401\\0402)"), "history: %s", history);
}
