;; code: V0203
;; real: no
;; kind: pointer arithmetic
;; The address of the third word, computed before the test.
(defmap words :type :array :key u32 :value-size 32 :max-entries 4)

(defprog third (:type :xdp)
  (let ((word (+ (map-lookup words 1) 16)))                 ;-
;                ^ also
;             ^ root
    (when word                                              ;-
      (atomic-add word 0 1)))                               ;-
;+(let ((entry (map-lookup words 1)))
;+  (when entry
;+    (atomic-add entry 16 1)))
  XDP_PASS)
