#!/bin/bash
# SPDX-License-Identifier: MIT
# run-in-vm.sh KERNEL DIR COMMAND [ARG...]
# Boots a Debian kernel under QEMU (emulated, unless /dev/kvm is there), puts a copy of DIR at
# /guest, runs COMMAND there as root, and returns its output and exit status.
#   KERNEL   5.10 6.1 6.12 6.18 7.3 ... (see get-kernel.sh), or a folder it made
# Exit status: the command's; 124 out of time; 125 the machine failed.
# Variables:
#   VM_TIMEOUT  seconds for the whole run (120)    VM_MEM   MiB (by the size of DIR)
#   VM_OUT      folder that gets what the command left in /out
#   VM_LIBS=1   also the libraries that DIR's executables load
#   VM_ENV      names of variables to pass on      VM_MEMLOCK=1  no RLIMIT_MEMLOCK (for < 5.11)
#   VM_LSM      lsm= list (landlock,lockdown,yama,bpf)
#   VM_CMDLINE  more for the kernel command line   VM_LOG   file for the kernel log
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { sed -n '3,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }
ver=$1 dir=$(cd "$2" && pwd)
shift 2
qemu=$(command -v qemu-system-x86_64) || {
	echo 'run-in-vm: apt-get install --no-install-recommends qemu-system-x86' >&2
	exit 125
}
case $ver in
*/*) k=$ver ;;
*) k=$("$here/get-kernel.sh" "$ver") ;;
esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/vm.XXXXXX")
qpid=
cleanup() {
	[ -z "$qpid" ] || kill "$qpid" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# ---- the initramfs: base, this run's command and libraries, DIR; each a cpio archive --------

mkdir -p "$tmp/r/vm"
printf '%s\0' "$@" >"$tmp/r/vm/argv"
for n in ${VM_ENV-}; do
	[ -z "${!n+x}" ] || printf '%s=%s\0' "$n" "${!n}"
done >"$tmp/r/vm/env"
echo "${VM_OUT:+out} ${VM_MEMLOCK:+memlock}" >"$tmp/r/vm/flags"
if [ -n "${VM_LIBS-}" ]; then
	# ldd fails on scripts, which may lie there too
	{ find "$dir" -type f -perm -u+x -exec ldd {} + 2>/dev/null || true; } | grep -oE '/[^ :]+\.so[^ :]*' |
		sort -u | while read -r f; do
		mkdir -p "$tmp/r${f%/*}"
		cp -Lp "$f" "$tmp/r$f"
	done
fi
ln -s "$dir" "$tmp/guest"
{
	cat "$k/base.cpio"
	(cd "$tmp/r" && find . -mindepth 1 | sed 's#^\./##' | cpio -o -H newc -R 0:0 --quiet)
	(cd "$dir" && find . -mindepth 1 ! -type s | sed 's#^\.#guest#' >"$tmp/list")
	(cd "$tmp" && cpio -o -H newc -R 0:0 --quiet <"$tmp/list")
} >"$tmp/initrd"
mem=${VM_MEM:-$((512 + $(stat -c %s "$tmp/initrd") / 1048576 * 3))}

# ---- the machine -----------------------------------------------------------------------------

accel=(-accel tcg)
[ -w /dev/kvm ] && accel=(-accel kvm -accel tcg)
ports=()
n=0
for f in res out err tar log; do
	n=$((n + 1))
	: >"$tmp/$f"
	ports+=(-chardev "file,id=c$n,path=$tmp/$f,append=on"
		-device "virtserialport,chardev=c$n,nr=$n,name=$f")
done
: >"$tmp/con"
# ioeventfd=off: what the guest writes is in the file before its next instruction.
# shellcheck disable=SC2086
timeout -k 5 "${VM_TIMEOUT:-120}" "$qemu" -nodefaults -no-user-config -display none -no-reboot \
	"${accel[@]}" -cpu max -smp 1 -m "$mem" -kernel "$k/vmlinux" -initrd "$tmp/initrd" \
	-chardev file,id=con,path="$tmp/con" -serial chardev:con \
	-device isa-debug-exit,iobase=0xf4,iosize=0x1 \
	-device virtio-serial-pci,ioeventfd=off,max_ports=8 "${ports[@]}" \
	-append "console=ttyS0 quiet loglevel=5 panic=-1 oops=panic reboot=t nokaslr mitigations=off init_on_alloc=0 random.trust_cpu=on cgroup_no_v1=all lsm=${VM_LSM-landlock,lockdown,yama,bpf} ${VM_CMDLINE-}" \
	</dev/null >"$tmp/qemu" 2>&1 &
qpid=$!
tail -q -c +1 -s 0.05 -f --pid=$qpid "$tmp/out" & t1=$!
tail -q -c +1 -s 0.05 -f --pid=$qpid "$tmp/err" >&2 & t2=$!
rc=0
wait $qpid || rc=$?
qpid=
wait $t1 $t2 || true

# ---- what came of it --------------------------------------------------------------------------

code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$tmp/res")
if [ -n "${VM_LOG-}" ]; then
	cat "$tmp/log" "$tmp/con" >"$VM_LOG"
fi
if [ -n "${VM_OUT-}" ] && [ -s "$tmp/tar" ]; then
	mkdir -p "$VM_OUT"
	tar -x -f "$tmp/tar" -C "$VM_OUT" --no-same-owner
fi
grep -ahE 'BUG:|WARNING:|Oops|Kernel panic|vm-init:' "$tmp/log" "$tmp/con" | sort -u | head -20 |
	sed 's/^/run-in-vm: kernel: /' >&2 || true
[ -z "$code" ] || exit "$code"
cat "$tmp/qemu" >&2
tail -40 "$tmp/con" >&2
if [ $rc = 124 ] || [ $rc = 137 ]; then
	echo "run-in-vm: out of time (VM_TIMEOUT=${VM_TIMEOUT:-120})" >&2
	exit 124
fi
echo "run-in-vm: the machine ended without a result (qemu $rc)" >&2
exit 125
