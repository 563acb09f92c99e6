;; code: V0819
;; real: no
;; kind: map not usable here
;; Timers may not be set from where the timer itself may run.
(defstruct tv (timer (struct bpf-timer)))                   ;-
;+(defstruct tv (timer u64))
(defmap timers :type :array :key u32 :value tv :max-entries 1)

(defn tick (map key value) 0)
(defprog start (:type :perf-event :section "perf_event")
  (when-let ((e (getmap timers 0)))
;               ^ root
    (timer-init (tv-timer e) timers 1))                     ;-
;+  1)
  0)
