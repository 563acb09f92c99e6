;;; core-ctx-load reads the context, with its record
;; => 0
(core-ctx-load u32 16 xdp-md rx-queue-index)

;;; core-store and core-load are plain accesses
;; => 7
(let ((p (struct-alloc 8)))
  (core-store u32 p 4 7 sample second)
  (core-load u32 p 4 sample second))

;;; core-store and core-load go where this kernel has the field
;; => 7
(let ((p (struct-alloc 16)))
  (core-store u64 p 0 7 list-head prev)
  (- (load u64 p 8) (- (core-load u64 p 8 list-head prev) 7)))

;;; ctx-load and ctx-ptr
;; => 1
(+ (ctx-load u32 16) (if (ctx-ptr) 1 0))

;;; ctx-store writes the context by offset
;; load
(defprog p (:type :tc)
  (ctx-store u32 8 5)
  (ctx-load u32 8))

;;; pointers as keys and values: map-update-ptr, map-lookup-ptr, map-delete-ptr
;; => 90
(defstruct wide (a u64) (b u64))
(defmap flows :type :hash :key-size 16 :value-size 8 :max-entries 8)
(defprog p (:type :xdp)
  (let ((k (make-wide)) (v (struct-alloc 8)))
    (setf (wide-a k) 3)
    (store u64 v 0 9)
    (map-update-ptr flows k v 0)
    (let ((found (if-let (e (map-lookup-ptr flows k)) (load u64 e 0) 0)))
      (map-delete-ptr flows k)
      (+ (* 10 found) (if (map-lookup-ptr flows k) 1 0)))))

;;; setmap with and without flags, delmap
;; => 60
(defmap m :type :hash :key-size 4 :value-size 8 :max-entries 8)
(defprog p (:type :xdp)
  (setmap m 1 5)
  (setmap m 1 6 BPF_EXIST)
  (setmap m 2 8 BPF_EXIST)
  (let ((r (+ (getmap m 1) (getmap m 2))))
    (delmap m 1)
    (+ (* 10 r) (getmap m 1))))

;;; other names of logic and shifts
;; => 58
(+ (bit-or (bit-and 12 10) (bit-xor 1 3))
   (+ (ash-left 1 4) (ash-right 256 4) (ash-right-signed 64 2)))

;;; kernel-load
;; load
(defprog p (:type :kprobe :section "kprobe/do_unlinkat")
  (kernel-load u32 (get-current-task) 0))

;;; get-stackid wants a map of stacks
;; load
(defmap stacks :type :stack-trace :key-size 4 :value-size 1016 :max-entries 16)
(defprog p (:type :kprobe :section "kprobe/do_unlinkat")
  (get-stackid (ctx-ptr) stacks 0))

;;; functions take pointers to structs
;; => 14
(defstruct pair (a u32) (b u32))
(defn total ((p (struct pair)) (scale u32))
  (incf (pair-a p))
  (* scale (+ (pair-a p) (pair-b p))))
(defprog p (:type :xdp)
  (let ((e (make-pair)))
    (setf (pair-a e) 2 (pair-b e) 4)
    (total e 2)))
