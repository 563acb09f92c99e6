;; code: V0106
;; real: no
;; kind: wrong argument
;; The key is taken straight from the packet; only its first half is there for certain.
(defmap macs :type :hash :key-size 12 :value-size 8 :max-entries 1024)

(defprog known-pair (:type :xdp)
  (with-packet (data end :min-len 6)                        ;-
;+(with-packet (data end :min-len 12)
    (when (map-lookup-elem macs data)
;         ^ root
;                               ^ also
      (return XDP_PASS)))
  XDP_DROP)
