;; code: V0105
;; real: yes
;; kind: map value bounds
;; Two thresholds in one constant block; the third is read.
(defglobal limits (array u32 2) :const t)

(defprog classify (:type :xdp)
  (let ((n (ctx rx-queue-index)))
    (if (> n (load u32 limits 8)) XDP_DROP XDP_PASS)))      ;-
;            ^ root
;+  (if (> n (load u32 limits 4)) XDP_DROP XDP_PASS)))
