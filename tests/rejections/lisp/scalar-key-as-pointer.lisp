;; code: V0155
;; real: no
;; kind: number as pointer
;; map-lookup-ptr wants the key's address, and gets the key.
(defmap rules :type :hash :key u32 :value u64 :max-entries 64)

(defprog match (:type :tc)
  (if (map-lookup-ptr rules (ctx mark))                     ;-
;     ^ root
;                           ^ also
;+(if (map-lookup rules (ctx mark))
      TC_ACT_SHOT
      TC_ACT_OK))
