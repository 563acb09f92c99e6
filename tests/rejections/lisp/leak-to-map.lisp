;; code: V0144
;; real: no
;; kind: pointer leaked
;; caps: bpf
;; For debugging: where does the packet lie? Not for everybody to know.
(defmap seen :type :array :key u32 :value u64 :max-entries 1)

(defprog where (:type :xdp)
  (when-let ((s (map-lookup seen 0)))
    (store u64 s 0 (xdp-data)))                             ;-
;   ^ root
;                  ^ also
;+  (store u64 s 0 (ctx rx-queue-index)))
  XDP_PASS)
