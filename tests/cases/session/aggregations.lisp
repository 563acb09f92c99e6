;;; count without keys
;;|               3
;;| 3
(defprog p (:type :xdp) (count @packets) XDP_PASS)
(dotimes (i 3) (test-run p (make-list 64 :initial-element 0)))
(show @packets)
(print (map-ref @packets))

;;; count by text and number
;;|   even, 0            2  ████████████████████████████████████████
;;|   odd, 1             1  ████████████████████
;;| (("even" 0) . 2)
;;| 1
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64)
    (let ((bit (logand (load u8 data 0) 1)))
      (if (= bit 1) (count @kinds "odd" bit) (count @kinds "even" bit))))
  XDP_PASS)
(dotimes (i 3) (test-run p (make-list 64 :initial-element i)))
(show @kinds)
(print (first (map-entries @kinds)))
(print (map-ref @kinds "odd" 1))

;;; sum, avg, min, max, stats
;;|           count          avg          min          max          sum
;;|               3           20           10           30           60
;;| 60
;;| 20
;;| 10
;;| 30
;;| ((count . 3) (avg . 20) (min . 10) (max . 30) (sum . 60))
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64)
    (let ((n (load u8 data 0)))
      (sum @sum n) (avg @avg n) (min @min n) (max @max n) (stats @stats n)))
  XDP_PASS)
(dolist (n '(10 30 20)) (test-run p (make-list 64 :initial-element n)))
(show @stats)
(print (map-ref @sum)) (print (map-ref @avg)) (print (map-ref @min)) (print (map-ref @max))
(print (map-ref @stats))

;;; signed extremes and sums
;;| -6
;;| 4
;;| -2
;;| -0.6666666666666666
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64)
    (let ((n (load i8 data 0)))
      (min @least n) (max @most n) (sum @all n) (avg @mean n)))
  XDP_PASS)
(dolist (n '(0 4 250)) (test-run p (make-list 64 :initial-element n)))
(print (map-ref @least)) (print (map-ref @most)) (print (map-ref @all)) (print (map-ref @mean))

;;; extremes by key begin with the first value
;;| (("a" . 7))
;;| (("a" . 7))
(defprog p (:type :xdp) (min @lo 7 "a") (max @hi 7 "a") XDP_PASS)
(test-run p (make-list 64 :initial-element 0))
(print (map-entries @lo)) (print (map-entries @hi))

;;; hist: rows are powers of two
;;|   [0]                         1 |█████████████▍
;;|   [1]                         0 |
;;|   [2, 4)                      3 |████████████████████████████████████████
;;|   [4, 8)                      0 |
;;|   [8, 16)                     1 |█████████████▍
;;| ((0 1 1) (2 4 3) (8 16 1))
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64) (hist @sizes (load u8 data 0)))
  XDP_PASS)
(dolist (n '(0 2 3 3 15)) (test-run p (make-list 64 :initial-element n)))
(show @sizes)
(print (map-ref @sizes))

;;; hist of signed and of huge values
;;| ((nil 0 2) (0 1 1) (2147483648 4294967296 1))
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64)
    (let ((n (load i8 data 0)))
      (hist @both n)
      (when (= n 0) (hist @both (the i64 #xffffffff)))))
  XDP_PASS)
(dolist (n '(255 128 0)) (test-run p (make-list 64 :initial-element n)))
(print (map-ref @both))

;;; hist by key: a block each, the fullest last
;;| 7
;;|   [1]                         1 |████████████████████████████████████████
;;| 9
;;|   [1]                         1 |████████████████████
;;|   [2, 4)                      2 |████████████████████████████████████████
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64) (hist @by (load u8 data 0) (load u8 data 1)))
  XDP_PASS)
(dolist (b '((1 7) (1 9) (2 9) (3 9)))
  (test-run p (append b (make-list 62 :initial-element 0))))
(show @by)

;;; lhist: even rows, what is outside at the ends
;;|   (..., 10)                   1 |████████████████████████████████████████
;;|   [10, 15)                    1 |████████████████████████████████████████
;;|   [15, 20)                    0 |
;;|   [20, 23)                    1 |████████████████████████████████████████
;;|   [23, ...)                   1 |████████████████████████████████████████
(defprog p (:type :xdp)
  (with-packet (data end :min-len 64) (lhist @l (load u8 data 0) 10 23 5))
  XDP_PASS)
(dolist (n '(9 10 22 23)) (test-run p (make-list 64 :initial-element n)))
(show @l)

;;; a program may change its mind, and starts empty
;;| ((5 . 1))
(defprog p (:type :xdp) (count @c "x") XDP_PASS)
(test-run p (make-list 64 :initial-element 0))
(defprog p (:type :xdp) (count @c 5) XDP_PASS)
(test-run p (make-list 64 :initial-element 0))
(print (map-entries @c))

;;; two programs must agree
;; error C0012 counts something else
(defprog p (:type :xdp) (count @c "x") XDP_PASS)
(defprog q (:type :xdp) (sum @c 5) XDP_PASS)

;;; a name begins with @
;; error C0005 begins with @
(defprog p (:type :xdp) (count calls) XDP_PASS)

;;; macros and functions may be called like aggregations
;;| 15
(defmacro sum (a b) `(+ ,a ,b))
(defn stats (x) (* x 3))
(defprog p (:type :xdp) (stats (sum 2 3)))
(print (test-run p (make-list 64 :initial-element 0)))

;;; printf: integers, texts, widths
;;| n=-3 u=  255 x=ff   |o=17 c=A 100%
;;| [abc][  abc][abc  ][ab]
(defprog p (:type :xdp)
  (printf "n=%d u=%5u x=%-5x|o=%o c=%c 100%%\n" -3 255 255 15 65)
  (let ((s (stack-string "abc")))
    (printf "[%s][%5s][%-5s][%.2s]" s s s s))
  XDP_PASS)
(test-run p (make-list 64 :initial-element 0))

;;; printf checks its arguments
;; error C0004 no argument for the %s
(defprog p (:type :xdp) (printf "%d %s" 1) XDP_PASS)

;;; printf has no floats
;; error C0018 no directive %f
(defprog p (:type :xdp) (printf "%f" 1) XDP_PASS)

;;; what had no room is counted and said
;;| ; 904 events were not counted in @hits: it is full (4096 entries)
;;| 1
;;| ; 1 event was not counted in @hits: it is full (4096 entries)
(defprog p (:type :xdp)
  (do-range (i 0 5000) (count @hits i))
  XDP_PASS)
(defprog again (:type :xdp)
  (count @hits 4999)
  XDP_PASS)
(test-run p (make-list 64 :initial-element 0))
(print (map-ref @hits 5))
(test-run again (make-list 64 :initial-element 0))

;;; lines that a full ring cannot take
;;| 0
;;| ; 3617 lines of printf were lost: its ring was full
(defprog p (:type :xdp)
  (do-range (i 0 20000) (printf ""))
  XDP_PASS)
(print (- (test-run p (make-list 64 :initial-element 0)) 2))
