#!/bin/sh
# The command line as a person uses it: output, errors, exit status.
. tests/tap.sh

cat >"$tmp/one.lisp" <<'END'
(defmap packets :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count (:type :xdp)
  (incf (getmap packets 0))
  XDP_PASS)
END
cat >"$tmp/bad.lisp" <<'END'
(defmap packets :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count (:type :xdp)
  (incf (getmap pakcets 0))
  XDP_PASS)
END

run "$veery" --version
check "--version prints one line" out_has "veery "
run "$veery" help
check "help lists the commands" out_has "veery check FILE..."
run "$veery" help check
check "help COMMAND lists its options" out_has "--json"
run "$veery" chek x
check "an unknown command suggests the nearest" err_has 'did you mean `check`?'
check "and ends with status 2" status_is 2
run "$veery" check --jsn x
check "an unknown option suggests the nearest" err_has 'did you mean `--json`?'
run "$veery" --quiet check x
check "an option in front of its command is sent behind it" err_has "veery check ..."
run "$veery" check "$tmp/none.lisp"
check "a missing file is named" err_has "none.lisp: No such file"
check "a missing file ends with status 2" status_is 2
run "$veery" check "$tmp"
check "a directory is no file" err_has "it is a directory"
run "$veery" check "$tmp/one.lisp"
check "a good program is accepted" status_is 0
run "$veery" check "$tmp/bad.lisp"
check "an unknown map is located" err_has "bad.lisp:3:17"
check "and its nearest name suggested" err_has 'did you mean'
check "and ends with status 1" status_is 1
printf '(defprog p (:type :cgroup-sock-addr) 1)\n' >"$tmp/hook.lisp"
run "$veery" check "$tmp/hook.lisp"
check "a refusal without words is worded" out_has "cannot have this attach type"
run "$veery" check --brief "$tmp/bad.lisp"
check "--brief is one line for editors" err_has "bad.lisp:3:17: error["
run "$veery" check --json "$tmp/one.lisp"
check "--json gives a verdict" out_has '"verdict":"accept"'
printf '(defmap r :type :ringbuf :max-entries 4096)\n(defprog p (:type :xdp) (ringbuf-query r 0) 2)\n' \
	>"$tmp/ring.lisp"
run "$veery" check --kernel 5.4,5.10 "$tmp/ring.lisp"
check "what differs between kernels is said in words" out_has "rejected before 5.8: "
run "$veery" check --caps none "$tmp/one.lisp"
check "--caps says which rules applied" out_has "unprivileged"
cat >"$tmp/null.lisp" <<'EOF'
(defmap counts :type :hash :key u32 :value u64 :max-entries 16)
(defprog p (:type :xdp)
  (let ((c (map-lookup counts 1)))
    (store u64 c 0 1))
  XDP_PASS)
EOF
run "$veery" check --json "$tmp/null.lisp"
for member in code headline at root steps facts help fixes real kernel_message; do
	check "--json of a rejection has $member" out_has "\"$member\":"
done
check "a fix in JSON has its edits" out_has '"start":'
run env NO_COLOR=1 "$veery" check "$tmp/null.lisp"
check "a rejection is located" err_has "null.lisp:4:5"
check "and mended" err_has "fix (verified)"
{ cat "$tmp/null.lisp"; echo '(why)'; } >"$tmp/why.lisp"
run sh -c '"$0" <"$1"' "$veery" "$tmp/why.lisp"
check "(why) shows the path" out_has " |     (store u64 c 0 1))"
check "(why) shows what is known there" out_has "\`c\` is a pointer to the value of \`counts\`, or null"
check "(why) shows the log in the kernel's format" out_has "R0=map_value_or_null(id=1,map=counts"
run "$veery" explain v0106
check "explain CODE is a page" out_has "A program that fails"
run "$veery" explain V9999
check "an unknown code ends with status 2" status_is 2
run "$veery" explain --log tests/cases/logs/journald.log
check "a log is explained at its source line" err_has "bad.c:11"
run "$veery" explain --log tests/cases/logs/not-permitted.log
check "a refused permission is no verifier rejection" err_has "error[K0021]"
cat >"$tmp/cascade.lisp" <<'END'
(defstruct event (pid u32) (size nosuch))
(defmap events :type :rngbuf :max-entries 4096)
(defn half ((x u31)) (/ x 2))
(defglobal seen u65 0)
(defprog p (:type :xdp)
  (with-ringbuf (e events (sizeof event))
    (setf (event-pid e) (half 4)) (incf seen))
  2)
END
run "$veery" check "$tmp/cascade.lisp"
check "what follows from a failed declaration is not told again" test "$(grep -c 'error\[' "$tmp/err")" -eq 4
printf '(defmap m :type :hahs :max-entries 1)\n(defprog p (:type :xdp) (getmap m 0))\n' >"$tmp/in"
run sh -c '"$1" <"$2"' _ "$veery" "$tmp/in"
check "at the prompt it is, with the place of the declaration" err_has "this declaration of it failed"
printf '\177ELF' >"$tmp/short.o"
run "$veery" check --brief "$tmp/short.o"
check "what is wrong with a whole object names it" test "$(cut -d: -f1,2 "$tmp/err")" = "$tmp/short.o: error[O0001]"
printf '2\n\n  total\n' >"$tmp/atom.lisp"
run "$veery" run "$tmp/atom.lisp"
check "a variable alone has its place" err_has "atom.lisp:3:3"
mkdir "$tmp/many"
for i in $(seq 200); do
	echo '(defprog p (:type :xdp) 2)' >"$tmp/many/$i.lisp"
done
run "$veery" check "$tmp"/many/*.lisp
check "hundreds of files are checked" test "$(grep -c ': p: accept' "$tmp/out")" -eq 200
cat >"$tmp/moved.lisp" <<'END'
(defprog p (:type :xdp) (core-load u32 (ctx-ptr) 8 xdp-md data) 2)
END
run "$veery" check "$tmp/moved.lisp"
if [ -r /sys/kernel/btf/vmlinux ]; then
	check "a field that stands elsewhere is told, once" test "$(grep -c 'at offset 0, not 8' "$tmp/err")" -eq 1
fi
run "$veery" explain --log tests/cases/logs/core.log
check "a field CO-RE did not find is named" err_has "struct task_struct.nosuch"
run "$veery" dis "$tmp/one.lisp"
check "dis shows source lines" out_has "one.lisp:3  (incf (getmap packets 0))"
check "dis names maps" out_has "; map packets"
run "$veery" dis --pass nosuch "$tmp/one.lisp"
check "an unknown pass lists the passes" status_is 2
run "$veery" compile "$tmp/one.lisp" -o "$tmp/one.o"
check "compile writes an object" test -s "$tmp/one.o"
cp "$tmp/one.o" "$tmp/kept.o"
run "$veery" compile "$tmp/bad.lisp" -o "$tmp/kept.o"
check "a failed compile leaves the old output alone" cmp -s "$tmp/one.o" "$tmp/kept.o"
run "$veery" compile "$tmp/one.lisp" -o "$tmp/nodir/x.o"
check "an unwritable output ends with status 2" status_is 2
cat >"$tmp/gen.lisp" <<'END'
(defconstant +max-paths+ 16)
(defstruct inner (a u8) (b u16))
(defstruct event (pid u32) (when-ns u64) (comm (array u8 16)) (in (struct inner)) (type i16))
(defprog p (:type :xdp) XDP_PASS)
END
run "$veery" compile "$tmp/gen.lisp" --gen c go rust python lisp
check "compile --gen writes five languages" out_has "gen_types.lisp"
printf '#include "gen.h"\nint main(void) { return sizeof(struct event) != 40 || MAX_PATHS != 16; }\n' >"$tmp/gen.c"
run ${CC:-cc} -o "$tmp/gen" "$tmp/gen.c"
check "the C header compiles" status_is 0
run "$tmp/gen"
check "and has the layout" status_is 0
check "Go has the struct" grep -q "WhenNs uint64" "$tmp/gen_types.go"
check "Rust has the struct" grep -q "pub r#type: i16" "$tmp/gen_types.rs"
check "Lisp has the struct" grep -q "(when-ns u64)" "$tmp/gen_types.lisp"
if command -v python3 >/dev/null; then
	run python3 "$tmp/gen_types.py"
	check "Python has the layout" status_is 0
else
	skip "Python has the layout" "needs python3"
fi
rm -f "$tmp"/gen_types.*
run "$veery" compile "$tmp/gen.lisp" --gen all
check "--gen all is all of them" test -s "$tmp/gen_types.rs" -a -s "$tmp/gen_types.go"
run "$veery" compile "$tmp/gen.lisp" --gen cobol
check "an unknown language is named" err_has 'no language `cobol`'
run "$veery" disasm "$tmp/one.lisp"
check "disasm is dis" out_has "exit"
run "$veery" version
check "version is --version" out_has "veery "
run "$veery" doctor
check "doctor looks at BTF" out_has "BTF"
run "$veery" -e '(+ 40 2)'
check "-e prints the last value" out_has 42
run "$veery" -e '(+ 1'
check "an open form is named" err_has "R0"
printf '(defun twice (x) (* 2 x))\n(twice\n 21)\n' >"$tmp/in"
"$veery" <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
check "forms are read from standard input" out_has 42
# Files are read only below the directory that was granted, whatever way leads there.
mkdir -p "$tmp/open/in" "$tmp/openly"
echo inside >"$tmp/open/in/file"
echo secret >"$tmp/secret"
echo secret >"$tmp/openly/file"
ln -s ../secret "$tmp/open/link"
ln -s in/file "$tmp/open/good"
reads() { run "$veery" --allow-read "$tmp/open" -e "(read-file \"$1\")"; }
reads "$tmp/open/in/../in/file"
check "a granted file is read" out_has inside
reads "$tmp/open/good"
check "through a link that stays below, too" out_has inside
reads "$tmp/open/../secret"
check "dots do not lead out of the grant" err_has "only files below"
reads "$tmp/open/link"
check "nor do links" err_has "only files below"
reads "$tmp/openly/file"
check "nor a directory whose name goes on" err_has "only files below"
run "$veery" -e "(read-file \"$tmp/open/in/file\")"
check "without a grant nothing is read" err_has "--allow-read DIR"
run "$veery" -e "(if (probe-file \"$tmp/secret\") 'there 'absent)"
check "nor is it seen to be there" out_has absent
printf '(defmacro peek () (read-file "%s"))\n(print (peek))\n' "$tmp/open/in/file" >"$tmp/peek.lisp"
run "$veery" run --allow-read "$tmp/open" "$tmp/peek.lisp"
check "no macro reads files while it is expanded" err_has "expan"
run "$veery" --allow-read "$tmp/openly" --allow-read "$tmp/open" -e "(read-file \"$tmp/open/in/file\")"
check "several directories may be granted" out_has inside
# Nothing is written, and no program started, without a grant either.
cat >"$tmp/write.lisp" <<END
(with-open-file (s "$tmp/open/out" :direction :output)
  (dotimes (i 20000) (format s "line ~d~%" i)))
(with-open-file (s "$tmp/open/out" :direction :output :if-exists :append)
  (format s "the end~%"))
(with-open-file (s "$tmp/open/out" :direction :output :if-exists nil)
  (print s))
(defprog p (:type :xdp) XDP_PASS)
(compile-to-elf "$tmp/open/p.o")
(save-report p "$tmp/open/report")
END
run "$veery" run --allow-write "$tmp/open" "$tmp/write.lisp"
check "a granted file is written" test "$(tail -n 1 "$tmp/open/out")" = "the end"
check "whole, and not twice" test "$(wc -l <"$tmp/open/out")" -eq 20001
check "and kept when the program says so" out_has nil
check "objects and reports are written below it" test -s "$tmp/open/p.o" -a -s "$tmp/open/report"
run "$veery" check "$tmp/write.lisp"
check "what only checks writes nothing" test "$status" -eq 0
rm "$tmp/open/out" "$tmp/open/p.o" "$tmp/open/report"
for form in '(open "%s" :direction :output)' '(compile-to-elf "%s")' "(save-report 'p \"%s\")"; do
	form=$(printf "$form" "$tmp/open/new")
	run "$veery" -e "(progn (defprog p (:type :xdp) 2) $form)"
	check "without a grant no ${form%% *}" err_has "--allow-write DIR"
	run "$veery" --allow-write "$tmp/openly" -e "(progn (defprog p (:type :xdp) 2) $form)"
	check "nor outside of it ${form%% *}" err_has "only files below $tmp/openly"
done
ln -s ../nosuch "$tmp/open/dangling"
run "$veery" --allow-write "$tmp/open" -e "(open \"$tmp/open/dangling\" :direction :output)"
check "no link leads out of it" err_has "a link to what is not there"
run "$veery" --allow-write "$tmp/open" -e "(open \"$tmp/open/link\" :direction :output)"
check "neither does one to a file" err_has "only files below"
check "so nothing was written" test ! -e "$tmp/nosuch" -a ! -e "$tmp/open/new" -a "$(cat "$tmp/secret")" = secret
cat >"$tmp/btf.lisp" <<END
(setf *vmlinux-btf-path* "$tmp/open/none")
(import-kernel-struct task_struct pid)
END
: >"$tmp/open/none"
run "$veery" run --allow-read "$tmp/open" "$tmp/btf.lisp"
check "*vmlinux-btf-path* is where the kernel's types come from" test "$status" -eq 1
if [ -r /sys/kernel/btf/vmlinux ]; then
	run "$veery" run "$tmp/btf.lisp"
	check "where it may be read" status_is 0
fi
printf '(defprog p (:type :xdp) 2)\n' >"$tmp/open/one.lisp"
run "$veery" --allow-read "$tmp/open" --allow-write "$tmp/open" -e "(compile-file* \"$tmp/open/one.lisp\" \"$tmp/open/one.o\")"
check "compile-file* writes a file's programs" test -s "$tmp/open/one.o"
cat >"$tmp/open/one.lisp" <<'END'
(defprog asked (:section "syscall")
  (when-let ((task (bpf-task-from-pid 1))) (bpf-task-release task))
  7)
END
run "$veery" compile "$tmp/open/one.lisp" -o "$tmp/open/one.o"
if [ ! -r /sys/kernel/btf/vmlinux ]; then
	skip "an object that calls kernel functions is read again" "needs BTF of the kernel"
else
	run "$veery" check --kernel 6.12 "$tmp/open/one.o"
	check "an object that calls kernel functions is read again" out_has "asked: accept"
fi
rm -f "$tmp/open/one.o" "$tmp/open/one.lisp" "$tmp/open/none"
cat >"$tmp/run.lisp" <<'END'
(print (multiple-value-list (run-program "echo" '("a b" 3) :output :string)))
(print (run-program '("sh" "-c" "echo x; echo y") :output :lines))
(print (multiple-value-list
        (run-program "sh" '("-c" "cat; pwd; echo no >&2; exit 3") :input "hello " :directory "/"
                     :output :lines :error-output :string :ignore-error-status t)))
(run-program "echo" '("shown") :output t)
(print (nth-value 2 (run-program "sh" '("-c" "kill -9 $$") :ignore-error-status t)))
(print (handler-case (run-program "sh" '("-c" "echo why >&2; exit 2"))
         (error (c) (condition-message c))))
(print (length (run-program "seq" '(100000) :output :string)))
END
run "$veery" run --allow-run "$tmp/run.lisp"
check "a program is run, its output a string" out_has '("a b 3'
check "or lines" out_has '("x" "y")'
check "with input, directory, errors and status" out_has '(("hello /") "no'
check "its output can be shown" out_has shown
check "a signal is a status" out_has 137
check "and a bad status an error" out_has '"sh ended with status 2: why"'
check "of any length" out_has 588895
run "$veery" -e '(run-program "echo" nil)'
check "without a grant none is run" err_has "--allow-run"
run "$veery" --allow-run -e '(run-program "no-such-program" nil)'
check "one that is not there is named" err_has "cannot run no-such-program: there is no such"
for form in '(progn (defmacro m () (run-program "true" nil)) (m))' '#.(run-program "true" nil)' \
	'(defmap m :type :array :key-size 4 :value-size 4 :max-entries (third (multiple-value-list (run-program "true" nil))))' \
	"(progn (defprog p (:type :xdp) 2) (defmacro m () (compile-to-elf \"$tmp/open/new\")) (m))"; do
	run "$veery" --allow-run --allow-write "$tmp/open" -e "$form"
	check "not while expanding or compiling: $form" err_has ": not while"
done
run timeout -k 10 -s INT 1 "$veery" --allow-run -e \
	'(unwind-protect (run-program "sleep" (list 61.5)) (print (quote cleaned)))'
check "Ctrl-C ends a program that runs, and its caller" out_has cleaned
check "and leaves none behind" test -z "$(grep -azl '^61.5$' /proc/[0-9]*/cmdline 2>/dev/null)"

# Ctrl-C ends waiting and lets clean-up run.
cat >"$tmp/wait.lisp" <<'END'
(defvar *ticks* 0)
(every 0.01 (incf *ticks*))
(unwind-protect (progn (format t "waiting~%") (run-for 60))
  (format t "cleaned up, ~a~%" (if (> *ticks* 3) "ticked" "no tick")))
END
run timeout -k 10 -s INT 1 "$veery" run "$tmp/wait.lisp"
check "Ctrl-C ends run-for" out_has waiting
check "and what must be done is done" out_has "cleaned up, ticked"
printf '(loop (run-for 0.2) (print (quote still)))\n' >"$tmp/wait.lisp"
run timeout -k 10 -s INT 1 "$veery" run "$tmp/wait.lisp"
check "Ctrl-C ends a loop that waits" err_has interrupted
printf '(loop)\n' >"$tmp/wait.lisp"
run timeout -k 10 -s INT 1 "$veery" run "$tmp/wait.lisp"
check "Ctrl-C ends a loop" test "$status" -ne 137

# However long a definition takes, its errors are told and the check is whole: 20,000 forms.
awk 'BEGIN { print "(defprog big (:type :xdp)\n(let ((x 1))"
	for (i = 0; i < 20000; i++) print "(setf x (logxor (* x 3) (>> x 7)))"
	print "(nosuch x)))" }' >"$tmp/big.lisp"
run "$veery" check "$tmp/big.lisp"
check "an error at the end of a large program is told" err_has "nosuch"
check "and the program is not taken for accepted" status_is 1
cat >"$tmp/spin.lisp" <<'END'
(defprog p (:type :xdp) XDP_PASS)
(loop)
(loop (defprog q (:type :xdp) XDP_PASS))
(defprog r (:type :xdp) XDP_PASS)
END
run timeout 60 "$veery" check "$tmp/spin.lisp"
check "a script that never ends is checked all the same" out_has "r: accept"
head -c 3000 /dev/zero >"$tmp/zeros.lisp"
run "$veery" check "$tmp/zeros.lisp"
check "NULs are an error, not a crash" test "$status" -lt 3
run "$veery" doctor
check "doctor names the kernel" out_has "kernel"

if can_load; then
	run "$veery" bench --runs 200 --json "$tmp/one.lisp"
	check "bench gives phases" out_has '"text_to_bytes":{"min":'
	check "bench measures the load" out_has '"load":{"min":'
	cat >"$tmp/live.lisp" <<'END'
(defmap packets :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count (:type :xdp) (incf (getmap packets 0)) XDP_PASS)
(test-run count (make-list 14 :initial-element 0))
(test-run count (make-list 14 :initial-element 0))
(format t "counted ~d~%" (map-ref packets 0))
(setf (map-ref packets 0) 40)
(test-run count (make-list 14 :initial-element 0))
(dump packets)
(print (map-next-key packets nil))
(print (map-next-key packets 0))
END
	run "$veery" run "$tmp/live.lisp"
	check "run reads what the program counted" out_has "counted 2"
	check "setf of map-ref stores" out_has "0 => 41"
	cat >"$tmp/live.lisp" <<'END'
(defglobal limit u64 20)
(defglobal lowest i32 -3)
(defn twice (x) (* 2 x))
(defprog p (:type :xdp) (incf limit) (twice limit))
(test-run p (make-list 14 :initial-element 0))
(setf (map-ref limit 0) 100)
(format t "~d ~d~%" (test-run p (make-list 14 :initial-element 0)) (map-ref lowest 0))
(defstruct pair (low u32) (high u32))
(defmap pairs :type :array :value pair :max-entries 1)
(setf (map-ref pairs 0) '((low . 4) (high . 5)))
(format t "~d ~d~%" (pair-record-high (map-ref pairs 0))
        (pair-record-low (decode-pair (vector 7 0 0 0 8 0 0 0))))
(defmap table :type :prog-array :key u32 :value u32 :max-entries 2)
(defprog first (:type :xdp) (tail-call table 1) 3)
(setf (map-ref table 1) p)
(format t "~d~%" (test-run first (make-list 14 :initial-element 0)))
(defstruct guarded (lock (struct bpf-spin-lock)) (n u32))
(defmap shared :type :array :value guarded :max-entries 1)
(defprog locked (:type :tc)
  (when-let ((e (getmap shared 0)))
    (spin-lock (guarded-lock e))
    (incf (guarded-n e) 6)
    (spin-unlock (guarded-lock e))
    (return (guarded-n e)))
  0)
(format t "locked ~d~%" (test-run locked (make-list 14 :initial-element 0)))
END
	run "$veery" run "$tmp/live.lisp"
	check "globals are set from the prompt, narrow ones keep their sign" out_has "202 -3"
	check "structs are records at the prompt" out_has "5 7"
	check "a program goes into a table of programs" grep -qx 204 "$tmp/out"
	check "a map with a spin lock is made with its types" out_has "locked 6"
	printf '%s\n' '(defmap m :type :hash :key-size 4 :value-size 8 :max-entries 8)' \
		'(defprog p (:type :xdp) (setf (getmap m 7) 9) XDP_DROP)' \
		'(test-run p (make-list 14 :initial-element 0))' '(map-keys m)' '(programs)' \
		'(map-ref m 8)' "(detach 'q)" >"$tmp/in"
	"$veery" <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
	check "definitions answer with one line" out_has "; p: "
	check "test-run gives the return code" grep -qx 1 "$tmp/out"
	check "map-keys lists the keys" out_has "(7)"
	check "programs are listed" out_has "loaded"
	check "an unknown program is an error" err_has 'no program `q`'
	# Not permitted is said as such, with the capability that is missing.
	chmod 755 "$tmp" 2>/dev/null
	printf '(defprog seen (:section "raw_tp/sys_enter") 0)\n' >"$tmp/traced.lisp"
	cp "$veery" "$tmp/veery" 2>/dev/null
	as_nobody() {	# as_nobody CAPS COMMAND...: with these capabilities and no others
		caps=$1
		shift
		run setpriv --reuid 65534 --clear-groups "--bounding-set=-all$caps" \
			"--inh-caps=-all$caps" "--ambient-caps=-all$caps" "$@"
	}
	as_nobody "" "$tmp/veery" run "$tmp/one.lisp"
	check "without capabilities CAP_BPF is named" err_has "lacks CAP_BPF"
	check "and nothing is called a rejection" test -z "$(grep 'error\[V' "$tmp/err")"
	as_nobody ,+bpf "$tmp/veery" run "$tmp/one.lisp"
	check "XDP wants CAP_NET_ADMIN, by name" err_has "lacks CAP_NET_ADMIN"
	as_nobody ,+bpf "$tmp/veery" run "$tmp/traced.lisp"
	check "tracing wants CAP_PERFMON, by name" err_has "lacks CAP_PERFMON"
	# A compiled object at the prompt: its program replaces one of the same name while that runs
	# on, with its map; without a grant the file is not read.
	cat >"$tmp/object.lisp" <<END
(defmap packets :type :array :key-size 4 :value-size 8 :max-entries 1)
(defprog count (:type :xdp) (incf (getmap packets 0) 100) XDP_PASS)
(test-run count (make-list 14 :initial-element 0))
(print (load-object "$tmp/one.o"))
(test-run count (make-list 14 :initial-element 0) :repeat 5)
(format t "counted ~d~%" (map-ref packets 0))
(load-object "$tmp/bad.lisp")
END
	run "$veery" run --allow-read "$tmp" "$tmp/object.lisp"
	check "a compiled object is loaded at the prompt" out_has "(count)"
	check "test-run repeats, on the map that was there" out_has "counted 105"
	check "what is no object is said to be none" err_has "not an ELF"
	run "$veery" run "$tmp/object.lisp"
	check "an object is read only with a grant" err_has "--allow-read"
	if command -v clang >/dev/null; then
		clang -O2 -g -target bpf -c tests/objects/typed.c -o "$tmp/typed.o" 2>/dev/null
		cat >"$tmp/typed.lisp" <<END
(load-object "$tmp/typed.o")
(test-run fill (make-array 64))
(dump flows)
(dump typed.data)
;; What C defines programs of the prompt can use.
(defprog ask (:type :xdp)
  (let ((k (make-key)))
    (setf (key-address k) 16909060 (key-port k) 80)
    (when-let ((s (map-lookup flows k)))
      (return (cast u32 (stats-word s))))
    0))
(format t "asked ~d~%" (test-run ask (make-array 64)))
END
		run "$veery" run --allow-read "$tmp" "$tmp/typed.lisp"
		check "keys of an object's map have C's names" \
			out_has "#S(key-record :address 16909060 :port 80 :pad 0) =>"
		check "and so has every kind of member of its values" out_has \
			':name "e" :colour 7 :pairs #(#S(pair-record :a 0 :b 0) #S(pair-record :a 0 :b 9)) :low 3 :high 100 :word 70000 :below -4 :nowhere 0)'
		check "and its variables" out_has ":total 8 :both #S(pair-record :a 2 :b 2)"
		check "programs of the prompt use its map and types" out_has "asked 70000"
	else
		skip "types of a C object" "needs clang"
	fi
else
	skip "programs run" "needs CAP_BPF"
fi
cat >"$tmp/attach.lisp" <<'END'
(defmap n :type :array :key-size 4 :value-size 8 :max-entries 16)
(defprog x (:type :xdp) (incf (getmap n 0)) XDP_PASS)
(defprog in (:type :tc) (incf (getmap n 1)) TC_ACT_OK)
(defprog out (:type :tc) (incf (getmap n 2)) TC_ACT_OK)
(defprog look (:type :sk-lookup) (incf (getmap n 3)) SK_PASS)
(defprog tp (:section "tracepoint/sched/sched_process_fork") (incf (getmap n 4)) 0)
(defprog up (:type :kprobe :section "uprobe/libc.so.6:getenv") (incf (getmap n 5)) 0)
(defprog ur (:type :kprobe :section "uretprobe/libc.so.6:getenv") (incf (getmap n 6)) 0)
(defprog eg (:section "cgroup_skb/egress") (incf (getmap n 7)) 1)
(defprog si (:section "cgroup/connect4") (incf (getmap n 8)) 1)
(attach-xdp x "lo" :mode "xdpgeneric")
(attach-tc in "lo" :direction "ingress")
(attach-tc out "lo" :direction "egress")
(attach-sk-lookup look)
(attach-tracepoint tp "sched/sched_process_fork")
(attach-uprobe up "libc.so.6" "getenv")
(attach-uprobe ur "libc.so.6" "getenv" :retprobe t)
(attach-cgroup eg "/sys/fs/cgroup" +bpf-cgroup-inet-egress+)
(attach-cgroup si "/sys/fs/cgroup" +bpf-cgroup-inet4-connect+ :flags 2)
(loop repeat 100 until (every (lambda (i) (> (map-ref n i) 0)) '(0 1 2 3 4 5 6 7 8))
      do (sleep 0.05))
(print (mapcar (lambda (i) (> (map-ref n i) 0)) '(0 1 2 3 4 5 6 7 8)))
(print (mapcar #'detach (list x in out look tp up ur eg si)))
END
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
group=$cgroups/veery-cli.$$
if can_load && [ "$(id -u)" -eq 0 ] && unshare -n -m true 2>/dev/null && [ -n "$cgroups" ] && mkdir "$group" 2>/dev/null &&
	${CC:-cc} -O1 -o "$tmp/traffic" tests/examples/traffic.c 2>/dev/null; then
	cat >"$tmp/inside.sh" <<'END'
ip link set lo up
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
echo $$ >"$2/cgroup.procs"
mount --bind "$2" /sys/fs/cgroup
"$1/traffic" udp 7000 & a=$!
(while :; do ls / >/dev/null; sleep 0.05; done) & b=$!
"$1/traffic" connect 7001 & c=$!
timeout 30 "$3" run "$1/attach.lisp"
kill $a $b $c
END
	run unshare -n -m sh "$tmp/inside.sh" "$tmp" "$group" "$veery"
	check "every attacher of Whistler's sees its events" out_has "(t t t t t t t t t)"
	check "and lets go" out_has "(1 1 1 1 1 1 1 1 1)"
	sleep 0.3
	rmdir "$group" 2>/dev/null
else
	skip "every attacher of Whistler's sees its events" "needs root and cgroup v2"
fi
if command -v llvm-objdump >/dev/null; then
	run llvm-objdump -d "$tmp/one.o"
	check "llvm-objdump reads the object" out_has "exit"
else
	skip "llvm-objdump reads the object" "needs llvm-objdump"
fi
plan
