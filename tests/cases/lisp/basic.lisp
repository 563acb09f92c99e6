; Evaluation of the elementary forms.
1 ;=> 1
"abc" ;=> "abc"
:key ;=> :key
'(a b . c) ;=> (a b . c)
(+ 1 2) ;=> 3
(+ 1 2 3 4) ;=> 10
(+) ;=> 0
(- 5) ;=> -5
(* 2 3 4) ;=> 24
(/ 10 2) ;=> 5
(/ 1 2) ;=> 0.5
(if nil 1 2) ;=> 2
(if 0 1 2) ;=> 1
(let ((a 1) (b 2)) (list a b)) ;=> (1 2)
(let* ((a 1) (b (+ a 1))) (list a b)) ;=> (1 2)
(let ((x 1)) (let ((x 2) (y x)) (list x y))) ;=> (2 1)
(let ((x 1)) (setq x 5) x) ;=> 5
(let (a b) (setq a 1 b 2) (list a b)) ;=> (1 2)
(progn 1 2 3) ;=> 3
(progn) ;=> nil
(and 1 2 3) ;=> 3
(and) ;=> t
(and 1 nil 3) ;=> nil
(or nil 2) ;=> 2
(or) ;=> nil
(let ((x 7)) (setq x (and x (+ x 1))) x) ;=> 8
(when t 1 2) ;=> 2
(when nil 1 2) ;=> nil
(unless nil 1 2) ;=> 2
(cond (nil 1) ((= 1 1) 2) (t 3)) ;=> 2
(cond (5)) ;=> 5
(cond) ;=> nil
(case 3 (1 'a) ((2 3) 'b) (t 'c)) ;=> b
(case 'x (y 1) (otherwise 2)) ;=> 2
(case nil (nil 1) (t 2)) ;=> 2
(case #\a (#\b 1) (#\a 2)) ;=> 2
(ecase 3 (1 1)) ;! is none of the cases
(typecase "s" (integer 1) (string 2)) ;=> 2
(etypecase 1.5 (integer 1) (float 2)) ;=> 2
(funcall (lambda (x) (* x x)) 4) ;=> 16
((lambda (x y) (- x y)) 4 1) ;=> 3
(apply #'+ 1 2 '(3 4)) ;=> 10
(apply #'list '()) ;=> nil
(defun square (x) (* x x)) ;=> square
(square 12) ;=> 144
(funcall 'square 3) ;=> 9
(mapcar #'square '(1 2 3)) ;=> (1 4 9)
(defun fact (n) (if (< n 2) 1 (* n (fact (1- n)))))
(fact 20) ;=> 2432902008176640000
(fact 30) ;=> 265252859812191058636308480000000
(fact 40) ;! does not fit in 128 bits
(let ((n 0)) (dotimes (i 10) (setq n (+ n i))) n) ;=> 45
(let ((l nil)) (dolist (x '(1 2 3) l) (push x l))) ;=> (3 2 1)
(dotimes (i 5 i)) ;=> 5
(do ((i 0 (1+ i)) (s 0 (+ s i))) ((= i 5) s)) ;=> 10
(do* ((i 0 (1+ i)) (j i (* 2 i))) ((= i 3) j)) ;=> 6
(prog ((i 0)) top (incf i) (if (< i 10) (go top)) (return i)) ;=> 10
(prog1 1 2 3) ;=> 1
(prog2 1 2 3) ;=> 2
(let ((x 1)) (psetq x 2) x) ;=> 2
(let ((x 1) (y 2)) (psetq x y y x) (list x y)) ;=> (2 1)
(block a (+ 1 (return-from a 5))) ;=> 5
(defun early (x) (when (> x 3) (return-from early 'big)) 'small)
(list (early 5) (early 1)) ;=> (big small)
(dolist (x '(1 2 3)) (when (= x 2) (return x))) ;=> 2
(quote x) ;=> x
(not nil) ;=> t
(eq 'a 'a) ;=> t
(eql 1.5 1.5) ;=> t
(equal '(1 (2 "x")) (list 1 (list 2 "x"))) ;=> t
(equalp "ABC" "abc") ;=> t
18446744073709551615 ;=> 18446744073709551615
(+ 18446744073709551615 1) ;=> 18446744073709551616
(- (- (expt 2 62)) 1) ;=> -4611686018427387905
(* 4611686018427387904 2) ;=> 9223372036854775808
undefined-thing ;! has no value
(undefined-fn 1) ;! no function is named
(car 5) ;! 5 is not a list
(+ 1 'a) ;! a is not a number
(square) ;! square needs 1 argument, here are 0
(square 1 2) ;! square takes 1 argument, here are 2
(car 1 2) ;! car takes 1 argument
(if) ;! `if` needs at least 2 arguments
(1 2) ;! 1 cannot be called
(funcall 5) ;! 5 is not a function
(setq t 1) ;! must be a symbol
(in-package #:whistler)
(defpackage foo (:use :cl))
(asdf:load-system :whistler)
(require :asdf)

; Hash tables: what is read is written next, also when entries went or came in between.
(let ((h (make-hash-table))) (incf (gethash 'a h 0) 2) (remhash 'a h) (incf (gethash 'a h 10))
  (setf (gethash 'b h) 5) (incf (gethash 'a h)) (list (gethash 'a h) (gethash 'b h)))
;=> (12 5)
(let ((h (make-hash-table))) (setf (gethash 1 h) 2) (clrhash h) (setf (gethash 1 h) 3)
  (list (hash-table-count h) (gethash 1 h)))
;=> (1 3)
(let ((h (make-hash-table)) (k 1))
  (setf (gethash 1 h) 'one (gethash 2 h) 'two)
  (list (gethash k h (setq k 2)) (gethash k h)))
;=> (one two)
(let ((h (make-hash-table :test 'equal)))
  (dotimes (i 100) (incf (gethash (format nil "k~d" (mod i 7)) h 0)))
  (list (hash-table-count h) (gethash "k0" h) (gethash "k6" h)))
;=> (7 15 14)
(list (mod -7 8) (mod 13 8) (mod -1 1) (mod 5 1) (mod -9 4) (mod 7 -4) (mod 9 4611686018427387904 ))
;=> (1 5 0 0 3 -1 9)
(let ((x -5) (y (expt 2 100))) (list (ash x -1) (ash 5 -62) (ash x -62) (ash y -60)))
;=> (-3 0 -1 1099511627776)
