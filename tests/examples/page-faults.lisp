;;; Page faults by process, in five lines.
;;;   veery run tests/examples/page-faults.lisp
(defprog fault (:type :perf-event) (count @faults (current-comm)) 0)
(attach fault "page-faults:1")
(run-for 1)
(show @faults :top 10)
