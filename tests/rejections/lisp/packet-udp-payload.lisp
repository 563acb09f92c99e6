;; code: V0106
;; real: yes
;; kind: packet bounds
;; with-udp promises the header; the DNS identifier is in the payload.
(defmap ids :type :hash :key u16 :value u64 :max-entries 1024)

(defprog dns-ids (:type :xdp)
  (with-udp (data end udp)
    (when (= (udp-dst-port udp) 53)
      (incf (getmap ids (load u16 udp 8)))))                ;-
;                       ^ root
;+    (when (<= (+ udp 10) end)
;+      (incf (getmap ids (load u16 udp 8))))))
  XDP_PASS)
