;; code: V0212
;; real: no
;; kind: arithmetic
;; By nothing.
(defprog share (:type :tc)
  (logand (asm "r0 = r1
;         ^ root
r0 /= 0" (ctx len)) 1))                                     ;-
;+r0 /= 3" (ctx len)) 1))
