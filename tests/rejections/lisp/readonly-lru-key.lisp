;; code: V0149
;; real: no
;; kind: read-only
;; On its way out to the wire a packet is only looked at.
(defprog retarget (:type :lwt-in)
  (let ((data (ctx u32 76))
        (end (ctx u32 80)))
    (when (<= (+ data 20) end)
      (store u32 data 16 0))                                ;-
;     ^ root
;+    (setf (ctx cb 0) (load u32 data 16)))
    0))
