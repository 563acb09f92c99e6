;; code: V0101
;; real: yes
;; kind: possible null
;; The test is there, the other way round.
(defmap limits :type :hash :key u32 :value u64 :max-entries 64)

(defprog police (:type :xdp)
  (let ((limit (map-lookup limits (ctx ingress-ifindex))))
    (unless limit                                           ;-
;+  (when limit
      (when (> (- (ctx data-end) (ctx data)) (load u64 limit 0))
;                                            ^ root
        (return XDP_DROP))))
  XDP_PASS)
