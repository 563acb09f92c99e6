#!/bin/sh
# Every example is accepted, and runs: traffic.c makes what it is to see, in namespaces and a
# control group of its own.
. tests/tap.sh
here=tests/examples
cc=${CC:-cc}

# Cgroup hooks are in the unified hierarchy, which need not be at /sys/fs/cgroup.
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=
leave() { [ -z "$group" ] || rmdir "$group" 2>/dev/null; rm -rf "$tmp"; }
trap leave EXIT INT TERM

# The environment of an example: no network but lo, tracefs, and the group as the whole tree.
cat >"$tmp/inside.sh" <<'END_INSIDE'
veery=$1 group=$2 example=$3 traffic=$4
shift 4
ip link set lo up
# 10.9.0.2 is on a cable whose other end is plugged in nowhere.
ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v1 up
ip link set v0 up
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
if [ -n "$group" ]; then
	echo $$ >"$group/cgroup.procs"
	mount --bind "$group" /sys/fs/cgroup
fi
"$traffic" "$@" &
maker=$!
case $example in *steer-ports*)
	"$traffic" serve 7777 &
	server=$!
esac
timeout $((20 * ${SLOWNESS:-1})) "$veery" run "$example"
status=$?
kill $maker $server 2>/dev/null
exit $status
END_INSIDE

# at_least N EXPRESSION: the number that the expression, from the start of a line on, finds.
at_least() {
	number=$(sed -n "s/^$2.*/\1/p" "$tmp/out" | head -n 1)
	[ "${number:-0}" -ge "$1" ]
}

# shows EXAMPLE "TRAFFIC" N EXPRESSION: run while there is traffic; see at_least.
shows() {
	run unshare -n -m sh "$tmp/inside.sh" "$veery" "$group" "$here/$1.lisp" "$tmp/traffic" $2
	check "$1 shows $2" ran_and_shows "$3" "$4"
}
ran_and_shows() { [ "$status" -eq 0 ] && at_least "$1" "$2"; }

# with_group: a control group that is ours alone.
with_group() {
	[ -n "$cgroups" ] && group=$cgroups/veery-examples.$$ && mkdir "$group" 2>/dev/null &&
		return 0
	group=
	return 1
}
without_group() {
	# The last process of the group may still be on its way out.
	for attempt in 1 2 3 4 5; do
		rmdir "$group" 2>/dev/null && break
		sleep 0.1
	done
	group=
}

tracefs() { unshare -m sh -c '[ -d /sys/kernel/tracing/events ] ||
	mount -t tracefs tracefs /sys/kernel/tracing' 2>/dev/null; }
# tracepoint CATEGORY/EVENT
tracepoint() { unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
	[ -d "/sys/kernel/tracing/events/$0" ]' "$1"; }
traced() {
	example=$1
	if ! tracepoint "$2"; then
		skip "$1 runs" "needs tracepoint $2"
		return
	fi
	shift 2
	shows "$example" "$@"
}

# ---- accepted ----------------------------------------------------------------------------

for file in "$here"/*.lisp; do
	name=${file#"$here"/}
	if grep -q '^(deftracepoint' "$file" && ! tracefs; then
		skip "$name is accepted" "needs tracefs"
	elif grep -q '^(deftracepoint' "$file"; then
		run unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
			exec "$@"' sh "$veery" check "$file"
		check "$name is accepted" status_is 0
	else
		run "$veery" check "$file"
		check "$name is accepted" status_is 0
	fi
done
check "there are at least twenty" test "$(ls "$here"/*.lisp | wc -l)" -ge 20

# ---- run ---------------------------------------------------------------------------------

lives() {
	run "$veery" run "$here/count-xdp.lisp"
	check "count-xdp loads" status_is 0
	shows syscalls "open /etc/passwd" 50 '  [0-9]* traffic  *\([0-9]*\) '
	shows syscall-latency spin 20 ' *[0-9][0-9]*  *\([0-9][0-9]*\) '
	shows runqlat "open /etc/passwd" 100 '\([0-9]*\) waits'
	shows off-cpu "open /etc/passwd" 100000 '  traffic .* \([0-9][0-9]*\)'
	traced open-files syscalls/sys_enter_openat "open /etc/passwd" 1 \
		' *\([0-9]*\) traffic  *\/etc\/passwd'
	traced tcp-connect sock/inet_sock_set_state "tcp 7000" 50 \
		' *\([0-9][0-9]*\) connections to 127.0.0.1:7000'
	traced tcp-retransmit tcp/tcp_retransmit_skb "retry 10.9.0.2" 1 '  9999  *\([0-9]*\) '
	shows drop-port "udp 7777" 50 'port 7777: \([0-9]*\) packets'
	shows syn-guard "connect 9" 50 '127.0.0.1: \([0-9]*\) SYNs'
	shows rate-limit "udp 9" 50 'passed [0-9]*, limited \([0-9]*\)'
	shows dns-names dns 50 ' *\([0-9]*\) www.example.org'
	case $(df -P "$B" | tail -n 1) in
	/dev/*)	traced block-io block/block_rq_issue "write $B/examples.tmp" 5 \
			'  \[64K, 128K)  *\([0-9]*\) '
		rm -f "$B/examples.tmp" ;;
	*)	skip "block-io runs" "needs $B on a disk" ;;
	esac
	shows malloc-sizes malloc 50 '  \[2K, 4K)  *\([0-9]*\) '
	shows dispatch "udp 9" 50 'TCP 0, UDP \([0-9]*\)'
	traced exec-log sched/sched_process_exec "exec /bin/true" 1 \
		'.*pid \([0-9]*\)  uid 0  \/bin\/true'
	shows flows "udp 7" 1 '.*127.0.0.1:7 protocol 17: \([0-9]*\) packets'
	shows profile spin 20 '  traffic  *\([0-9]*\) '
	traced signals signal/signal_generate signal 50 '.*signal 23 to [0-9]*, \([0-9]*\) times'
	shows file-reads "exec /bin/true" 1 '\([0-9]*\) reads'
	shows new-processes "exec /bin/true" 1 ' *\([0-9]*\) true  *lived'
	shows page-faults pages 1000 '  traffic  *\([0-9]*\) '
	shows all-maps "" 2 ' *[0-9]*  hash  *visitors  *4  *8   \([0-9]*\) of 16'
	shows ping-reply "" 1 'answered \([0-9]*\)'
	check "ping-reply answers with a valid checksum" out_has \
		"verdict 3, type 0, checksum FFFD, to 10.0.0.1"
	if with_group; then
		shows cgroup-egress "udp 7000" 50 ' *7000  *\([0-9]*\)'
		shows steer-ports "connect 7123" 50 'port 7123: \([0-9]*\) connections'
		shows connect-guard "connect 7000" 50 'port 7000: refused \([0-9]*\) times'
		without_group
	else
		for name in cgroup-egress steer-ports connect-guard; do
			skip "$name runs" "needs cgroup v2"
		done
	fi
}

if ! can_load; then
	skip "the examples run" "needs CAP_BPF"
elif ! unshare -n -m ip link set lo up 2>/dev/null; then
	skip "the examples run" "needs network and mount namespaces, and ip"
elif ! "$cc" -O1 -o "$tmp/traffic" "$here/traffic.c" 2>"$tmp/err"; then
	fail "traffic.c compiles"
else
	lives
fi

# ---- from C, as installed ------------------------------------------------------------------

run make -s B="$B" install DESTDIR="$tmp/root" PREFIX=/usr
check "the library installs" status_is 0
export PKG_CONFIG_SYSROOT_DIR="$tmp/root"
export PKG_CONFIG_PATH="$tmp/root/usr/lib/pkgconfig:$tmp/root/usr/share/pkgconfig"
flags=$(pkg-config --cflags --libs veery 2>/dev/null) ||
	flags="-I$tmp/root/usr/include -L$tmp/root/usr/lib -lveery"
if grep -q __asan_init "$tmp/root/usr/lib/libveery.so"; then
	flags="$flags -fsanitize=address,undefined"
fi
run "$cc" -o "$tmp/drops" "$here/count-drops.c" $flags
check "count-drops.c compiles against it" status_is 0
if can_load; then
	LD_LIBRARY_PATH="$tmp/root/usr/lib" run "$tmp/drops"
	check "count-drops runs" out_has "5 of 10 packets dropped, the map says 5"
else
	skip "count-drops runs" "needs CAP_BPF"
fi
plan
