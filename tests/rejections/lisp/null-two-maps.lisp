;; code: V0101
;; real: yes
;; kind: possible null
;; Both entries are fetched, one of them is tested: the wrong one.
(defmap limits :type :hash :key u32 :value u64 :max-entries 64)
(defmap counts :type :hash :key u32 :value u64 :max-entries 64)

(defprog limit (:type :tc)
  (let* ((key (ctx ifindex))
         (limit (map-lookup limits key))
         (count (map-lookup counts key)))
    (when limit                                             ;-
;+  (when (and limit count)
      (when (> (load u64 count 0) (load u64 limit 0))
;              ^ root
        (return TC_ACT_SHOT)))
    TC_ACT_OK))
