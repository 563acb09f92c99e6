/* SPDX-License-Identifier: MIT */
/* cases.h: the language's text cases: programs with what they must do, in one file.
 *
 * A file is a list of cases, each begun by a line `;;; NAME`. A case without a defprog is the
 * body of an XDP program. Lines that begin with `;; ` say what is expected:
 *
 *   ;; => 7                 what the program returns when run (test run in the kernel)
 *   ;; map m[3] = 9         an entry afterwards, key and value as unsigned integers
 *   ;; packet 00 11 22      input (default: 64 bytes, a TCP SYN to port 80)
 *   ;; load                 it must load; it is not run
 *   ;; error C0009 2:5 text an error at that line and column of the case, its message or a
 *                           note or help holding the text
 *   ;; insns <= 12          size of the code
 *   ;; optimised only       the verifier follows it only with the passes on */
#ifndef VEERY_TEST_CASES_H
#define VEERY_TEST_CASES_H

/* Runs every case of the file; failures are reported with the case's name. */
#include <stdbool.h>

void run_case_file(const char *path, bool optimise);

#endif
