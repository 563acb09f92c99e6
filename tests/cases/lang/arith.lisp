;;; multiplication is 64 bits wide even for u32 variables
;; => 1
(let ((a u32 (+ #x80000000 (ctx rx-queue-index))))
  (= (>> (* a 2) 32) 1))

;;; shift of u32 keeps the upper half
;; => 1
(let ((a u32 (+ #x80000000 (ctx rx-queue-index))))
  (>> (<< a 1) 32))

;;; division by zero yields zero
;; => 0
(return (/ 5 (ctx rx-queue-index)))

;;; modulo zero yields the dividend
;; => 5
(return (mod 5 (ctx rx-queue-index)))

;;; unary minus and arithmetic shift
;; => 4294967292
(let ((a (+ 16 (ctx rx-queue-index))))
  (>>> (- a) 2))

;;; signed comparison operators
;; => 1
(let ((a (- (ctx rx-queue-index) 1)))
  (s< a 0))

;;; plain comparison is unsigned
;; => 0
(let ((a (- (ctx rx-queue-index) 1)))
  (< a 0))

;;; signed division
;; => 4294967293
(let ((a i64 (- (ctx rx-queue-index) 7)))
  (/ a 2))

;;; ordered comparison through a byte swap
;; => 1
(let ((v (+ #x0100 (ctx rx-queue-index))))
  (< (ntohs v) 2))

;;; equality through a byte swap
;; => 1
(let ((v (+ #x5000 (ctx rx-queue-index))))
  (= (ntohs v) 80))

;;; equality with a constant that cannot be
;; => 0
(let ((v (+ #x5000 (ctx rx-queue-index))))
  (= (ntohs v) 65616))

;;; 64-bit swap of a constant
;; => 1
(= (ntohll #x0102030405060708) #x0807060504030201)

;;; 64-bit swap compare at run time
;; => 1
(let ((v (+ #x0102030405060708 (ctx rx-queue-index))))
  (= (ntohll v) #x0807060504030201))

;;; ntohl
;; => 16909060
(ntohl (+ #x04030201 (ctx rx-queue-index)))

;;; constants compare unsigned
;; => 0
(< (- 1) 5)

;;; wide constants
;; => 1
(let ((b (struct-alloc 8)))
  (store u64 b 0 #x1122334455667788)
  (= (load u64 b 0) #x1122334455667788))

;;; store truncates for the load that follows
;; => 255
(let ((b (struct-alloc 8)))
  (store u8 b 0 #x1ff)
  (load u8 b 0))

;;; partial overlap
;; => 4660
(let ((b (struct-alloc 8)))
  (store u32 b 0 #xffffffff)
  (store u16 b 0 #x1234)
  (load u16 b 0))

;;; added zero is the same object
;; => 7
(let ((b (struct-alloc 8)))
  (store u64 b 0 3)
  (store u64 (+ b 0) 0 7)
  (load u64 b 0))

;;; load through a stack address
;; => 9
(let ((k (+ 9 (ctx rx-queue-index))))
  (load u64 (stack-addr k) 0))

;;; memset at odd offsets
;; => 171
(let ((b (struct-alloc 16)))
  (memset b 1 #xab 9)
  (load u8 b 9))

;;; memset stays inside
;; => 0
(let ((b (struct-alloc 16)))
  (memset b 1 #xab 9)
  (+ (load u8 b 0) (load u8 b 10)))

;;; memcpy
;; => 66
(let ((a (struct-alloc 16)) (b (struct-alloc 16)))
  (store u8 a 6 66)
  (memcpy b 3 a 1 11)
  (load u8 b 8))

;;; min max abs
;; => 16
(let ((z (ctx rx-queue-index)))
  (+ (min 5 (+ z 3)) (max z 8 2) (abs (- z 5))))

;;; ash
;; => 20
(+ (ash 1 4) (ash 16 -2))

;;; log2
;; => 12
(log2 (+ 5000 (ctx rx-queue-index)))

;;; log2 of a large number
;; => 40
(log2 (+ (<< 1 40) (ctx rx-queue-index)))

;;; cast
;; => 52
(cast u8 (+ #x1234 (ctx rx-queue-index)))

;;; cast signed
;; => 1
(s< (cast i16 (+ #x8000 (ctx rx-queue-index))) 0)

;;; logic
;; => 10
(let ((z (ctx rx-queue-index)))
  (logxor (logior (logand #xff (+ z 9)) 2) 1))

;;; variable shift
;; => 32
(let ((n (+ 5 (ctx rx-queue-index)))) (<< 1 n))

;;; 1+ 1- lognot
;; => 3
(let ((z (ctx rx-queue-index)))
  (logand (lognot (1+ (1- z))) 3))

;;; zero-extended pointers
;; => 64
(- (xdp-data-end) (xdp-data))

;;; variable load offset
;; => 69
(let* ((data (ctx data)) (end (ctx data-end))
       (i (logand (+ 14 (ctx rx-queue-index)) 15))
       (p (+ data i)))
  (when (> (+ p 1) end) (return 1))
  (load u8 p 0))

;;; unsigned compare of wide u32 constant
;; => 3
(let ((a u32 (+ #xc0a80001 (ctx rx-queue-index))))
  (if (= a #xc0a80001) 3 4))

;;; many live values
;; => 120
(let* ((z (ctx rx-queue-index)) (a (+ z 1)) (b (+ z 2)) (c (+ z 3)) (d (+ z 4)) (e (+ z 5))
       (f (+ z 6)) (g (+ z 7)) (h (+ z 8)) (i (+ z 9)) (j (+ z 10)) (k (+ z 11)) (l (+ z 12))
       (m (+ z 13)) (n (+ z 14)) (o (+ z 15)))
  (let ((x (get-smp-processor-id)))
    (ktime-get-ns)
    (+ (- x x) a b c d e f g h i j k l m n o)))

;;; values across calls
;; => 21
(let* ((z (ctx rx-queue-index)) (a (+ z 1)) (b (+ z 2)) (c (+ z 3)) (d (+ z 4)) (e (+ z 5))
       (f (+ z 6)))
  (ktime-get-ns)
  (let ((s (+ a b)))
    (ktime-get-ns)
    (let ((u (+ s c d)))
      (ktime-get-ns)
      (+ u e f))))

;;; swap in a loop
;; => 12
(let ((a (+ 1 (ctx rx-queue-index))) (b (+ 2 (ctx rx-queue-index))) (r 0))
  (dotimes (i 3)
    (let ((t1 a)) (setf a b) (setf b t1)))
  (+ (* a 5) (* b 2)))

;;; three-way rotation across calls
;; => 312
(let ((a (+ 1 (ctx rx-queue-index))) (b (+ 2 (ctx rx-queue-index)))
      (c (+ 3 (ctx rx-queue-index))))
  (dotimes (i 4)
    (ktime-get-ns)
    (let ((t1 a)) (setf a c) (setf c b) (setf b t1)))
  (+ (* a 100) (* b 10) c))

;;; tests of one number
;; => 10110110
(let ((a (+ 6 (ctx rx-queue-index))) (b (- 5 (ctx rx-queue-index) 8)))
  (+ (* 10000000 (evenp a)) (* 1000000 (oddp a)) (* 100000 (plusp a)) (* 10000 (minusp b))
     (* 1000 (plusp b)) (* 100 (null (- a 6))) (* 10 (logtest a 2)) (logtest a 1)))

;;; eq, eql, rem
;; => 112
(let ((a (+ 17 (ctx rx-queue-index))))
  (+ (* 100 (eq a 17)) (* 10 (eql a 17)) (rem a 5)))
