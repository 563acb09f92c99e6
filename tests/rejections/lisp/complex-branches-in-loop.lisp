;; code: V0302
;; real: no
;; kind: too complex
;; Each round may or may not add: the verifier follows every pattern of 64 bits. Arithmetic
;; instead of a branch leaves one.
(defmap marks :type :array :key u32 :value u64 :max-entries 64)

(defprog weigh (:type :tc)
  (let ((weight 0)
        (i 0))
    (while (< i 64)
;   ^ root
;          ^ also
      (let ((word u64 (getmap marks i)))
        (when (logand word 1)                               ;-
;       ^ also
;             ^ also
          (setf weight (+ weight (+ i 1)))))                ;-
;+      (setf weight (+ weight (* (logand word 1) (+ i 1)))))
      (incf i))
    (when (> weight 1000)
      (return TC_ACT_SHOT))
    TC_ACT_OK))
