;; code: V0026
;; real: no
;; kind: unreachable code
;; Written by hand, and then jumped over: nothing leads to the line between.
(defprog parity (:type :tc)
  (logand (asm "r0 = r1
;         ^ root
goto done ;-
r0 ^= 1
done:
r0 &= 1" (ctx len)) 1))
