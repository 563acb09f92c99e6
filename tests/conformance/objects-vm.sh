#!/bin/sh
# SPDX-License-Identifier: MIT
# objects-vm.sh KERNEL CONFORMANCE OUT DIR...: the objects of the directories in a virtual
# machine's kernel; OUT/results.tsv keeps what it said. CONFORMANCE is linked statically.
set -eu
kernel=$1 conformance=$2 out=$3
shift 3
in=$out.in
rm -rf "$in"
mkdir -p "$in/objects" "$out"
trap 'rm -rf "$in"' EXIT
objcopy --strip-debug "$conformance" "$in/conformance"
names=
for dir in "$@"; do
	name=$(basename "$dir")
	names="$names $name"
	mkdir -p "$in/objects/$name"
	cp "$dir"/*.o "$in/objects/$name"
	# The machine's memory is what limits: BTF stays, names of variables go.
	for o in "$in/objects/$name"/*.o; do
		llvm-strip -g "$o"
	done
done
cp "$(tests/vm/get-kernel.sh "$kernel")/config" "$out/config"
VM_CMDLINE="mitigations=auto init_on_alloc=0" VM_TIMEOUT=${VM_TIMEOUT:-3600} VM_MEM=3072 \
	VM_MEMLOCK=1 VM_OUT=$out tests/vm/run-in-vm.sh "$kernel" "$in" sh -c \
	"for o in $names; do ./conformance kernel /out --objects objects/\$o 2>/dev/null; done"
