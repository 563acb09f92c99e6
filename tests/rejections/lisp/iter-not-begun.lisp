;; code: V0619
;; real: no
;; kind: iterator
;; Asked for the next number before there is an iterator.
(defprog next-only (:type :tc)
  (let ((it (struct-alloc 8)))
;+  (bpf-iter-num-new it 0 4)
    (bpf-iter-num-next it)
;   ^ root
;+  (bpf-iter-num-destroy it)
    TC_ACT_OK))
