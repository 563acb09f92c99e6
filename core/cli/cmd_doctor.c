/* SPDX-License-Identifier: MIT */
/* cmd_doctor.c: `veery doctor`: what this machine and user can do. Each row looks at one
 * thing by trying it where that is possible, and says what would help when it is missing. */
#include "cli.h"
#include "session/load.h"
#include "syscalls/bpf.h"
#include "syscalls/perf.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

enum verdict { GOOD, ABSENT, BROKEN };

struct finding {
	enum verdict verdict;
	const char *found, *help;
};

static char *
first_line(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256] = "";

	if (!f)
		return NULL;
	if (!fgets(line, sizeof line, f))
		line[0] = 0;
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	return arena_strdup(a, line);
}

static struct finding
look_kernel(struct arena *a)
{
	struct utsname u;

	if (uname(&u) < 0)
		return (struct finding){BROKEN, "unknown", NULL};
	return (struct finding){GOOD, arena_printf(a, "Linux %s, %s", u.release, u.machine), NULL};
}

static struct finding
look_loading(struct arena *a)
{
	const char *why;

	if (load_allowed(a, &why))
		return (struct finding){GOOD, "programs can be loaded", NULL};
	return (struct finding){BROKEN, "programs cannot be loaded", why};
}

static struct finding
look_jit(struct arena *a)
{
	const char *on = first_line(a, "/proc/sys/net/core/bpf_jit_enable");

	if (!on)
		return (struct finding){ABSENT, "unknown", "/proc/sys/net/core is not readable"};
	if (*on == '0')
		return (struct finding){ABSENT, "off: programs are interpreted",
					"sysctl net.core.bpf_jit_enable=1"};
	return (struct finding){GOOD, "on", NULL};
}

static struct finding
look_btf(struct arena *a)
{
	(void)a;
	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		return (struct finding){GOOD, "/sys/kernel/btf/vmlinux is readable", NULL};
	return (struct finding){ABSENT, "the kernel's BTF is not readable",
				"needs a kernel built with CONFIG_DEBUG_INFO_BTF; kernel structs and "
				"kfuncs cannot be used without"};
}

static struct finding
look_tracefs(struct arena *a)
{
	const char *at = sys_tracefs();

	if (!at)
		return (struct finding){ABSENT, "not mounted",
					"mount -t tracefs tracefs /sys/kernel/tracing "
					"(for tracepoints; raw tracepoints work without)"};
	if (sys_tracepoint_id("raw_syscalls", "sys_enter") < 0 &&
	    sys_tracepoint_id("sched", "sched_switch") < 0)
		return (struct finding){ABSENT, arena_printf(a, "%s is not readable by this user", at),
					"run as root, or: mount -o remount,mode=755 /sys/kernel/tracing"};
	return (struct finding){GOOD, arena_printf(a, "mounted at %s", at), NULL};
}

static struct finding
look_pmu(struct arena *a, const char *pmu, const char *option)
{
	if (access(arena_printf(a, "/sys/bus/event_source/devices/%s/type", pmu), R_OK) == 0)
		return (struct finding){GOOD, "available", NULL};
	return (struct finding){ABSENT, "not in this kernel",
				arena_printf(a, "needs a kernel built with %s", option)};
}

static struct finding
look_kprobes(struct arena *a)
{
	return look_pmu(a, "kprobe", "CONFIG_KPROBE_EVENTS");
}

static struct finding
look_uprobes(struct arena *a)
{
	return look_pmu(a, "uprobe", "CONFIG_UPROBE_EVENTS");
}

static struct finding
look_ringbuf(struct arena *a)
{
	struct sys_map_create_attr attr = {.map_type = BPF_MAP_TYPE_RINGBUF,
					   .max_entries = (uint32_t)sysconf(_SC_PAGESIZE)};
	int fd = sys_map_create(&attr);

	if (fd >= 0) {
		close(fd);
		return (struct finding){GOOD, "available", NULL};
	}
	return (struct finding){ABSENT, arena_printf(a, "cannot be created: %s", strerror(-fd)),
				fd == -EINVAL ? "ring buffers exist since Linux 5.8" : NULL};
}

static struct finding
look_mount(const char *type, const char *what)
{
	FILE *f = fopen("/proc/mounts", "re");
	char line[1024], dir[512], fs[64];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f))
		found = sscanf(line, "%*s %511s %63s", dir, fs) == 2 && strcmp(fs, type) == 0;
	if (f)
		fclose(f);
	if (found)
		return (struct finding){GOOD, "mounted", NULL};
	return (struct finding){ABSENT, "not mounted", what};
}

static struct finding
look_bpffs(struct arena *a)
{
	(void)a;
	return look_mount("bpf", "mount -t bpf bpf /sys/fs/bpf (only for pinning)");
}

static struct finding
look_cgroup2(struct arena *a)
{
	(void)a;
	return look_mount("cgroup2",
			  "mount -t cgroup2 none /sys/fs/cgroup (for cgroup programs)");
}

static const struct {
	const char *key, *name;
	struct finding (*look)(struct arena *a);
} rows[] = {
	{"kernel", "kernel", look_kernel},
	{"load", "bpf(2)", look_loading},
	{"jit", "JIT", look_jit},
	{"btf", "kernel BTF", look_btf},
	{"tracefs", "tracefs", look_tracefs},
	{"kprobe", "kprobes", look_kprobes},
	{"uprobe", "uprobes", look_uprobes},
	{"ringbuf", "ring buffers", look_ringbuf},
	{"cgroup2", "cgroup v2", look_cgroup2},
	{"bpffs", "bpffs", look_bpffs},
};

static void
print_json(struct arena *a, const char *key, const struct finding *f)
{
	static const char *const names[] = {"ok", "absent", "broken"};
	struct buf b = buf_new(a);

	buf_printf(&b, "{\"check\":\"%s\",\"status\":\"%s\",\"found\":", key, names[f->verdict]);
	buf_json_str(&b, str_of(f->found));
	buf_puts(&b, ",\"help\":");
	if (f->help)
		buf_json_str(&b, str_of(f->help));
	else
		buf_puts(&b, "null");
	printf("%s}\n", b.at);
}

static void
print_row(const struct cli *c, const char *name, const struct finding *f)
{
	static const char *const marks[] = {"ok  ", "--  ", "FAIL"};
	static const char *const colours[] = {"32", "33", "31"};
	const char *help = f->help;

	if (c->colour_out)
		printf("\033[%sm%s\033[0m %-14s %s\n", colours[f->verdict], marks[f->verdict], name,
		       f->found);
	else
		printf("%s %-14s %s\n", marks[f->verdict], name, f->found);
	while (help && *help) {
		size_t n = strcspn(help, "\n");

		printf("%20s%.*s\n", "", (int)n, help);
		help += n + (help[n] == '\n');
	}
}

int
cmd_doctor(struct cli *c)
{
	struct arena a;
	const char *why;
	bool may;

	arena_init(&a);
	may = load_allowed(&a, &why);
	if (c->opt[OPT_QUIET] && !may)
		fprintf(stderr, "%s\n", why);
	for (size_t i = 0; !c->opt[OPT_QUIET] && i < sizeof rows / sizeof *rows; i++) {
		struct finding f = rows[i].look(&a);

		if (c->opt[OPT_JSON])
			print_json(&a, rows[i].key, &f);
		else
			print_row(c, rows[i].name, &f);
	}
	arena_free(&a);
	return may ? STATUS_OK : STATUS_FAILED;
}
