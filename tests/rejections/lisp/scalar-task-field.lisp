;; code: V0101
;; real: no
;; kind: number as pointer
;; The current task is an address to ask probe-read for.
(defmap pids :type :hash :key u32 :value u64 :max-entries 1024)

(defprog parent (:type :raw-tracepoint :section "raw_tp/sched_process_exit")
  (let ((task (get-current-task)))
    (incf (getmap pids (load u32 task 2320))))              ;-
;                      ^ root
;+  (incf (getmap pids (kernel-load u32 task 2320))))
  0)
