;; code: V0105
;; real: yes
;; kind: map value bounds
;; Room for eight samples, and the position runs to eight.
(defstruct series (next u32) (samples (array u32 8)))
(defmap all :type :array :key u32 :value series :max-entries 1)

(defprog sample (:type :tc)
  (when-let ((s (getmap all 0)))
    (let ((at (series-next s)))
      (when (<= at 8)                                       ;-
;+    (when (< at 8)
        (setf (series-samples s at) (ctx len))
;             ^ root
        (setf (series-next s) (logand (+ at 1) 7)))))
  TC_ACT_OK)
