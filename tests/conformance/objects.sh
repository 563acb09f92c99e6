#!/bin/sh
# SPDX-License-Identifier: MIT
# objects.sh: compile the BPF programs written in C that come with a kernel's source.
#
#   objects.sh SOURCE.tar.xz WORK OUT [CLANG [CPU]]
#
# Extracts what is needed of a distribution's kernel source package under WORK, generates the
# two headers that the kernel's build would (helpers from the uapi header, vmlinux.h from the
# types in $OBJ_BTF, the running kernel's unless said) and compiles every program to OUT/*.o:
# the tests' progs/, and under the name of their folder the samples, the tools' and drivers'.
# What does not compile with this clang against these types is counted and left out.
set -eu
tar=$1 work=$2 out=$3 clang=${4:-clang} cpu=${5:-v3}
top=$(basename "$tar" .tar.xz)
src=$work/$top self=$src/tools/testing/selftests/bpf

mkdir -p "$work/include/uapi" "$out"
if [ ! -e "$work/extracted" ]; then
	tar -C "$work" -xf "$tar" --wildcards "$top/tools/testing/selftests/bpf" \
		"$top/tools/testing/selftests/sched_ext*" "$top/tools/testing/selftests/net/*.c" \
		"$top/tools/sched_ext*" "$top/tools/lib/bpf" "$top/tools/include" \
		"$top/tools/perf/util/bpf_skel" "$top/tools/bpf/runqslower" \
		"$top/tools/bpf/bpftool/skeleton" "$top/samples/*bpf*" "$top/drivers/hid/bpf" \
		"$top/kernel/bpf/preload" "$top/include/uapi/linux" "$top/scripts/bpf_doc.py" \
		2>"$work/tar.err" || grep -v 'Not found\|delayed' "$work/tar.err" >&2 || :
	ln -sfn "$(realpath "$src/tools/lib/bpf")" "$work/include/bpf"
	ln -sfn "$(realpath "$src/include/uapi/linux")" "$work/include/uapi/linux"
	python3 "$src/scripts/bpf_doc.py" --header --file "$src/include/uapi/linux/bpf.h" \
		>"$work/include/bpf_helper_defs.h"
	touch "$work/extracted"
fi
mkdir -p "$out/include"
[ -e "$out/include/vmlinux.h" ] ||
	bpftool btf dump file "${OBJ_BTF:-/sys/kernel/btf/vmlinux}" format c \
		>"$out/include/vmlinux.h"

# The system's own headers come last, as in the kernel's build.
sys=$($clang -v -E - </dev/null 2>&1 |
	sed -n '/<...> search starts here:/,/End of search list./{ s| \(/.*\)|-idirafter \1|p }')

# compile FILE OBJECT FLAGS...
compile() {
	c=$1 o=$out/$2.o
	shift 2
	[ -e "$o" ] || [ -e "$o.err" ] && return
	# shellcheck disable=SC2086
	$clang -g -O2 -mcpu="$cpu" --target=bpf -mlittle-endian -w -D__TARGET_ARCH_x86 \
		-DENABLE_ATOMICS_TESTS "$@" -I"$out/include" -I"$work/include" -I"$self" \
		-I"$self/libarena/include" -I"$src/tools/include/uapi" $sys -c "$c" -o "$o" 2>"$o.err" ||
		{ rm -f "$o"; return; }
	rm -f "$o.err"
}
for c in "$self"/progs/*.c; do
	compile "$c" "$(basename "$c" .c)"
done
for c in "$src"/samples/bpf/*_kern.c "$src"/tools/testing/selftests/net/*.c \
		"$src"/kernel/bpf/preload/iterators/*.bpf.c "$src"/tools/*/*/*/*.bpf.c \
		"$src"/tools/bpf/*/*.bpf.c "$src"/tools/*/*.bpf.c "$src"/samples/*/*.bpf.c \
		"$src"/drivers/hid/bpf/progs/*.bpf.c "$src"/tools/testing/selftests/*/*.bpf.c; do
	grep -qs 'SEC(' "$c" || continue
	dir=$(dirname "$c")
	compile "$c" "$(basename "$dir")-$(basename "$c" .c)" -I"$dir" -I"$dir/include" \
		-I"$src/tools/sched_ext/include" -I"$src/tools/sched_ext/include/bpf-compat" \
		-I"$src/tools/perf/util" -I"$src/tools/include"
done
echo "$out: $(find "$out" -maxdepth 1 -name '*.o' | wc -l) objects;" \
	"$(find "$out" -maxdepth 1 -name '*.err' | wc -l) do not compile" >&2
