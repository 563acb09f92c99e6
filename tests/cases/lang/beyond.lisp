;;; functions
;; => 25
(defn square (x) (* x x))
(defprog p (:type :xdp)
  (square (+ 5 (ctx rx-queue-index))))

;;; functions call functions, arguments and results truncate
;; => 49
(defn add (a (b u8)) :returns u16 (+ a b))
(defn twice (x) (add x x))
(defprog p (:type :xdp)
  (let ((z (ctx rx-queue-index)))
    (+ (add (+ z 40) (+ z 257)) (twice (+ z 4)))))

;;; functions see pointers
;; => 80
(defn port (p end)
  (if (> (+ p 54) end) (return 0) (tcp-dst-port (+ p 34))))
(defprog p (:type :xdp)
  (port (xdp-data) (xdp-data-end)))

;;; function with a loop and a map
;; => 6
;; map m[0] = 6
(defmap m :type :array :key u32 :value u64 :max-entries 1)
(defn bump (n)
  (let ((i 0))
    (while (< i 3)
      (incf (getmap m 0) n)
      (incf i))
    (getmap m 0)))
(defprog p (:type :xdp) (bump 2))

;;; globals
;; => 8
;; map counter[0] = 8
(defglobal counter u64 5)
(defprog p (:type :xdp)
  (incf counter)
  (setf counter (+ counter 2))
  counter)

;;; constant globals
;; => 7
(defglobal limit u32 7 :const t)
(defprog p (:type :xdp) limit)

;;; narrow and signed globals
;; => 1
(defglobal g i16 -3)
(defprog p (:type :xdp) (if (< g 0) 1 0))

;;; global arrays
;; => 9
(defglobal buf (array u8 16))
(defprog p (:type :xdp)
  (store u8 buf 3 9)
  (load u8 buf 3))

;;; bpf-loop calls back
;; => 45
(defglobal total u64)
(defn body (i ctx) (incf total i) 0)
(defprog p (:type :xdp)
  (bpf-loop 10 body 0 0)
  total)

;;; bpf-loop with a context on the stack
;; => 10
(defn body (i ctx)
  (store u64 ctx 0 (+ (load u64 ctx 0) i))
  0)
(defprog p (:type :xdp)
  (let ((acc (struct-alloc 8)))
    (bpf-loop 5 body acc 0)
    (load u64 acc 0)))

;;; spin lock
;; => 3
(defstruct v (lock (struct bpf-spin-lock)) (n u32) (t u64))
(defmap m :type :array :key u32 :value v :max-entries 1)
(defprog p (:type :tc)
  (when-let ((e (getmap m 0)))
    (spin-lock (v-lock e))
    (incf (v-n e) 3)
    (spin-unlock (v-lock e))
    (v-n e)))

;;; printk
;; => 2
(defprog p (:type :xdp)
  (printk "hello %d %d" 1 (ctx rx-queue-index))
  2)

;;; strings on the stack
;; => 3
(let ((a (stack-string "hello")))
  (+ (string= a "hello") (starts-with a "hel") (* 0 (string= a "help")) (mem= a (stack-string "helium") 3)))

;;; string difference
;; => 0
(let ((a (stack-string "hello")))
  (string= a "help!"))

;;; nested structs and bit fields
;; => 37
(defstruct inner (a u16) (b u32))
(defstruct outer (x u8) (in (struct inner)) (f (bits u32 3)) (g (bits u32 7)))
(let ((o (make-outer)))
  (setf (outer-x o) 1)
  (setf (inner-b (outer-in o)) 30)
  (setf (outer-f o) 13)
  (setf (outer-g o) 100)
  (+ (outer-x o) (inner-b (outer-in o)) (outer-f o) (- (outer-g o) 99)))

;;; union by member struct
;; => 258
(defstruct wide (v u32))
(defstruct bytes (b (array u8 4)))
(defunion both wide bytes)
(let ((u (make-both)))
  (setf (bytes-b u 0) 2 (bytes-b u 1) 1)
  (wide-v u))

;;; struct-ref and struct-set
;; => 12
(defstruct e (a u32) (b u64))
(let ((x (make-e)))
  (struct-set e x b 12)
  (struct-ref e x b))

;;; map of maps
;; => 0
(defmap inner1 :type :array :key u32 :value u64 :max-entries 4)
(defmap outer1 :type :array-of-maps :max-entries 2 :inner inner1)
(when-let ((m (map-lookup outer1 0)))
  (let ((k (struct-alloc 4)))
    (when-let ((v (map-lookup-elem m k)))
      (load u64 v 0))))

;;; timers
;; load
(defstruct tv (timer (struct bpf-timer)))
(defmap tm :type :array :key u32 :value tv :max-entries 1)
(defn tick (map key value) 0)
(defprog p (:type :tc)
  (when-let ((e (getmap tm 0)))
    (timer-init (tv-timer e) tm 1)
    (timer-set-callback (tv-timer e) tick)
    (timer-start (tv-timer e) 1000000 0))
  0)
