;; code: V0101
;; real: yes
;; kind: bounds lost
;; Pulling data may move the packet; what was checked before is checked no more.
(defmap ttls :type :array :key u32 :value u64 :max-entries 256)

(defprog note-ttl (:type :tc)
  (with-tc-packet (data end :min-len 34)
    (skb-pull-data (ctx-ptr) 60)                            ;-
    (incf (getmap ttls (load u8 data 22))))                 ;-
;                      ^ root
;+  (incf (getmap ttls (load u8 data 22)))
;+  (skb-pull-data (ctx-ptr) 60))
  TC_ACT_OK)
