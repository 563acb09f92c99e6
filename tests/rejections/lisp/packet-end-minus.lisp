;; code: V0106
;; real: no
;; kind: packet bounds
;; The last four bytes of a frame that may be shorter than four.
(defmap tails :type :hash :key u32 :value u64 :max-entries 64)

(defprog tail-word (:type :xdp)
  (let* ((data (xdp-data))
         (end (xdp-data-end))
         (length (- end data))
         (at (+ data (logand (- length 4) 2047))))
    (incf (getmap tails (load u32 at 0)))                   ;-
;                       ^ root
;+  (when (<= (+ at 4) end)
;+    (incf (getmap tails (load u32 at 0))))
    XDP_PASS))
