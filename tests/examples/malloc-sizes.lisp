;;; How much do programs ask malloc for? A histogram over every process that uses this libc.
;;;   veery run tests/examples/malloc-sizes.lisp

(defprog asked (:type :kprobe :section "uprobe/libc.so.6:malloc")
  (hist @bytes-asked (pt-regs-parm1))
  0)

(attach asked)
(run-for 1)
(show @bytes-asked)
