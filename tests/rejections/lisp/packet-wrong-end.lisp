;; code: V0106
;; real: yes
;; The check compares the pointer with the start instead of the end.
(defmap types :type :hash :key u16 :value u64 :max-entries 64)

(defprog kinds (:type :xdp)
  (let ((data (xdp-data))
        (end (xdp-data-end)))
    (when (> (+ data 14) data)                              ;-
;+  (when (<= (+ data 14) end)
      (incf (getmap types (load u16 data 12))))
;                         ^ root
    XDP_PASS))
