;; code: V0101
;; real: yes
;; kind: possible null
;; The function trusts its caller, the caller trusts the map.
(defmap counts :type :hash :key u32 :value u64 :max-entries 64)

(defn bump (slot by)
  (atomic-add slot 0 by)
; ^ root
  0)

(defprog count (:type :tc)
  (let ((slot (map-lookup counts (ctx ifindex))))
    (bump slot (ctx len)))                                  ;-
;   ^ also
;+  (when slot
;+    (bump slot (ctx len))))
  TC_ACT_OK)
