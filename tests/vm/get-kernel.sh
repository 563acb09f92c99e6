#!/bin/bash
# SPDX-License-Identifier: MIT
# get-kernel.sh VERSION: prepares a Debian kernel for run-in-vm.sh and prints its folder
# (vmlinux, config, base.cpio, release). Downloads once, then cached; nothing is installed.
# get-kernel.sh list: the releases to be had, one a line.
#   VERSION   6.1 | 6.12 | 6.18 ...   the newest package of that series
#             6.12.117+deb12          that very kernel
# Variables: VM_CACHE (/tmp/vm-cache), VM_FLAVOUR (cloud-; "" is the full image), VM_SUITES
#   (Debian suites looked in when the configured ones lack the series), VM_MODULES (more
#   modules to put in).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
VM_CACHE=${VM_CACHE:-/tmp/vm-cache}
VM_FLAVOUR=${VM_FLAVOUR-cloud-}
VM_SUITES=${VM_SUITES-bullseye bookworm-backports trixie trixie-backports sid}
VM_MODULES=${VM_MODULES-}
boot_modules='virtio_pci virtio_console'
more_modules='veth dummy ifb tun bridge sch_ingress cls_bpf act_bpf cls_u32 sch_fq sch_htb
	tcp_bbr tcp_dctcp nf_tables nft_compat xt_bpf overlay loop virtio_net virtio_blk'
want=${1:-}
[ -n "$want" ] || { echo "usage: get-kernel.sh VERSION | list" >&2; exit 2; }
PATH=$PATH:/sbin:/usr/sbin

die() {
	echo "get-kernel: $*" >&2
	exit 125
}

for t in xz zstd lz4 cpio depmod busybox apt-get cc; do
	command -v $t >/dev/null ||
		die "no $t; apt-get install xz-utils zstd lz4 cpio kmod busybox-static gcc"
done
mkdir -p "$VM_CACHE"
exec 9>"$VM_CACHE/.lock"
flock 9

# ---- the archive ------------------------------------------------------------------------

own() { # apt as it is configured here
	local c=$1
	shift
	"$c" -o APT::Sandbox::User=root "$@"
}

# apt with its own sources and lists, for the suites that are not configured: the system's
# stay as they are.
more() {
	local a=$VM_CACHE/apt c=$1 mirror s
	shift
	set -- -o Dir::Etc::sourcelist="$a/sources.list" -o Dir::Etc::sourceparts="$a/parts" \
		-o Dir::State::lists="$a/lists" -o Dir::Cache="$a/cache" "$@"
	if [ ! -e "$a/ready" ]; then
		mkdir -p "$a"/{lists/partial,cache/archives/partial,parts}
		mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep '/debian/\?$' | head -1)
		[ -n "$mirror" ] || die 'no Debian archive configured: run apt-get update'
		for s in $VM_SUITES; do
			echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $s main"
		done >"$a/sources.list"
		own apt-get "${@:1:8}" update -qq >&2
		touch "$a/ready"
	fi
	own "$c" "$@"
}

images() { # images APT: names of image packages
	"$1" apt-cache search --names-only "^linux-image-[0-9].*-${VM_FLAVOUR}amd64\$" |
		awk '{print $1}' | grep -E '^linux-image-[0-9]+\.[0-9]+\.[0-9]' |
		{ [ -n "$VM_FLAVOUR" ] && cat || grep -vE -- '-(cloud|rt)-amd64$'; } |
		sed 's/^linux-image-//' || true
}

newest() { # newest APT: the newest release of the wanted series
	local v=${want//./\\.}
	images "$1" | grep -E "^${v//+/\\+}([.+-][0-9a-z.+-]*)?-${VM_FLAVOUR}amd64\$" |
		sort -V | tail -1 || true
}

if [ "$want" = list ]; then
	{ images own; images more; } | sort -Vu
	exit
fi

# The choice is remembered, so a prepared kernel needs no look-up.
pick=$VM_CACHE/pick-$VM_FLAVOUR$want
rel=$(cat "$pick" 2>/dev/null || true)
[ -n "$rel" ] || rel=$(newest own)
[ -n "$rel" ] || rel=$(newest more)
[ -n "$rel" ] || die "no linux-image-$want*-${VM_FLAVOUR}amd64 (apt-get update?)"
out=$VM_CACHE/$rel

# ---- the kernel and its modules -----------------------------------------------------------

get() { # get PACKAGE: its files into $tmp/x
	(cd "$tmp" && { own apt-get download -qq "$1" >&2 2>/dev/null ||
		more apt-get download -qq "$1" >&2; }) || die "cannot download $1"
	dpkg -x "$tmp/$1"_*.deb "$tmp/x"
}

word() { od -An -t"$3" -j $(($2)) -N"$4" "$1" | tr -d ' \n'; }

# The payload of a bzImage is vmlinux: decompressed here it boots a second faster than when
# the guest does it. The size word after it is an error to the tools.
unpack_bzimage() {
	local off=$((($(word "$1" 0x1f1 u1 1) + 1) * 512 + $(word "$1" 0x248 u4 4))) how
	case $(word "$1" $off x1 4) in
	02214c18) how='lz4 -dc' ;;
	28b52ffd) how='zstd -dc' ;;
	1f8b08*) how='gzip -dc' ;;
	fd377a58) how='xz -dc --single-stream' ;;
	*) die "unknown compression of $1" ;;
	esac
	{ tail -c +$((off + 1)) "$1" | head -c "$(word "$1" 0x24c u4 4)" | $how >"$2" \
		2>/dev/null; } || true
	[ "$(word "$2" 0 x1 4)" = 7f454c46 ] || die "no ELF in $1"
}

if [ ! -e "$out/vmlinux" ]; then
	tmp=$VM_CACHE/tmp.$$
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp/x" "$tmp/out/lib/modules"
	get "linux-image-$rel"
	if [ -z "$(find "$tmp/x" -name 'vmlinuz*' -size +1M)" ]; then	# split from 6.19 on
		for p in $(dpkg-deb -f "$tmp/linux-image-$rel"_*.deb Depends |
			grep -oE 'linux-(base|binary|modules)-[0-9][^ ,]*'); do
			get "$p"
		done
	fi
	cp "$(find "$tmp/x" -name "config-$rel" -o -path "*/$rel/config" | head -1)" "$tmp/out/config"
	mv "$(find "$tmp/x" -type d -path "*/lib/modules/$rel" | head -1)" \
		"$tmp/out/lib/modules/$rel"
	unpack_bzimage "$(find "$tmp" -name 'vmlinuz*' -size +1M | head -1)" "$tmp/out/vmlinux"
	rm -rf "$out"
	mv "$tmp/out" "$out"
fi

# ---- the initramfs they start with ----------------------------------------------------------

deps() { # deps MODULE...: files in load order; builtin ones give none
	local m
	for m; do
		modprobe -d "$out" -S "$rel" --show-depends "$m" 2>/dev/null |
			awk '$1 == "insmod" {print $2}' || true
	done | awk '!seen[$0]++'
}

put() { # put FILE: decompressed, at the same place under $r
	local d=${1#"$out"/} c=cat
	case $d in
	*.xz) c='xz -dc' d=${d%.xz} ;;
	*.zst) c='zstd -dcq' d=${d%.zst} ;;
	esac
	[ -e "$r/$d" ] && return
	mkdir -p "$r/${d%/*}"
	$c "$1" >"$r/$d"
}

key="1 $boot_modules $more_modules $VM_MODULES $(cksum <"$here/init.c")"
if [ "$(cat "$out/key" 2>/dev/null)" != "$key" ]; then
	r=$out/base.tmp
	rm -rf "$r"
	mkdir -p "$r"/{bin,sbin,usr/bin,usr/sbin,vm,guest,etc,boot,lib/modules/"$rel"}
	cc -O2 -D_GNU_SOURCE -static -o "$r/init" "$here/init.c"
	cp "$(command -v busybox)" "$r/bin/busybox"
	for a in $("$r/bin/busybox" --list); do
		[ "$a" = busybox ] || ln -s busybox "$r/bin/$a"
	done
	cp "$out/config" "$r/boot/config-$rel"
	ln -s /proc/mounts "$r/etc/mtab"
	echo root:x:0:0:root:/root:/bin/sh >"$r/etc/passwd"
	echo root:x:0: >"$r/etc/group"
	echo '127.0.0.1 localhost vm' >"$r/etc/hosts"
	src=$out/lib/modules/$rel
	[ -e "$src/modules.dep" ] || depmod -b "$out" "$rel"
	# shellcheck disable=SC2086
	for f in $(deps $boot_modules $more_modules $VM_MODULES); do
		put "$f"
	done
	cp "$src"/modules.{builtin,builtin.modinfo,order} "$r/lib/modules/$rel/" 2>/dev/null || true
	depmod -b "$r" "$rel"
	# shellcheck disable=SC2086
	deps $boot_modules | sed -e "s#^$out##" -e 's/\.\(xz\|zst\)$//' >"$r/vm/modules"
	(cd "$r" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out/base.cpio.tmp"
	mv "$out/base.cpio.tmp" "$out/base.cpio"
	rm -rf "$r"
	echo "$key" >"$out/key"
fi
echo "$rel" >"$out/release"
echo "$rel" >"$pick"
echo "$out"
