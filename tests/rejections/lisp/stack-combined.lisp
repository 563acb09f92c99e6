;; code: V0308
;; real: no
;; kind: stack too large
;; Three functions with a buffer each.
(defmap names :type :hash :key-size 64 :value-size 8 :max-entries 64)

(defn inner (x)
  (let ((b (struct-alloc 240)))
;          ^ also
    (store u64 b 0 x)
    (get-current-comm b 240)
    (load u64 b 8)))
(defn middle (x)
  (let ((b (struct-alloc 240)))                             ;-
;          ^ root
;+(let ((b (struct-alloc 24)))
    (store u64 b 0 x)
    (get-current-comm b 16)
    (+ (inner x) (load u64 b 8))))
(defprog outer (:type :cgroup-sock-addr :section "cgroup/connect4")
  (let ((b (struct-alloc 120)))
    (store u64 b 0 (middle (ctx user-port)))
    (if (load u64 b 0) 1 0)))
