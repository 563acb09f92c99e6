;; code: V0138
;; real: no
;; kind: map not usable here
;; A ring is not looked things up in.
(defmap events :type :ringbuf :max-entries 4096)
(defmap last :type :array :key u32 :value u64 :max-entries 1)

(defprog newest (:type :xdp)
  (let ((zero u32 0))
    (when (map-lookup-elem events (stack-addr zero))        ;-
;         ^ root
;+  (when (map-lookup-elem last (stack-addr zero))
      (return XDP_DROP)))
  XDP_PASS)
