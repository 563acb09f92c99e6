;; code: V0105
;; real: yes
;; kind: map value bounds
;; The value is one u64; offset 8 is behind it.
(defmap totals :type :array :key u32 :value u64 :max-entries 4)

(defprog both (:type :tc)
  (when-let ((total (map-lookup totals 0)))
    (atomic-add total 0 1)
    (atomic-add total 8 (ctx len)))                         ;-
;   ^ root
;+  (when-let ((bytes (map-lookup totals 1)))
;+    (atomic-add bytes 0 (ctx len))))
  TC_ACT_OK)
