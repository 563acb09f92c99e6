;; code: V0116
;; real: no
;; kind: context wrong size or modified
;; Half of one field and half of the next.
(defprog between (:type :xdp)
  (let ((n (ctx u32 14)))                                   ;-
;          ^ root
;+(let ((n (ctx u32 16)))
    (if (> n 2) XDP_DROP XDP_PASS)))
