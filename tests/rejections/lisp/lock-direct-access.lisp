;; code: V0718
;; real: no
;; kind: field with its own functions
;; A lock is not a number to be cleared.
(defstruct counter (lock (struct bpf-spin-lock)) (n u32))
(defmap counters :type :array :key u32 :value counter :max-entries 1)

(defprog reset (:type :tc)
  (when-let ((c (getmap counters 0)))
    (store u32 c 0 0)                                       ;-
;   ^ root
    (setf (counter-n c) 0))
  TC_ACT_OK)
