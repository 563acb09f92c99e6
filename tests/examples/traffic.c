/* SPDX-License-Identifier: MIT */
/* traffic.c: what the examples are shown: one kind of activity, every few milliseconds, for at
 * most 15 seconds. suite.sh builds and runs it.
 *   traffic tcp PORT       serve on 127.0.0.1:PORT and connect to it
 *   traffic serve PORT     only serve, on a new socket every tenth of a second
 *   traffic connect PORT   connect to 127.0.0.1:PORT, whatever comes of it
 *   traffic retry ADDRESS  one connection that is never answered
 *   traffic udp PORT       datagrams to 127.0.0.1:PORT
 *   traffic dns            questions for www.example.org to 127.0.0.1:53
 *   traffic open FILE      open and close FILE
 *   traffic write FILE     write FILE and wait for the disk
 *   traffic malloc         allocate 3000 bytes
 *   traffic pages          touch fresh memory
 *   traffic signal         send ourselves signal 23
 *   traffic exec FILE      start FILE
 *   traffic spin           use a processor */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE_US = 2000, SECONDS = 15 };

static struct sockaddr_in
address(const char *host, const char *port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)atoi(port)),
				    .sin_addr.s_addr = inet_addr(host)};
}

static int
listener(const char *port)
{
	struct sockaddr_in at = address("127.0.0.1", port);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(s, (void *)&at, sizeof at) < 0 || listen(s, 100) < 0)
		exit(1);
	return s;
}

static void
connect_once(const char *host, const char *port)
{
	struct sockaddr_in to = address(host, port);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	connect(s, (void *)&to, sizeof to);
	write(s, "hello", 5);
	close(s);
}

static void
datagram(const char *port, const void *data, size_t size)
{
	struct sockaddr_in to = address("127.0.0.1", port);
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	sendto(s, data, size, 0, (void *)&to, sizeof to);
	close(s);
}

static void
write_out(const char *path)
{
	static char block[65536];
	int f = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

	if (f < 0 || write(f, block, sizeof block) < 0)
		exit(1);
	fdatasync(f);
	close(f);
}

static void
touch_pages(void)
{
	size_t size = 64 * 4096;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; p != MAP_FAILED && i < size; i += 4096)
		((volatile char *)p)[i] = 1;
	munmap(p, size);
}

/* Keeps the compiler from leaving the allocation out. */
static void *
fill(void *p)
{
	*(volatile char *)p = 1;
	return p;
}

static void
start(const char *path)
{
	pid_t pid = fork();

	if (!pid) {
		execl(path, path, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void
serve(int listening)
{
	int s = accept(listening, NULL, NULL);

	if (s >= 0)
		close(s);
}

static void
once(const char *what, const char *arg, int listening)
{
	static const char question[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0"
				       "\3www\7example\3org\0\0\1\0";

	if (!strcmp(what, "tcp") || !strcmp(what, "connect"))
		connect_once("127.0.0.1", arg);
	if (listening >= 0)
		serve(listening);
	else if (!strcmp(what, "udp"))
		datagram(arg, "hello", 5);
	else if (!strcmp(what, "dns"))
		datagram("53", question, sizeof question);
	else if (!strcmp(what, "open"))
		close(open(arg, O_RDONLY));
	else if (!strcmp(what, "write"))
		write_out(arg);
	else if (!strcmp(what, "malloc"))
		free(fill(malloc(3000)));
	else if (!strcmp(what, "pages"))
		touch_pages();
	else if (!strcmp(what, "signal"))
		kill(getpid(), SIGURG);
	else if (!strcmp(what, "exec"))
		start(arg);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *arg = argc > 2 ? argv[2] : "";
	int listening = -1, waiting = -1;

	alarm(SECONDS);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGURG, SIG_IGN);
	if (!strcmp(what, "tcp") || !strcmp(what, "serve"))
		listening = listener(arg);
	if (!strcmp(what, "retry")) {
		struct sockaddr_in to = address(arg, "9999");

		waiting = socket(AF_INET, SOCK_STREAM, 0);
		connect(waiting, (void *)&to, sizeof to);
	}
	for (unsigned round = 1;; round++) {
		if (!strcmp(what, "serve") && round % 50 == 0) {
			close(listening);
			listening = listener(arg);
		}
		once(what, arg, listening);
		if (strcmp(what, "spin"))
			usleep(PAUSE_US);
	}
}
