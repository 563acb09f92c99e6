;; code: V0511
;; real: yes
;; kind: offset or size not bounded
;; With a length of zero there is nothing to load.
(defmap buffers :type :percpu-array :key u32 :value-size 64 :max-entries 1)

(defprog payload (:type :tc)
  (when-let ((b (map-lookup buffers 0)))
    (let ((length (logand (ctx len) 63)))
      (skb-load-bytes (ctx-ptr) 0 b length)))               ;-
;     ^ root
;                                   ^ also
;+    (when (> length 0)
;+      (skb-load-bytes (ctx-ptr) 0 b length))))
  TC_ACT_OK)
