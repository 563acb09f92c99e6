;; code: V0808
;; real: no
;; kind: callback
;; What a timer's function returns is 0, always.
(defstruct tv (timer (struct bpf-timer)) (n u64))
(defmap tm :type :array :key u32 :value tv :max-entries 1)
(defn tick (map key value)
  (incf (tv-n value))
  1)                                                        ;-
; ^ root
;+0)

(defprog arm (:type :tc)
  (when-let ((e (getmap tm 0)))
    (timer-init (tv-timer e) tm 1)
    (timer-set-callback (tv-timer e) tick)
    (timer-start (tv-timer e) 1000000 0))
  TC_ACT_OK)
