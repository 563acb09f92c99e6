;; code: V0319
;; real: yes
;; kind: tail call
;; Jumping away with the lock held.
(defmap next :type :prog-array :key u32 :value u32 :max-entries 4)
(defstruct counter (lock (struct bpf-spin-lock)) (n u32))
(defmap counters :type :array :key u32 :value counter :max-entries 1)

(defprog first (:type :tc)
  (when-let ((c (getmap counters 0)))
    (spin-lock (counter-lock c))
    (incf (counter-n c))
    (tail-call next 0)                                      ;-
;   ^ root
    (spin-unlock (counter-lock c)))                         ;-
;+  (spin-unlock (counter-lock c))
;+  (tail-call next 0))
  TC_ACT_OK)
