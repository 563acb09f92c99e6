;; code: V0510
;; real: yes
;; kind: offset or size not bounded
;; The length is what is left behind a header of eight bytes; a shorter message makes it
;; negative.
(defmap buffers :type :percpu-array :key u32 :value-size 256 :max-entries 1)

(defprog tail-of-message (:type :tc)
  (when-let ((b (map-lookup buffers 0)))
    (let ((length i64 (- (min (ctx len) 264) 8)))
      (skb-load-bytes (ctx-ptr) 8 b length)))               ;-
;     ^ root
;                                   ^ also
;+    (when (s> length 0)
;+      (skb-load-bytes (ctx-ptr) 8 b length))))
  TC_ACT_OK)
