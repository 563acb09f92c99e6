;;; What kind of packet is it? A chain of cases.
(defmap classes :type :percpu-array :key-size 4 :value-size 8 :max-entries 8)
(defprog classify (:type :xdp)
  (with-packet (data end :min-len 34)
    (let ((class 0))
      (case (eth-type data)
        (+ethertype-ipv4+
         (setf class (case (ipv4-protocol (+ data 14))
                       (1 1) (6 2) (17 3) (47 4) (t 5))))
        (+ethertype-ipv6+ (setf class 6))
        (+ethertype-arp+ (setf class 7)))
      (when-let ((n (map-lookup classes class)))
        (store u64 n 0 (+ 1 (load u64 n 0))))))
  XDP_PASS)
