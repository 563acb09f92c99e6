;; code: V0302
;; real: no
;; kind: too complex
;; Two million rounds.
(defglobal ticks u64)

(defprog spin (:type :tc)
  (let ((i 0))
    (while (< i 2000000)                                    ;-
;   ^ root
;          ^ also
;+  (while (< i 2000)
      (incf i))
    (setf ticks i))
  TC_ACT_OK)
