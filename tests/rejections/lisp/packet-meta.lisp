;; code: V0106
;; real: no
;; kind: packet bounds
;; Metadata in front of the packet is there only if somebody put it there.
(defmap marks :type :hash :key u32 :value u64 :max-entries 64)

(defprog by-meta (:type :tc)
  (let ((meta (ctx data-meta))
        (data (ctx data)))
    (incf (getmap marks (load u32 meta 0)))                 ;-
;                       ^ root
;+  (when (<= (+ meta 4) data)
;+    (incf (getmap marks (load u32 meta 0))))
    TC_ACT_OK))
