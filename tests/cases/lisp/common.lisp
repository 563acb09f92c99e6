;;; Arrays, structures, conditions and restarts, functions, macros, tables, strings, types: forms whose
;;; values are those of another Common Lisp.
(make-array 3 :initial-element 0) ;=> #(0 0 0)
(make-array '(2 3) :initial-element 0) ;=> #2A((0 0 0) (0 0 0))
(make-array '(2 2) :initial-contents '((1 2) (3 4))) ;=> #2A((1 2) (3 4))
(aref (make-array '(2 2) :initial-contents '((1 2) (3 4))) 1 0) ;=> 3
(array-dimensions (make-array '(2 3))) ;=> (2 3)
(array-rank (make-array '(2 3))) ;=> 2
(array-dimension (make-array '(2 3)) 1) ;=> 3
(array-total-size (make-array '(2 3))) ;=> 6
(let ((a (make-array '(2 2) :initial-element 0))) (setf (aref a 0 1) 5) (incf (aref a 1 1)) a) ;=> #2A((0 5) (0 1))
(let ((v (make-array 0 :fill-pointer 0 :adjustable t))) (vector-push-extend 1 v) (vector-push-extend 2 v) (list (length v) (aref v 1) v)) ;=> (2 2 #(1 2))
(let ((v (make-array 5 :fill-pointer 0))) (vector-push 'a v) (vector-push 'b v) (list (fill-pointer v) (vector-pop v) v)) ;=> (2 b #(a))
(let ((v (make-array 3 :fill-pointer 3 :initial-element 1))) (setf (fill-pointer v) 2) v) ;=> #(1 1)
(let ((v (make-array 2 :adjustable t :initial-element 1))) (setf v (adjust-array v 4 :initial-element 0)) v) ;=> #(1 1 0 0)
(svref #(1 2 3) 0) ;=> 1
(vector 1 2 3) ;=> #(1 2 3)
(array-in-bounds-p #(1 2) 2) ;=> nil
(row-major-aref (make-array '(2 2) :initial-contents '((1 2) (3 4))) 3) ;=> 4
(fill (make-array 3) 7) ;=> #(7 7 7)
(fill (list 1 2 3) 0 :start 1) ;=> (1 0 0)
(replace (vector 1 2 3) #(8 9)) ;=> #(8 9 3)
(coerce '(1 2) 'vector) ;=> #(1 2)
(coerce #(1 2) 'list) ;=> (1 2)
(coerce "ab" 'list) ;=> (#\a #\b)
(coerce '(#\a #\b) 'string) ;=> "ab"
(coerce #\a 'character) ;=> #\a
(make-array 3 :element-type 'character :initial-element #\a) ;=> "aaa"
(vectorp "abc") ;=> t
(simple-vector-p #(1)) ;=> t
(adjustable-array-p (make-array 1 :adjustable t)) ;=> t
(array-has-fill-pointer-p (make-array 1 :fill-pointer 0)) ;=> t
(make-sequence 'list 2 :initial-element 0) ;=> (0 0)
(make-sequence 'string 2 :initial-element #\z) ;=> "zz"
(subseq (make-array 3 :initial-contents '(1 2 3)) 1 2) ;=> #(2)
(let ((a (make-array '(2 2) :initial-contents '((1 2) (3 4))))) (loop for i below 2 collect (loop for j below 2 collect (aref a i j)))) ;=> ((1 2) (3 4))
(defstruct point x y)
(make-point :x 1 :y 2) ;=> #S(point :x 1 :y 2)
(point-x (make-point :x 1)) ;=> 1
(let ((p (make-point))) (setf (point-x p) 5) p) ;=> #S(point :x 5 :y nil)
(point-p (make-point)) ;=> t
(point-p 5) ;=> nil
(copy-point (make-point :x 1 :y 2)) ;=> #S(point :x 1 :y 2)
(equalp (make-point :x 1) (make-point :x 1)) ;=> t
(equal (make-point :x 1) (make-point :x 1)) ;=> nil
(typep (make-point) 'point) ;=> t
(type-of (make-point)) ;=> point
(defstruct (ship (:conc-name s-) (:constructor new-ship (name &optional (speed 10)))) name (speed 0))
(new-ship "a") ;=> #S(ship :name "a" :speed 10)
(s-speed (new-ship "a" 3)) ;=> 3
(ship-p (new-ship "b")) ;=> t
(defstruct (circle (:include point)) (radius 1))
(make-circle :x 0 :y 0 :radius 5) ;=> #S(circle :x 0 :y 0 :radius 5)
(point-x (make-circle :x 7)) ;=> 7
(point-p (make-circle)) ;=> t
(circle-radius (make-circle)) ;=> 1
(defstruct (pt3 (:type list)) a b c)
(make-pt3 :a 1 :b 2) ;=> (1 2 nil)
(pt3-b '(1 2 3)) ;=> 2
(defstruct (noisy (:print-function (lambda (o s d) (declare (ignore d)) (format s "<noisy ~a>" (noisy-v o))))) v)
(format nil "~a" (make-noisy :v 3)) ;=> "<noisy 3>"
(defstruct acct "documentation" (owner "none" :type string) (balance 0 :read-only t))
(acct-balance (make-acct)) ;=> 0
(make-acct :owner "me" :balance 3) ;=> #S(acct :owner "me" :balance 3)
(handler-case (error "boom ~a" 1) (error (e) (format nil "~a" e))) ;=> "boom 1"
(handler-case (/ 1 0) (division-by-zero () 'div)) ;=> div
(handler-case (car 5) (type-error () 'type)) ;=> type
(handler-case (undefined-fn-x 1) (undefined-function () 'undef)) ;=> undef
(handler-case unbound-var-x (unbound-variable () 'unbound)) ;=> unbound
(ignore-errors 5) ;=> 5
(multiple-value-list (handler-case (values 1 2) (error () 0))) ;=> (1 2)
(handler-case 5 (:no-error (x) (list x 'ok))) ;=> (5 ok)
(unwind-protect 1 2) ;=> 1
(let ((l nil)) (catch 'x (unwind-protect (throw 'x 1) (push 'clean l))) l) ;=> (clean)
(catch 'a (catch 'b (throw 'a 1)) 2) ;=> 1
(block a (unwind-protect (return-from a 1) 2)) ;=> 1
(handler-case (signal 'simple-condition) (condition () 'c)) ;=> c
(signal "nothing") ;=> nil
(handler-case (warn "careful") (warning (w) (format nil "~a" w))) ;=> "careful"
(define-condition my-error (error) ((code :initarg :code :reader my-code)) (:report (lambda (c s) (format s "code ~a" (my-code c)))))
(handler-case (error 'my-error :code 7) (my-error (e) (list (my-code e) (format nil "~a" e)))) ;=> (7 "code 7")
(define-condition sub-error (my-error) ((extra :initarg :extra :initform 'none :accessor sub-extra)))
(handler-case (error 'sub-error :code 1) (my-error (e) (list (type-of e) (sub-extra e) (my-code e)))) ;=> (sub-error none 1)
(handler-case (error 'my-error :code 1) (error (e) (typep e 'my-error))) ;=> t
(let ((log nil)) (handler-bind ((error (lambda (e) (declare (ignore e)) (push 'seen log)))) (ignore-errors (error "x"))) log) ;=> nil
(restart-case (invoke-restart 'foo 5) (foo (x) (* x 2))) ;=> 10
(handler-bind ((error (lambda (e) (declare (ignore e)) (invoke-restart 'use-it 9)))) (restart-case (error "x") (use-it (v) (list 'used v)))) ;=> (used 9)
(multiple-value-list (with-simple-restart (cont "go") (invoke-restart 'cont))) ;=> (nil t)
(handler-bind ((warning #'muffle-warning)) (warn "x") 'after) ;=> after
(assert (= 1 1)) ;=> nil
(handler-case (assert (= 1 2)) (error () 'failed)) ;=> failed
(check-type 5 integer) ;=> nil
(handler-case (let ((x "a")) (check-type x integer)) (type-error () 'bad)) ;=> bad
(handler-case (cerror "go on" "bad") (error () 'c)) ;=> c
(handler-bind ((error #'continue)) (cerror "go" "bad") 'went-on) ;=> went-on
(handler-case (error 'type-error :datum 5 :expected-type 'string) (type-error (e) (list (type-error-datum e) (type-error-expected-type e)))) ;=> (5 string)
(find-restart 'nosuch) ;=> nil
(handler-case (parse-integer "abc") (error () 'parse)) ;=> parse
(handler-case (nth 1 5) (error () 'e)) ;=> e
(handler-case (elt '(1) 5) (error () 'e)) ;=> e
(handler-case (aref #(1) -1) (error () 'e)) ;=> e
(handler-case (funcall 5) (error () 'e)) ;=> e
(handler-case (symbol-value 'nope-x) (unbound-variable (c) (cell-error-name c))) ;=> nope-x
(let ((x 1)) (flet ((f (y) (+ x y))) (f 2))) ;=> 3
(labels ((fact (n) (if (< n 2) 1 (* n (fact (1- n)))))) (fact 20)) ;=> 2432902008176640000
(labels ((ev (n) (if (= n 0) t (od (1- n)))) (od (n) (if (= n 0) nil (ev (1- n))))) (ev 101)) ;=> nil
((lambda (x) (* x x)) 5) ;=> 25
(funcall #'+ 1 2) ;=> 3
(apply #'+ 1 2 '(3 4)) ;=> 10
(funcall (lambda (&key (a 1) b) (list a b)) :b 5) ;=> (1 5)
(funcall (lambda (&key (a 1 a-p)) (list a a-p))) ;=> (1 nil)
(funcall (lambda (&rest r) r) 1 2) ;=> (1 2)
(funcall (lambda (a &optional b (c 3 c-p)) (list a b c c-p)) 1) ;=> (1 nil 3 nil)
(let ((fs (loop for i from 1 to 3 collect (let ((i i)) (lambda () i))))) (mapcar #'funcall fs)) ;=> (1 2 3)
(funcall (complement #'evenp) 3) ;=> t
(funcall (constantly 7) 1 2) ;=> 7
(mapcar (let ((n 0)) (lambda (x) (incf n x))) '(1 2 3)) ;=> (1 3 6)
(let ((compose (lambda (f g) (lambda (x) (funcall f (funcall g x)))))) (funcall (funcall compose #'1+ #'abs) -5)) ;=> 6
(funcall 'car '(1)) ;=> 1
(macrolet ((sq (x) `(* ,x ,x))) (sq 5)) ;=> 25
(symbol-macrolet ((z (car l))) (let ((l (list 1 2))) (setf z 9) l)) ;=> (9 2)
(let* ((x 1) (y (+ x 1))) (list x y)) ;=> (1 2)
(let ((x 1)) (let ((x 2) (y x)) (list x y))) ;=> (2 1)
(progv '(pv1) '(5) (symbol-value 'pv1)) ;=> 5
(defvar *dyn* 1)
(defun show-dyn () *dyn*)
(let ((*dyn* 2)) (show-dyn)) ;=> 2
(show-dyn) ;=> 1
(defparameter *par* '(1 2))
*par* ;=> (1 2)
(defconstant +k+ 5)
+k+ ;=> 5
(defun opt (a &optional (b (* a 2)) &key (c (+ a b))) (list a b c))
(opt 1) ;=> (1 2 3)
(opt 1 5 :c 0) ;=> (1 5 0)
(defun kw (&key a (b 2) &allow-other-keys) (list a b))
(kw :a 1 :z 5) ;=> (1 2)
(defun rst (a &rest more) (list a more))
(rst 1 2 3) ;=> (1 (2 3))
(defun aux (x &aux (y (* x 2))) (list x y))
(aux 3) ;=> (3 6)
(defun mv () (values 1 2))
(multiple-value-list (mv)) ;=> (1 2)
(defmacro my-unless (c &body b) `(if ,c nil (progn ,@b)))
(my-unless nil 1 2) ;=> 2
(multiple-value-list (macroexpand-1 '(my-unless a b c))) ;=> ((if a nil (progn b c)) t)
(defmacro for ((v from to) &body body) (let ((end (gensym))) `(do ((,v ,from (1+ ,v)) (,end ,to)) ((> ,v ,end)) ,@body)))
(let ((s 0)) (for (i 1 5) (incf s i)) s) ;=> 15
(defmacro my-or (&rest args) (if (null args) nil (let ((g (gensym))) `(let ((,g ,(car args))) (if ,g ,g (my-or ,@(cdr args)))))))
(my-or nil nil 3) ;=> 3
(defmacro m-opt (a &optional (b 10) &key (c 20)) `(list ,a ,b ,c))
(m-opt 1) ;=> (1 10 20)
(m-opt 1 2 :c 3) ;=> (1 2 3)
(defmacro ntimes (n &rest body) (let ((g (gensym)) (h (gensym))) `(let ((,h ,n)) (do ((,g 0 (+ ,g 1))) ((>= ,g ,h)) ,@body))))
(let ((x 10)) (ntimes 5 (setf x (+ x 1))) x) ;=> 15
`(1 ,@(list 2 3) ,(+ 2 2)) ;=> (1 2 3 4)
`(a . ,(+ 1 2)) ;=> (a . 3)
`#(1 ,(+ 1 1)) ;=> #(1 2)
(destructuring-bind (a &optional (b 5) &rest c) '(1) (list a b c)) ;=> (1 5 nil)
(destructuring-bind ((a b) . c) '((1 2) 3 4) (list a b c)) ;=> (1 2 (3 4))
(destructuring-bind (&key x (y 2)) '(:x 1) (list x y)) ;=> (1 2)
(handler-case (destructuring-bind (a b) '(1) (list a b)) (error () 'bad)) ;=> bad
(destructuring-bind (a (b c) &key d) '(1 (2 3) :d 4) (list a b c d)) ;=> (1 2 3 4)
(destructuring-bind (&whole w a b) '(1 2) (list w a b)) ;=> ((1 2) 1 2)
(let ((h (make-hash-table))) (setf (gethash 'a h) 1 (gethash 'b h) 2) (list (gethash 'a h) (gethash 'z h) (gethash 'z h 'def) (hash-table-count h) (remhash 'a h) (hash-table-count h))) ;=> (1 nil def 2 t 1)
(let ((h (make-hash-table :test #'equal))) (setf (gethash "k" h) 1) (multiple-value-list (gethash "k" h))) ;=> (1 t)
(let ((h (make-hash-table)) (r nil)) (setf (gethash 1 h) 'one) (maphash (lambda (k v) (push (cons k v) r)) h) r) ;=> ((1 . one))
(let ((h (make-hash-table))) (setf (gethash 1 h) 1) (clrhash h) (hash-table-count h)) ;=> 0
(multiple-value-list (let ((h (make-hash-table :test 'equalp))) (setf (gethash "AB" h) 1) (gethash "ab" h))) ;=> (1 t)
(hash-table-test (make-hash-table :test 'equal)) ;=> equal
(multiple-value-list (let ((h (make-hash-table))) (push 1 (gethash 'l h)) (push 2 (gethash 'l h)) (gethash 'l h))) ;=> ((2 1) t)
(multiple-value-list (gethash 'a (make-hash-table) 5)) ;=> (5 nil)
(let ((s "hello")) (list (length s) (char s 0) (position #\l s) (subseq s 1 3) (search "ll" s))) ;=> (5 #\h 2 "el" 2)
(string-upcase 'abc) ;=> "ABC"
(let ((s (make-array 0 :element-type 'character :fill-pointer 0 :adjustable t))) (vector-push-extend #\a s) (with-output-to-string (o s) (princ "bc" o)) s) ;=> "abc"
(coerce (list #\a) 'string) ;=> "a"
(map 'list #'char-code "AB") ;=> (65 66)
(multiple-value-list (parse-integer "  -12  ")) ;=> (-12 7)
(string< "apple" "banana") ;=> 0
(sort (list "b" "a") #'string<) ;=> ("a" "b")
(concatenate 'string "a" (list #\b) #(#\c)) ;=> "abc"
(remove-if-not #'alpha-char-p "a1b2") ;=> "ab"
(reverse "abc") ;=> "cba"
(find-if #'upper-case-p "abCd") ;=> #\C
(position-if #'digit-char-p "ab3") ;=> 2
(every #'digit-char-p "123") ;=> t
(subseq "abc" 1 1) ;=> ""
(substitute #\_ #\Space "a b c") ;=> "a_b_c"
(count #\l "hello") ;=> 2
(string/= "abc" "abd") ;=> 2
(with-output-to-string (s) (dolist (x '(1 2)) (format s "~a," x))) ;=> "1,2,"
(string= "abc" "xabc" :start2 1) ;=> t
(string-equal "abc" "ABC") ;=> t
(search "B" "abc" :test #'char-equal) ;=> 1
(string #\a) ;=> "a"
(princ-to-string #\a) ;=> "a"
(write-to-string "a") ;=> "\"a\""
(prin1-to-string 'abc) ;=> "abc"
(multiple-value-list (read-from-string "(1 . 2)")) ;=> ((1 . 2) 7)
(nstring-downcase (copy-seq "ABC")) ;=> "abc"
(replace (copy-seq "abcdef") "XY" :start1 2) ;=> "abXYef"
(mismatch "hello" "help") ;=> 3
(string-left-trim "ab" "abcab") ;=> "cab"
(map 'string (lambda (c) (if (char= c #\a) #\b c)) "banana") ;=> "bbnbnb"
(reduce (lambda (a c) (+ (* a 10) (digit-char-p c))) "123" :initial-value 0) ;=> 123
(concatenate 'string) ;=> ""
(string<= "abc" "abcd") ;=> 3
(string> "b" "abc") ;=> 0
(char<= #\a #\b #\b) ;=> t
(equal "abc" (copy-seq "abc")) ;=> t
(identity 5) ;=> 5
(list 1 . (2)) ;=> (1 2)
(random 1) ;=> 0
(numberp (random 10)) ;=> t
(floatp (random 1.0)) ;=> t
(typep 5 '(integer 0 10)) ;=> t
(typep 5 '(or string integer)) ;=> t
(typep 5 '(and integer (satisfies oddp))) ;=> t
(typep nil 'list) ;=> t
(typep 5 'fixnum) ;=> t
(typep #\a '(member #\a #\b)) ;=> t
(typep '(1) '(cons integer)) ;=> t
(deftype small () '(integer 0 9))
(typep 5 'small) ;=> t
(typep 50 'small) ;=> nil
(the integer 5) ;=> 5
(locally 1) ;=> 1
(eval '(+ 1 2)) ;=> 3
(let ((x '(+ 1 2))) (eval x)) ;=> 3
(constantp 5) ;=> t
(functionp (lambda () 1)) ;=> t
(special-operator-p 'if) ;=> t
(let ((f 'car)) (funcall f '(1))) ;=> 1
(apply 'max '(1 5 3)) ;=> 5
(copy-seq #(1 2)) ;=> #(1 2)
(boundp '*dyn*) ;=> t
(set 'newsym 5) ;=> 5
newsym ;=> 5
(makunbound 'newsym) ;=> newsym
(boundp 'newsym) ;=> nil
(fmakunbound 'rst) ;=> rst
(fboundp 'rst) ;=> nil
(integerp (get-universal-time)) ;=> t
(values (truncate 7 2)) ;=> 3
(incf *dyn*) ;=> 2
*dyn* ;=> 2
(psetq) ;=> nil
(let () 5) ;=> 5
(let (x) x) ;=> nil
; docstrings; what is not here says so
(progn (defun documented () "What it does." 1) (list (documentation 'documented 'function) (documentation 'car 'function))) ;=> ("What it does." nil)
(defclass thing () ((name :initarg :name))) ;! there are no classes here
(defmethod show-it ((x thing)) x) ;! there are no methods here
