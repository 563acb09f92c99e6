;; code: V0120
;; real: no
;; kind: misaligned
;; Four bytes into a value an eight-byte counter is not aligned, and atomic needs that.
(defmap totals :type :array :key u32 :value-size 16 :max-entries 1)

(defprog add (:type :tc)
  (when-let ((total (map-lookup totals 0)))
    (atomic-add (+ total 4) 0 (ctx len) u64))               ;-
;   ^ root
;+  (atomic-add (+ total 8) 0 (ctx len) u64))
  TC_ACT_OK)
