;; code: V0105
;; real: yes
;; kind: map value bounds
;; A global array has four slots, there may be more processors.
(defglobal per-cpu (array u64 4))

(defprog tick (:type :tc)
  (let ((cpu (logand (ctx queue-mapping) 7)))
    (store u64 (+ per-cpu (* cpu 8)) 0 (ctx len)))          ;-
;   ^ root
;+  (when (< cpu 4)
;+    (store u64 (+ per-cpu (* cpu 8)) 0 (ctx len))))
  TC_ACT_OK)
