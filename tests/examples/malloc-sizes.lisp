;;; How much do programs ask malloc for? A histogram over every process that uses this libc.
;;;   veery run tests/examples/malloc-sizes.lisp

(defmap sizes :type :array :key u32 :value u64 :max-entries 40)

(defprog asked (:type :kprobe :section "uprobe/libc.so.6:malloc")
  (incf (getmap sizes (min 39 (log2 (pt-regs-parm1)))))
  0)

(attach asked)
(run-for 1)
(format t "Bytes asked for:~%")
(show-hist sizes)
