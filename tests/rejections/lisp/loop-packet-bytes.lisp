;; code: V0301
;; real: yes
;; kind: loop not shown to end
;; An option of length zero keeps the loop where it is.
(defprog skip-zeroes (:type :tc)
  (let ((left 64)
        (step (logand (ctx mark) 0)))
    (while (> left 0)
;   ^ root
      (setf left (- left step)))                            ;-
;+    (setf left (- left 1)))
    TC_ACT_OK))
