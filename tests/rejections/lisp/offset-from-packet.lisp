;; code: V0106
;; real: yes
;; kind: packet bounds
;; The length of the IPv4 header is in the packet: four bits times four, up to 60 bytes.
(defmap dports :type :hash :key u16 :value u64 :max-entries 1024)

(defprog with-options (:type :xdp)
  (with-packet (data end :min-len 34)
    (let* ((ip (+ data 14))
           (tcp (+ ip (* 4 (logand (load u8 ip 0) 15)))))
      (incf (getmap dports (tcp-dst-port tcp)))))           ;-
;                          ^ root
;+    (when (<= (+ tcp 20) end)
;+      (incf (getmap dports (tcp-dst-port tcp))))))
  XDP_PASS)
