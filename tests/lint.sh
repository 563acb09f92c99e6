#!/bin/sh
# lint.sh: the house rules that a program can check; then clang-tidy where it is installed.
bad=0
say() { echo "$*"; bad=1; }

# File and line length (generated and recorded test data aside).
for f in $(git ls-files '*.c' '*.h' '*.def'); do
	n=$(wc -l <"$f")
	[ "$n" -le 1200 ] || say "$f: $n lines (at most 1200)"
	awk -v f="$f" '{ gsub(/\t/, "        "); if (length($0) > 110 && f !~ /[.]def$/) { print f ":" NR ": " length($0) " columns"; bad = 1 } } END { exit bad }' "$f" || bad=1
	case $f in tests/*) ;; *) head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT\|\.def' ||
		say "$f: no SPDX line or file comment" ;; esac
done

# Who may include whom (core/README.md).
forbid() {	# forbid "WHERE..." PATTERN
	hits=$(git grep -nE "#include \"$2" -- $1)
	[ -z "$hits" ] || say "include against the layering:
$hits"
}
forbid 'verifier-sim' '(lang|compile|object|session|fix|repl|cli|syscalls)/'
forbid 'syscalls' '(base|facts|image|lang|compile|object|session|fix|repl|cli|verifier-sim)/'
forbid 'core/base' '(facts|image|lang|compile|object|session|fix|repl|cli|syscalls|verifier-sim)/'
forbid 'core/facts core/image' '(lang|compile|object|session|fix|repl|cli|syscalls|verifier-sim)/'
forbid 'core/lang' '(compile|object|session|fix|repl|cli|syscalls|verifier-sim)/'
forbid 'core/compile' '(object|session|fix|repl|cli|syscalls|verifier-sim)/'
forbid 'core/compile/ir core/compile/passes core/compile/regs' 'compile/(compile.h|forms|env|lower|check|emit)'
forbid 'core/compile/env' 'compile/(lower|check|ir|passes|regs|emit)/'
forbid 'core/object' '(lang|compile|session|fix|repl|cli|syscalls|verifier-sim)/'
forbid 'core/session core/fix' '(repl|cli)/'
forbid 'core/repl' 'cli/'

# The cases that core/README.md names are there.
while IFS='|' read -r _ row file case _; do
	file=$(echo "$file" | tr -d '` ')
	case=$(echo "$case" | sed 's/^ //; s/ $//')
	case $file in */*.lisp)
		grep -qxF ";;; $case" "tests/cases/$file" || say "core/README.md:$row: no case \"$case\" in $file" ;;
	unit)
		grep -qF "Test(${case%%: *}, ${case#*: })" tests/unit/*/*.c || say "core/README.md:$row: no test $case" ;;
	cli)
		grep -qF "check \"$case\"" tests/cli/suite.sh || say "core/README.md:$row: no check \"$case\"" ;;
	esac
done <core/README.md

words=$(git grep -nwE 'TODO|FIXME|XXX|HACK' -- '*.c' '*.h' '*.def' '*.lisp' '*.sh' Makefile ':!tests/lint.sh')
[ -z "$words" ] || say "unfinished:
$words"

# QUICK=1 leaves clang-tidy out; FULL=1 adds its path-sensitive analyser (slow).
checks='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-macro-parentheses,-bugprone-reserved-identifier,-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-bugprone-assignment-in-if-condition,-bugprone-branch-clone,-bugprone-switch-missing-default-case,-bugprone-suspicious-include,-bugprone-suspicious-string-compare,-bugprone-misplaced-widening-cast,-bugprone-not-null-terminated-result,-bugprone-integer-division,-bugprone-signed-char-misuse,-bugprone-sizeof-expression'
[ -z "${FULL:-}" ] || checks="$checks,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
if command -v clang-tidy >/dev/null && [ -z "${QUICK:-}" ]; then
	export checks
	# Only what was built anew, for itself or for a header of it, since it was last found clean.
	clean=${B:-build}/lint
	mkdir -p "$clean"
	found=$(for f in $(git ls-files 'core/*.c' 'syscalls/*.c' 'verifier-sim/*.c'); do
			mark=$f${FULL:+.full} o=${B:-build}/${f%.c}.o
			mark=$clean/$(IFS=/; set -f; set -- $mark; IFS=_; echo "$*")
			[ "$mark" -nt "$f" ] && [ "$mark" -nt "$o" ] || echo "$f" "$mark"
		done | xargs -r -P 2 -n 2 sh -c 'clang-tidy --quiet --checks="$checks" "$1" -- \
			-std=c17 -D_GNU_SOURCE -DVEERY_VERSION="\"\"" -I. -Icore 2>/dev/null |
			grep -E "(warning|error):" || touch "$2"' _)
	[ -z "$found" ] || say "$found"
fi
[ $bad -eq 0 ] && echo "lint: nothing to say"
exit $bad
