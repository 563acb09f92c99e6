;;; Where does the time go? Samples every processor and counts who was running.
;;;   veery run tests/examples/profile.lisp

(defprog sample-cpu (:type :perf-event)
  (count @samples (current-comm))
  0)

(attach sample-cpu "cpu-clock:199")
(run-for 1)
(format t "Samples of 199 a second on each processor:~%")
(show @samples :top 10)
