;; code: V0204
;; real: no
;; kind: pointer arithmetic
;; A socket's field is read with an offset in the load, not by moving the pointer.
(defmap types :type :hash :key u32 :value u64 :max-entries 16)

(defprog socket-type (:type :tc)
  (when-let ((sk (sk-lookup-tcp (ctx-ptr) (struct-alloc 12) 12 0 0)))
    (let ((at (+ sk (* 4 (logand (ctx mark) 1)))))          ;-
;             ^ root
;+  (let ((at sk))
      (incf (getmap types (load u32 at 4))))
    (sk-release sk))
  TC_ACT_OK)
