;; code: V0106
;; real: yes
;; kind: packet bounds
;; The check is for the Ethernet header, the address lies in the IPv4 header behind it.
(defmap sources :type :hash :key u32 :value u64 :max-entries 1024)

(defprog note-source (:type :xdp)
  (let ((data (xdp-data))
        (end (xdp-data-end)))
    (when (> (+ data 14) end)                               ;-
;+  (when (> (+ data 34) end)
      (return XDP_PASS))
    (incf (getmap sources (load u32 data 26)))
;                         ^ root
    XDP_PASS))
