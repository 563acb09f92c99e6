;;; array counter
;; => 2
;; map m[0] = 1
;; insns <= 11
(defmap m :type :array :key-size 4 :value-size 8 :max-entries 1)
(incf (getmap m 0))
XDP_PASS

;;; array incf twice
;; => 11
;; map m[3] = 11
(defmap m :type :array :key-size 4 :value-size 8 :max-entries 4)
(incf (getmap m 3) 5)
(incf (getmap m 3) 6)
(getmap m 3)

;;; hash set and decf
;; => 8
;; map h[1] = 8
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 4)
(setf (getmap h 1) 9)
(decf (getmap h 1))
(getmap h 1)

;;; hash incf creates
;; => 0
;; map h[7] = 3
(defmap h :type :hash :key-size 4 :value-size 4 :max-entries 4)
(incf (getmap h 7) 3)

;;; absent entry is zero
;; => 0
;; map h[1] = -1
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 4)
(getmap h 1)

;;; narrow keys truncate
;; => 0
;; map h[4464] = 1
(defmap h :type :hash :key-size 2 :value-size 8 :max-entries 4)
(incf (getmap h (+ 70000 (ctx rx-queue-index))))

;;; wide keys keep
;; => 5
(defmap h :type :hash :key-size 8 :value-size 8 :max-entries 4)
(let ((k (+ #x100000001 (ctx rx-queue-index))))
  (setf (getmap h k) 5)
  (+ (getmap h k) (getmap h 1)))

;;; one-byte values
;; => 9
(defmap m :type :array :key-size 4 :value-size 1 :max-entries 2)
(setf (getmap m 1) 4)
(incf (getmap m 1) 5)
(getmap m 1)

;;; key in one branch only
;; => 2
;; map h[5] = 1
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 8)
(let ((z (ctx rx-queue-index)))
  (when z (incf (getmap h 9)))
  (incf (getmap h (+ z 5))))
2

;;; map-lookup and atomic-add
;; => 7
(defmap m :type :array :key-size 4 :value-size 8 :max-entries 2)
(when-let ((p (map-lookup m 1)))
  (atomic-add p 0 7)
  (load u64 p 0))

;;; update flags
;; => 1
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 8)
(map-update h 1 2 BPF_NOEXIST)
(s< (map-update h 1 2 BPF_NOEXIST) 0)

;;; delete
;; => 0
;; map h[1] = -1
(defmap h :type :hash :key-size 4 :value-size 8 :max-entries 8)
(setf (getmap h 1) 2)
(remmap h 1)

;;; struct values
;; => 17
(defstruct foo (a u32) (buf (array u8 16)) (b u64))
(defmap h :type :hash :key-size 4 :value-type foo :max-entries 8)
(let ((f (make-foo)))
  (setf (foo-a f) 7 (foo-buf f 3) 10)
  (setf (getmap h 1) f)
  (when-let ((p (getmap h 1)))
    (+ (foo-a p) (foo-buf p 3) (foo-b p))))

;;; struct keys
;; => 3
(defstruct key (src u32) (dst u32) (port u16))
(defmap h :type :hash :key-size 12 :value-size 8 :max-entries 8)
(let ((k (make-key)))
  (setf (key-src k) 1 (key-port k) 80)
  (incf (getmap h k) 3)
  (getmap h k))

;;; lpm trie with a struct key of eight bytes
;; => 5
(defstruct lpm (bits u32) (addr u32))
(defmap t1 :type :lpm-trie :key-size 8 :value-size 8 :max-entries 8 :map-flags 1)
(let ((k (make-lpm)))
  (setf (lpm-bits k) 8 (lpm-addr k) 10)
  (map-update t1 k 5 0)
  (setf (lpm-bits k) 32 (lpm-addr k) #x0100000a)
  (getmap t1 k))

;;; typed maps
;; => 4
(defstruct event (pid u32) (n i32))
(defmap h :type :hash :key u32 :value (struct event) :max-entries 8)
(let ((e (make-event)))
  (setf (event-pid e) 4 (event-n e) 0)
  (setf (getmap h 2) e)
  (when-let ((p (getmap h 2)))
    (if (< (event-n p) 0) 1 (event-pid p))))

;;; incf in a struct in a map
;; => 7
(defstruct event (pid u32) (n u32))
(defmap h :type :array :value event :max-entries 1)
(when-let ((p (getmap h 0)))
  (incf (event-n p) 7)
  (event-n p))

;;; percpu
;; => 2
(defmap m :type :percpu-array :key-size 4 :value-size 8 :max-entries 1)
(incf (getmap m 0) 2)
(getmap m 0)

;;; tail call falls through
;; => 6
(defmap jt :type :prog-array :key-size 4 :value-size 4 :max-entries 4)
(tail-call jt 1)
6

;;; ring buffer
;; => 2
(defstruct ev (a u32) (b u16))
(defmap r :type :ringbuf :max-entries 4096)
(with-ringbuf (e r (sizeof ev))
  (setf (ev-a e) 1 (ev-b e) 2))
2

;;; ring buffer by hand
;; => 1
(defmap r :type :ringbuf :max-entries 4096)
(let ((e (ringbuf-reserve r 8 0)))
  (if e
      (progn (store u64 e 0 5) (ringbuf-discard e 0) 1)
      0))

;;; ring buffer output
;; => 0
(defmap r :type :ringbuf :max-entries 4096)
(let ((b (struct-alloc 16)))
  (ringbuf-output r b 16 0))

;;; nested lookups share the key slot safely
;; => 4
(defmap a :type :array :key-size 4 :value-size 4 :max-entries 4)
(setf (getmap a 1) 2)
(setf (getmap a 2) 4)
(getmap a (getmap a 1))

;;; value computed from the same map
;; => 3
(defmap a :type :array :key-size 4 :value-size 4 :max-entries 4)
(setf (getmap a 1) 3)
(setf (getmap a 2) (getmap a 1))
(getmap a 2)

;;; atomics that fetch
;; => 1531
(defmap m :type :array :key-size 4 :value-size 8 :max-entries 1)
(when-let ((p (map-lookup m 0)))
  (let* ((a (atomic-fetch-add p 0 5))
         (b (atomic-xchg p 0 15))
         (c (atomic-cmpxchg p 0 15 31))
         (d (atomic-fetch-or p 0 32)))
    (+ (* a 1000) (* b 100) (* c 67) d (- (* 0 d) 5))))
