;; code: V0128
;; real: no
;; caps: bpf
;; The saved pointer's low half is overwritten.
(defprog corrupt (:type :tc)
  (let ((frame (struct-alloc 8)))
    (store u64 frame 0 (ctx-ptr))
    (store u32 frame 0 7)                                   ;-
;   ^ root
;+  (store u64 frame 0 7)
    TC_ACT_OK))
