;;; A line for every process that ends, while it happens: who, how long it lived.
;;;   veery run tests/examples/new-processes.lisp

(import-kernel-struct task_struct pid tgid start_time exit_code comm)

(defprog ends (:type :raw-tracepoint :section "raw_tp/sched_process_exit")
  (let ((task (as-task-struct (ctx u64 0))))
    (when (= (task-struct-pid task) (task-struct-tgid task))
      (let ((ms (/ (- (ktime-get-ns) (task-struct-start-time task)) 1000000)))
        (printf "%6d %-16s lived %d ms, status %d" (task-struct-pid task)
                (task-struct-comm task) ms (>> (task-struct-exit-code task) 8))
        (avg @lifetime-ms ms))))
  0)

(attach ends)
(run-for 1)
(detach ends)
(format t "Mean lifetime in milliseconds:~%")
(show @lifetime-ms)
