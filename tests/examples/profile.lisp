;;; Where does the time go? Samples every processor and counts who was running.
;;;   veery run tests/examples/profile.lisp

(defstruct sample
  (times u64)
  (comm (array u8 16)))

(defmap samples :type :hash :key u32 :value (struct sample) :max-entries 10240)

(defprog sample-cpu (:type :perf-event)
  (let ((pid u32 (current-pid)))
    (if-let (known (getmap samples pid))
      (incf (sample-times known))
      (let ((new (make-sample)))
        (setf (sample-times new) 1)
        (get-current-comm (sample-comm-ptr new) 16)
        (setf (getmap samples pid) new))))
  0)

(attach sample-cpu "cpu-clock:199")
(run-for 1)
(format t "Samples of 199 a second on each processor:~%")
(bars samples :top 10)
