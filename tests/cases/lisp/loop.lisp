; The extended loop.
(loop for x in '(1 2 3) collect (* x x)) ;=> (1 4 9)
(loop for x on '(1 2 3) collect x) ;=> ((1 2 3) (2 3) (3))
(loop for (a b) in '((1 2) (3 4)) collect (+ a b)) ;=> (3 7)
(loop for (a . b) in '((1 . 2)) collect (list a b)) ;=> ((1 2))
(loop for (k v) on '(:a 1 :b 2) by #'cddr collect (cons k v)) ;=> ((:a . 1) (:b . 2))
(loop for i from 1 to 5 sum i) ;=> 15
(loop for i below 3 collect i) ;=> (0 1 2)
(loop for i from 10 downto 7 collect i) ;=> (10 9 8 7)
(loop for i from 0 to 10 by 3 collect i) ;=> (0 3 6 9)
(loop for i downfrom 3 above 0 collect i) ;=> (3 2 1)
(loop for c across "abc" collect c) ;=> (#\a #\b #\c)
(loop for x across #(1 2) for y in '(a b) collect (list x y)) ;=> ((1 a) (2 b))
(loop for x = 1 then (* 2 x) repeat 5 collect x) ;=> (1 2 4 8 16)
(loop for x in '(1 2) for y = (* x 10) collect y) ;=> (10 20)
(loop repeat 3 collect 'x) ;=> (x x x)
(loop with n = 5 for i below n sum i) ;=> 10
(loop with a = 1 and b = 2 return (+ a b)) ;=> 3
(loop for x in '(1 2 3 4) when (evenp x) collect x) ;=> (2 4)
(loop for x in '(1 2 3 4) if (evenp x) collect x into e else collect x into o finally (return (list e o))) ;=> ((2 4) (1 3))
(loop for x in '(1 2 3) unless (= x 2) collect x) ;=> (1 3)
(loop for x in '(1 2 3) while (< x 3) collect x) ;=> (1 2)
(loop for x in '(1 2 3) until (= x 3) collect x) ;=> (1 2)
(loop for x in '(3 1 2) maximize x) ;=> 3
(loop for x in '(3 1 2) minimize x) ;=> 1
(loop for x in '(1 2 3) count (oddp x)) ;=> 2
(loop for x in '((1) (2 3)) append x) ;=> (1 2 3)
(loop for x in '(1 2) nconc (list x x)) ;=> (1 1 2 2)
(loop for x in '(1 2 3) do (if (= x 2) (return x))) ;=> 2
(loop for x in '(1 2 3) thereis (and (> x 1) x)) ;=> 2
(loop for x in '(2 4) always (evenp x)) ;=> t
(loop for x in '(2 3) always (evenp x)) ;=> nil
(loop for x in '(1 3) never (evenp x)) ;=> t
(let ((h (make-hash-table))) (setf (gethash 'a h) 1 (gethash 'b h) 2)
  (loop for k being the hash-keys of h using (hash-value v) collect (list k v))) ;=> ((a 1) (b 2))
(let ((h (make-hash-table))) (setf (gethash 'a h) 1)
  (loop for v being each hash-value in h sum v)) ;=> 1
(let ((n 0)) (loop (incf n) (when (> n 5) (return n)))) ;=> 6
(loop named outer for x in '(1 2) do (loop for y in '(1 2) do (if (= y 2) (return-from outer (list x y))))) ;=> (1 2)
(loop for i from 1 to 3 for j from 10 collect (+ i j)) ;=> (11 13 15)
(loop for i below 2 do (princ i) finally (princ "end")) ;>> 01end
(loop for i below 3 collect i finally (princ "x")) ;=> (0 1 2)
(loop for x in '(1 2 3) sum x into s finally (return (* s 2))) ;=> 12
(loop for x in '(a b) for i from 0 when (eq x 'b) return i) ;=> 1
(loop for x in '(1 2) do (princ x) and collect x) ;! loop
(loop initially (princ "s") repeat 1 do (princ "b")) ;>> sb
(loop for x in '(1 2 3 4) when (evenp x) collect x and sum x into s finally (princ s)) ;>> 6
(loop for x in '(1 2 3) collect x into l while (< x 2) finally (return l)) ;=> (1 2)
(loop while nil) ;=> nil
(loop for i below 3 append (loop for j below i collect (list i j))) ;=> ((1 0) (2 0) (2 1))
(loop for x frob y) ;! loop
