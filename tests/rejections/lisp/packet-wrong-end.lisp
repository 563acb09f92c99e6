;; code: V0106
;; real: yes
;; kind: packet bounds
;; The check compares the pointer with the start instead of the end.
(defmap types :type :hash :key u8 :value u64 :max-entries 64)

(defprog kinds (:type :xdp)
  (let ((data (xdp-data))
        (end (xdp-data-end)))
    (when (> (+ data 24) data)                              ;-
;+  (when (<= (+ data 24) end)
      (incf (getmap types (load u8 data 23))))
;                         ^ root
    XDP_PASS))
