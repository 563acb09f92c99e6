;; code: V0155
;; real: no
;; kind: wrong argument
;; The timer is wanted, the number beside it is given.
(defstruct tv (timer (struct bpf-timer)) (n u64))
(defmap tm :type :array :key u32 :value tv :max-entries 1)
(defn tick (map key value) 0)

(defprog arm (:type :tc)
  (when-let ((e (getmap tm 0)))
    (timer-init (tv-timer e) tm 1)
    (timer-set-callback (tv-timer e) tick)
    (timer-start (tv-n e) 1000000 0))                       ;-
;   ^ root
;                ^ also
;+  (timer-start (tv-timer e) 1000000 0))
  TC_ACT_OK)
