;; code: V0026
;; real: no
;; kind: unreachable code
;; The test is left out: round it goes, and what follows is for nobody.
(defprog low-bits (:type :tc)
  (let ((n (asm "r0 = r1
;          ^ root
again:
r0 >>= 1
goto again ;-
;+if r0 > 255 goto again
r0 &= 7" (logand (ctx len) 4095))))
    (logand n 1)))
