;;; Page faults by process, in six lines.
;;;   veery run tests/examples/page-faults.lisp
(defmap faults :type :hash :key u32 :value u64 :max-entries 4096)
(defprog fault (:type :perf-event) (incf (getmap faults (current-pid))) 0)
(attach fault "page-faults:1")
(run-for 1)
(bars faults :top 10)
