;; code: V0320
;; real: yes
;; kind: lock
;; Locked, counted, gone.
(defstruct counter (lock (struct bpf-spin-lock)) (n u32))
(defmap counters :type :array :key u32 :value counter :max-entries 1)

(defprog count (:type :tc)
  (when-let ((c (getmap counters 0)))
    (spin-lock (counter-lock c))
;   ^ root
    (incf (counter-n c)))                                   ;-
;+  (incf (counter-n c))
;+  (spin-unlock (counter-lock c)))
  TC_ACT_OK)
