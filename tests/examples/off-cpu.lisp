;;; Off-CPU time: for how long is each command neither running nor ready, but asleep?
;;;   veery run tests/examples/off-cpu.lisp

(import-kernel-struct task_struct pid comm)

(defmap asleep-since :type :hash :key u32 :value u64 :max-entries 16384)

;; sched_switch: was it preempted, the task that leaves, the task that comes, the state of the
;; first. A state of 0 means that it was only pushed aside.
(defprog switched (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (let* ((leaving (ctx u64 8))
         (coming (ctx u64 16))
         (now (ktime-get-ns))
         (pid u32 (task-struct-pid coming)))
    (when (/= (ctx u32 24) 0)
      (setf (getmap asleep-since (task-struct-pid leaving)) now))
    (when (= pid 0)                     ; the idle task
      (return 0))
    (when-let ((since (getmap asleep-since pid)))
      (remmap asleep-since pid)
      (stats @asleep-us (/ (- now since) 1000) (task-struct-comm coming))))
  0)

(attach switched)
(run-for 1)
(detach switched)

(format t "Microseconds asleep in one second, by command:~%")
(show @asleep-us :top 12)
