;; code: V0116
;; real: no
;; kind: context wrong size or modified
;; A pointer to the packet read with eight bytes: the field has four.
(defprog wide (:type :xdp)
  (let ((n (ctx u64 12)))                                   ;-
;          ^ root
;+(let ((n (ctx u32 12)))
    (if (> n 2) XDP_DROP XDP_PASS)))
