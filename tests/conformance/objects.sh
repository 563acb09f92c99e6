#!/bin/sh
# SPDX-License-Identifier: MIT
# objects.sh: compile the BPF programs among the kernel's own tests (C files, not arrays).
#
#   objects.sh SOURCE.tar.xz OUT [CLANG]
#
# Extracts what is needed of a distribution's kernel source package under OUT, generates the
# two headers that the kernel's build would (helpers from the uapi header, vmlinux.h from the
# running kernel's BTF) and compiles every program there is to OUT/*.o. What does not compile
# with this clang against these types is counted and left out.
set -eu
tar=$1 out=$2 clang=${3:-clang}
top=$(basename "$tar" .tar.xz)
src=$out/$top self=$src/tools/testing/selftests/bpf

mkdir -p "$out/include"
if [ ! -e "$out/extracted" ]; then
	tar -C "$out" -xf "$tar" "$top/tools/testing/selftests/bpf" "$top/tools/lib/bpf" \
		"$top/tools/include" "$top/include/uapi/linux" "$top/scripts/bpf_doc.py"
	ln -sfn "$(realpath "$src/tools/lib/bpf")" "$out/include/bpf"
	python3 "$src/scripts/bpf_doc.py" --header --file "$src/include/uapi/linux/bpf.h" \
		>"$out/include/bpf_helper_defs.h"
	bpftool btf dump file /sys/kernel/btf/vmlinux format c >"$out/include/vmlinux.h"
	touch "$out/extracted"
fi

# The system's own headers come last, as in the kernel's build.
sys=$($clang -v -E - </dev/null 2>&1 |
	sed -n '/<...> search starts here:/,/End of search list./{ s| \(/.*\)|-idirafter \1|p }')
export clang sys out self src
compile() {
	o=$out/$(basename "$1" .c).o
	[ -e "$o" ] && return
	# shellcheck disable=SC2086
	$clang -g -O2 -mcpu=v3 --target=bpf -mlittle-endian -w -D__TARGET_ARCH_x86 \
		-DENABLE_ATOMICS_TESTS -I"$out/include" -I"$self" -I"$src/tools/include/uapi" \
		$sys -c "$1" -o "$o" 2>"$o.err" || { rm -f "$o"; return; }
	rm -f "$o.err"
}
for c in "$self"/progs/*.c; do
	compile "$c"
done
echo "$out: $(find "$out" -maxdepth 1 -name '*.o' | wc -l) objects;" \
	"$(find "$out" -maxdepth 1 -name '*.err' | wc -l) do not compile" >&2
