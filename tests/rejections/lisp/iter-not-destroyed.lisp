;; code: V0313
;; real: no
;; kind: iterator
;; A number iterator is left open.
(defkfunc iter-num-new ((it ptr) (start i32) (end i32)) i32)
(defkfunc iter-num-next ((it ptr)) ptr)
(defkfunc iter-num-destroy ((it ptr)) void)

(defprog sum (:type :tc)
  (let ((it (struct-alloc 8))
        (total 0))
    (bpf-iter-num-new it 0 10)
;   ^ root
    (when-let ((n (bpf-iter-num-next it)))
      (setf total (load u32 n 0)))
;+  (bpf-iter-num-destroy it)
    total))
