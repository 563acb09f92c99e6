;; code: V0204
;; real: no
;; kind: packet bounds
;; The last four bytes cannot be had by counting back from the end.
(defmap last :type :hash :key u32 :value u64 :max-entries 64)

(defprog trailer (:type :xdp)
  (let* ((data (xdp-data))
         (end (xdp-data-end))
         (at (- end 4)))                                    ;-
;            ^ root
;+       (at (+ data 60)))
;+  (when (> (+ at 4) end) (return XDP_PASS))
    (when (> at data)
      (incf (getmap last (load u32 at 0))))
;                        ^ also
    XDP_PASS))
