;; code: V0546
;; real: yes
;; kind: lock
;; The lock is taken for big packets only and given back for all.
(defstruct counter (lock (struct bpf-spin-lock)) (n u32))
(defmap counters :type :array :key u32 :value counter :max-entries 1)

(defprog count-big (:type :tc)
  (when-let ((c (getmap counters 0)))
    (when (> (ctx len) 1000)                                ;-
      (spin-lock (counter-lock c)))                         ;-
;+  (spin-lock (counter-lock c))
    (incf (counter-n c))
    (spin-unlock (counter-lock c)))
;   ^ root
  TC_ACT_OK)
