;; code: V0106
;; real: yes
;; kind: packet bounds
;; The TTL is at byte 22, the check is for the first 20.
(defprog lower-ttl (:type :tc)
  (with-tc-packet (data end :min-len 20)                    ;-
;+(with-tc-packet (data end :min-len 34)
    (store u8 data 22 (- (load u8 data 22) 1)))
;                        ^ root
  TC_ACT_OK)
