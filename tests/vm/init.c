/* SPDX-License-Identifier: MIT */
/* init.c: process 1 of the test machine.
 *
 * Mounts the usual file systems, loads the boot modules, runs one command with its output on
 * virtio-serial ports, sends back its exit status and what it left in /out, ends the machine.
 * Static and alone. It reads
 *   /vm/modules	one module path a line, in load order
 *   /vm/argv	the command, null-separated
 *   /vm/env	NAME=VALUE, null-separated (may be absent)
 *   /vm/flags	words: out (send /out back), memlock (no limit) */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT_RESULT = 1, PORT_OUT, PORT_ERR, PORT_TAR, PORT_LOG };

/* To the kernel log, which reaches the console in order. */
static void
say(const char *what, const char *name)
{
	int f = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (f < 0)
		return;
	dprintf(f, "<4>vm-init: %s %s: %s\n", what, name, strerror(errno));
	close(f);
}

static void
mount_on(const char *type, const char *where, const char *data)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, data) && errno != EBUSY)
		say("mount", where);
}

static void
mount_all(void)
{
	mount_on("devtmpfs", "/dev", NULL);
	/* Descriptors 0 to 2 are taken from here on, whatever the kernel gave. */
	for (int f = open("/dev/null", O_RDWR); f >= 0 && f < 2;)
		f = open("/dev/null", O_RDWR);
	mount_on("proc", "/proc", NULL);
	mount_on("sysfs", "/sys", NULL);
	mount_on("tmpfs", "/tmp", "mode=1777");
	mount_on("tmpfs", "/run", "mode=755");
	mount_on("devpts", "/dev/pts", NULL);
	mount_on("tmpfs", "/dev/shm", "mode=1777");
	mount_on("bpf", "/sys/fs/bpf", "mode=700");
	mount_on("cgroup2", "/sys/fs/cgroup", NULL);
	mount_on("securityfs", "/sys/kernel/security", NULL);
	mount_on("debugfs", "/sys/kernel/debug", NULL);
	mount_on("tracefs", "/sys/kernel/tracing", NULL);
	if (symlink("/proc/self/fd", "/dev/fd"))
		say("symlink", "/dev/fd");
}

static char *
slurp(const char *path, size_t *len)
{
	int f = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p;
	ssize_t n;

	*len = 0;
	if (f < 0 || fstat(f, &st))
		return NULL;
	p = calloc(1, (size_t)st.st_size + 1);
	n = p ? read(f, p, (size_t)st.st_size) : 0;
	*len = n > 0 ? (size_t)n : 0;
	close(f);
	return p;
}

/* Null-separated strings as an array with room for `more`. */
static char **
split(char *p, size_t len, size_t more)
{
	size_t n = 0, k = 0;
	char **v;

	for (size_t i = 0; i < len; i++)
		n += !p[i];
	v = calloc(n + more + 1, sizeof *v);
	for (size_t i = 0; v && i < len; i += strlen(p + i) + 1)
		v[k++] = p + i;
	return v;
}

static void
load_modules(void)
{
	size_t len;
	char *list = slurp("/vm/modules", &len), *save = NULL;

	for (char *m = list ? strtok_r(list, "\n", &save) : NULL; m;
	     m = strtok_r(NULL, "\n", &save)) {
		int f = open(m, O_RDONLY | O_CLOEXEC);

		if (f < 0 || (syscall(SYS_finit_module, f, "", 0) && errno != EEXIST))
			say("module", m);
		if (f >= 0)
			close(f);
	}
}

static void
loopback_up(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &r))
		say("interface", "lo");
	if (s >= 0)
		close(s);
}

/* A port's node appears a moment after its driver. */
static int
port(int nr)
{
	char path[32];

	snprintf(path, sizeof path, "/dev/vport0p%d", nr);
	for (int i = 0; i < 5000; i++) {
		int f = open(path, O_WRONLY | O_CLOEXEC);

		if (f >= 0)
			return f;
		usleep(1000);
	}
	say("port", path);
	return -1;
}

static _Noreturn void
power_off(void)
{
	sync();
	if (ioperm(0xf4, 1, 1) == 0)
		outb(0, 0xf4);		/* isa-debug-exit: the emulator ends at once */
	reboot(RB_AUTOBOOT);		/* the emulator runs with -no-reboot */
	for (;;)
		pause();
}

static _Noreturn void
run_command(char **argv, const char *flags)
{
	struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	size_t len;
	char *e = slurp("/vm/env", &len), **env = split(e, len, 0);

	setsid();
	dup2(port(PORT_OUT), 1);
	dup2(port(PORT_ERR), 2);
	if (strstr(flags, "memlock"))
		setrlimit(RLIMIT_MEMLOCK, &none);
	clearenv();
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("TERM", "dumb", 1);
	setenv("IN_VM", "1", 1);
	setenv("PATH", "/guest:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	for (int i = 0; env && env[i]; i++)
		putenv(env[i]);
	if (chdir("/guest") == 0)
		execvp(argv[0], argv);
	dprintf(2, "vm-init: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int
wait_for(pid_t child)
{
	int st = 0;

	for (pid_t w = wait(&st); w != child; w = wait(&st))	/* orphans are reaped too */
		if (w < 0 && errno != EINTR)
			return 125;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

static void
send_out(void)
{
	pid_t child = fork();

	if (child == 0) {
		dup2(port(PORT_TAR), 1);
		execl("/bin/busybox", "tar", "-c", "-C", "/out", ".", (char *)0);
		_exit(1);
	}
	wait_for(child);
}

static void
send_log(void)
{
	int f = port(PORT_LOG), n = klogctl(10, NULL, 0);
	char *p = n > 0 ? malloc((size_t)n) : NULL;

	n = p ? klogctl(3, p, n) : 0;
	for (int at = 0, w; f >= 0 && at < n; at += w) {
		w = (int)write(f, p + at, n - at > 4096 ? 4096 : (size_t)(n - at));
		if (w <= 0)
			return;
	}
}

int
main(void)
{
	size_t len;
	char *argv, *flags;
	pid_t child;
	int code, result;

	if (getpid() != 1)
		return 1;
	umask(022);
	mount_all();
	load_modules();
	loopback_up();
	if (sethostname("vm", 2))
		say("hostname", "vm");
	mkdir("/root", 0700);
	mkdir("/out", 0755);
	flags = slurp("/vm/flags", &len);
	argv = slurp("/vm/argv", &len);
	result = port(PORT_RESULT);
	child = fork();
	if (child == 0)
		run_command(split(argv, len, 0), flags ? flags : "");
	code = wait_for(child);
	if (flags && strstr(flags, "out"))
		send_out();
	send_log();
	dprintf(result, "exit %d\n", code);
	power_off();
}
