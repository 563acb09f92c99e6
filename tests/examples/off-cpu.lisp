;;; Off-CPU time: for how long is each command neither running nor ready, but asleep?
;;;   veery run tests/examples/off-cpu.lisp

(import-kernel-struct task_struct pid comm)

(defstruct sleeper
  (microseconds u64)
  (sleeps u64)
  (comm (array u8 16)))

(defmap asleep-since :type :hash :key u32 :value u64 :max-entries 16384)
(defmap sleepers :type :hash :key u32 :value (struct sleeper) :max-entries 16384)

(defprog switched (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (let* ((leaving (ctx u64 8))
         (coming (ctx u64 16))
         (now (ktime-get-ns))
         (pid u32 (task-struct-pid coming)))
    ;; A state of 0 means that it was only pushed aside.
    (when (/= (ctx u32 24) 0)
      (setf (getmap asleep-since (task-struct-pid leaving)) now))
    (when (= pid 0)                     ; the idle task
      (return 0))
    (when-let ((since (getmap asleep-since pid)))
      (remmap asleep-since pid)
      (let ((slept (/ (- now since) 1000)))
        (if-let (known (getmap sleepers pid))
          (progn
            (incf (sleeper-microseconds known) slept)
            (incf (sleeper-sleeps known)))
          (let ((new (make-sleeper)))
            (setf (sleeper-microseconds new) slept
                  (sleeper-sleeps new) 1)
            (probe-read-kernel-str (sleeper-comm-ptr new) 16 (task-struct-comm-ptr coming))
            (setf (getmap sleepers pid) new))))))
  0)

(attach switched)
(run-for 1)
(detach switched)

(format t "Microseconds asleep in one second, by thread:~%")
(bars sleepers :top 12)
