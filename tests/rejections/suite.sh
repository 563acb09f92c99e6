#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh: the corpus of rejections (TAP), with a table of how well they are explained.
# suite.sh --list FILE...: those programs only, each with what was found.
set -u
B=${B:-build}
make -s B="$B" "$B/rejections" >&2 || exit 1
mkdir -p "$B/tests/rejections"
list=
if [ "${1:-}" = --list ]; then
	list=--list
	shift
fi
[ $# -gt 0 ] || set -- --goals tests/rejections/lisp/*.lisp tests/rejections/c/*.c
"$B/rejections" "$B/veery" "$B/tests/rejections" $list "$@"
