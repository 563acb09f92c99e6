#!/bin/sh
# verify.sh: the simulator against the kernel's own verification time, in the same run.
set -u
B=${B:-build}
objects=${OBJECTS:-$(ls -d "$B"/objects-*/ 2>/dev/null)}

make -s B="$B" "$B/bench/verify" >&2 || exit 1
echo "== verification of programs of known size: ours / the kernel's"
"$B/bench/verify"
if [ ! -e /usr/src/linux-source-6.1.tar.xz ]; then
	echo "== the corpora: skipped: needs the package linux-source-6.1"
	exit 0
fi
make -s B="$B" "$B/conformance" >&2 || exit 1
dir=$B/conformance-$(uname -r)
"$B/conformance" kernel "$dir" || exit 0	# the kernel's types; says why when it cannot
echo "== verification of the kernel's hand-made tests: ours / the kernel's"
"$B/conformance" time "$dir"
for o in $objects; do
	echo "== verification of compiled programs, $o: ours / the kernel's"
	"$B/conformance" time "$dir" --objects "$o" 2>/dev/null
done
