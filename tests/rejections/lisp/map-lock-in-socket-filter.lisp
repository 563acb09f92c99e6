;; code: V0818
;; real: no
;; kind: map not usable here
;; A map with a lock in its values is not for socket filters.
(defstruct counter (lock (struct bpf-spin-lock)) (n u64)) ;-
;+(defstruct counter (n u64))
(defmap counters :type :array :key u32 :value counter :max-entries 1)

(defprog count (:type :socket-filter)
  (when-let ((c (getmap counters 0)))
;               ^ root
    (incf (counter-n c)))
  0)
