; Exits, conditions, several values, dynamic variables.
(values 1 2 3) ;=> 1
(multiple-value-list (values 1 2 3)) ;=> (1 2 3)
(multiple-value-list (values)) ;=> nil
(multiple-value-bind (q r) (floor 17 5) (list q r)) ;=> (3 2)
(multiple-value-bind (a b c) (values 1 2) (list a b c)) ;=> (1 2 nil)
(multiple-value-call #'list (values 1 2) 3 (values 4 5)) ;=> (1 2 3 4 5)
(let (a b) (multiple-value-setq (a b) (floor 7 2)) (list a b)) ;=> (3 1)
(nth-value 1 (floor 17 5)) ;=> 2
(multiple-value-prog1 (values 1 2) 3) ;=> 1
(multiple-value-list (multiple-value-prog1 (values 1 2) 3)) ;=> (1 2)
(defun two () (values 1 2))
(multiple-value-list (two)) ;=> (1 2)
(multiple-value-list (if t (two) 3)) ;=> (1 2)
(multiple-value-list (let ((x 1)) (two))) ;=> (1 2)
(multiple-value-list (+ 1 2)) ;=> (3)
(multiple-value-list (progn (two) 5)) ;=> (5)
(multiple-value-list (block nil (return (two)))) ;=> (1 2)
(multiple-value-list (or nil (two))) ;=> (1 2)
(multiple-value-list (or (two) 1)) ;=> (1)
(multiple-value-list (unwind-protect (two) (floor 9 2))) ;=> (1 2)
(multiple-value-list (catch 'x (two))) ;=> (1 2)
(multiple-value-list (catch 'x (throw 'x (two)))) ;=> (1 2)
(multiple-value-list (handler-case (two) (error () 1))) ;=> (1 2)
(multiple-value-list (gethash 1 (make-hash-table))) ;=> (nil nil)
(setf (values *a* *b*) (values 1 2)) ;=> 1
(list *a* *b*) ;=> (1 2)
; exits
(catch 'done (dolist (x '(1 2 3)) (if (= x 2) (throw 'done x))) 'never) ;=> 2
(throw 'nobody 1) ;! is caught by no catch
(let ((log nil)) (catch 'x (unwind-protect (throw 'x 1) (push 'cleaned log))) log) ;=> (cleaned)
(let ((log nil))
  (block b (unwind-protect (return-from b 1) (push 'cleaned log)))
  log) ;=> (cleaned)
(let ((log nil))
  (ignore-errors (unwind-protect (error "x") (push 'a log)))
  log) ;=> (a)
(block outer (mapcar (lambda (x) (if (= x 2) (return-from outer (list 'found x)) x)) '(1 2 3))) ;=> (found 2)
(defun find-first (p list) (dolist (x list) (when (funcall p x) (return-from find-first x))))
(find-first #'evenp '(1 3 4 5)) ;=> 4
(let ((f (block b (lambda () (return-from b 1))))) (funcall f)) ;! has already ended
(let ((n 0)) (tagbody top (incf n) (mapc (lambda (x) (if (< n 5) (go top))) '(1))) n) ;=> 5
(let ((n 0) (log nil))
  (tagbody
   again
     (unwind-protect (progn (incf n) (if (< n 3) (go again))) (push n log)))
  log) ;=> (3 2 1)
(block a (unwind-protect (return-from a 1) (return-from a 2))) ;=> 2
(dotimes (i 3) (block nil (return 1))) ;=> nil
; conditions
(handler-case (error "bad ~a" 5) (error (e) (format nil "~a" e))) ;=> "bad 5"
(handler-case (car 5) (type-error (e) 'type)) ;=> type
(handler-case (/ 1 0) (division-by-zero () 'zero)) ;=> zero
(handler-case (/ 1 0) (arithmetic-error () 'arith)) ;=> arith
(handler-case (nope) (undefined-function () 'undef)) ;=> undef
(handler-case nope (unbound-variable () 'unbound)) ;=> unbound
(handler-case (signal 'condition) (condition () 'got)) ;=> got
(handler-case 5 (error () 1)) ;=> 5
(signal "nobody") ;=> nil
(handler-case (handler-case (error "a") (type-error () 1)) (error () 2)) ;=> 2
(ignore-errors (error "x")) ;=> nil
(ignore-errors 5) ;=> 5
(multiple-value-bind (v e) (ignore-errors (error "oops")) (list v (format nil "~a" e))) ;=> (nil "oops")
(let ((log nil))
  (handler-case
      (handler-bind ((error (lambda (e) (push (format nil "~a" e) log))))
        (error "first"))
    (error () (push 'second log)))
  (reverse log)) ;=> ("first" second)
(block b (handler-bind ((error (lambda (e) (return-from b 'left)))) (error "x"))) ;=> left
(define-condition my-error (error) ((code :initarg :code :reader my-code))
  (:report (lambda (c s) (format s "code ~d" (my-code c)))))
(handler-case (error 'my-error :code 42) (my-error (e) (my-code e))) ;=> 42
(handler-case (error 'my-error :code 42) (error (e) (format nil "~a" e))) ;=> "code 42"
(error 'my-error :code 7) ;! code 7
(error "plain ~s" "x") ;! plain "x"
(typep (make-condition 'my-error :code 1) 'error) ;=> t
(let ((x 0)) (handler-case (progn (setq x 1) (error "e") (setq x 2)) (error () x))) ;=> 1
(restart-case (invoke-restart 'use 5) (use (x) (* x 2))) ;=> 10
(warn "careful ~a" 1) ;>> warning: careful 1|
(handler-case (warn "w") (warning () 'warned)) ;=> warned
(assert (= 1 2)) ;! does not hold
(check-type 5 string) ;! 5 is 5, not string
; dynamic variables
(defvar *x* 1) ;=> *x*
(defun show-x () *x*)
(let ((*x* 2)) (show-x)) ;=> 2
(show-x) ;=> 1
(defvar *x* 9)
*x* ;=> 1
(defparameter *x* 3)
*x* ;=> 3
(defun with-x (*x*) (show-x))
(with-x 8) ;=> 8
(ignore-errors (let ((*x* 5)) (error "e")))
*x* ;=> 3
(let ((*x* 1)) (let ((*x* 2)) (setq *x* 5)) *x*) ;=> 1
(defconstant +limit+ 10)
(+ +limit+ 1) ;=> 11
(let ((+limit+ 1)) 1) ;! is a constant
(progv '(*x* new-var) '(7 8) (list *x* (symbol-value 'new-var))) ;=> (7 8)
*x* ;=> 3
; closures
(defun counter () (let ((n 0)) (lambda () (incf n))))
(let ((c (counter))) (funcall c) (funcall c) (funcall c)) ;=> 3
(let ((c (counter)) (d (counter))) (funcall c) (list (funcall c) (funcall d))) ;=> (2 1)
(mapcar #'funcall (let ((l nil)) (dotimes (i 3 l) (let ((j i)) (push (lambda () j) l))))) ;=> (2 1 0)
(let ((x 1)) (let ((f (lambda () x))) (setq x 2) (funcall f))) ;=> 2
(funcall (funcall (lambda (x) (lambda (y) (+ x y))) 3) 4) ;=> 7
(labels ((ev (n) (if (= n 0) t (od (1- n)))) (od (n) (if (= n 0) nil (ev (1- n))))) (ev 1001)) ;=> nil
(flet ((f (x) (* 2 x))) (mapcar #'f '(1 2))) ;=> (2 4)
(flet ((car (x) (list 'mine x))) (car 5)) ;=> (mine 5)
(labels ((f (n) (if (= n 0) 0 (+ n (f (1- n)))))) (f 100)) ;=> 5050
(let ((k 10)) (labels ((f (n) (if (= n 0) k (g (1- n)))) (g (n) (f n))) (f 3))) ;=> 10
; parameters
(defun opt (a &optional (b 2) (c (+ a b) c-p)) (list a b c c-p))
(opt 1) ;=> (1 2 3 nil)
(opt 1 5) ;=> (1 5 6 nil)
(opt 1 5 9) ;=> (1 5 9 t)
(opt) ;! needs at least 1 argument
(opt 1 2 3 4) ;! takes at most 3 arguments
(defun rst (a &rest r) (list a r))
(rst 1) ;=> (1 nil)
(rst 1 2 3) ;=> (1 (2 3))
(defun keys (&key a (b 5) ((:see c) 7 c-p)) (list a b c c-p))
(keys) ;=> (nil 5 7 nil)
(keys :b 1 :a 2) ;=> (2 1 7 nil)
(keys :see 3) ;=> (nil 5 3 t)
(keys :z 1) ;! has no keyword argument :z
(keys :z 1 :allow-other-keys t) ;=> (nil 5 7 nil)
(keys :a) ;! without a value
(defun mixed (a &optional b &rest r &key c &aux (d (list a b))) (list a b r c d))
(mixed 1 2 :c 3) ;=> (1 2 (:c 3) 3 (1 2))
(defun captured-param (x) (lambda () (incf x)))
(funcall (captured-param 5)) ;=> 6
(defun (setf second-of) (v list) (setf (cadr list) v))
(let ((l (list 1 2))) (setf (second-of l) 9) l) ;=> (1 9)
(destructuring-bind (a (b &optional (c 3)) &rest d &key e) '(1 (2) :e 5) (list a b c d e)) ;=> (1 2 3 (:e 5) 5)
(destructuring-bind (a . b) '(1 2 3) (list a b)) ;=> (1 (2 3))
(destructuring-bind (a b) '(1) a) ;! too few arguments
(destructuring-bind (a) '(1 2) a) ;! too many arguments
(eval '(+ 1 2)) ;=> 3
(eval '(let ((x 1)) (defun from-eval () x)))
(from-eval) ;=> 1

; :no-error gets the values of the form, outside of the other clauses.
(handler-case (+ 1 2) (:no-error (x) (* x 10)))
;=> 30
(handler-case (floor 7 2) (error () 1) (:no-error (a b) (list a b)))
;=> (3 1)
(handler-case (error "x") (error () 1) (:no-error (a) a))
;=> 1
(handler-case (handler-case 1 (error () 2) (:no-error (x) (error "late ~a" x))) (error () 9))
;=> 9

;;; loop says what it does not understand, and where
(loop foo) ;! no clause of `loop` starts with foo
(loop for x in) ;! ends where a clause goes on
(loop for x) ;! needs in, on, =, across, being, from or to here
(loop for (a b) from 1 to 2 do (print a)) ;! counts in one variable
(loop for x being the hash-keys 5) ;! needs `of` and a hash table
