#!/bin/sh
# deps.sh check|install: the packages that building and testing need, on four families.
# check names the first that is missing for building; install installs whatever is absent.
set -eu
cc=${CC:-gcc}

# what | how to see it | Debian | Fedora | Arch | Alpine
list='
compiler|command -v '$cc'|gcc|gcc|gcc|gcc
libc|header stdio.h|libc6-dev|glibc-devel|glibc|musl-dev
uapi|header linux/bpf.h|linux-libc-dev|kernel-headers|linux-api-headers|linux-headers
libelf|header libelf.h|libelf-dev|elfutils-libelf-devel|libelf|elfutils-dev
libdw|header elfutils/libdw.h|libdw-dev|elfutils-devel|libelf|elfutils-dev
libedit|header histedit.h|libedit-dev|libedit-devel|libedit|libedit-dev
criterion|header criterion/criterion.h|libcriterion-dev|libcriterion-devel|criterion|criterion-dev
ip|command -v ip|iproute2|iproute|iproute2|iproute2
'

have() {
	case $1 in
	header*) echo "#include <${1#header }>" | $cc -E -o /dev/null - 2>/dev/null ;;
	*) eval "$1" >/dev/null 2>&1 ;;
	esac
}

manager() {
	for m in apt-get dnf pacman apk; do
		command -v $m >/dev/null 2>&1 && { echo $m; return; }
	done
	echo none
}

column() {
	case $(manager) in
	dnf) echo 4 ;; pacman) echo 5 ;; apk) echo 6 ;; *) echo 3 ;;
	esac
}

missing=
IFS='
'
for row in $list; do
	how=$(echo "$row" | cut -d'|' -f2)
	IFS=' '
	have "$how" || missing="$missing $(echo "$row" | cut -d'|' -f"$(column)")"
	IFS='
'
done
IFS=' '
missing=${missing# }
[ -n "$missing" ] || exit 0

if [ "$1" = check ]; then
	# Tests alone need Criterion and ip; the build does without.
	needed=
	for p in $missing; do
		case $p in *criterion*|iproute*) ;; *) needed="$needed $p" ;; esac
	done
	[ -n "$needed" ] || exit 0
	echo "veery: missing package:$needed (make deps installs it)" >&2
	exit 1
fi

root=
[ "$(id -u)" = 0 ] || root=sudo
echo "installing: $missing"
case $(manager) in
apt-get)
	$root apt-get update -q >/dev/null
	DEBIAN_FRONTEND=noninteractive $root apt-get install -y -q --no-install-recommends \
		$missing >/dev/null ;;
dnf) $root dnf install -y -q $missing ;;
pacman) $root pacman -S --needed --noconfirm $missing ;;
apk) $root apk add -q $missing ;;
none) echo "veery: no package manager known here; install: $missing" >&2; exit 1 ;;
esac
