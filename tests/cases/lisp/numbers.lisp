; Arithmetic.
(list (floor 7 2) (floor -7 2) (ceiling 7 2) (truncate -7 2) (round 5 2) (round 7 2)) ;=> (3 -4 4 -3 2 4)
(list (mod -7 2) (rem -7 2) (mod 7 -2)) ;=> (1 -1 -1)
(floor 3.7) ;=> 3
(multiple-value-list (floor 7 2)) ;=> (3 1)
(list (min 3 1 2) (max 3 1 2) (abs -5) (signum -3)) ;=> (1 3 5 -1)
(list (1+ 5) (1- 5) (zerop 0) (plusp 1) (minusp -1) (evenp 2) (oddp 2)) ;=> (6 4 t t t t nil)
(list (< 1 2 3) (< 1 3 2) (= 1 1 1) (/= 1 2 1) (>= 3 3 2)) ;=> (t nil t nil t)
(list (logand 12 10) (logior 12 10) (logxor 12 10) (lognot 5) (ash 1 40) (ash -8 -1)) ;=> (8 14 6 -6 1099511627776 -4)
(list (logcount 255) (integer-length 256) (logbitp 3 8) (gcd 12 18) (lcm 4 6)) ;=> (8 9 t 6 12)
(list (expt 2 10) (expt 2 64) (expt 2 0.5) (isqrt 17) (sqrt 16)) ;=> (1024 18446744073709551616 1.4142135623730951 4 4.0)
(expt 10 50) ;! does not fit
(list (+ 1 0.5) (* 2 1.5) (- 1.5 1) (/ 3 1.5)) ;=> (1.5 3.0 0.5 2.0)
(list (< 1 1.5) (= 1 1.0) (eql 1 1.0)) ;=> (t t nil)
(list (float 3) (truncate 3.99) (round 2.5) (round 3.5)) ;=> (3.0 3 2 4)
(/ 1 0) ;! division by zero
(mod 5 0) ;! division by zero
(list (integerp 5) (floatp 5.0) (numberp 'a) (typep 5 '(integer 0 10)) (typep 11 '(integer 0 10))) ;=> (t t nil t nil)
(* 4611686018427387904 4611686018427387904) ;=> 21267647932558653966460912964485513216
(* (expt 2 126) 2) ;! does not fit in 128 bits
(- 0 9223372036854775808) ;=> -9223372036854775808
(+ 4611686018427387903 1) ;=> 4611686018427387904
(- -4611686018427387904 1) ;=> -4611686018427387905
(* -4611686018427387904 -1) ;=> 4611686018427387904
(* 3037000500 3037000500) ;=> 9223372037000250000
(list (log 8 2) (exp 0) (sin 0)) ;=> (3.0 1.0 0.0)
(<= 0 (random 10) 9) ;=> t
pi ;=> 3.141592653589793
(ldb (byte 8 4) #xabc) ;=> 171
(dpb 5 (byte 4 0) #xf0) ;=> 245
(let ((x 1)) (dotimes (i 70) (setq x (* x 2))) x) ;=> 1180591620717411303424
(let ((n 4611686018427387900) (c 0)) (loop repeat 10 do (incf n) (incf c)) n) ;=> 4611686018427387910
(incf (car (list "x"))) ;! is not a number
; ratios are what / gives
(list 1/2 -3/4 6/3 (+ 1/2 1/2)) ;=> (0.5 -0.75 2 1.0)
'1/0 ;=> 1/0
