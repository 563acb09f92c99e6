/* SPDX-License-Identifier: MIT */
/* cli.h: the command line: one row of commands.def and one cmd_*.c per command. */
#ifndef VEERY_CLI_H
#define VEERY_CLI_H

#include "base/render.h"
#include "base/str.h"

#include <stdbool.h>

enum option {
#define OPTION(id, name, short, arg, commands, help) OPT_##id,
#include "options.def"
	OPT_COUNT
};

enum { CLI_MAX_SETS = 64, CLI_ANY_FILES = 1 << 30 };

enum exit_status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

struct cli {
	const struct command *command;
	const char *opt[OPT_COUNT];	/* argument; "" for options without one; null when absent */
	/* Options that may be given again, in order; each kind by itself. */
	const char *sets[CLI_MAX_SETS], *reads[CLI_MAX_SETS], *writes[CLI_MAX_SETS];
	unsigned nsets, nreads, nwrites;
	const char **files;
	unsigned nfiles;
	bool colour_out, colour_err;
	unsigned width;			/* terminal columns for standard error */
};

struct command {
	const char *name, *args, *summary, *details;
	unsigned min_files, max_files;
	int (*run)(struct cli *c);
};

extern const struct command cli_commands[];
extern const unsigned cli_ncommands;

int cli_main(int argc, char **argv);
/* Message on standard error; returns STATUS_USAGE. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The whole of a file, null-terminated, to be freed; null after saying why not. */
char *cli_read_file(const char *path, size_t *size);
/* Print diags to standard error as the options ask (terminal, --brief; JSON is each
 * command's own). */
void cli_print_diags(struct cli *c, struct sources *s, const struct diags *ds);
/* Parse an option's number; false after a message. */
bool cli_number(const struct cli *c, enum option o, uint64_t *out);

#define COMMAND(fn, name, args, min, max, summary, details) int fn(struct cli *c);
#include "commands.def"

#endif
