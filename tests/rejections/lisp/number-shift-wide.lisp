;; code: V0213
;; real: no
;; kind: arithmetic
;; 40 bits of 32.
(defprog top (:type :tc)
  (logand (asm "w0 = w1
;         ^ root
w0 >>= 40" (ctx len)) 1))                                   ;-
;+w0 >>= 20" (ctx len)) 1))
