;;; Programs in the manner of a Lisp book's first half. What they must give was printed by another
;;; Common Lisp (symbols in lower case, floats double), form by form.

;;; 1 an inventory kept in a property list database
(defvar *db* nil)
(defun make-cd (title artist rating) (list :title title :artist artist :rating rating))
(defun add-record (cd) (push cd *db*))
(progn (add-record (make-cd "Roses" "Kathy" 7)) (add-record (make-cd "Fly" "Dixie" 8)) (add-record (make-cd "Home" "Dixie" 9)) (length *db*)) ;=> 3
(defun select (selector) (remove-if-not selector *db*))
(defun where (&key title artist (rating nil rating-p)) (lambda (cd) (and (if title (equal (getf cd :title) title) t) (if artist (equal (getf cd :artist) artist) t) (if rating-p (equal (getf cd :rating) rating) t))))
(mapcar (lambda (cd) (getf cd :title)) (select (where :artist "Dixie"))) ;=> ("Home" "Fly")
(progn (setf *db* (mapcar (lambda (row) (when (equal (getf row :title) "Fly") (setf (getf row :rating) 11)) row) *db*)) (select (where :rating 11))) ;=> ((:title "Fly" :artist "Dixie" :rating 11))
(substitute #\| #\Newline (format nil "~{~{~a:~10t~a~%~}~}" (list (make-cd "T" "A" 1)))) ;=> "title:    T|artist:   A|rating:   1|"
(progn (setf *db* (remove-if (where :artist "Dixie") *db*)) (length *db*)) ;=> 1

;;; 2 flattening, counting atoms, depth of trees
(defun flatten (tree) (cond ((null tree) nil) ((atom tree) (list tree)) (t (append (flatten (car tree)) (flatten (cdr tree))))))
(flatten '(1 (2 (3 nil)) ((4)) . (5))) ;=> (1 2 3 4 5)
(defun depth (tree) (if (atom tree) 0 (1+ (reduce #'max (mapcar #'depth tree) :initial-value 0))))
(depth '(a (b (c)) d)) ;=> 3
(defun tree-map (f tree) (cond ((null tree) nil) ((atom tree) (funcall f tree)) (t (cons (tree-map f (car tree)) (tree-map f (cdr tree))))))
(tree-map #'1+ '(1 (2 3) ((4)))) ;=> (2 (3 4) ((5)))

;;; 3 run-length coding, there and back
(defun compress-run (list) (let ((out nil)) (dolist (x list (nreverse out)) (if (and out (eql (car (first out)) x)) (incf (cdr (first out))) (push (cons x 1) out)))))
(compress-run '(a a b c c c)) ;=> ((a . 2) (b . 1) (c . 3))
(defun expand-run (runs) (loop for (x . n) in runs append (make-list n :initial-element x)))
(expand-run (compress-run '(1 1 1 2 3 3))) ;=> (1 1 1 2 3 3)

;;; 4 a binary search tree of structures
(defstruct node elt (l nil) (r nil))
(defun bst-insert (obj bst) (cond ((null bst) (make-node :elt obj)) ((< obj (node-elt bst)) (setf (node-l bst) (bst-insert obj (node-l bst))) bst) ((> obj (node-elt bst)) (setf (node-r bst) (bst-insert obj (node-r bst))) bst) (t bst)))
(defun bst-walk (fn bst) (when bst (bst-walk fn (node-l bst)) (funcall fn (node-elt bst)) (bst-walk fn (node-r bst))))
(let ((tree nil) (seen nil)) (dolist (x '(5 8 4 2 1 9 6 7 3)) (setf tree (bst-insert x tree))) (bst-walk (lambda (x) (push x seen)) tree) (nreverse seen)) ;=> (1 2 3 4 5 6 7 8 9)
(defun bst-find (obj bst) (and bst (let ((e (node-elt bst))) (cond ((= obj e) bst) ((< obj e) (bst-find obj (node-l bst))) (t (bst-find obj (node-r bst)))))))
(let ((tree nil)) (dolist (x '(2 1 3)) (setf tree (bst-insert x tree))) (list (node-elt (bst-find 3 tree)) (bst-find 9 tree))) ;=> (3 nil)
(make-node :elt 1 :l (make-node :elt 0)) ;=> #S(node :elt 1 :l #S(node :elt 0 :l nil :r nil) :r nil)

;;; 5 breadth-first search for a shortest path
(defun bfs (end queue net) (if (null queue) nil (let* ((path (car queue)) (node (car path))) (if (eql node end) (reverse path) (bfs end (append (cdr queue) (mapcar (lambda (n) (cons n path)) (cdr (assoc node net)))) net)))))
(bfs 'd (list (list 'a)) '((a b c) (b c) (c d) (d))) ;=> (a c d)
(bfs 'z (list (list 'a)) '((a b) (b))) ;=> nil

;;; 6 a queue of a cons
(defun make-queue () (cons nil nil))
(defun enqueue (x q) (if (null (car q)) (setf (cdr q) (setf (car q) (list x))) (setf (cdr (cdr q)) (list x) (cdr q) (cdr (cdr q)))) (car q))
(defun dequeue (q) (pop (car q)))
(let ((q (make-queue))) (enqueue 'a q) (enqueue 'b q) (enqueue 'c q) (list (dequeue q) (dequeue q) (car q))) ;=> (a b (c))

;;; 7 closures: counters, generators, memoizing
(defun make-adder (n) (lambda (x) (+ x n)))
(mapcar (make-adder 10) '(1 2 3)) ;=> (11 12 13)
(let ((n 0)) (defun tick () (incf n)) (defun untick () (decf n))) ;=> untick
(list (tick) (tick) (untick) (tick)) ;=> (1 2 1 2)
(defun memoize (fn) (let ((cache (make-hash-table :test #'equal))) (lambda (&rest args) (multiple-value-bind (val found) (gethash args cache) (if found val (setf (gethash args cache) (apply fn args)))))))
(let* ((calls 0) (f (memoize (lambda (x y) (incf calls) (* x y))))) (list (funcall f 3 4) (funcall f 3 4) (funcall f 4 4) calls)) ;=> (12 12 16 2)
(defun compose (&rest fns) (destructuring-bind (fn1 . rest) (reverse fns) (lambda (&rest args) (reduce (lambda (v f) (funcall f v)) rest :initial-value (apply fn1 args)))))
(mapcar (compose #'list #'round #'sqrt) '(4 9 16 25)) ;=> ((2) (3) (4) (5))
(defun curry (fn &rest args) (lambda (&rest more) (apply fn (append args more))))
(mapcar (curry #'* 2) '(1 2 3)) ;=> (2 4 6)
(defun disjoin (fn &rest fns) (if (null fns) fn (let ((disj (apply #'disjoin fns))) (lambda (&rest args) (or (apply fn args) (apply disj args))))))
(mapcar (disjoin #'integerp #'symbolp) '(a "a" 2 3.5)) ;=> (t nil t nil)

;;; 8 words counted in a text
(defun split-words (text) (loop with start = nil for i from 0 to (length text) for c = (if (< i (length text)) (char text i) #\Space) if (alpha-char-p c) do (unless start (setf start i)) else when start collect (string-downcase (subseq text start i)) and do (setf start nil)))
(split-words "The cat, the DOG; the end.") ;=> ("the" "cat" "the" "dog" "the" "end")
(defun word-table (words) (let ((h (make-hash-table :test #'equal))) (dolist (w words) (incf (gethash w h 0))) (let ((l nil)) (maphash (lambda (k v) (push (cons k v) l)) h) (sort l (lambda (a b) (or (> (cdr a) (cdr b)) (and (= (cdr a) (cdr b)) (string< (car a) (car b)))))))))
(word-table (split-words "one two two three three three")) ;=> (("three" . 3) ("two" . 2) ("one" . 1))
(with-output-to-string (s) (loop for (w . n) in (word-table (split-words "b a b")) do (format s "~5a|~3d|~v@{*~}" w n n nil))) ;=> "b    |  2|**a    |  1|*"

;;; 9 sorting algorithms written out
(defun quicksort (list) (if (null list) nil (destructuring-bind (p &rest rest) list (append (quicksort (remove-if-not (lambda (x) (< x p)) rest)) (list p) (quicksort (remove-if (lambda (x) (< x p)) rest))))))
(quicksort '(3 1 4 1 5 9 2 6)) ;=> (1 1 2 3 4 5 6 9)
(defun bubble (v) (let ((n (length v))) (loop for swapped = nil do (loop for i from 0 below (1- n) when (> (aref v i) (aref v (1+ i))) do (rotatef (aref v i) (aref v (1+ i))) (setf swapped t)) while swapped) v))
(bubble (vector 5 2 4 1 3)) ;=> #(1 2 3 4 5)
(defun merge-lists (a b) (cond ((null a) b) ((null b) a) ((< (car a) (car b)) (cons (car a) (merge-lists (cdr a) b))) (t (cons (car b) (merge-lists a (cdr b))))))
(merge-lists '(1 3 5) '(2 4 6 8)) ;=> (1 2 3 4 5 6 8)
(defun bin-search (obj vec) (let ((len (length vec))) (and (not (zerop len)) (labels ((finder (start end) (let ((range (- end start))) (if (zerop range) (if (eql obj (aref vec start)) obj nil) (let ((mid (+ start (round (/ range 2))))) (let ((obj2 (aref vec mid))) (cond ((< obj obj2) (if (= mid start) nil (finder start (1- mid)))) ((> obj obj2) (if (= mid end) nil (finder (1+ mid) end))) (t obj)))))))) (finder 0 (1- len))))))
(list (bin-search 3 #(0 1 2 3 4 5 6 7 8 9)) (bin-search 11 #(0 1 2))) ;=> (3 nil)

;;; 10 a matrix multiplied, transposed, printed
(defun mat* (a b) (let* ((n (array-dimension a 0)) (m (array-dimension a 1)) (p (array-dimension b 1)) (c (make-array (list n p) :initial-element 0))) (dotimes (i n c) (dotimes (j p) (dotimes (k m) (incf (aref c i j) (* (aref a i k) (aref b k j))))))))
(mat* (make-array '(2 2) :initial-contents '((1 2) (3 4))) (make-array '(2 2) :initial-contents '((0 1) (1 0)))) ;=> #2A((2 1) (4 3))
(defun transpose (m) (apply #'mapcar #'list m))
(transpose '((1 2 3) (4 5 6))) ;=> ((1 4) (2 5) (3 6))
(defun fib-mat (n) (let ((m (make-array '(2 2) :initial-contents '((1 1) (1 0)))) (r (make-array '(2 2) :initial-contents '((1 0) (0 1))))) (loop repeat n do (setf r (mat* r m))) (aref r 0 1)))
(fib-mat 50) ;=> 12586269025

;;; 11 Conway's game on a small board
(defun life-step (b) (let* ((r (array-dimension b 0)) (c (array-dimension b 1)) (n (make-array (list r c) :initial-element 0))) (dotimes (i r n) (dotimes (j c) (let ((s 0)) (loop for di from -1 to 1 do (loop for dj from -1 to 1 unless (and (= di 0) (= dj 0)) do (let ((x (+ i di)) (y (+ j dj))) (when (array-in-bounds-p b x y) (incf s (aref b x y)))))) (setf (aref n i j) (if (or (= s 3) (and (= s 2) (= 1 (aref b i j)))) 1 0)))))))
(life-step (make-array '(3 3) :initial-contents '((0 1 0) (0 1 0) (0 1 0)))) ;=> #2A((0 0 0) (1 1 1) (0 0 0))

;;; 12 a calculator of infix expressions
(defun infix (x) (cond ((atom x) x) ((null (cdr x)) (infix (car x))) (t (let ((p (or (position '+ x :from-end t) (position '- x :from-end t) (position '* x :from-end t)))) (list (elt x p) (infix (subseq x 0 p)) (infix (subseq x (1+ p))))))))
(infix '(1 + 2 * 3)) ;=> (+ 1 (* 2 3))
(eval (infix '(2 * (3 + 4) + 1))) ;=> 15

;;; 13 symbolic simplification
(defun simp (e) (if (atom e) e (let ((op (first e)) (a (simp (second e))) (b (simp (third e)))) (cond ((and (numberp a) (numberp b)) (funcall op a b)) ((and (eq op '*) (or (eql a 0) (eql b 0))) 0) ((and (eq op '*) (eql a 1)) b) ((and (eq op '*) (eql b 1)) a) ((and (eq op '+) (eql a 0)) b) ((and (eq op '+) (eql b 0)) a) (t (list op a b))))))
(simp '(+ (* x 1) (* 0 y))) ;=> x
(simp '(* (+ 1 2) (+ z 0))) ;=> (* 3 z)

;;; 14 a stack machine
(defun run-stack (code) (let ((stack nil)) (dolist (op code (first stack)) (case op ((+ - *) (let ((b (pop stack)) (a (pop stack))) (push (funcall op a b) stack))) (dup (push (first stack) stack)) (otherwise (push op stack))))))
(run-stack '(2 3 + dup *)) ;=> 25

;;; 15 macros: while, unless, with-gensyms, anaphora, nested backquote
(defmacro while (test &rest body) `(do () ((not ,test)) ,@body))
(let ((x 0) (acc nil)) (while (< x 4) (push x acc) (incf x)) acc) ;=> (3 2 1 0)
(defmacro with-gensyms (syms &body body) `(let ,(mapcar #'(lambda (s) `(,s (gensym))) syms) ,@body))
(defmacro swap-em (a b) (with-gensyms (g) `(let ((,g ,a)) (setf ,a ,b) (setf ,b ,g))))
(let ((p 1) (q 2)) (swap-em p q) (list p q)) ;=> (2 1)
(defmacro in (obj &rest choices) (let ((insym (gensym))) `(let ((,insym ,obj)) (or ,@(mapcar #'(lambda (c) `(eql ,insym ,c)) choices)))))
(list (in 3 1 2 3) (in 'z 'a 'b)) ;=> (t nil)
(defmacro avg (&rest args) `(/ (+ ,@args) ,(length args)))
(avg 2 4 9) ;=> 5
(defmacro aand (&rest args) (cond ((null args) t) ((null (cdr args)) (car args)) (t `(let ((it ,(car args))) (if it (aand ,@(cdr args)))))))
(aand (assoc 'b '((a . 1) (b . 20))) (cdr it) (* it 2)) ;=> 40
(defmacro def-getter (name key) `(defun ,name (plist) (getf plist ',key)))
(def-getter get-size :size)
(get-size '(:size 42 :color red)) ;=> 42
(defmacro random-choice-check (&rest exprs) `(case (mod 7 ,(length exprs)) ,@(let ((key -1)) (mapcar #'(lambda (e) `(,(incf key) ,e)) exprs))))
(random-choice-check 'turn-left 'turn-right 'straight) ;=> turn-right
(defmacro my-let (bindings &body body) `((lambda ,(mapcar #'first bindings) ,@body) ,@(mapcar #'second bindings)))
(my-let ((a 1) (b 2)) (+ a b)) ;=> 3
(defmacro do-primes ((var start end) &body body) `(do ((,var (next-prime ,start) (next-prime (1+ ,var)))) ((> ,var ,end)) ,@body))
(defun primep (n) (and (> n 1) (loop for f from 2 to (isqrt n) never (zerop (mod n f)))))
(defun next-prime (n) (loop for i from n when (primep i) return i))
(let ((l nil)) (do-primes (p 0 20) (push p l)) (nreverse l)) ;=> (2 3 5 7 11 13 17 19)
(multiple-value-list (macroexpand-1 '(do-primes (p 0 19) (f p)))) ;=> ((do ((p (next-prime 0) (next-prime (1+ p)))) ((> p 19)) (f p)) t)

;;; 16 errors of an account
(define-condition insufficient (error) ((need :initarg :need :reader need) (have :initarg :have :reader have)) (:report (lambda (c s) (format s "need ~d, have ~d" (need c) (have c)))))
(defun withdraw (balance amount) (if (> amount balance) (error 'insufficient :need amount :have balance) (- balance amount)))
(list (withdraw 10 4) (handler-case (withdraw 10 20) (insufficient (c) (princ-to-string c)))) ;=> (6 "need 20, have 10")
(handler-case (withdraw 1 5) (insufficient (c) (- (need c) (have c)))) ;=> 4
(let ((log nil)) (unwind-protect (handler-case (progn (push 'start log) (withdraw 0 1)) (error () (push 'failed log))) (push 'done log)) (reverse log)) ;=> (start failed done)
(defun safe-div (a b) (restart-case (if (zerop b) (error "by zero") (/ a b)) (use-value (v) v) (give-up () :gave-up)))
(list (safe-div 8 2) (handler-bind ((error (lambda (c) (declare (ignore c)) (invoke-restart 'use-value 7)))) (safe-div 1 0)) (handler-bind ((error (lambda (c) (declare (ignore c)) (invoke-restart 'give-up)))) (safe-div 1 0))) ;=> (4 7 :gave-up)
(defun risky (n) (cond ((= n 1) (error "simple ~a" n)) ((= n 2) (car 5)) ((= n 3) (/ n 0)) (t n)))
(loop for i from 1 to 4 collect (handler-case (risky i) (type-error () 'type) (arithmetic-error () 'arith) (error (e) (format nil "~a" e)))) ;=> ("simple 1" type arith 4)
(catch 'done (dolist (x '(1 2 3 4)) (when (> (* x x) 5) (throw 'done (list 'big x))))) ;=> (big 3)

;;; 17 strings: palindromes, Caesar, Roman numerals, case
(defun palindrome-p (s) (let ((clean (remove-if-not #'alpha-char-p (string-downcase s)))) (string= clean (reverse clean))))
(mapcar #'palindrome-p '("A man, a plan, a canal: Panama" "lisp")) ;=> (t nil)
(defun caesar (s n) (map 'string (lambda (c) (cond ((upper-case-p c) (code-char (+ 65 (mod (+ n (- (char-code c) 65)) 26)))) ((lower-case-p c) (code-char (+ 97 (mod (+ n (- (char-code c) 97)) 26)))) (t c))) s))
(list (caesar "Hello, World" 3) (caesar (caesar "Hello, World" 3) -3)) ;=> ("Khoor, Zruog" "Hello, World")
(defun roman (n) (format nil "~@r" n))
(mapcar #'roman '(1 4 9 14 40 90 400 1999)) ;=> ("I" "IV" "IX" "XIV" "XL" "XC" "CD" "MCMXCIX")
(defun join (list sep) (with-output-to-string (s) (loop for (x . more) on list do (princ x s) (when more (princ sep s)))))
(join '(a "b" 3) ", ") ;=> "a, b, 3"
(defun tokens (str test start) (let ((p1 (position-if test str :start start))) (if p1 (let ((p2 (position-if #'(lambda (c) (not (funcall test c))) str :start p1))) (cons (subseq str p1 p2) (if p2 (tokens str test p2) nil))) nil)))
(tokens "ab12 3cde.f" #'alpha-char-p 0) ;=> ("ab" "cde" "f")
(defun parse-date (s) (destructuring-bind (y m d) (mapcar #'parse-integer (tokens s #'digit-char-p 0)) (list d m y)))
(parse-date "2026-06-10") ;=> (10 6 2026)
(string-capitalize (substitute #\Space #\- "the-quick-brown fox")) ;=> "The Quick Brown Fox"
(format nil "~:(~a~) ~@(~a~) ~(~a~)" "two words" "two words" "LOUD") ;=> "Two Words Two words loud"

;;; 18 numbers: gcd, primes, perfect numbers, digits, bases, Collatz
(defun digits-of (n &optional (base 10)) (if (< n base) (list n) (append (digits-of (floor n base) base) (list (mod n base)))))
(list (digits-of 1234) (digits-of 255 16) (reduce (lambda (a d) (+ (* a 10) d)) '(1 2 3))) ;=> ((1 2 3 4) (15 15) 123)
(defun perfectp (n) (= n (loop for i from 1 below n when (zerop (mod n i)) sum i)))
(loop for i from 2 to 500 when (perfectp i) collect i) ;=> (6 28 496)
(defun collatz (n) (loop for x = n then (if (evenp x) (/ x 2) (1+ (* 3 x))) collect x until (= x 1)))
(collatz 6) ;=> (6 3 10 5 16 8 4 2 1)
(defun power (b e) (cond ((zerop e) 1) ((evenp e) (power (* b b) (/ e 2))) (t (* b (power b (1- e))))))
(list (power 2 62) (power 3 30) (expt 2 100)) ;=> (4611686018427387904 205891132094649 1267650600228229401496703205376)
(defun newton-sqrt (x) (do ((g 1.0 (/ (+ g (/ x g)) 2))) ((< (abs (- (* g g) x)) 1e-9) (format nil "~,4f" g))))
(newton-sqrt 2) ;=> "1.4142"
(multiple-value-list (floor 17 5)) ;=> (3 2)
(list (format nil "~b" 10) (format nil "~o" 64) (format nil "~x" 255) (format nil "~r" 3) (parse-integer "1010" :radix 2) (digit-char 11 16)) ;=> ("1010" "100" "FF" "three" 10 #\B)
(let ((s 0)) (dotimes (i 101 s) (incf s i))) ;=> 5050

;;; 19 permutations, combinations, power set, n queens, Pascal, hanoi
(defun permutations (l) (if (null l) (list nil) (mapcan (lambda (x) (mapcar (lambda (p) (cons x p)) (permutations (remove x l :count 1)))) l)))
(permutations '(a b c)) ;=> ((a b c) (a c b) (b a c) (b c a) (c a b) (c b a))
(defun combinations (l k) (cond ((zerop k) (list nil)) ((null l) nil) (t (append (mapcar (lambda (c) (cons (car l) c)) (combinations (cdr l) (1- k))) (combinations (cdr l) k)))))
(combinations '(1 2 3 4) 2) ;=> ((1 2) (1 3) (1 4) (2 3) (2 4) (3 4))
(defun powerset (l) (if (null l) '(nil) (let ((rest (powerset (cdr l)))) (append rest (mapcar (lambda (s) (cons (car l) s)) rest)))))
(sort (powerset '(1 2 3)) #'< :key #'length) ;=> (nil (3) (2) (1) (2 3) (1 3) (1 2) (1 2 3))
(defun pascal (n) (loop for row = '(1) then (mapcar #'+ (cons 0 row) (append row '(0))) repeat n collect row))
(pascal 5) ;=> ((1) (1 1) (1 2 1) (1 3 3 1) (1 4 6 4 1))
(defun hanoi (n from to via) (if (= n 0) 0 (+ (hanoi (1- n) from via to) 1 (hanoi (1- n) via to from))))
(hanoi 10 'a 'c 'b) ;=> 1023
(defun ackermann (m n) (cond ((= m 0) (1+ n)) ((= n 0) (ackermann (1- m) 1)) (t (ackermann (1- m) (ackermann m (1- n))))))
(ackermann 2 3) ;=> 9
(defun change (amount coins) (cond ((= amount 0) 1) ((or (< amount 0) (null coins)) 0) (t (+ (change amount (cdr coins)) (change (- amount (car coins)) coins)))))
(change 100 '(50 25 10 5 1)) ;=> 292

;;; 20 association lists, sets, property lists
(defvar *al* (list (cons 'apple 3) (cons 'pear 5)))
(progn (setf (cdr (assoc 'apple *al*)) 10) (push (cons 'fig 1) *al*) (list (cdr (assoc 'apple *al*)) (rassoc 5 *al*) (mapcar #'car *al*))) ;=> (10 (pear . 5) (fig apple pear))
(loop for (k . v) in *al* when (> v 2) collect k into big and sum v into total finally (return (list big total))) ;=> ((apple pear) 15)
(let ((s nil)) (pushnew 'a s) (pushnew 'b s) (pushnew 'a s) s) ;=> (b a)
(list (member 'c '(a b c d)) (subsetp '(a b) '(b a c)) (adjoin 'z '(a)) (remove-duplicates '(1 2 2 3 1))) ;=> ((c d) t (z a) (2 3 1))
(progn (setf (get 'fido 'kind) 'dog (get 'fido 'age) 3) (list (get 'fido 'kind) (get 'fido 'age) (get 'fido 'none 'unknown))) ;=> (dog 3 unknown)

;;; 21 structures with defaults, copies, included ones, printed by themselves
(defstruct account (owner "nobody") (balance 0))
(let* ((a (make-account :owner "ann")) (b (copy-account a))) (incf (account-balance a) 50) (setf (account-owner b) "bob") (list a b (account-p a) (account-p 'x))) ;=> (#S(account :owner "ann" :balance 50) #S(account :owner "bob" :balance 0) t nil)
(defstruct (savings (:include account)) (rate 0.05))
(let ((s (make-savings :owner "eve" :balance 100))) (list (account-balance s) (savings-rate s) (account-p s) (savings-owner s))) ;=> (100 0.05 t "eve")
(defstruct (vec2 (:constructor vec2 (x y)) (:conc-name v-)) x y)
(defun v+ (a b) (vec2 (+ (v-x a) (v-x b)) (+ (v-y a) (v-y b))))
(v+ (vec2 1 2) (vec2 3 4)) ;=> #S(vec2 :x 4 :y 6)
(defstruct (money (:print-function (lambda (m s d) (declare (ignore d)) (format s "$~,2f" (money-amount m))))) amount)
(format nil "~a and ~a" (make-money :amount 5) (list (make-money :amount 2.5))) ;=> "$5.00 and ($2.50)"
(defstruct (triple (:type list)) a b c)
(list (make-triple :a 1 :b 2 :c 3) (triple-b '(x y z))) ;=> ((1 2 3) y)

;;; 22 vectors with fill pointers; a ring buffer; a heap
(let ((v (make-array 0 :fill-pointer t :adjustable t))) (dotimes (i 10) (vector-push-extend (* i i) v)) (list (length v) (aref v 9) (vector-pop v) (fill-pointer v) (reduce #'+ v))) ;=> (10 81 81 9 204)
(defstruct ring (buf (make-array 4 :initial-element nil)) (start 0) (n 0))
(defun ring-add (r x) (let ((size (length (ring-buf r)))) (setf (aref (ring-buf r) (mod (+ (ring-start r) (ring-n r)) size)) x) (if (< (ring-n r) size) (incf (ring-n r)) (setf (ring-start r) (mod (1+ (ring-start r)) size)))) r)
(let ((r (make-ring))) (dotimes (i 6) (ring-add r i)) (loop for i below (ring-n r) collect (aref (ring-buf r) (mod (+ (ring-start r) i) 4)))) ;=> (2 3 4 5)
(let ((v (vector 1 2 3))) (setf (subseq v 0 2) '(9 8)) (list v (fill (copy-seq v) 0) (map 'vector #'1+ v) (position 3 v))) ;=> (#(9 8 3) #(0 0 0) #(10 9 4) 2)

;;; 23 blocks, tagbody, multiple exits
(defun first-negative (list) (dolist (x list 'none) (when (minusp x) (return x))))
(list (first-negative '(1 -2 3)) (first-negative '(1))) ;=> (-2 none)
(block outer (dotimes (i 5) (dotimes (j 5) (when (= (* i j) 6) (return-from outer (list i j)))))) ;=> (2 3)
(let ((n 0)) (tagbody again (incf n) (when (< n 10) (go again))) n) ;=> 10
(prog ((x 1) (steps 0)) top (when (> x 100) (return steps)) (setf x (* x 2)) (incf steps) (go top)) ;=> 7
(do ((i 0 (1+ i)) (j 10 (1- j)) (acc nil)) ((>= i j) (nreverse acc)) (push (cons i j) acc)) ;=> ((0 . 10) (1 . 9) (2 . 8) (3 . 7) (4 . 6))
(do* ((x 1 (* x 2)) (y x (+ x y))) ((> x 10) (list x y))) ;=> (16 31)

;;; 24 special variables and their scope
(defvar *level* 0)
(defun show-level () *level*)
(list (show-level) (let ((*level* 5)) (show-level)) (show-level)) ;=> (0 5 0)
(defun nested (n) (if (zerop n) *level* (let ((*level* (1+ *level*))) (nested (1- n)))))
(list (nested 3) *level*) ;=> (3 0)

;;; 25 multiple values
(defun min-max (list) (values (reduce #'min list) (reduce #'max list) (/ (reduce #'+ list) (length list))))
(multiple-value-bind (lo hi mean) (min-max '(4 2 9)) (list lo hi mean)) ;=> (2 9 5)
(multiple-value-call #'list (floor 7 2) (truncate -7 2)) ;=> (3 1 -3 -1)
(let (q r) (multiple-value-setq (q r) (floor 20 6)) (list q r)) ;=> (3 2)
(nth-value 1 (gethash 'x (make-hash-table))) ;=> nil

;;; 26 sequences
(list (search "cat" "concatenate") (mismatch "kitten" "kitchen") (subseq "lisp" 1 3) (sort (copy-seq "hello") #'char<) (remove #\l "hello") (substitute #\r #\l "hello") (find-if #'digit-char-p "ab3c") (count #\o "foo boo") (reverse #(1 2 3)) (concatenate 'list "ab" #(1)) (every #'char= "ab" "ab") (some #'> '(1 5) '(2 4)) (position #\o "foo" :from-end t) (merge 'list (list 1 4) (list 2 3) #'<) (stable-sort (list '(1 . a) '(0 . b) '(1 . c)) #'< :key #'car)) ;=> (3 3 "is" "ehllo" "heo" "herro" #\3 4 #(3 2 1) (#\a #\b 1) t t 2 (1 2 3 4) ((0 . b) (1 . a) (1 . c)))
(remove-if #'oddp '(1 2 3 4 5 6) :count 2) ;=> (2 4 5 6)
(remove 1 '(1 2 1 3 1) :count 2 :from-end t) ;=> (1 2 3)
(remove-duplicates '((a 1) (b 2) (a 3)) :key #'first :from-end t) ;=> ((a 1) (b 2))
(reduce #'+ '(1 2 3 4) :start 1 :end 3) ;=> 5
(map 'list #'cons '(1 2) '(a b)) ;=> ((1 . a) (2 . b))
(substitute-if 'odd #'oddp '(1 2 3)) ;=> (odd 2 odd)
(list (string-trim " .," " hi., ") (string-left-trim "0" "0042") (string-upcase "abcdef" :start 2 :end 4) (read-from-string "(+ 1 2)") (prin1-to-string "q\"q")) ;=> ("hi" "42" "abCDef" (+ 1 2) "\"q\\\"q\"")

;;; 27 loop in many shapes
(loop for i from 10 downto 1 by 3 collect i) ;=> (10 7 4 1)
(loop for x across "hello" for i from 0 when (evenp i) collect x) ;=> (#\h #\l #\o)
(loop for x in '(5 3 8) for best = x then (max best x) finally (return best)) ;=> 8
(loop with h = (make-hash-table) for w in '(a b a) do (incf (gethash w h 0)) finally (return (loop for k being the hash-keys of h using (hash-value v) collect (list k v)))) ;=> ((a 2) (b 1))
(loop for i from 1 to 3 collect (loop for j from 1 to i collect j)) ;=> ((1) (1 2) (1 2 3))
(loop for x in '(1 2 3 4 5 6) if (evenp x) collect x into even else if (> x 3) collect x into big else collect x into small finally (return (list even big small))) ;=> ((2 4 6) (5) (1 3))
(loop for (name . age) in '((ann . 30) (bob . 25)) maximize age into oldest minimize age into youngest finally (return (list oldest youngest))) ;=> (30 25)
(loop for line in '("a=1" "b=2") for p = (position #\= line) collect (cons (subseq line 0 p) (parse-integer line :start (1+ p)))) ;=> (("a" . 1) ("b" . 2))
(loop for i from 1 to 100 sum i into s while (< s 50) finally (return (list i s))) ;=> (10 55)
(loop for a in '(1 2 3) and b in '(x y z) collect (list a b)) ;=> ((1 x) (2 y) (3 z))
(loop for a = 0 then b and b = 1 then (+ a b) repeat 8 collect b) ;=> (1 1 2 3 5 8 13 21)
(loop for x in '(nil 3 nil 4) when x collect it) ;=> (3 4)
(loop for x in '(1 2 a 3) thereis (and (symbolp x) x)) ;=> a
(loop repeat 3 for x = 1 then (* x 3) collect x) ;=> (1 3 9)
(loop initially (setf *level* 7) for i below 2 collect (+ i *level*) finally (setf *level* 0)) ;=> (7 8)

;;; 28 format: tables, reports, lists
(format nil "~{~a~^, ~}" '(1 2 3)) ;=> "1, 2, 3"
(format nil "~{~a~#[~; and ~:;, ~]~}" '(a b c)) ;=> "a, b and c"
(format nil "~:{~a=~a;~}" '((x 1) (y 2))) ;=> "x=1;y=2;"
(format nil "~10<left~;right~>|~8,,,'.@a|~8a|" "ab" "cd") ;=> "left right|......ab|cd      |"
(format nil "~d apple~:p, ~d box~:@p" 1 2) ;=> "1 apple, 2 boxies"
(format nil "~[none~;one~;two~:;many~] ~:[off~;on~] ~@[value ~a~]" 2 t 5) ;=> "two on value 5"
(format nil "~6,2f|~8,3e|~g|~$" 3.14159 12345.678 2.5 7) ;=> "  3.14|1.235e+4|2.5    |7.00"
(format nil "~:d ~+5d ~8,'0b ~:@d" 1234567 7 5 1000) ;=> "1,234,567     7 00000101 +1,000"
(format nil "~a~20t~a~30t|" 'name 'value) ;=> "name                value     |"
(substitute #\| #\Newline (with-output-to-string (out) (loop for (n . p) in '((tea . 2.5) (coffee . 12)) do (format out "~10a ~6,2f~%" n p)))) ;=> "tea          2.50|coffee      12.00|"
(format nil "~r / ~:r / ~@r" 42 42 42) ;=> "forty-two / forty-second / XLII"
(format nil "~v,'*d|~va|" 6 42 5 'ab) ;=> "****42|ab   |"
(format nil "~(~a~) ~:(~a~) ~:@(~a~)" 'ABC "deF ghI" "jkl") ;=> "abc Def Ghi JKL"

;;; 29 reading and writing text
(with-input-from-string (in "10 20 (a b) \"str\"") (loop for x = (read in nil :eof) until (eq x :eof) collect x)) ;=> (10 20 (a b) "str")
(with-input-from-string (in (format nil "one~%two~%three")) (loop for l = (read-line in nil) while l collect (length l))) ;=> (3 3 5)
(substitute #\| #\Newline (let ((s (make-string-output-stream))) (write-string "abc" s) (write-char #\! s) (terpri s) (prin1 "q" s) (get-output-stream-string s))) ;=> "abc!|\"q\""
(substitute #\| #\Newline (with-output-to-string (*standard-output*) (print 'x) (princ "y") (prin1 #\z))) ;=> "|x y#\\z"
(let ((buf (make-array 0 :element-type 'character :fill-pointer 0 :adjustable t))) (with-output-to-string (s buf) (format s "~a-~a" 1 2)) buf) ;=> "1-2"

;;; 30 types
(mapcar (lambda (x) (typecase x (null 'null) (integer 'int) (float 'float) (string 'str) (symbol 'sym) (cons 'pair) (function 'fn) (t 'other))) (list nil 1 2.5 "s" 'a '(1) #'car #\c)) ;=> (null int float str sym pair fn other)
(deftype percentage () '(integer 0 100))
(list (typep 50 'percentage) (typep 101 'percentage) (typep "x" '(or string null)) (typep 3 '(member 1 2 3))) ;=> (t nil t t)
(handler-case (let ((x "five")) (check-type x integer) x) (type-error (e) (type-error-datum e))) ;=> "five"
(list (equal '(1 (2)) '(1 (2))) (eql 1 1.0) (equalp "Ab" "aB") (eq 'a 'a) (eql #\a #\a) (equalp #(1 2) #(1 2.0))) ;=> (t nil t t t t)

;;; 31 ciphers of bits
(list (logand #b1100 #b1010) (logior 12 3) (logxor 5 1) (ash 1 8) (ash -8 -1) (logcount 255) (integer-length 1000) (logbitp 2 5) (lognot 0) (ldb (byte 4 4) #xab) (dpb 15 (byte 4 0) #xa0)) ;=> (8 15 4 256 -4 8 10 t -1 10 175)
(defun bits (n) (loop for i from 7 downto 0 collect (if (logbitp i n) 1 0)))
(bits 165) ;=> (1 0 1 0 0 1 0 1)

;;; 32 local functions that call each other, tail recursion, accumulators
(labels ((even? (n) (if (zerop n) t (odd? (1- n)))) (odd? (n) (if (zerop n) nil (even? (1- n))))) (list (even? 1000) (odd? 7))) ;=> (t t)
(defun my-reverse (l) (labels ((rev (l acc) (if (endp l) acc (rev (cdr l) (cons (car l) acc))))) (rev l nil)))
(my-reverse '(1 2 3)) ;=> (3 2 1)
(flet ((sq (x) (* x x)) (cube (x) (* x x x))) (mapcar (lambda (f) (funcall f 3)) (list #'sq #'cube))) ;=> (9 27)

;;; 33 a tiny object system of closures and tables
(defun make-shape (kind &rest dims) (let ((methods (list (cons 'area (case kind (square (lambda () (* (first dims) (first dims)))) (rect (lambda () (* (first dims) (second dims)))))) (cons 'name (lambda () kind))))) (lambda (msg) (funcall (cdr (assoc msg methods))))))
(mapcar (lambda (s) (list (funcall s 'name) (funcall s 'area))) (list (make-shape 'square 3) (make-shape 'rect 2 5))) ;=> ((square 9) (rect 10))

;;; 34 streams of a lazy kind
(defmacro delay (x) `(lambda () ,x))
(defun integers (n) (cons n (delay (integers (1+ n)))))
(defun stream-take (s n) (if (zerop n) nil (cons (car s) (stream-take (funcall (cdr s)) (1- n)))))
(defun stream-filter (p s) (if (funcall p (car s)) (cons (car s) (delay (stream-filter p (funcall (cdr s))))) (stream-filter p (funcall (cdr s)))))
(stream-take (stream-filter #'primep (integers 1)) 6) ;=> (2 3 5 7 11 13)

;;; 35 pattern matching with variables
(defun varp (x) (and (symbolp x) (char= (char (symbol-name x) 0) #\?)))
(defun match (p d &optional (b '((t)))) (cond ((varp p) (let ((v (assoc p b))) (cond ((null v) (acons p d b)) ((equal (cdr v) d) b) (t nil)))) ((and (consp p) (consp d)) (let ((b2 (match (car p) (car d) b))) (and b2 (match (cdr p) (cdr d) b2)))) ((eql p d) b) (t nil)))
(butlast (match '(p ?x (q ?y) ?x) '(p a (q b) a))) ;=> ((?y . b) (?x . a))
(match '(p ?x ?x) '(p a b)) ;=> nil

;;; 36 text adventure: places and paths
(defparameter *nodes* '((living "a living room") (garden "a garden")))
(defparameter *edges* '((living (garden west door)) (garden (living east door))))
(defun describe-path (edge) `(there is a ,(caddr edge) going ,(cadr edge) from here.))
(defun describe-paths (loc) (apply #'append (mapcar #'describe-path (cdr (assoc loc *edges*)))))
(list (second (assoc 'garden *nodes*)) (describe-paths 'living)) ;=> ("a garden" (there is a door going west from here.))

(list (exp 0) (log 1) (sin 0) (atan 1 1) (sqrt 16) (max 1.5 2) (float 3) (coerce 1 (quote float))) ;=> (1.0 0.0 0.0 0.7853981633974483 4.0 2 3.0 1.0)
