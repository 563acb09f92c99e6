;; code: V0302
;; real: no
;; kind: too complex
;; A thousand times a thousand rounds is more than the verifier walks.
(defmap sums :type :array :key u32 :value u64 :max-entries 1)

(defprog square (:type :tc)
  (let ((total 0))
    (dotimes (i 1200)
      (dotimes (j 1200)                                     ;-
;     ^ root
;+    (dotimes (j 8)
        (setf total (logxor total (+ i j)))))
    (setf (getmap sums 0) total))
  TC_ACT_OK)
