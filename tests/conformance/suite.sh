#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh: the conformance goals as tests (TAP), on the running kernel.
set -u
status=0
B=${B:-build}
src=/usr/src/linux-source-6.1.tar.xz
if [ ! -e "$src" ]; then
	echo "1..1"
	echo "ok - conformance # SKIP needs the package linux-source-6.1 (make conformance gets it)"
	exit 0
fi
make -s B="$B" "$B/conformance" >&2 || exit 1
dir=$B/conformance-$(uname -r)
if ! "$B/conformance" kernel "$dir" >&2 && [ ! -s "$dir/results.tsv" ]; then
	echo "1..1"
	echo "ok - conformance # SKIP needs permission to load programs"
	exit 0
fi
"$B/conformance" compare "$dir" --tap || status=1
"$B/conformance" kernel "$dir-caps-bpf" --caps bpf >&2
"$B/conformance" compare "$dir-caps-bpf" --caps bpf --tap || status=1
"$B/conformance" log "$dir" --tap || status=1
# Each of them with a blunder in it: what is refused, and why.
"$B/conformance" kernel "$dir-mutated" --mutate 1 --seed 1 >&2
"$B/conformance" compare "$dir-mutated" --mutate 1 --seed 1 --tap || status=1
# The unprivileged are shut out of most kernels; their results come from a virtual machine.
for vm in "$B"/conformance-vm-*-caps-none; do
	[ ! -s "$vm/results.tsv" ] || "$B/conformance" compare "$vm" --caps none --tap || status=1
done
exit $status
