#!/bin/sh
# hooks.sh VEERY KERNEL...: kprobes, fentry and LSM programs count for real, in virtual machines
# with kernels that have them. What a kernel lacks is said in its own words.
set -u
veery=$1
shift
dir=$(mktemp -d) failed=0
trap 'rm -rf "$dir"' EXIT INT TERM
cp "$veery" tests/vm/hooks.lisp "$dir/" || exit 2
for kernel in "$@"; do
	out=$(VM_LIBS=1 tests/vm/run-in-vm.sh "$kernel" "$dir" sh -c \
		"cd /guest && ./veery run --allow-read /guest hooks.lisp" 2>&1)
	echo "$out" | sed "s/^/$kernel: /"
	# Each hook counts the five files and nothing else, or says that it is not there.
	[ "$(echo "$out" | grep -cE '^[a-z-]*: (5|cannot .*)$')" -eq 6 ] || failed=1
	echo "$out" | grep -q '^kprobe: 5$' || failed=1
done
exit $failed
