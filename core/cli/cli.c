/* SPDX-License-Identifier: MIT */
/* cli.c: options, dispatch, and the small services every command uses. */
#include "cli.h"

#include "base/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILE = 256 << 20 };

const struct command cli_commands[] = {
#define COMMAND(fn, name, args, min, max, summary, details) \
	{name, args, summary, details, min, max, fn},
#include "commands.def"
};
const unsigned cli_ncommands = sizeof cli_commands / sizeof *cli_commands;

static const struct {
	const char *name;
	char letter;
	const char *arg, *commands, *help;
} options[] = {
#define OPTION(id, name, short, arg, commands, help) {name, short, arg, commands, help},
#include "options.def"
};

int
cli_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("veery: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return STATUS_USAGE;
}

char *
cli_read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text = NULL;
	size_t n = 0, cap;

	if (fd < 0 || fstat(fd, &st) < 0) {
		cli_usage("cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		cli_usage("cannot read %s: it is a directory", path);
		goto out;
	}
	cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536;
	text = malloc(cap);
	for (;;) {
		ssize_t got = text ? read(fd, text + n, cap - 1 - n) : -1;

		if (got < 0 || n > MAX_FILE) {
			cli_usage("cannot read %s: %s", path,
				  n > MAX_FILE ? "larger than 256 MiB" : strerror(errno));
			free(text);
			text = NULL;
			goto out;
		}
		if (got == 0)
			break;
		n += (size_t)got;
		if (n + 1 == cap) {
			char *more = realloc(text, cap *= 2);

			if (!more)
				free(text);
			text = more;
		}
	}
	text[n] = 0;
	*size = n;
out:
	if (fd >= 0)
		close(fd);
	return text;
}

bool
cli_number(const struct cli *c, enum option o, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(c->opt[o], &end, 0);
	if (errno || *end || end == c->opt[o] || c->opt[o][0] == '-') {
		cli_usage("%s wants a number, not `%s`", options[o].name, c->opt[o]);
		return false;
	}
	return true;
}

void
cli_print_diags(struct cli *c, struct sources *s, const struct diags *ds)
{
	struct arena a;
	struct buf out;

	if (!ds->all.n)
		return;
	arena_init(&a);
	out = buf_new(&a);
	if (c->opt[OPT_BRIEF]) {
		for (uint32_t i = 0; i < ds->all.n; i++)
			render_brief(&out, s, ds->all.at[i]);
	} else {
		render_diags(&out, s, ds, &(struct render_opts){c->colour_err, c->width});
	}
	fwrite(out.at, 1, out.n, stderr);
	arena_free(&a);
}

static const struct command *
find_command(const char *name)
{
	for (unsigned i = 0; i < cli_ncommands; i++)
		if (strcmp(cli_commands[i].name, name) == 0)
			return &cli_commands[i];
	return NULL;
}

static int
unknown_command(const char *name)
{
	struct suggest near = suggest_start(str_of(name));

	for (unsigned i = 0; i < cli_ncommands; i++)
		suggest_offer(&near, str_of(cli_commands[i].name));
	if (near.best.p)
		return cli_usage("no command `%s`; did you mean `%.*s`?", name,
				 STR_ARG(near.best));
	return cli_usage("no command `%s`; `veery help` lists them", name);
}

static bool
accepts(const struct command *cmd, unsigned o)
{
	char needle[32];

	snprintf(needle, sizeof needle, " %s ", cmd->name);
	return strstr(options[o].commands, needle) != NULL;
}

static int
unknown_option(const struct command *cmd, const char *arg)
{
	struct suggest near = suggest_start(str_of(arg));

	for (unsigned o = 0; o < OPT_COUNT; o++)
		if (accepts(cmd, o))
			suggest_offer(&near, str_of(options[o].name));
	if (near.best.p)
		return cli_usage("`%s` takes no option `%s`; did you mean `%.*s`?", cmd->name,
				 arg, STR_ARG(near.best));
	return cli_usage("`%s` takes no option `%s`; `veery help %s` lists them", cmd->name, arg,
			 cmd->name);
}

/* Does `arg` name option o? An attached value (--x=v) is left in *value. */
static bool
matches(unsigned o, const char *arg, const char **value)
{
	size_t n = strlen(options[o].name);

	*value = NULL;
	if (options[o].letter && arg[0] == '-' && arg[1] == options[o].letter && !arg[2])
		return true;
	if (strncmp(arg, options[o].name, n) != 0)
		return false;
	if (arg[n] == '=')
		*value = arg + n + 1;
	return arg[n] == 0 || arg[n] == '=';
}

static int
add_again(unsigned o, const char **at, unsigned *n, const char *value)
{
	if (*n == CLI_MAX_SETS)
		return cli_usage("more than %d times %s", CLI_MAX_SETS, options[o].name);
	at[(*n)++] = value;
	return STATUS_OK;
}

static int
take_option(struct cli *c, char **argv, int *i, int argc)
{
	for (unsigned o = 0; o < OPT_COUNT; o++) {
		const char *value;

		if (!accepts(c->command, o) || !matches(o, argv[*i], &value))
			continue;
		if (!options[o].arg && value)
			return cli_usage("%s takes no value", options[o].name);
		if (options[o].arg && !value) {
			if (*i + 1 >= argc)
				return cli_usage("%s wants %s", argv[*i], options[o].arg);
			value = argv[++*i];
		}
		c->opt[o] = value ? value : "";
		switch (o) {
		case OPT_SET: return add_again(o, c->sets, &c->nsets, value);
		case OPT_READ: return add_again(o, c->reads, &c->nreads, value);
		case OPT_WRITE: return add_again(o, c->writes, &c->nwrites, value);
		default: return STATUS_OK;
		}
	}
	return unknown_option(c->command, argv[*i]);
}

static int
parse(struct cli *c, int argc, char **argv, int i)
{
	bool only_files = false;

	for (; i < argc; i++) {
		if (!only_files && strcmp(argv[i], "--") == 0) {
			only_files = true;
		} else if (!only_files && argv[i][0] == '-' && argv[i][1]) {
			int status = take_option(c, argv, &i, argc);

			if (status)
				return status;
		} else if (c->command->run == cmd_prompt && find_command(argv[i])) {
			return cli_usage("options come after the command: veery %s ...", argv[i]);
		} else if (c->nfiles == c->command->max_files) {
			return cli_usage("`%s` has no use for `%s`; usage: veery %s %s",
					 c->command->name, argv[i], c->command->name,
					 c->command->args);
		} else {
			c->files[c->nfiles++] = argv[i];
		}
	}
	if (c->nfiles < c->command->min_files)
		return cli_usage("`%s` wants a file; usage: veery %s %s", c->command->name,
				 c->command->name, c->command->args);
	return STATUS_OK;
}

/* Colour only on a terminal and never with NO_COLOR (no-color.org). */
static void
look_at_terminal(struct cli *c)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	const char *columns = getenv("COLUMNS");
	bool may = !(no && *no) && !(term && strcmp(term, "dumb") == 0);
	struct winsize w;

	c->colour_out = may && isatty(STDOUT_FILENO);
	c->colour_err = may && isatty(STDERR_FILENO);
	if (columns && atoi(columns) >= 40)
		c->width = (unsigned)atoi(columns);
	else if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40)
		c->width = w.ws_col;
}

static int
run_command(struct cli *c, int argc, char **argv)
{
	int i = 1, status;

	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0 ||
			 strcmp(argv[1], "version") == 0)) {
		printf("veery %s\n", VEERY_VERSION);
		return STATUS_OK;
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return cmd_help(c);
	if (argc > 1 && argv[1][0] != '-') {
		c->command = find_command(argv[1]);
		if (!c->command)
			return unknown_command(argv[1]);
		if (argc > 2 && strcmp(argv[2], "--help") == 0) {
			c->files[c->nfiles++] = argv[1];
			return cmd_help(c);
		}
		i = 2;
	}
	status = parse(c, argc, argv, i);
	return status ? status : c->command->run(c);
}

int
cli_main(int argc, char **argv)
{
	struct cli c = {.command = find_command("prompt")};
	int status;

	c.files = calloc((size_t)argc + 1, sizeof *c.files);
	if (!c.files)
		abort();
	look_at_terminal(&c);
	status = run_command(&c, argc, argv);
	free(c.files);
	return status;
}

static void
help_one(const struct command *cmd)
{
	printf("veery %s %s\n\n  %s\n", cmd->name, cmd->args, cmd->summary);
	if (*cmd->details)
		printf("\n%s\n", cmd->details);
	for (unsigned o = 0, head = 0; o < OPT_COUNT; o++) {
		char left[40];

		if (!accepts(cmd, o))
			continue;
		if (!head++)
			puts("\nOptions:");
		snprintf(left, sizeof left, "%s%c%s%s%s", options[o].letter ? "-" : "",
			 options[o].letter ? options[o].letter : ' ',
			 options[o].letter ? ", " : "", options[o].name,
			 options[o].arg ? " " : "");
		printf("  %s%-*s %s\n", left, (int)(24 - (int)strlen(left)),
		       options[o].arg ? options[o].arg : "", options[o].help);
	}
}

int
cmd_help(struct cli *c)
{
	if (c->nfiles) {
		const struct command *cmd = find_command(c->files[0]);

		if (!cmd)
			return unknown_command(c->files[0]);
		help_one(cmd);
		return STATUS_OK;
	}
	puts("veery: a live eBPF environment\n");
	puts("  veery                     the prompt\n  veery -e FORMS            evaluate forms, "
	     "print the last value");
	for (unsigned i = 0; i < cli_ncommands; i++) {
		const struct command *cmd = &cli_commands[i];
		char left[64];

		if (cmd->run == cmd_prompt)
			continue;
		snprintf(left, sizeof left, "veery %s %s", cmd->name, cmd->args);
		printf("  %-25s %s\n", left, cmd->summary);
	}
	puts("\n`veery help COMMAND` tells more. Status: 0 done, 1 rejected or failed, 2 unusable "
	     "input.");
	return STATUS_OK;
}
