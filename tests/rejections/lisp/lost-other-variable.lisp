;; code: V0110
;; real: yes
;; kind: bounds lost
;; Two lengths, and the check is on the wrong one.
(defstruct copy (length u32) (text (array u8 64)))
(defmap copies :type :array :key u32 :value copy :max-entries 1)

(defprog copy-tail (:type :tc)
  (when-let ((c (getmap copies 0)))
    (let ((want (ctx len))
          (have (ctx mark)))
      (when (< have 64)                                     ;-
;+    (when (< want 64)
        (setf (copy-text c want) 0))))
;             ^ root
  TC_ACT_OK)
