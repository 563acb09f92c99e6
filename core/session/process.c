/* SPDX-License-Identifier: MIT */
/* process.c: run another program for Lisp code and gather what it writes. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLICE_MS = 50, MOST = 256 << 20 };

extern char **environ;

struct child {
	pid_t pid;
	int in, out, err;	/* what it reads; our ends of what it writes */
	int out_end, err_end;	/* its own ends */
};

/* Files in memory need no one to feed them. */
static int
file_of(str text)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < text.n; ) {
		ssize_t n = write(fd, text.p + done, text.n - done);

		if (n < 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static void
close_all(struct child *c)
{
	int *all[] = {&c->in, &c->out, &c->err, &c->out_end, &c->err_end};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (*all[i] >= 0)
			close(*all[i]);
		*all[i] = -1;
	}
}

static int
open_ends(struct child *c, str input)
{
	int ends[2];

	*c = (struct child){0, -1, -1, -1, -1, -1};
	c->in = file_of(input);
	if (c->in < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	c->out = ends[0];
	c->out_end = ends[1];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	c->err = ends[0];
	c->err_end = ends[1];
	return 0;
}

/* In a group of its own: Ctrl-C is for the session, which ends what it waits for. */
static int
spawn(struct child *c, const struct lisp_process *p)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t set;
	int err;

	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawn_file_actions_adddup2(&fa, c->in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, c->out_end, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&fa, c->err_end, STDERR_FILENO);
	if (p->directory)
		posix_spawn_file_actions_addchdir_np(&fa, p->directory);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&at, &set);
	sigaddset(&set, SIGPIPE);
	posix_spawnattr_setsigdefault(&at, &set);
	posix_spawnattr_setpgroup(&at, 0);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
				 POSIX_SPAWN_SETPGROUP);
	err = posix_spawnp(&c->pid, p->argv[0], &fa, &at, (char *const *)(uintptr_t)p->argv,
			   environ);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	close(c->out_end);
	close(c->err_end);
	c->out_end = c->err_end = -1;
	return err;
}

/* What is there to read, to where it belongs; false at the end. */
static bool
take(struct session *s, int *fd, struct buf *to, bool show)
{
	char part[16384];
	ssize_t n = read(*fd, part, sizeof part);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return false;
	}
	if (show)
		session_write(s, "%.*s", (int)n, part);
	else
		buf_bytes(to, part, (size_t)n);
	return true;
}

/* Until both ends are closed: null, or why it was ended. */
static bool
gather(struct session *s, struct child *c, struct lisp_process *p, const char **why)
{
	while (c->out >= 0 || c->err >= 0) {
		struct pollfd fds[2] = {{c->out, POLLIN, 0}, {c->err, POLLIN, 0}};

		if (poll(fds, 2, SLICE_MS) < 0 && errno != EINTR)
			break;
		if (s->interrupted)
			return false;
		if (fds[0].revents)
			take(s, &c->out, &p->output, p->show_output);
		if (fds[1].revents)
			take(s, &c->err, &p->errors, p->show_errors);
		if (p->output.n > MOST || p->errors.n > MOST) {
			*why = "it wrote more than 256 MiB";
			return false;
		}
	}
	return true;
}

/* It may have closed what it writes to and run on. */
static bool
wait_for(struct session *s, struct child *c, struct lisp_process *p)
{
	int status;

	for (;;) {
		pid_t got = waitpid(c->pid, &status, WNOHANG);

		if (got < 0 && errno != EINTR)
			return true;
		if (got == c->pid)
			break;
		if (s->interrupted)
			return false;
		poll(NULL, 0, 1);
	}
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return true;
}

bool
session_run_program(void *ud, struct lisp_process *p, const char **why)
{
	struct session *s = ud;
	struct child c;
	int err;
	bool ok;

	if (!s->opts.live) {
		s->effect_refused = true;
		*why = "this session only checks";
		return false;
	}
	if (!s->may_run) {
		*why = "starting programs is not granted: start with --allow-run";
		return false;
	}
	err = open_ends(&c, p->input);
	if (!err)
		err = spawn(&c, p);
	if (err) {
		close_all(&c);
		*why = err == ENOENT ? "there is no such program" : strerror(err);
		return false;
	}
	ok = gather(s, &c, p, why) && wait_for(s, &c, p);
	if (!ok) {
		kill(-c.pid, SIGKILL);
		waitpid(c.pid, NULL, 0);
	}
	close_all(&c);
	return ok;
}
