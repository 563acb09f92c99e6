;;; loop: from and below
;; => 45
(loop for i from 0 below 10 sum i)

;;; loop: to includes the end
;; => 55
(loop for i from 1 to 10 sum i)

;;; loop: by
;; => 20
(loop for i from 0 to 9 by 2 sum i)

;;; loop: down to zero ends
;; => 15
(loop for i from 5 downto 0 sum i)

;;; loop: downfrom above
;; => 12
(loop for i downfrom 5 above 2 sum i)

;;; loop: a bound known only at run time
;; => 10
(let ((n (logand (+ 5 (ctx rx-queue-index)) 7)))
  (loop for i from 0 below n sum i))

;;; loop: an empty range runs no body
;; => 0
(loop for i from 5 below 5 do (return 1))

;;; loop: repeat and with
;; => 32
(let ((r 0))
  (loop with x = 1 repeat 5 do (setf x (* x 2)) finally (setf r x))
  r)

;;; loop: while and until end it
;; => 20
(+ (loop for i from 0 below 20 while (< i 5) sum i)
   (loop for i from 0 below 20 until (> i 4) sum i))

;;; loop: for = then
;; => 31
(loop for x = 1 then (* x 2) repeat 5 sum x)

;;; loop: two counters end with the shorter
;; => 6
(loop for i from 0 below 3 for j from 0 below 100 sum (+ i j))

;;; loop: when with and, else
;; => 20
(let ((a 0) (b 0))
  (loop for i from 0 below 10
        when (= (logand i 1) 1) do (incf a) and do (incf b 2)
        else do (incf b))
  (+ a b))

;;; loop: maximize and minimize
;; => 92
(+ (* 10 (loop for i from 0 below 10 maximize (logand (* i 7) 15) ))
   (loop for i from 2 below 10 minimize i)
   -60)

;;; loop: a value by return
;; => 7
(loop for i from 0 below 100 when (= (* i i) 49) return i)

;;; loop: plain forms until break
;; => 10
(let ((n 0))
  (loop (incf n) (when (= n 10) (break)))
  n)

;;; loop: continue steps
;; => 4
(let ((n 0))
  (loop for i from 0 below 8 do (when (= (logand i 1) 1) (continue)) (incf n))
  n)

;;; loop: signed
;; => 12
(loop for i i32 from -3 to 3 sum (abs i))
;; optimised only

;;; loop: nested loops
;; => 20
(loop for i from 0 below 5 sum (loop for j from 0 below 4 count (= (logand j 1) 1) ) sum i)

;;; loop has no lists here
;; error C0001 2:37 no lists to loop over
(loop for x in y do (progn))

;;; loop: unknown clause
;; error C0001 2:25 no clause collect
(loop for i from 0 below 3 collect i)

;;; do-range: a million rounds
;; => 1000000
(let ((n 0))
  (do-range (i 0 1000000) (incf n))
  n)

;;; do-range: its variable
;; => 42
;; map m[0] = 4999950000
(defmap m :type :array :key u32 :value u64 :max-entries 1)
(defprog p (:type :xdp)
  (do-range (i 0 100000) (incf (getmap m 0) i))
  42)

;;; do-range: break, continue, return
;; => 11
(let ((n 0))
  (do-range (i 0 100000)
    (when (= i 5) (continue))
    (incf n)
    (when (= i 10) (return (+ n 1))))
  99)

;;; do-range: break leaves only the loop
;; => 3
(let ((n 0))
  (do-range (i 0 100) (incf n) (when (= n 3) (break)))
  n)

;;; do-range inside do-range
;; => 100
(let ((n 0))
  (do-range (i 0 10) (do-range (j 0 10) (incf n)))
  n)

;;; do-iter: unknown to this kernel
;; error C0025 2:34 no iterator nonsense
(do-iter (x nonsense 1) (progn))

;;; do-iter: arguments are counted
;; error C0004 2:34 takes 2 arguments, found 1
(do-iter (x num 1) (progn))

;;; asm: arguments and value
;; => 42
(asm "r0 = r1
r0 += r2" 40 2)

;;; asm: jumps inside
;; => 7
(asm "r0 = 7
if r1 == 0 goto end
r0 = 9
end:" (ctx rx-queue-index))

;;; asm: helpers and maps
;; => 5
(defmap m :type :array :key u32 :value u64 :max-entries 1)
(defprog p (:type :xdp)
  (setf (getmap m 0) 5)
  (let ((key (struct-alloc 4)) (x 0))
    (setf x (asm "r2 = r1
r1 = map m
call map_lookup_elem
if r0 == 0 goto end
r0 = *(u64 *)(r0 +0)
end:" key))
    x))

;;; asm: values live across it survive
;; => 15
(let ((a (+ 1 (ctx rx-queue-index))) (b (+ 2 (ctx rx-queue-index))))
  (+ a b (asm "r0 = 5
r1 = 0
r2 = 0
r3 = 0
r4 = 0
r5 = 0") 7))

;;; asm: does not assemble
;; error C0030 2:30 line 1 of the assembly
(asm "r0 gets 5")

;;; asm: may not exit
;; error C0030 2:30 exit would leave
(asm "r0 = 1
exit")

;;; asm: keeps its hands off r6
;; error C0030 2:30 only r0 to r5
(asm "r6 = 1")

;;; return-from leaves a kernel iterator behind cleanly
;; => 5
(block found (do-range (i 0 10) (when (= i 4) (return-from found (+ i 1)))) 9)
