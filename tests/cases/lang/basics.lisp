;;; empty body
;; => 0

;;; literal
;; => 42
42

;;; let truncates a declared type
;; => 44
(let ((a u8 (+ 300 (* 0 (ctx rx-queue-index)))))
  a)

;;; let is parallel
;; => 12
(let ((a 1) (b 2))
  (let ((a b) (b a))
    (+ (* a 5) (* b 2))))

;;; let* is sequential
;; => 9
(let* ((a 4) (b (+ a 1)))
  (+ a b))

;;; declared without init is zero
;; => 0
(let ((a u32)) (return a))

;;; declare
;; => 1
(let ((a (+ 257 (ctx rx-queue-index))))
  (declare (type u8 a))
  a)

;;; setf truncates
;; => 4
(let ((a u8 0))
  (setf a (+ 260 (ctx rx-queue-index)))
  a)

;;; signed types extend
;; => 1
(let ((a i8 (+ 255 (ctx rx-queue-index))))
  (if (< a 0) 1 2))

;;; if with both arms
;; => 7
(if (= (ctx rx-queue-index) 0) 7 8)

;;; missing else is zero
;; => 0
(if (> (ctx rx-queue-index) 0) 7)

;;; when not taken is zero
;; => 0
(when (> (ctx rx-queue-index) 0) 5)

;;; unless
;; => 5
(unless (> (ctx rx-queue-index) 0) 5)

;;; cond without match is zero
;; => 0
(cond ((= (ctx rx-queue-index) 1) 3) ((= (ctx rx-queue-index) 2) 4))

;;; cond picks
;; => 4
(let ((x (+ 2 (ctx rx-queue-index))))
  (cond ((= x 1) 3) ((= x 2) 4) (t 5)))

;;; case
;; => 11
(let ((x (+ 5 (ctx rx-queue-index))))
  (case x (1 9) ((4 5) 11) (otherwise 12)))

;;; and value
;; => 42
(let ((v (+ 1 (ctx rx-queue-index))))
  (and v 42))

;;; and false
;; => 0
(and (ctx rx-queue-index) 42)

;;; or takes the first true
;; => 3
(or (ctx rx-queue-index) 3 4)

;;; or evaluates its winner once
;; => 1
(let ((a 0)) (or (setf a (+ a 1)) 3) (return a))

;;; not not
;; => 1
(not (not (+ 5 (ctx rx-queue-index))))

;;; setf in a test survives on the else path
;; => 6
(let ((a 5))
  (if (and (setf a 6) (ctx rx-queue-index)) 1 a))

;;; return from inside
;; => 3
(let ((a 3))
  (when a (return a))
  9)

;;; void last form is zero
;; => 0
(let ((b (struct-alloc 8)))
  (store u64 b 0 5))

;;; prog1 progn
;; => 4
(prog1 4 5)

;;; three-argument comparison
;; => 1
(return (= 1 1 1))

;;; comparisons of many
;; => 2
(let ((a (ctx rx-queue-index)))
  (+ (< a 1 2) (<= a a 3) (> 3 2 2) (/= a 1 a)))

;;; dotimes sums
;; => 45
(let ((s 0))
  (dotimes (i 10) (incf s i))
  s)

;;; dotimes zero
;; => 9
(let ((s 9))
  (dotimes (i 0) (setf s 1))
  s)

;;; nested loops
;; => 30
(let ((s 0))
  (dotimes (i 5) (dotimes (j 3) (incf s i)))
  s)

;;; break and continue
;; => 13
(let ((s 0))
  (dotimes (i 10)
    (when (= i 2) (continue))
    (when (= i 6) (break))
    (incf s i))
  s)

;;; while
;; => 8
(let ((a 1))
  (while (< a 8) (setf a (* a 2)))
  a)

;;; while with break leaves its variable
;; => 3
(let ((i 0))
  (while (< i 5) (incf i) (when (= i 3) (break)))
  i)

;;; when-let
;; => 6
(when-let ((a (+ 5 (ctx rx-queue-index))) (b 1)) (+ a b))

;;; when-let stops
;; => 0
(when-let ((a (ctx rx-queue-index)) (b 1)) 7)

;;; if-let
;; => 8
(if-let (a (ctx rx-queue-index)) 7 8)

;;; incf decf
;; => 6
(let ((a 5)) (incf a 3) (decf a) (decf a) a)

;;; select idiom
;; => 9
(let ((v (+ 9 (ctx rx-queue-index))) (w (+ 4 (ctx rx-queue-index))))
  (if (> v w) v w))

;;; symbol-macrolet
;; => 12
(let ((a 5))
  (symbol-macrolet ((b (+ a 1)))
    (setf a (+ a b))
    (+ b 0)))

;;; macrolet
;; => 11
(macrolet ((twice (x) `(+ ,x ,x)))
  (+ 1 (twice (+ 5 (ctx rx-queue-index)))))

;;; macros of the user
;; => 6
(defmacro add-all (&rest xs) `(+ ,@xs))
(defprog p (:type :xdp) (add-all 1 2 3 (ctx rx-queue-index)))

;;; macros that capture on purpose
;; => 1
(defmap m :type :array :key u32 :value u64 :max-entries 4)
(defmacro bump (i)
  `(let ((k ,i)) (declare (type u32 k))
     (when-let ((p (map-lookup m k))) (atomic-add p 0 1) (load u64 p 0))))
(defprog p (:type :xdp) (bump 2))

;;; constants
;; => 12
(defconstant +a+ 5)
(defconstant +b+ (+ +a+ 2))
(defprog p (:type :xdp) (+ +a+ +b+))

;;; prog2 of the Lisp machine
;; => 2
(prog2 1 2 3)

;;; defsetf, short
;; => 42
(defmacro low (p) `(load u32 ,p 0))
(defmacro set-low (p v) `(store u32 ,p 0 ,v))
(defsetf low set-low)
(let ((b (struct-alloc 8)))
  (setf (low b) 40)
  (incf (low b) 2)
  (low b))

;;; defsetf, long: subforms are evaluated once
;; => 7061
(defmacro cell (p i) `(load u64 (+ ,p (* 8 ,i)) 0))
(defsetf cell (p i) (v) `(store u64 (+ ,p (* 8 ,i)) 0 ,v))
(let ((b (struct-alloc 32)) (n 0))
  (setf (cell b (incf n)) 50)
  (incf (cell b (incf n)) 7)
  (decf (cell b 1) 1)
  (+ (cell b 1) (cell b 2) (* n 1000) (cell b 0) (if (= n 2) 5000 0) 5))

;;; define-setf-expander
;; => 35
(defmacro high (x) `(>> ,x 4))
(define-setf-expander high (x)
  (let ((new (gensym "new")))
    (values nil nil (list new)
            `(setf ,x (logior (logand ,x 15) (<< ,new 4)))
            `(high ,x))))
(let ((v 51))
  (setf (high v) 1)
  (incf (high v))
  v)

;;; a function that sets a place
;; => 22
(defn half (p) (/ (load u64 p 0) 2))
(defn (setf half) (v p) (store u64 p 0 (* v 2)) v)
(let ((b (struct-alloc 8)))
  (setf (half b) 10)
  (incf (half b))
  (load u64 b 0))

;;; block: its body's value, or what return-from brings
;; => 597
(let ((n (+ 5 (ctx rx-queue-index))))
  (+ (* 100 (block found (dotimes (i 10) (when (= i n) (return-from found i))) 99))
     (block outer (block inner (when (= n 5) (return-from outer 97)) 3) 4)))

;;; return-from without a value
;; => 7
(+ 7 (block nil (when (ctx data) (return-from nil)) 9))

;;; dotimes: a result
;; => 103
(let ((n 0)) (dotimes (i 3 (+ n 100)) (incf n)))
