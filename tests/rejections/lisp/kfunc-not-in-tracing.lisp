;; code: V0604
;; real: no
;; kind: not available here
;; Tasks cannot be asked for from a raw tracepoint; their numbers can.
(defmap runs :type :hash :key u32 :value u64 :max-entries 1024)

(defprog count-init (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (when-let ((task (bpf-task-from-pid 1)))                  ;-
;                  ^ root
    (bpf-task-release task))                                ;-
  (incf (getmap runs (current-pid)))
  0)
