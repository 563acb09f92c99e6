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

;;; Checked against another Common Lisp
(loop for x = 1 then (* 2 x) for y in '(1 2 3) collect (list x y)) ;=> ((1 1) (2 2) (4 3))
(loop for y in '(1 2 3) for x = 1 then (* 2 x) collect (list x y)) ;=> ((1 1) (2 2) (4 3))
(loop for (a b) = (list 1 2) repeat 2 collect (list a b)) ;=> ((1 2) (1 2))
(loop for (a b) in '((1 2) (3 4)) and c from 1 collect (list a b c)) ;=> ((1 2 1) (3 4 2))
(loop with a = 1 and b = 2 collect (+ a b) repeat 1) ;=> (3)
(loop for x in '(1 2 3) when (evenp x) do (princ x) and collect x else collect (- x)) ;=> (-1 2 -3)
(loop for x in '(1 2 3 4) when (> x 1) if (evenp x) collect x into a else collect x into b end end finally (return (list a b))) ;=> ((2 4) (3))
(loop for x in '(1 2 3) sum x into s minimize x into m maximize x into mm count (oddp x) into n finally (return (list s m mm n))) ;=> (6 1 3 2)
(loop for i to 3 collect i) ;=> (0 1 2 3)
(loop for i from 3 to 1 collect i) ;=> nil
(loop for i from 1 upto 3 for j downfrom 10 by 2 collect (cons i j)) ;=> ((1 . 10) (2 . 8) (3 . 6))
(loop for i below 3 append (list i) collect 'x) ;=> (0 x 1 x 2 x)
(loop for x on '(1 2 3) by #'cddr collect (car x)) ;=> (1 3)
(loop named foo for i from 1 do (if (> i 3) (return-from foo i))) ;=> 4
(loop for x = 5 while (> x 6) collect x) ;=> nil
(let ((n 3)) (loop while (> n 0) collect n do (decf n))) ;=> (3 2 1)
(loop until t collect 1) ;=> nil
(loop for (a (b c)) in '((1 (2 3))) collect (list a b c)) ;=> ((1 2 3))
(loop for (a . b) in '((1 . 2)) collect b) ;=> (2)
(loop for (nil b) in '((1 2)) collect b) ;=> (2)
(loop for i across #(1 2 3) always (< i 5)) ;=> t
(loop for x in '(1 2 3) never (> x 2)) ;=> nil
(loop for x in '(a b) for y = x then (list x y) collect y) ;=> (a (b a))
(loop for a in '(1 2) for b = (* a 10) for c in '(x y) collect (list a b c)) ;=> ((1 10 x) (2 20 y))
(loop for x in '(3 4) return x) ;=> 3
(loop for x in '(1 2 3 4 5) while (< x 4) sum x) ;=> 6
(loop as x in '(1 2) collect x) ;=> (1 2)
(loop for x in '(1 2) collect x finally (princ "done")) ;=> (1 2)
(loop for i from 1 to 2 nconc (list i i)) ;=> (1 1 2 2)
(loop for h being the hash-values in (make-hash-table) collect h) ;=> nil
(loop for x in '(1 2 3) if (= x 2) return 'two) ;=> two
(loop for i from 1 to 5 unless (= i 3) collect i) ;=> (1 2 4 5)
(loop with (a b) = '(1 2) return (list b a)) ;=> (2 1)
(loop with x repeat 2 do (setf x 1) finally (return x)) ;=> 1
(loop for x in '(1 2 3) maximize x into m finally (return m)) ;=> 3
(loop for x in '((a 1) (b 2)) for (k v) = x collect k collect v) ;=> (a 1 b 2)
(loop for i from 10 downto 7 collect i) ;=> (10 9 8 7)
(loop for i = 0 then (1+ i) until (= i 3) collect i) ;=> (0 1 2)
(loop for x across "abc" for y across "xyz" collect (cons x y)) ;=> ((#\a . #\x) (#\b . #\y) (#\c . #\z))
(loop repeat 0 collect 1) ;=> nil
(multiple-value-list (loop for i from 1 to 3 for sq = (* i i) when (oddp sq) collect sq into odds and count t into n finally (return (values odds n)))) ;=> ((1 9) 2)
(loop for x in '(5 6) for i upfrom 0 thereis (and (= x 6) i)) ;=> 1
(let ((l (list 1 2 3))) (loop for x in l do (setf l nil) collect x)) ;=> (1 2 3)
(loop for x in '(1 2 3) do (when (= x 2) (loop-finish)) collect x) ;=> (1)
(loop for a = 1 then b and b = 1 then (+ a b) repeat 6 collect a) ;=> (1 1 2 3 5 8)
(loop for i from 1.5 to 3 collect i) ;=> (1.5 2.5)
(loop if t return 3) ;=> 3
(loop :for x :in '(1 2) :collect x) ;=> (1 2)
(loop for x in '(1 2) do (loop for y in '(a b) do (princ y)) collect x) ;=> (1 2)
(loop for fixnum in '(1 2) collect fixnum) ;=> (1 2)
(loop for i fixnum from 1 to 3 sum i) ;=> 6
