;; code: V0146
;; real: no
;; kind: pointer leaked
;; caps: bpf
;; The mark of a packet is a number that others read.
(defprog mark-it (:type :tc)
  (let ((buffer (struct-alloc 8)))
    (setf (ctx cb 0) buffer)                                ;-
;   ^ root
;         ^ also
;+  (setf (ctx cb 0) (load u32 buffer 0))
    TC_ACT_OK))
