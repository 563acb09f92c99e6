;; code: V0618
;; real: no
;; kind: iterator
;; One place, two iterators.
(defmap counts :type :array :key u32 :value u64 :max-entries 1)

(defprog twice (:type :tc)
  (let ((it (struct-alloc 8))
        (n 0))
    (bpf-iter-num-new it 0 4)                               ;-
    (bpf-iter-num-new it 0 8)
;   ^ root
    (while (bpf-iter-num-next it)
      (incf n))
    (bpf-iter-num-destroy it)
    (setf (getmap counts 0) n))
  TC_ACT_OK)
