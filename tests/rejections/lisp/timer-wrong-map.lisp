;; code: V0527
;; real: no
;; kind: wrong argument
;; The timer lies in one map and is announced for another.
(defstruct tv (timer (struct bpf-timer)))
(defmap one :type :array :key u32 :value tv :max-entries 1)
(defmap other :type :array :key u32 :value tv :max-entries 1)

(defprog arm (:type :tc)
  (when-let ((e (getmap one 0)))
    (timer-init (tv-timer e) other 1))                      ;-
;   ^ root
;                            ^ also
;+  (timer-init (tv-timer e) one 1))
  TC_ACT_OK)
