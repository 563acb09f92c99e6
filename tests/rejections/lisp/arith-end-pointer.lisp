;; code: V0204
;; real: no
;; The end of the packet cannot be moved: add to the other side.
(defmap last :type :hash :key u32 :value u64 :max-entries 64)

(defprog trailer (:type :xdp)
  (let* ((data (xdp-data))
         (end (xdp-data-end))
         (at (- end 4)))                                    ;-
;            ^ root
;+       (at (+ data 4)))
    (when (<= (+ at 4) end)
      (incf (getmap last (load u32 at 0))))
    XDP_PASS))
