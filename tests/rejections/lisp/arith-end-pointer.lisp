;; code: V0204
;; real: no
;; kind: pointer arithmetic
;; The end of the packet cannot be moved: add to the other side.
(defmap last :type :hash :key u32 :value u64 :max-entries 64)

(defprog trailer (:type :xdp)
  (let* ((data (xdp-data))
         (end (xdp-data-end))
         (n (logand (ctx rx-queue-index) 63)))
    (when (<= (+ data 4) (- end n))                         ;-
;                        ^ root
;+  (when (<= (+ data n 4) end)
      (incf (getmap last n)))
    XDP_PASS))
