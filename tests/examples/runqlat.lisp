;;; Run queue latency: how long do threads that could run wait for a processor?
;;;   veery run tests/examples/runqlat.lisp

(import-kernel-struct task_struct pid)

(defmap ready-since :type :hash :key u32 :value u64 :max-entries 16384)

(defmacro note-ready (task)
  `(setf (getmap ready-since (task-struct-pid ,task)) (ktime-get-ns)))

(defprog woken (:type :raw-tracepoint :section "raw_tp/sched_wakeup")
  (note-ready (ctx u64 0))
  0)

(defprog newly-woken (:type :raw-tracepoint :section "raw_tp/sched_wakeup_new")
  (note-ready (ctx u64 0))
  0)

;; sched_switch: was it preempted, the task that leaves, the task that comes, the state of the
;; first. State 0 is "running": it did not want to go, and waits from now on.
(defprog switched (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (let ((leaving (ctx u64 8))
        (coming u32 (task-struct-pid (ctx u64 16))))
    (when (= (ctx u32 24) 0)
      (note-ready leaving))
    (when-let ((since (getmap ready-since coming)))
      (remmap ready-since coming)
      (hist @waits-us (/ (- (ktime-get-ns) since) 1000))))
  0)

(attach woken)
(attach newly-woken)
(attach switched)
(run-for 1)

(format t "Waiting for a processor, in microseconds:~%")
(show @waits-us)
(format t "~d waits~%" (loop for (nil nil times) in (cdr (first (map-entries @waits-us)))
                                sum times))
