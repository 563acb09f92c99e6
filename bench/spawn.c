/* SPDX-License-Identifier: MIT */
/* spawn.c: start two commands in turn, N times each, and compare what a start costs.
 *   spawn N COMMAND-A ... -- COMMAND-B ...
 * Prints for each the minimum, median and 99th percentile in microseconds and the peak
 * resident memory in KiB, then the difference of the medians. Output of the commands is
 * discarded. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct side {
	char **argv;
	double *us;
	long peak_kib;
};

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
start_once(struct side *s)
{
	double begin = now_us();
	struct rusage use;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(s->argv[0], s->argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) < 0 ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
		fprintf(stderr, "spawn: cannot start %s\n", s->argv[0]);
		exit(2);
	}
	if (use.ru_maxrss > s->peak_kib)
		s->peak_kib = use.ru_maxrss;
	return now_us() - begin;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
report(struct side *s, int n)
{
	qsort(s->us, (size_t)n, sizeof *s->us, compare);
	printf("  %-40.40s min %7.0f  median %7.0f  p99 %7.0f us, peak %ld KiB\n", s->argv[0],
	       s->us[0], s->us[n / 2], s->us[n * 99 / 100], s->peak_kib);
	return s->us[n / 2];
}

int
main(int argc, char **argv)
{
	struct side a = {0}, b = {0};
	double ma, mb;
	int n, split = 0;

	for (int i = 2; i < argc; i++)
		if (!split && strcmp(argv[i], "--") == 0)
			split = i;
	if (argc < 5 || split < 3 || split + 1 >= argc || (n = atoi(argv[1])) < 1) {
		fputs("usage: spawn N COMMAND-A ... -- COMMAND-B ...\n", stderr);
		return 2;
	}
	argv[split] = NULL;
	a.argv = argv + 2;
	b.argv = argv + split + 1;
	a.us = calloc((size_t)n, sizeof *a.us);
	b.us = calloc((size_t)n, sizeof *b.us);
	if (!a.us || !b.us)
		return 2;
	for (int i = 0; i < n; i++) {
		a.us[i] = start_once(&a);
		b.us[i] = start_once(&b);
	}
	ma = report(&a, n);
	mb = report(&b, n);
	printf("  difference of medians: %.2f ms\n", (ma - mb) / 1e3);
	free(a.us);
	free(b.us);
	return 0;
}
