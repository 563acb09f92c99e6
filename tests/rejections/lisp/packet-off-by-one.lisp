;; code: V0106
;; real: yes
;; kind: packet bounds
;; `>=` where the 15th byte needs `>`: at equality there are only 14 of them.
(defprog ttl-guard (:type :xdp)
  (let ((data (xdp-data))
        (end (xdp-data-end)))
    (when (<= (+ data 22) end)                              ;-
;+  (when (<= (+ data 23) end)
      (when (= (load u8 data 22) 1)
;              ^ root
        (return XDP_DROP)))
    XDP_PASS))
