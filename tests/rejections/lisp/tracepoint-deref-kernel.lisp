;; code: V0101
;; real: no
;; kind: number as pointer
;; The argument of a raw tracepoint is a number to the verifier, not memory it knows.
(defmap exits :type :hash :key u32 :value u64 :max-entries 1024)

(defprog note-switch (:type :raw-tracepoint :section "raw_tp/sched_switch")
  (let ((task (ctx u64 8)))
    (incf (getmap exits (load u32 task 64))))               ;-
;                       ^ root
;+  (incf (getmap exits (kernel-load u32 task 64))))
  0)
