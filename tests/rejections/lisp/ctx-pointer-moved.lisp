;; code: V0113
;; real: no
;; kind: context wrong size or modified
;; The helper wants the context itself; this is eight bytes further.
(defmap out :type :perf-event-array :key u32 :value u32 :max-entries 4)

(defprog send (:type :raw-tracepoint :section "raw_tp/sys_enter")
  (let ((at (+ (ctx-ptr) 8))
        (pid (current-pid)))
    (perf-event-output at out #xffffffff (stack-addr pid) 8)) ;-
;   ^ root
;                      ^ also
;+  (perf-event-output (ctx-ptr) out #xffffffff (stack-addr pid) 8))
  0)
