;;; programs of the kind that a Lisp book's first half has; values are Common Lisp's
(defun queens (n) (labels ((ok (q rest) (loop for r in rest for d from 1 never (or (= q r) (= (abs (- q r)) d)))) (place (k) (if (= k 0) (list nil) (loop for qs in (place (1- k)) append (loop for q from 1 to n when (ok q qs) collect (cons q qs)))))) (place n)))
(length (queens 6)) ;=> 4
(length (first (queens 8))) ;=> 8
(defun primes (n) (let ((s (make-array (1+ n) :initial-element t))) (loop for i from 2 to n when (aref s i) collect i and do (loop for j from (* i i) to n by i do (setf (aref s j) nil)))))
(primes 50) ;=> (2 3 5 7 11 13 17 19 23 29 31 37 41 43 47)
(defun deriv (e x) (cond ((numberp e) 0) ((symbolp e) (if (eq e x) 1 0)) (t (case (car e) (+ `(+ ,(deriv (cadr e) x) ,(deriv (caddr e) x))) (* `(+ (* ,(cadr e) ,(deriv (caddr e) x)) (* ,(deriv (cadr e) x) ,(caddr e)))) (otherwise (error "unknown operator ~a" (car e)))))))
(deriv '(+ (* x x) (* 3 x)) 'x) ;=> (+ (+ (* x 1) (* 1 x)) (+ (* 3 1) (* 0 x)))
(handler-case (deriv '(/ 1 x) 'x) (error (c) (format nil "caught: ~a" c))) ;=> "caught: unknown operator /"
(let ((h (make-hash-table :test 'equal))) (dolist (w '("the" "cat" "the" "dog" "the")) (incf (gethash w h 0))) (sort (loop for k being the hash-keys of h using (hash-value v) collect (cons k v)) #'string< :key #'car)) ;=> (("cat" . 1) ("dog" . 1) ("the" . 3))
(defmacro aif (test then &optional else) `(let ((it ,test)) (if it ,then ,else)))
(aif (assoc 'b '((a 1) (b 2))) (cadr it) 'none) ;=> 2
(defmacro while2 (test &body body) `(do () ((not ,test)) ,@body))
(let ((i 0) (l nil)) (while2 (< i 3) (push i l) (incf i)) l) ;=> (2 1 0)
(defmacro with-names (syms &body body) `(let ,(mapcar (lambda (s) `(,s (gensym))) syms) ,@body))
(defmacro swap! (a b) (with-names (tmp) `(let ((,tmp ,a)) (setf ,a ,b ,b ,tmp))))
(let ((x 1) (y 2)) (swap! x y) (list x y)) ;=> (2 1)
(destructuring-bind (a (b &optional (c 9)) &rest d &key k) '(1 (2) :k 5) (list a b c d k)) ;=> (1 2 9 (:k 5) 5)
(list (multiple-value-list (floor -17 5)) (multiple-value-list (truncate -17 5)) (multiple-value-list (round 7 2))) ;=> ((-4 3) (-3 -2) (4 -1))
(defun counter () (let ((n 0)) (lambda () (incf n))))
(let ((c (counter)) (d (counter))) (funcall c) (list (funcall c) (funcall d))) ;=> (2 1)
(loop for x in '(1 2 3 4) if (evenp x) collect x into e else collect x into o finally (return (list e o))) ;=> ((2 4) (1 3))
(loop for (a b) in '((1 2) (3 4)) sum (* a b)) ;=> 14
(loop for x = 1 then (* x 2) while (< x 50) maximize x) ;=> 32
(catch 'found (dolist (x '(1 2 3)) (when (= x 2) (throw 'found (* x 10))))) ;=> 20
(format nil "~5d|~-5d|~5,'0d|~,2f" 42 42 42 3.14159) ;=> "   42|42|00042|3.14"
(format nil "~[zero~;one~:;many~] ~:[no~;yes~] ~@[x=~a~]" 1 t 7) ;=> "one yes x=7"
(list (gcd 12 18) (lcm 4 6) (expt 2 10) (mod -7 3) (rem -7 3) (isqrt 17)) ;=> (6 12 1024 2 -1 4)
(list (every #'evenp '(2 4)) (some #'oddp '(2 3)) (mapcan (lambda (x) (list x x)) '(1 2)) (maplist #'length '(1 2 3))) ;=> (t t (1 1 2 2) (3 2 1))
