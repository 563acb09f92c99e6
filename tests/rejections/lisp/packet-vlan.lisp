;; code: V0106
;; real: yes
;; kind: packet bounds
;; Behind a VLAN tag everything lies four bytes further.
(defmap vlans :type :hash :key u32 :value u64 :max-entries 4096)

(defprog by-inner-type (:type :xdp)
  (with-eth (data end)
    (when (= (eth-type data) #x8100)
      (incf (getmap vlans (ntohs (load u16 data 16))))))    ;-
;                                ^ root
;+    (when (<= (+ data 18) end)
;+      (incf (getmap vlans (ntohs (load u16 data 16)))))))
  XDP_PASS)
