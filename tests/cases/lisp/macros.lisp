; Macros and places.
`(1 ,(+ 1 1) ,@(list 3 4)) ;=> (1 2 3 4)
`(a . ,(+ 1 2)) ;=> (a . 3)
`((,@(list 1)) ,@nil b) ;=> ((1) b)
`(1 `(2 ,(3 ,(+ 1 3)))) ;=> (1 `(2 ,(3 4)))
`#(1 ,(+ 1 1)) ;=> #(1 2)
(let ((x '(1 2))) `(,@x . end)) ;=> (1 2 . end)
(defmacro swap (a b) `(let ((tmp ,a)) (setf ,a ,b ,b tmp)))
(let ((x 1) (y 2)) (swap x y) (list x y)) ;=> (2 1)
(macroexpand-1 '(swap p q)) ;=> (let ((tmp p)) (setf p q q tmp))
(defmacro my-let1 ((var val) &body body) `(let ((,var ,val)) ,@body))
(my-let1 (x 5) (+ x 1)) ;=> 6
(my-let1 (x)) ;! too few arguments for
(my-let1 (x 5 6) 7) ;! too many arguments for
(defmacro opts (a &optional (b 2) &key (c 3) d) `(list ,a ,b ,c ,d))
(opts 1) ;=> (1 2 3 nil)
(opts 1 5 :d 6) ;=> (1 5 3 6)
(opts 1 5 :q 6) ;! unknown keyword
(defmacro whole (&whole w a) (list 'quote (list w a)))
(whole 3) ;=> ((whole 3) 3)
(defmacro with-env (x &environment env) (declare (ignorable env)) (macroexpand-1 x env))
(macrolet ((foo () 7)) (with-env (foo))) ;=> 7
(defmacro while* (test &body body) (let ((top (gensym))) `(tagbody ,top (when ,test ,@body (go ,top)))))
(let ((i 0)) (while* (< i 5) (incf i)) i) ;=> 5
(macrolet ((add (x) `(+ ,x 1))) (add 2)) ;=> 3
(macrolet ((a () ''outer)) (macrolet ((a () ''inner)) (a))) ;=> inner
(symbol-macrolet ((x (car l))) (let ((l (list 1 2))) (setf x 9) (incf x) l)) ;=> (10 2)
(defmacro def-adder (name n) `(defmacro ,name (x) `(+ ,x ,',n)))
(def-adder add5 5)
(add5 1) ;=> 6
(defmacro defaccessors (&rest names) `(progn ,@(mapcar (lambda (n) `(defun ,n (x) (list ',n x))) names)))
(defaccessors aa bb)
(bb 1) ;=> (bb 1)
(macrolet ((m (n) `(defmacro ,n () ''from-macrolet))) (m made))
(made) ;=> from-macrolet
(defconstant +flags+ '((fin 1) (syn 2)))
(defmacro flag-list () `(list ,@(mapcar (lambda (f) `(cons ',(car f) ,(cadr f))) +flags+)))
(flag-list) ;=> ((fin . 1) (syn . 2))
(defmacro bad () (error "in the macro"))
(bad) ;! in the macro
(+ 1 1) ;=> 2
(gensym "abc") 
(symbol-name (make-symbol "x")) ;=> "x"
(eq (gensym) (gensym)) ;=> nil
; places
(let ((l (list 1 2 3))) (setf (car l) 9 (cadr l) 8 (nth 2 l) 7) l) ;=> (9 8 7)
(let ((v (vector 1 2 3))) (setf (aref v 1) 'x) v) ;=> #(1 x 3)
(let ((h (make-hash-table))) (setf (gethash 'a h) 1) (incf (gethash 'a h)) (incf (gethash 'b h 10) 5) (list (gethash 'a h) (gethash 'b h))) ;=> (2 15)
(let ((p (list :a 1))) (setf (getf p :b) 2) (setf (getf p :a) 3) p) ;=> (:b 2 :a 3)
(let ((x 5)) (incf x) (incf x 2) (decf x) x) ;=> 7
(let ((l nil)) (push 1 l) (push 2 l) (list (pop l) l)) ;=> (2 (1))
(let ((l (list 1 2))) (pushnew 1 l) (pushnew 3 l) l) ;=> (3 1 2)
(let ((a 1) (b 2) (c 3)) (rotatef a b c) (list a b c)) ;=> (2 3 1)
(let ((a 1) (b 2)) (list (shiftf a b 9) a b)) ;=> (1 2 9)
(let ((a 1) (b 2)) (psetf a b b a) (list a b)) ;=> (2 1)
(let ((n 0) (l (list 1 2))) (flet ((idx () (incf n))) (incf (nth (idx) l)) (list n l))) ;=> (1 (1 3))
(let ((p (list :a 1 :b 2))) (remf p :a) p) ;=> (:b 2)
(defun get-thing (l) (car l))
(defun set-thing (l v) (setf (car l) v))
(defsetf get-thing set-thing)
(let ((l (list 1))) (setf (get-thing l) 5) (incf (get-thing l)) l) ;=> (6)
(defsetf middle (l) (v) `(progn (setf (cadr ,l) ,v) ,v))
(defun middle (l) (cadr l))
(let ((l (list 1 2 3))) (setf (middle l) 9) l) ;=> (1 9 3)
(define-setf-expander lastguy (x) (let ((s (gensym)) (g (gensym))) (values (list g) (list x) (list s) `(progn (setf (car (last ,g)) ,s) ,s) `(car (last ,g)))))
(let ((l (list 1 2 3))) (setf (lastguy l) 9) l) ;=> (1 2 9)
(let ((l (list 1 2 3))) (incf (lastguy l) 10) l) ;=> (1 2 13)
(setf (nonsense 1) 2) ;! is not a place that can be set
(setf 5 2) ;! not a place
(setf x) ;! needs a value for every place
(let ((x 0)) (setf (ldb (byte 4 4) x) 5) x) ;=> 80
(defmacro first-of (x) `(car ,x))
(let ((l (list 1 2))) (setf (first-of l) 5) l) ;=> (5 2)
(macroexpand '(prog2 1 2 3))
(funcall (compile-not-there)) ;! no function is named
