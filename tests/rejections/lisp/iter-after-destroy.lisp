;; code: V0619
;; real: no
;; kind: iterator
;; Looked at once more when all is over.
(defprog after (:type :tc)
  (let ((it (struct-alloc 8)))
    (bpf-iter-num-new it 0 4)
    (bpf-iter-num-destroy it)
    (bpf-iter-num-next it)                                  ;-
;   ^ root
    TC_ACT_OK))
