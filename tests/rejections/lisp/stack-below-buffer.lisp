;; code: V0124
;; real: yes
;; kind: stack bounds
;; Counting down, the last round goes below the frame.
(defprog backwards (:type :xdp)
  (let ((buffer (struct-alloc 504)))
    (store u64 buffer -16 (ctx rx-queue-index))             ;-
;   ^ root
;+  (store u64 buffer 16 (ctx rx-queue-index))
    (load u32 buffer 0)
    XDP_PASS))
