;; code: V0106
;; real: yes
;; kind: packet bounds
;; The total length claims more than the frame has: it is compared with a constant only.
(defmap last-bytes :type :array :key u32 :value u64 :max-entries 256)

(defprog trailer (:type :xdp)
  (with-ipv4 (data end ip)
    (let ((length (ipv4-total-len ip)))
      (when (and (> length 20) (< length 1500))
        (incf (getmap last-bytes (load u8 (+ ip length) -1)))))) ;-
;                                ^ root
;+      (when (<= (+ ip length) end)
;+        (incf (getmap last-bytes (load u8 (+ ip length) -1)))))))
  XDP_PASS)
